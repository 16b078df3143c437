"""The advertising platform that a file's or a sheet's name tells, where a plain table itself names none."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

from kpi_helpers.exports.beside import OWN_TABLE, UNNAMED
from kpi_helpers.exports.reading import TableReading
from kpi_helpers.exports.recognise import Match
from kpi_helpers.exports.values import plain

NOWHERE = "nowhere"  # nothing has told the platform yet
_WORD = re.compile(r"[^\W\d_]+")
FILE = Path(__file__).parent / "platforms.csv"  # words in the names of files, and the channel of the platform


def find_platform(name: str) -> str:
    """The channel of the one platform that a name tells by a word of platforms.csv; "" where it tells none or several.

    >>> find_platform("facebook и вк, октябрь.csv"), find_platform("october.csv")
    ('', '')
    """
    words = " ".join(_WORD.findall(name.casefold()))
    found = {channel for known, channel in _known() if re.search(rf"\b{known}\b", words)}
    return found.pop() if len(found) == 1 else ""


@cache
def _known() -> tuple[tuple[str, str], ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return tuple((row["words"], row["channel"]) for row in csv.DictReader(file))


def ask_names(tables: Iterable[TableReading], match: Match) -> tuple[TableReading, ...]:
    """The readings; a plain table of advertising without a column of platforms or channels is marked to be named."""
    rules = match.layout.tables.get("ads", {})
    source = rules["channel"].channel.get("source") if "channel" in rules else None
    headings = [heading for rule in (rules.get("platform"), source) if rule for heading in rule.headings]
    plains = [plain(heading) for heading in match.headings]
    if match.layout.platform != OWN_TABLE or any(heading.find(plains) is not None for heading in headings):
        return tuple(tables)
    return tuple(replace(table, platform_from=NOWHERE) if table.table == "ads" else table for table in tables)


def told_by_name(tables: Iterable[TableReading], name: str, of: str) -> tuple[TableReading, ...]:
    """The readings, those marked with the platform that this name of a "file" or "sheet" tells."""
    platform = find_platform(name)
    return tuple(_named(table, platform, of) if platform else table for table in tables)


def _named(reading: TableReading, platform: str, of: str) -> TableReading:
    if reading.platform_from != NOWHERE or not (len(reading.frame) and reading.frame["channel"].isin(UNNAMED).all()):
        return reading
    return replace(reading, frame=reading.frame.assign(platform=platform, channel=platform), platform_from=of)
