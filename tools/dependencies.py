"""Write environment.yml and requirements.lock from pyproject.toml, the one place where dependencies are named.

`python tools/dependencies.py` writes both; with `--check` it writes nothing and says what differs. The check asks no
registry: it holds the digest in the lock's first line against the dependencies of today.
"""

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CONDA_NAMES = {"tzdata": "python-tzdata"}  # where conda-forge calls a package something else


def read_project(root: Path = ROOT) -> dict[str, Any]:
    """The tables of pyproject.toml."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def pinned_requirements(project: dict[str, Any]) -> list[str]:
    """The requirements that the lock pins: those of the kit and of its development."""
    table = project["project"]
    return [*table["dependencies"], *table["optional-dependencies"]["dev"]]


def environment(project: dict[str, Any]) -> str:
    """The text of environment.yml: the kit's own requirements from conda-forge, then the kit itself by pip."""
    table = project["project"]
    packages = [f"python{table['requires-python']}", *map(conda_name, table["dependencies"]), "pip"]
    lines = [
        "# Written by tools/dependencies.py from pyproject.toml: change it there.",
        f"name: {table['name']}",
        "channels:",
        "  - conda-forge",
        "dependencies:",
        *(f'  - "{package}"' for package in packages),
        "  - pip:",
        "      - -e .",
    ]
    return "\n".join(lines) + "\n"


def conda_name(requirement: str) -> str:
    """The requirement as conda-forge names it.

    >>> conda_name("tzdata>=2026.1")
    'python-tzdata>=2026.1'
    >>> conda_name("pandas>=3,<4")
    'pandas>=3,<4'
    """
    name = re.match(r"[A-Za-z0-9._-]+", requirement)[0]  # type: ignore[index]
    return CONDA_NAMES.get(name, name) + requirement.removeprefix(name)


def lock_heading(project: dict[str, Any]) -> str:
    """The first line of the lock: it carries the digest of everything that the pins were worked out from."""
    given = [project["project"]["requires-python"], sorted(pinned_requirements(project))]
    digest = hashlib.sha256(json.dumps(given).encode()).hexdigest()
    return f"# Written by tools/dependencies.py from pyproject.toml, dependencies {digest[:16]}: change them there."


def resolve(root: Path = ROOT) -> str:
    """The pins for every supported Python and system, as uv resolves them. Needs the network; raises where uv fails."""
    uv = [sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", "--extra", "dev", "--quiet"]
    form = ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest", "--no-header", "--no-annotate"]
    return subprocess.run([*uv, *form], cwd=root, check=True, capture_output=True, text=True, encoding="utf-8").stdout


def differences(root: Path = ROOT) -> list[str]:
    """The names of the written files that pyproject.toml no longer gives."""
    project = read_project(root)
    expected = {"environment.yml": environment(project), "requirements.lock": lock_heading(project) + "\n"}
    return [name for name, start in expected.items() if not _agrees(root / name, start)]


def _agrees(file: Path, start: str) -> bool:
    text = file.read_bytes().decode("utf-8") if file.exists() else ""
    return text.startswith(start) if file.suffix == ".lock" else text == start


def write(root: Path = ROOT) -> None:
    """Write both files. The lock is worked out anew, so newer releases within the bounds come in."""
    project = read_project(root)
    pins = resolve(root)
    (root / "environment.yml").write_text(environment(project), encoding="utf-8", newline="\n")
    (root / "requirements.lock").write_text(f"{lock_heading(project)}\n{pins}", encoding="utf-8", newline="\n")


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("Usage: python tools/dependencies.py [--check]", file=sys.stderr)
        return 2
    if not arguments:
        write()
        return 0
    stale = differences()
    for name in stale:
        print(f"{name} is not what pyproject.toml gives; run: python tools/dependencies.py")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
