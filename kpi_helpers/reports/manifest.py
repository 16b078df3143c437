"""The manifest of a finished report: what it was made from, and whether it is still current."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from kpi_helpers.errors import KitError
from kpi_helpers.folders import MANIFEST, list_inputs
from kpi_helpers.language import LOCALE_DIR, _
from kpi_helpers.reports.order import Order

PACKAGE = Path(__file__).resolve().parents[1]
KIT = "kpi-kit"
CODE = frozenset((".py", ".toml", ".csv", ".yml", ".json", ".html", ".css", ".js", ".j2", ".mo"))
OF_SCREENS = frozenset(("jupyterlab", "ipywidgets", "anywidget"))  # libraries that no report is made by
PLACES = ("data_dir", "goals_file")  # parameters that say where: the files themselves are compared


def manifest_name(report: str) -> str:
    """The name of a report's manifest.

    >>> manifest_name("monthly_report")
    'monthly_report.manifest.json'
    """
    return f"{report}{MANIFEST}"


def fingerprint(order: Order) -> dict[str, Any]:
    """All that the content of a report depends on: parameters, and hashes of inputs, notebook, code; libraries."""
    values = {name: value for name, value in order.values.items() if name not in PLACES}
    return {
        "parameters": {**values, "folder": order.folder.resolve().name},
        "inputs": hash_inputs(order),
        "notebook": hash_file(order.notebook),
        "code": hash_code(),
        "libraries": libraries(),
        "python": platform.python_version(),
    }


def why_again(order: Order) -> str:
    """Why the report must be rendered: "" where it is finished and current.

    Else "missing", "damaged" (a file of it lacks or differs), or what has changed since: "parameters", "inputs",
    "notebook", "code", "libraries".
    """
    if not (order.final / manifest_name(order.report)).exists():
        return "missing"
    try:
        manifest = read_manifest(order.final, order.report)
    except KitError:
        return "damaged"
    if not is_whole(order.final, manifest):
        return "damaged"
    if not set(order.files) <= set(manifest["files"]):
        return "missing"
    then, now = manifest["fingerprint"], json.loads(json.dumps(fingerprint(order)))
    changed = [part for part in now if then.get(part) != now[part]]
    return {"python": "libraries"}.get(changed[0], changed[0]) if changed else ""


def read_manifest(folder: Path, report: str) -> dict[str, Any]:
    """A report's manifest: report, client, month, rendered_at, seconds, files, fingerprint, and in `replaces` the
    SHA-256 of the manifest that stood there before ("" for the first).

    KitError where there is none, or none that can be read.
    """
    path = folder / manifest_name(report)
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if {name: type(manifest[name]) for name in ("rendered_at", "files", "fingerprint")} != {
            "rendered_at": str, "files": dict, "fingerprint": dict,
        }:  # fmt: skip
            raise ValueError(path)
    except OSError as error:
        raise KitError(_("cannot be opened: {reason}.").format(reason=error.strerror), where=path.name) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise KitError(_("it is damaged."), _("Render the report again."), where=path.name) from None
    return dict(manifest)


def is_whole(folder: Path, manifest: dict[str, Any]) -> bool:
    """Whether every file that the manifest lists lies in the folder, with the content that it had."""
    return all(_is_kept(folder, name, was) for name, was in manifest["files"].items())


def _is_kept(folder: Path, name: str, was: Any) -> bool:
    path = folder / name
    if Path(name).name != name or not isinstance(was, dict) or not path.is_file():
        return False
    return path.stat().st_size == was.get("size") and hash_file(path) == was.get("sha256")


def describe_file(path: Path) -> dict[str, Any]:
    """How a manifest lists a file."""
    return {"sha256": hash_file(path), "size": path.stat().st_size}


def hash_inputs(order: Order) -> dict[str, str]:
    """The SHA-256 of every file of the company's folder that the kit reads, and of the goals file, by name."""
    files = {path.relative_to(order.folder).as_posix(): path for path in list_inputs(order.folder)}
    if order.values["goals_file"]:
        goals = Path(order.values["goals_file"])
        files[f"goals_file: {goals.name}"] = goals
    return {os.fsencode(name).decode("utf-8", "backslashreplace"): hash_file(path) for name, path in files.items()}


def hash_file(path: Path) -> str:
    """The SHA-256 of a file; "" where it cannot be read. An untouched file is read once."""
    try:
        state = path.stat()
        return _hash(path.resolve(), state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino)
    except OSError:
        return ""


@lru_cache(maxsize=100_000)
def _hash(path: Path, *_state: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def hash_code() -> str:
    """The SHA-256 of the kit: its modules, layouts, templates, tables and translations."""
    roots = (PACKAGE, LOCALE_DIR)
    found = sorted((path.relative_to(root), path) for root in roots for path in root.rglob("*") if path.suffix in CODE)
    listed = [(name.as_posix(), hash_file(path)) for name, path in found]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


@cache
def libraries() -> dict[str, str]:
    """The versions of the installed libraries that reports are made by: the kit's own and those that these need."""
    found: dict[str, str] = {}
    asked = _needs(KIT)
    while asked:
        name = asked.pop()
        if name not in found and name not in OF_SCREENS:
            try:
                found[name] = distribution(name).version
            except PackageNotFoundError:  # of another system
                continue
            asked += _needs(name)
    return dict(sorted(found.items()))


def _needs(name: str) -> list[str]:
    """The libraries that one needs without its extras."""
    try:
        lines = distribution(name).requires or []
    except PackageNotFoundError:
        return []
    needed = [line for line in lines if not re.search(r";.*\bextra\b", line)]
    return [re.sub(r"[-_.]+", "-", found[0]).lower() for line in needed if (found := re.match(r"[\w.-]+", line))]
