"""Rows of a large text file, added up by DuckDB while it reads them, and single lines of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kpi_helpers.exports.outline import BETWEEN, LONGEST_LINE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE = 8 * 2**20  # bytes
_VECTORS = 10  # of 2048 groups, fetched at once
MOST_ODD = 50_000  # rows that cannot be added up
FEW = 8  # words that are looked for one by one
_CONTROLS = bytes([*range(1, 9), 11, 12, *range(14, 32), 127])
_HIGH = bytes(range(0x80, 0xA0))
_DIGITS = "[0-9]{1,12}"


class Irregular(Exception):
    """The ordinary way is for this file."""


@dataclass(frozen=True)
class Way:
    """How the numbers of a column are written: the signs that may stand between thousands, the decimal sign."""

    thousands: str
    decimal: str
    whole: bool = False

    @property
    def pattern(self) -> str:
        """What can be read in one way only (RE2 and Python); a count has no parts."""
        part, digit = "[.]" if self.decimal == "." else ",", "0" if self.whole else "[0-9]"
        plain = rf"{_DIGITS}({part}({digit}{{1,2}}|{digit}{{4,6}}))?|" + ("" if self.whole else rf"0{part}[0-9]{{3}}|")
        grouped = f"[1-9][0-9]{{0,2}}([{self.thousands}][0-9]{{3}}){{1,3}}" if self.thousands else ""
        if self.thousands != ",":
            return plain + (grouped and rf"{grouped}({part}{digit}{{1,2}})?")
        return plain + (grouped if self.whole else rf"{grouped}[.][0-9]{{1,2}}")

    def bare(self, word: str, change: Callable[[str, str, str], str]) -> str:
        """The number with a point and no thousands signs; `change` replaces in a text."""
        for sign in self.thousands:
            word = change(word, sign, "")
        return change(word, ",", ".") if self.decimal == "," else word

    def millionths(self, word: str) -> int | None:
        """A number in whole millionths; None for a sign of nothing."""
        if not re.fullmatch(self.pattern, word, re.ASCII) or not word:
            return None
        whole, _point, part = self.bare(word, str.replace).partition(".")
        return int(whole) * 1_000_000 + int(part.ljust(6, "0"))


NOTHING = ("", "-", "--", "—", "–")


@dataclass(frozen=True)
class Source:
    """A file that DuckDB can read, in UTF-8 or, where `encoding` names one, in an encoding of one byte per character.

    DuckDB takes the latter for Latin-1; `moved` says which bytes stand for those that it refuses.
    """

    path: Path
    delimiter: str
    width: int
    skip: int
    encoding: str = ""
    moved: tuple[bytes, bytes] = (b"", b"")

    def shown(self, stored: str) -> str:
        """The text that DuckDB's stands for."""
        if not self.encoding or stored.isascii() and not self.moved[0]:
            return stored
        return stored.encode("latin-1").translate(bytes.maketrans(*self.moved[::-1])).decode(self.encoding)

    def stored(self, text: str) -> str:
        """How DuckDB sees a text, without what the file cannot hold."""
        if not self.encoding or text.isascii():
            return text
        return text.encode(self.encoding, "ignore").translate(bytes.maketrans(*self.moved)).decode("latin-1")

    def cells(self) -> str:
        """The rows as DuckDB reads them, each cell a text."""
        columns = ", ".join(f"'c{place}': 'varchar'" for place in range(self.width))
        return self._reading(f"delim = {_text(self.delimiter)}, quote = '\"', escape = '\"', store_rejects = true, "
                             f"rejects_limit = {MOST_ODD}, columns = {{{columns}}}")  # fmt: skip

    def whole_lines(self) -> str:
        """The physical lines, each in the column `line`."""
        return self._reading(f"delim = '{BETWEEN}', quote = '', escape = '', columns = {{'line': 'varchar'}}")

    def _reading(self, options: str) -> str:
        encoding = ", encoding = 'latin-1'" if self.encoding else ""
        return (f"read_csv({_text(str(self.path))}, {options}, header = false, skip = {self.skip}, "
                f"auto_detect = false, strict_mode = true, buffer_size = {AT_ONCE}, max_line_size = {LONGEST_LINE}"
                f"{encoding})")  # fmt: skip


@dataclass(frozen=True)
class Groups:
    """Rows that agree in the texts of the `keys`, added up.

    `words` and `codes` say the texts of each group; `rows` how many rows it has, `sums` (in millionths) and `filled`
    (how many cells are) of each column of numbers. `odd` are rows whose numbers are not plain: texts, then numbers.
    `rejected` are lines that DuckDB could not split into cells; `alike` says whether rows of a group have the same
    numbers, too.
    """

    keys: list[int]
    words: list[list[str]]
    codes: list[np.ndarray]
    rows: np.ndarray
    sums: dict[int, np.ndarray]
    filled: dict[int, np.ndarray]
    odd: list[tuple[str, ...]]
    rejected: list[str]
    alike: bool

    def take(self, places: np.ndarray) -> Groups:
        """These groups, in this order."""
        return Groups(
            self.keys, self.words, [codes[places] for codes in self.codes], self.rows[places],
            {place: sums[places] for place, sums in self.sums.items()},
            {place: filled[places] for place, filled in self.filled.items()}, self.odd, self.rejected, self.alike,
        )  # fmt: skip

    def texts(self, group: int) -> tuple[str, ...]:
        """The texts of one group."""
        return tuple(words[codes[group]] for words, codes in zip(self.words, self.codes, strict=True))


def connect(*, ordered: bool = False) -> DuckDBPyConnection:
    """A database in memory; rows are read faster where they need not stay in order."""
    import duckdb

    connection = duckdb.connect()
    connection.execute(f"set preserve_insertion_order = {ordered}")
    return connection


def add_up(source: Source, keys: Sequence[int], numbers: dict[int, Way], blank: Collection[int]) -> Groups:
    """All rows grouped by the texts of `keys`; cells under `blank` should hold nothing. Raises duckdb.Error."""
    connection = connect()
    texts = ", ".join(f"c{place}" for place in keys)
    words = ", ".join(f"coalesce(c{place}, '')" for place in numbers)
    values = ", ".join(f"{_number(place, way)} as v{place}" for place, way in numbers.items())
    plain = " and ".join([_are_plain(source, numbers.values()), *(f"c{place} is null" for place in blank)])
    sums = ", ".join(f"coalesce(cast(sum(v{place}) * 1000000 as bigint), 0), count(v{place})" for place in numbers)
    query = f"""
        select {texts}, plain, count(*), {sums},
            count(*) > list_unique(list(hash(words))), list(words) filter (not plain)
        from (select *, {plain} as plain
            from (select *, concat_ws({_text(BETWEEN)}, {words}) as words, {values} from {source.cells()}))
        group by {texts}, plain"""
    groups = _fetched(connection.execute(query), source, list(keys), list(numbers))
    found = connection.execute("select distinct line_byte_position, csv_line from reject_errors").fetchall()
    connection.close()
    return replace(groups, rejected=[source.shown(line.strip("\r\n")) for _place, line in found])


def find_lines(source: Source, words: Collection[str], texts: Collection[str]) -> dict[int, str]:
    """The lines that hold one of the words or are one of the texts, by number from 1; some above `MOST_ODD` at most."""
    parts = {max(source.stored(word).strip().split('"'), key=len).strip() for word in words}
    if len(parts) <= FEW and all(len(part) > 2 for part in parts):
        holds, asked = " or ".join(["contains(line, ?)"] * len(parts)), sorted(parts)
    else:
        near = f'["\\s{_escaped(source.delimiter)}]'
        holds, asked = "regexp_matches(line, ?)", [f"(^|{near})({'|'.join(map(_escaped, sorted(parts)))})({near}|$)"]
    if not parts:
        holds, asked = "false", []
    wanted = list(map(source.stored, texts))
    if len(wanted) > FEW:
        return _numbered(source, f"{holds} or line in (select unnest(?))", [*asked, wanted])
    return _numbered(source, " or ".join([holds, *["line = ?"] * len(wanted)]), [*asked, *wanted])


def read_lines(source: Source, numbers: Collection[int]) -> dict[int, str]:
    """The lines of these numbers (from 1)."""
    return _numbered(source, "number in (select unnest(?))", [sorted(numbers)])


def repeated_lines(source: Source) -> np.ndarray:
    """The numbers (from 1) of the lines that stand twice or more, whatever is quoted in them; some others by chance."""
    connection = connect(ordered=True)
    query = f"select hash(replace(line, '\"', '')) as mark from {source.whole_lines()}"
    marks = connection.execute(query).fetchnumpy()["mark"]
    connection.close()
    ordered = np.sort(marks)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return np.flatnonzero(np.isin(marks, again)) + source.skip + 1


def _numbered(source: Source, condition: str, asked: list[Any]) -> dict[int, str]:
    connection = connect(ordered=True)
    lines = f"select line, {source.skip} + row_number() over () as number from {source.whole_lines()}"
    query = f"select number, line from ({lines}) where {condition} limit {MOST_ODD + 1}"
    found = connection.execute(query, asked).fetchall()
    connection.close()
    return {number: source.shown(line or "") for number, line in found}


def move_high_bytes(path: Path, target: Path) -> tuple[bytes, bytes] | None:
    """A copy without the bytes 0x80 to 0x9F, which stand as controls that the file does not use: which as which."""
    usual = bytes(set(range(256)) - set(_CONTROLS) - set(_HIGH))
    seen: set[int] = set()
    for chunk in _chunks(path):
        seen.update(chunk.translate(None, usual))
    high, free = bytes(sorted(seen & set(_HIGH))), bytes(set(_CONTROLS) - seen)
    if len(free) < len(high):
        return None
    table = bytes.maketrans(high, free[: len(high)])
    with target.open("wb") as copy:
        for chunk in _chunks(path):
            copy.write(chunk.translate(table))
    return high, free[: len(high)]


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(AT_ONCE):
            yield chunk


def _fetched(result: DuckDBPyConnection, source: Source, keys: list[int], numbers: list[int]) -> Groups:
    known: list[dict[str, int]] = [{} for _key in keys]
    parts: list[list[np.ndarray]] = [[] for _column in range(len(keys) + 1 + 2 * len(numbers))]
    odd: list[tuple[str, ...]] = []
    alike = False
    while len(frame := result.fetch_df_chunk(_VECTORS)):
        columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
        columns[: len(keys)] = [column.fillna("") for column in columns[: len(keys)]]
        plain = columns[len(keys)].to_numpy(dtype=bool)
        alike |= bool(columns[-2][plain].any())
        for group in np.flatnonzero(~plain).tolist():
            texts = [source.shown(column.iloc[group]) for column in columns[: len(keys)]]
            odd += [(*texts, *source.shown(words).split(BETWEEN)) for words in columns[-1].iloc[group]]
        for place in range(len(keys)):
            parts[place].append(_coded(columns[place][plain], known[place]))
        for place, column in enumerate(columns[len(keys) + 1 : -2], len(keys)):
            parts[place].append(column[plain].to_numpy(dtype="int64"))
    joined = [np.concatenate(part) if part else np.zeros(0, dtype="int64") for part in parts]
    words = [[source.shown(word) for word in found] for found in known]
    amounts = joined[len(keys) + 1 :]
    groups = Groups(keys, words, joined[: len(keys)], joined[len(keys)], dict(zip(numbers, amounts[::2], strict=True)),
                    dict(zip(numbers, amounts[1::2], strict=True)), odd, [], alike)  # fmt: skip
    return groups.take(_in_order(groups))


def _coded(column: pd.Series, known: dict[str, int]) -> np.ndarray:
    """The words of a column by their numbers in `known`, which is added to; no word is the word ""."""
    codes, found = pd.factorize(column.to_numpy(dtype=object))
    return np.array([known.setdefault(word, len(known)) for word in found], dtype="int32")[codes]


def _in_order(groups: Groups) -> np.ndarray:
    """The groups by their texts: DuckDB gives them in any order."""
    if not len(groups.rows):
        return groups.rows
    ranks = [np.argsort(np.argsort(np.array(words, dtype=object)))[codes]
             for words, codes in zip(groups.words, groups.codes, strict=True)]  # fmt: skip
    return np.lexsort(ranks[::-1])


def _are_plain(source: Source, ways: Collection[Way]) -> str:
    """Whether the `words` of a row are plain numbers: all columns are looked at together, which is faster."""
    nothing = "|".join(filter(None, NOTHING))
    pattern = BETWEEN.join(f"(?:{way.pattern}|{nothing})" for way in ways)
    return f"regexp_full_match(words, {_text(source.stored(pattern))})"


def _number(place: int, way: Way) -> str:
    bare = way.bare(f"c{place}", lambda word, old, new: f"replace({word}, {_text(old)}, {_text(new)})")
    number = f"try_cast({bare} as decimal(18, 6))"
    if not way.whole or way.thousands:
        return number
    return f"coalesce(try_cast(try_cast(c{place} as bigint) as decimal(18, 6)), {number})"  # counts are read faster


def _escaped(word: str) -> str:
    return "".join(sign if sign.isalnum() or not sign.isascii() else f"\\x{{{ord(sign):x}}}" for sign in word)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
