"""The order of the house: vocabulary at the bottom, stages that never import one another, composers on top."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

VOCABULARY = {
    "language", "errors", "terms", "formula", "catalogue", "labels", "lettering", "palette", "company", "calendars",
    "amounts", "opening", "saving", "printing", "stopping", "said", "folders", "shopfront",
}
STAGES = {
    "exports", "measures", "kpis", "trends", "forecast", "goals", "drivers", "customers", "service", "traffic",
    "surveys", "budget", "scorecard", "charts", "tables", "pace", "breakdown", "planning", "signals", "team",
    "maturity", "attribution", "differences", "reputation",
}
COMPOSERS = {
    "account", "card", "causes", "causes_words", "checkup", "company_tree", "coverage", "history", "monthly",
    "monthly_goals", "notices", "outlook", "outlook_words", "past", "pay", "service_words", "signal_words", "smart",
    "teamwork", "widgets", "reports", "year", "newcomer", "returns", "deals", "claimed", "response",
    "response_words", "customer_value", "comparisons", "brand", "beliefs", "batch", "engine", "revisions",
    "lessons", "commands", "cli",
}
ENTRANCES = {"commands", "cli"}  # people come in here, and no other module does
FACE = "kpi_helpers"  # its __init__: shows what the modules offer, and none of them asks it
LONGEST = 320


def modules(package: Path) -> dict[str, Path]:
    """The dotted names of the package's modules, and their files."""
    names = {}
    for file in sorted(package.rglob("*.py")):
        parts = (FACE, *file.relative_to(package).with_suffix("").parts)
        names[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return names


def imports(name: str, file: Path, known: set[str]) -> set[str]:
    """The modules of the package that the module imports, wherever in it the import stands."""
    tree = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    wanted = {found for node in ast.walk(tree) for found in imported_names(node, name, file)}
    return {module for module in (nearest(found, known) for found in wanted) if module} - {name}


def imported_names(node: ast.AST, name: str, file: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        package = name.split(".") if file.stem == "__init__" else name.split(".")[:-1]
        start = package[: len(package) - node.level + 1] if node.level else []
        base = ".".join([*start, *([node.module] if node.module else [])])
        yield from (f"{base}.{alias.name}" for alias in node.names)


def nearest(found: str, known: set[str]) -> str | None:
    """The module that an imported name lies in: `kpi_helpers.kpis.compute` lies in `kpi_helpers.kpis`."""
    parts = found.split(".")
    return next((m for n in range(len(parts), 0, -1) if (m := ".".join(parts[:n])) in known), None)


def room(name: str) -> str:
    """The first name below the package: sub-modules live in the room of their folder."""
    return (name.split(".") + [FACE])[1]


def breaches(package: Path) -> list[str]:
    """What is not in order in the package, one line each."""
    files = modules(package)
    graph = {name: imports(name, file, set(files)) for name, file in files.items() if name != FACE}
    found = [f"{name} is in no list of tests/test_house.py: is it vocabulary, a stage or a composer?"
             for name in graph if room(name) not in VOCABULARY | STAGES | COMPOSERS]
    found += [f"{name} may not import {other}" for name in graph for other in sorted(graph[name])
              if not may_import(room(name), other)]
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found.append("a circle: " + " -> ".join(error.args[1]))
    return found


def may_import(importer: str, other: str) -> bool:
    if other == FACE:
        return False
    allowed = {importer} | VOCABULARY
    if importer in COMPOSERS:
        allowed |= STAGES | (COMPOSERS if importer in ENTRANCES else COMPOSERS - ENTRANCES)
    elif importer in VOCABULARY:
        allowed = VOCABULARY
    return room(other) in allowed


def run_python(code: str, root: Path) -> str:
    """What a fresh Python says to the code; fails the test where it fails."""
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_imports_run_one_way(root: Path) -> None:
    assert len(modules(root / FACE)) > 10, "the package was not found"
    assert breaches(root / FACE) == []


@pytest.mark.parametrize(
    ("files", "breach"),
    [
        ({"kpis.py": "from kpi_helpers.measures import total"}, "kpi_helpers.kpis may not import kpi_helpers.measures"),
        ({"kpis.py": "def f():\n    from . import measures"}, "kpi_helpers.kpis may not import kpi_helpers.measures"),
        ({"terms.py": "import kpi_helpers.measures"}, "kpi_helpers.terms may not import kpi_helpers.measures"),
        ({"reports.py": "from .cli import main"}, "kpi_helpers.reports may not import kpi_helpers.cli"),
        ({"goals.py": "from .cli import main"}, "kpi_helpers.goals may not import kpi_helpers.cli"),
        ({"exports/read.py": "from .. import kpis"}, "kpi_helpers.exports.read may not import kpi_helpers.kpis"),
        ({"goals.py": "from kpi_helpers import read_goals"}, "kpi_helpers.goals may not import kpi_helpers"),
        ({"charms.py": ""}, "kpi_helpers.charms is in no list"),
        ({"terms.py": "from . import labels", "labels.py": "from . import terms"}, "a circle: "),
        ({"exports/a.py": "from . import b", "exports/b.py": "from .a import c"}, "a circle: "),
    ],
)
def test_each_kind_of_disorder_is_found(tmp_path: Path, files: dict[str, str], breach: str) -> None:
    (tmp_path / "exports").mkdir()
    sound = {"__init__.py": "", "measures.py": "from .terms import M", "terms.py": "", "exports/__init__.py": "",
             "cli.py": "from . import measures, kpis", "kpis.py": "", "labels.py": ""}
    for name, text in sound.items():
        (tmp_path / name).write_text(text)
    assert breaches(tmp_path) == []
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert any(line.startswith(breach) for line in breaches(tmp_path)), breaches(tmp_path)


def test_no_file_holds_two_ideas(root: Path) -> None:
    lines = {name: len(file.read_text(encoding="utf-8").splitlines()) for name, file in modules(root / FACE).items()}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


def test_importing_the_package_loads_neither_pandas_nor_matplotlib(root: Path) -> None:
    code = "import sys, kpi_helpers; print(*sorted({'pandas', 'matplotlib', 'numpy', 'papermill'} & set(sys.modules)))"
    assert run_python(code, root).split() == []


def test_importing_every_module_leaves_the_style_of_charts_alone(root: Path) -> None:
    names = [name for name in modules(root / FACE) if not name.endswith("__main__")]
    code = (
        "import importlib, matplotlib\n"
        "before = dict(matplotlib.rcParams)\n"
        f"for name in {names}: importlib.import_module(name)\n"
        "print([name for name, value in matplotlib.rcParams.items() if before[name] != value])"
    )
    assert run_python(code, root).strip() == "[]"


def test_help_loads_nothing_heavy(root: Path) -> None:
    heavy = ["pandas", "numpy", "matplotlib", "papermill", "nbconvert", "IPython", "babel.dates", "babel.numbers"]
    code = (
        "import sys; sys.argv = ['kpi', '--help']\n"
        "from kpi_helpers.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"print('loaded:', *[name for name in {heavy} if name in sys.modules])"
    )
    said = run_python(code, root).splitlines()
    assert len(said) > 3, "no help was shown"
    assert said[-1] == "loaded:"
