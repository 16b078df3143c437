"""From source, medium and campaign to a channel, by a table that anyone can edit: the first row that fits wins."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from kpi_helpers.errors import KitError
from kpi_helpers.exports.dialect import decode
from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.people import hide_within
from kpi_helpers.exports.values import plain
from kpi_helpers.exports.words import PLACEHOLDERS
from kpi_helpers.folders import CHANNELS as FILE
from kpi_helpers.language import _
from kpi_helpers.opening import read_bytes

COLUMNS = ("source", "medium", "campaign", "channel")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class ChannelRule:
    """Patterns (`*` stands for anything, an empty one too; `-` for nothing) and the channel they mean."""

    source: Heading
    medium: Heading
    campaign: Heading
    channel: str


def read_channels(path: Path) -> tuple[ChannelRule, ...]:
    """The rows of a channels.csv. Raises KitError naming the line that is wrong."""
    return tuple(
        ChannelRule(as_pattern(cells["source"]), as_pattern(cells["medium"]), as_pattern(cells["campaign"]),
                    cells["channel"])
        for _line, cells in read_rules(path, COLUMNS)
    )  # fmt: skip


def read_rules(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table of patterns, with their lines; the last of `columns` says what the others mean.

    Raises KitError where a heading is missing, or a row leaves that column empty.
    """
    text, _encoding = decode(read_bytes(path))
    table = csv.DictReader(io.StringIO(text), delimiter=_delimiter(text))
    if not set(columns) <= {name.strip() for name in table.fieldnames or ()}:
        raise KitError(_("needs the headings {headings}.").format(headings=", ".join(columns)), where=path.name)
    for row in table:
        if any(cell.strip() for cell in row.pop(None, ())):
            raise KitError(_("line {line} has more cells than there are headings.").format(line=table.line_num),
                           _("Put a name with a comma or a semicolon in quotes."), where=path.name)  # fmt: skip
        cells = {str(name).strip(): str(cell or "").strip() for name, cell in row.items()}
        if cells[columns[-1]]:
            yield table.line_num, cells
        elif any(cells.values()):
            found = {"channel": _("line {line} names no channel."), "campaign": _("line {line} names no campaign.")}
            raise KitError(found[columns[-1]].format(line=table.line_num),
                           _("Fill in the column {column}.").format(column=columns[-1]), where=path.name)  # fmt: skip


def _delimiter(text: str) -> str:
    return ";" if ";" in text.partition("\n")[0] else ","


def line_to_add(folder: Path, source: str) -> str:
    """The line for the folder's channels.csv that gives a source its channel, which stands as CHANNEL.

    The medium is "nothing" where the kit knows the source by its medium, so that what it knows stays so.
    """
    by_medium = any(rule.source.patterns != ("*",) and rule.source.fits(plain(source)) for rule in default_channels())
    return as_line(folder / FILE, [source, "-" if by_medium else "", "", "CHANNEL"])


def as_line(path: Path, cells: Sequence[str]) -> str:
    """Cells as a line of that table, with its delimiter."""
    delimiter = _delimiter(decode(path.read_bytes())[0]) if path.exists() else ","
    row = io.StringIO()
    csv.writer(row, delimiter=delimiter, lineterminator="").writerow(cells)
    return row.getvalue()


def as_pattern(cell: str) -> Heading:
    """A cell of patterns: `*` or an empty one fits anything, `-` nothing."""
    return Heading(("" if cell and cell.casefold() in PLACEHOLDERS else plain(cell) or "*",))


@cache
def default_channels() -> tuple[ChannelRule, ...]:
    """The table that comes with the kit."""
    return read_channels(Path(__file__).parent / FILE)


def find_channels(source: pd.Series, medium: pd.Series, campaign: pd.Series, rules: Sequence[ChannelRule]) -> pd.Series:
    """The channel of each row (`str`): unknown sources stay as they are written, NaN where there is neither source nor
    medium nor a campaign that a rule knows."""
    codes = np.zeros(len(source), dtype="int64")
    for column in (source, medium, campaign):
        own, different = pd.factorize(column)  # -1 for nothing
        codes = pd.factorize(codes * (len(different) + 1) + own + 1)[0]
    firsts = np.unique(codes, return_index=True)[1]
    words = (column.iloc[firsts].fillna("").tolist() for column in (source, medium, campaign))
    any_rule = _any_of(tuple(rules))
    channels = [_channel(*mix, rules=rules, any_rule=any_rule) for mix in zip(*words, strict=True)]
    return pd.Series(pd.Series(channels, dtype="str").array.take(codes), index=source.index)


@lru_cache(maxsize=8)
def _any_of(rules: tuple[ChannelRule, ...]) -> re.Pattern[str]:
    """All rules as one pattern of source, medium and campaign, a line each: its group has the number of the rule."""
    parts = ((rule.source, rule.medium, rule.campaign) for rule in rules)
    return re.compile("|".join("(" + "".join(rf"(?>{part.regex}\n)" for part in three) + ")" for three in parts))


def _channel(
    source: str, medium: str, campaign: str, *, rules: Sequence[ChannelRule], any_rule: re.Pattern[str]
) -> str | None:
    if not medium and " / " in source:
        source, medium = (part.strip() for part in source.split(" / ", 1))
    words = ["" if word.casefold() in PLACEHOLDERS else plain(word) for word in (source, medium, campaign)]
    found = any_rule.fullmatch("".join(f"{word}\n" for word in words)) if any(words) and rules else None
    if found and found.lastindex:
        return rules[found.lastindex - 1].channel
    return hide_within(source or medium) or None
