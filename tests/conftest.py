"""What every test shares: the places of the project, and surroundings that are the same on every machine."""

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest

from kpi_helpers.language import use_language
from tests.browsers import chromium, lab, server, voila  # noqa: F401  the fixtures of the browser tests
from tests.commands import kpi  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent

os.environ["MPLBACKEND"] = "Agg"  # before anything imports matplotlib: no window is ever opened
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"
OTHER_PROGRAMS = ("batch", "browser", "cli", "cluster", "email", "engine", "faults", "hostile", "page", "pdf",
                  "recipes", "reports_render", "start", "stopping")  # fmt: skip
REMEMBERED = TemporaryDirectory(prefix="kpi-cache-")  # what is read is remembered for one run of the tests
os.environ["KPI_CACHE"] = REMEMBERED.name

hypothesis.settings.register_profile("kit", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("kit")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that wait for browsers, kernels and workers get a second try, which the summary names; no other does."""
    for item in items:
        if item.path.stem.startswith(tuple(f"test_{name}" for name in OTHER_PROGRAMS)):
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(autouse=True)
def same_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """English unless a test asks for Russian, whatever the reader's system and the test before speak."""
    use_language("en")
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return ROOT


@pytest.fixture(scope="session")
def sample_dir(root: Path) -> Path:
    """The folder of the two invented companies."""
    return root / "data" / "sample"


@pytest.fixture(scope="session")
def committed(root: Path) -> list[Path]:
    """The files that are committed, or would be; in a copy without git, all but hidden and made ones."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if (root / ".git").exists():
        listed = subprocess.run(command, cwd=root, capture_output=True, check=True, encoding="utf-8").stdout
        return [root / name for name in listed.split("\0") if name and (root / name).is_file()]
    made = {".venv", "__pycache__", "reports", ".kit.lock"}
    files = [file for file in root.rglob("*") if file.is_file()]
    return [file for file in files if not made & set(file.relative_to(root).parts)]
