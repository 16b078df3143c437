"""Why a number may differ: the files, settings, goals and parts of the kit that are not the same for two versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from kpi_helpers.company import FILE as COMPANY_FILE
from kpi_helpers.folders import CAMPAIGNS, CHANNELS, LAYOUTS
from kpi_helpers.revisions.versions import Row, Version

CAUSES = ("month", "currency", "formula", "data", "settings", "goal", "kit", "unknown")  # in the order of telling
GOALS = re.compile(r"goals_file: .*|goals\.\w+")  # as a manifest names a file that lies elsewhere, and the folder's own
ELSEWHERE = ("folder", "lang", "client", "month")  # parameters that move no number

Cause = tuple[str, tuple[str, ...]]  # a code of CAUSES, and what bears it: names of files, parameters, libraries
Pair = tuple[str, str]


@dataclass(frozen=True)
class Input:
    """A file that differs. `kind`: export, settings, goals, or other (no KPI is counted from it).

    `change`: new, gone, changed; read or unread for an export that is the same file and is counted in one version only.
    `rows` are those before and after; None where it was not there or is not known.
    """

    name: str
    kind: str
    change: str
    rows: tuple[int | None, int | None] = (None, None)
    tables: tuple[str, ...] = ()


class Causes:
    """What differs between two versions beside their numbers."""

    def __init__(self, before: Version, after: Version) -> None:
        self.before, self.after = before, after

    @cached_property
    def inputs(self) -> tuple[Input, ...]:
        """The files that differ, exports first."""
        return (*_exports(self.before, self.after), *_others(self.before, self.after))

    @cached_property
    def parameters(self) -> dict[str, Pair]:
        """The parameters that differ and may move a number, before and after."""
        differing = _differing(self.before.traces("parameters"), self.after.traces("parameters"))
        known = differing if self.is_traced else {}
        return {name: pair for name, pair in known.items() if name not in ELSEWHERE}

    @cached_property
    def kit(self) -> dict[str, Pair]:
        """The parts of the kit that differ: version, code, notebook, python, libraries."""
        ends = (self.before, self.after)
        parts = [{name: version.trace(name) for name in ("code", "notebook", "python")} for version in ends]
        known = [{"version": version.kit, **part} for version, part in zip(ends, parts, strict=True)]
        differing = {name: pair for name, pair in _differing(*known).items() if all(pair)}
        if self.before.traces("parameters").get("lang") != self.after.traces("parameters").get("lang"):
            differing.pop("notebook", None)  # every language has its own
        libraries = [version.traces("libraries") for version in ends]
        return {**differing, **(_differing(*libraries) if all(libraries) else {})}

    @property
    def is_traced(self) -> bool:
        """Whether both versions say what they were made from, beside the exports."""
        return self.before.is_traced and self.after.is_traced

    @property
    def settings(self) -> tuple[str, ...]:
        return (*self._named("settings"), *self.parameters)

    @property
    def goals(self) -> tuple[str, ...]:
        return self._named("goals")

    def of_number(self, row: Row, other: Row) -> Cause:
        """Why a KPI of the month, or of a month before, is another: the nearest of what differs.

        The files of its own tables come first, then settings, then other exports (they may say how many days are
        known), then the kit.
        """
        tables = {*row.get("tables", ()), *other.get("tables", ())}
        restated = [one for one in self.inputs if one.kind == "export" and one.change in ("new", "gone", "changed")]
        own = [one.name for one in restated if not tables or not one.tables or tables & {*one.tables}]
        found = (("data", own), ("settings", self.settings), ("data", [one.name for one in restated]),
                 ("kit", self.kit))  # fmt: skip
        return next(((code, tuple(names)) for code, names in found if names), ("unknown", ()))

    def of_goal(self, row: Row, other: Row) -> Cause:
        """Why a goal is another: its file, else (a goal may be worked out from last year) as for a number."""
        if self.goals or not self.is_traced:
            return "goal", self.goals
        return self.of_number(row, other)

    def _named(self, kind: str) -> tuple[str, ...]:
        return tuple(one.name for one in self.inputs if one.kind == kind)


def _exports(before: Version, after: Version) -> Iterable[Input]:
    for name in sorted({*before.sources, *after.sources}):
        old, new = before.sources.get(name), after.sources.get(name)
        if old and new and old["sha256"] == new["sha256"]:
            continue
        change = "changed" if old and new else "new" if new else "gone"
        if change != "changed" and _is_same_file(name, before, after):
            change = "read" if new else "unread"
        tables = dict.fromkeys([*_of(old, "tables", []), *_of(new, "tables", [])])
        yield Input(name, "export", change, (_of(old, "rows", None), _of(new, "rows", None)), tuple(tables))


def _others(before: Version, after: Version) -> Iterable[Input]:
    """Files beside the exports, where it is known which there were."""
    if not (before.is_traced and after.is_traced):
        return
    exports = {part for name in (*before.sources, *after.sources) for part in _places(name)}
    for name, (old, new) in sorted(_differing(before.traces("inputs"), after.traces("inputs")).items()):
        if name not in exports:
            yield Input(name, _kind(name), "changed" if old and new else "new" if new else "gone")


def _kind(name: str) -> str:
    if GOALS.fullmatch(name):
        return "goals"
    return "settings" if name in (COMPANY_FILE, CHANNELS, CAMPAIGNS) or name.startswith(f"{LAYOUTS}/") else "other"


def _is_same_file(name: str, before: Version, after: Version) -> bool:
    old, new = (version.traces("inputs") for version in (before, after))
    return any(place in old and old[place] == new.get(place) for place in _places(name))


def _places(name: str) -> list[str]:
    """A file, and the archives that it may lie in: a.zip/b.csv lies in a.zip."""
    return [name, *(str(parent) for parent in PurePosixPath(name).parents if str(parent) != ".")]


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, Pair]:
    names = dict.fromkeys([*before, *after])
    pairs = {name: (before.get(name, ""), after.get(name, "")) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _of(row: Row | None, name: str, otherwise: Any) -> Any:
    return row.get(name, otherwise) if row else otherwise
