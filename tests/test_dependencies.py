"""The written files agree with pyproject.toml, and what is committed names no registry and no machine."""

import json
import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools import dependencies

HOSTS = re.compile(r"pypi\.org|pythonhosted\.org|anaconda\.(org|com)|registry\.npmjs|(extra-)?index-url *[= ] *\S*://")
MACHINE_PATHS = re.compile(r"(?<![\w.~*-])/(work|root|farm|tmp|home/\w+|Users/\w+)/|[A-Z]:\\Users\\|\.\./shared")


def named(text: str) -> str:
    """The registry or the machine that a text names; empty where it names none."""
    found = HOSTS.search(text) or MACHINE_PATHS.search(text)
    return found[0] if found else ""


def test_environment_and_lock_are_what_pyproject_gives() -> None:
    assert dependencies.differences() == []


def test_a_changed_dependency_is_noticed_in_both_files(root: Path, tmp_path: Path) -> None:
    for name in ("environment.yml", "requirements.lock"):
        (tmp_path / name).write_bytes((root / name).read_bytes())
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(project.replace('"pandas>=3,<4"', '"pandas>=3.1,<4"'), encoding="utf-8")
    assert dependencies.differences(tmp_path) == ["environment.yml", "requirements.lock"]


def test_every_dependency_is_pinned_within_its_bounds(root: Path) -> None:
    lines = (root / "requirements.lock").read_text(encoding="utf-8").splitlines()[1:]
    pins = [Requirement(line) for line in lines]
    versions = {canonicalize_name(pin.name): Version(next(iter(pin.specifier)).version) for pin in pins}
    assert [str(pin) for pin in pins if [part.operator for part in pin.specifier] != ["=="] or pin.url] == []
    for wanted in map(Requirement, dependencies.pinned_requirements(dependencies.read_project())):
        assert versions[canonicalize_name(wanted.name)] in wanted.specifier, wanted


def test_no_registry_and_no_machine_is_named(committed: list[Path], root: Path) -> None:
    assert root / "pyproject.toml" in committed
    texts = {str(file.relative_to(root)): file.read_bytes().decode("utf-8", "replace") for file in committed}
    assert {name: found for name, text in texts.items() if (found := named(text))} == {}


@pytest.mark.parametrize(
    ("words", "gap"),
    [("at {}.org/simple", "pypi"), ("--{} https://a.b", "index-url"), ("cd /{}/x", "work"), ("../{}", "shared")],
)
def test_what_must_not_be_named_would_be_found(words: str, gap: str) -> None:
    assert named(words.format(gap))
    assert not named(words.format("reports"))


def test_notebooks_are_committed_without_outputs(committed: list[Path]) -> None:
    for file in (file for file in committed if file.suffix == ".ipynb"):
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert not any(cell["outputs"] or cell["execution_count"] for cell in code), file
