"""Which dialect a text is written in: every way of reading its first rows is tried, and the best table wins."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from kpi_helpers.exports.kinds import is_nothing, is_value
from kpi_helpers.exports.quoting import Dialect, parse

DELIMITERS = ("\t", ";", ",", "|", "^", "~")  # of equals the first is taken
HEAD = 2**20  # characters that settle the dialect
_SAMPLE, _LONG_SAMPLE = 60, 3000  # lines; the longer one where a preamble hides the table
_LINE = 1000  # characters: longer lines make the samples shorter
_MARKS = frozenset("'\"")
_WEIGHED = 16  # rows whose cells are looked at
_OPENS = re.compile(r"(?:^|[\t;,|])'", re.MULTILINE)
_CLOSES = re.compile(r"'(?=[\t;,|\r\n]|$)", re.MULTILINE)
# Before a quotation mark inside a cell; before one that ends a cell, a backslash may be the cell's last sign.
_ESCAPES = re.compile(r"""\\(?:"(?!["\t;,|^~\r\n]|$)|\\\\")""")
_DECLARED = re.compile(r"""["']?sep=(.)["']?[ \t;,]*(?:\r\n|\r|\n)""", re.IGNORECASE)


@dataclass(frozen=True)
class _Trial:
    """A dialect and how good a table it makes of the sample; `covered` is the share of the rows that are its table."""

    dialect: Dialect
    score: float
    covered: float


def declared(text: str) -> tuple[str, int]:
    """The delimiter that a first line `sep=…` declares, and the length of that line; "" and 0 without one."""
    found = _DECLARED.match(text)
    if not found or found[1] not in text[found.end() : HEAD]:
        return "", found.end() if found else 0
    return found[1], found.end()


def find_dialect(text: str, delimiter: str = "", *, around: str = "") -> Dialect:
    """The dialect of a text by its head; of what encloses it nothing is known yet (no encoding, no start)."""
    head = text[:HEAD]
    best = _best(_sample(head, _SAMPLE), head, delimiter)
    if best.covered < 0.8 or not best.dialect.values:
        longer = _best(_sample(head, _LONG_SAMPLE), head, delimiter)
        best = max(best, longer, key=lambda trial: trial.dialect.width > 1 and trial.score)
    if not around and '"' in head:
        inner = _inside(_sample(head, _SAMPLE), best.dialect)
        if inner:
            return inner
    return best.dialect


def _sample(head: str, lines: int) -> str:
    return "".join(islice(io.StringIO(head[: lines * _LINE], newline=""), lines))


def _best(sample: str, head: str, delimiter: str) -> _Trial:
    present = [sign for sign in ((delimiter,) if delimiter else DELIMITERS) if sign in sample]
    escaped = '\\"' in head
    trials = []
    for sign in present:
        tried = [_try(sample, dialect, present) for dialect in _dialects(sign, sample, escaped)]
        if escaped and _ESCAPES.search(sample):
            tried = [
                replace(trial, score=trial.score * 1.1 if trial.dialect.escape else trial.score) for trial in tried
            ]
        trials.append(max(tried, key=lambda trial: trial.score * trial.covered))
    best = max(trials, key=lambda trial: trial.score, default=_Trial(Dialect(delimiter or ","), 0.0, 1.0))
    if best.dialect.values or (best.score and best.covered > 0.5) or delimiter or " " not in sample:
        return best
    trials = [_try(sample, Dialect(" ", spaced=spaced), [" "]) for spaced in (False, True)]
    spaces = max(trials, key=lambda trial: trial.score)
    sure = spaces.covered >= 0.9 and spaces.dialect.values and sample.count("\n") > 2
    return spaces if sure and spaces.score > best.score else best


def _dialects(delimiter: str, sample: str, escaped: bool) -> Iterator[Dialect]:
    """The ways of quoting that the sample gives reason to try."""
    spaced = '"' in sample and delimiter != "\t" and bool(re.search(re.escape(delimiter) + ' +"', sample))
    plain = Dialect(delimiter, spaced=spaced)
    yield plain
    if escaped:
        yield replace(plain, escape="\\")
    if len(_OPENS.findall(sample)) > 1 and len(_CLOSES.findall(sample)) > 1:
        yield replace(plain, quote="'")


def _try(sample: str, dialect: Dialect, present: list[str]) -> _Trial:
    """Good is: many rows of one width, wide, of numbers and dates, without other delimiters inside the cells."""
    found = parse(sample, dialect)
    rows = [row for row in found.rows if any(cell.strip() for cell in row)]
    widths = Counter(len(row) for row in rows if len(row) > 1)
    others = "".join(sign for sign in present if sign != dialect.delimiter)
    strange = re.compile(f"[{re.escape(others)}](?! )") if others else None
    best = _Trial(dialect, 0.0, float(not widths))
    for width, count in widths.most_common(5):
        table = [row for row in rows if len(row) == width]
        sampled = table[: _WEIGHED // 2] + table[_WEIGHED // 2 :][-_WEIGHED // 2 :]
        values = [[is_value(cell) for cell in row] for row in sampled]
        share = sum(map(sum, values)) / (len(sampled) * width)
        score = (width - 1) / width * count**0.5 * (0.1 + share) * (1.05 - _foreign(sampled, values, strange))
        score *= (1 - 0.7 * min(1.0, 5 * len(found.damaged) / len(rows))) * _quotes_used(sampled)
        score *= 0.3 if others and dialect.delimiter == "," and _is_prose(sampled) else 1.0
        if score > best.score:
            columns = frozenset(place for place in range(width) if _holds_values(sampled, values, place))
            best = _Trial(replace(dialect, width=width, values=columns), score, count / len(rows))
    return best


def _foreign(table: list[list[str]], values: list[list[bool]], strange: re.Pattern[str] | None) -> float:
    """The share of the cells that are neither numbers nor dates and have another delimiter in them."""
    if not strange:
        return 0.0
    found = [not value and bool(strange.search(cell)) for row, known in zip(table, values, strict=True)
             for cell, value in zip(row, known, strict=True)]  # fmt: skip
    return sum(found) / len(found)


def _is_prose(table: list[list[str]]) -> bool:
    """Whether all cells but the first begin with a space, as in a sentence: Oct 1, 2026, 8:05 AM."""
    return all(cell[:1] == " " for row in table for cell in row[1:])


def _quotes_used(table: list[list[str]]) -> float:
    """Less than 1 where cells keep marks around them that another way of quoting would have taken away."""
    kept = [cell[:1] in _MARKS and len(cell) > 1 and cell[0] == cell[-1] for row in table for cell in row]
    return 1 - 0.3 * sum(kept) / len(kept)


def _holds_values(table: list[list[str]], values: list[list[bool]], place: int) -> bool:
    """Whether a column holds numbers or dates: all of its cells below the first that is one, and most of all."""
    first = next((at for at, row in enumerate(values) if row[place]), len(table))
    rest = zip(table[first:], values[first:], strict=True)
    return first <= len(table) / 2 and all(value[place] or is_nothing(row[place]) for row, value in rest)


def _inside(sample: str, outer: Dialect) -> Dialect | None:
    """The dialect within lines that were quoted once more as single cells, or None."""
    rows = [row for row in parse(sample, outer).rows if any(cell.strip() for cell in row)]
    alone = [row[0] for row in rows if not any(row[1:])]
    if len(alone) < 0.8 * len(rows) or not any('"' in cell for cell in alone):
        return None
    inner = find_dialect("\n".join(alone), around=outer.delimiter)
    if inner.width < 2 or (inner.width <= outer.width and any(map(is_nothing, alone))):
        return None
    return replace(inner, wrapped=True, delimiter_around=outer.delimiter)
