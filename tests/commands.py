"""The command `kpi` as a function of the tests."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from kpi_helpers.cli import main


class Said(NamedTuple):
    """The exit code, standard output and standard error of a command."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line on standard error."""
        line = self.err.strip()  # an empty line ends the one that shows ^C
        assert line.startswith("kpi: ")
        assert "\n" not in line
        return line


Kpi = Callable[..., Said]


@pytest.fixture
def kpi(capsys: pytest.CaptureFixture[str]) -> Kpi:
    """The command: `kpi("report", folder)`."""
    return lambda *arguments: Said(main([str(argument) for argument in arguments]), *capsys.readouterr())
