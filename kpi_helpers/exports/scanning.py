"""Rows of a large text file, added up by DuckDB while it reads them, and the marks of its lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

AT_ONCE = 8 * 2**20  # bytes
LONGEST_LINE = 2_000_000  # bytes
MOST_ODD = 50_000  # rows that cannot be added up
_CONTROLS = bytes([*range(1, 9), 11, 12, *range(14, 32), 127])
_HIGH = bytes(range(0x80, 0xA0))
_DIGITS = "[0-9]{1,12}"


@dataclass(frozen=True)
class Way:
    """How the numbers of a column are written: the signs that may stand between thousands, the decimal sign."""

    thousands: str
    decimal: str
    whole: bool = False

    @property
    def pattern(self) -> str:
        """What can be read in one way only (RE2 and Python)."""
        part = "[.]" if self.decimal == "." else ","
        plain = rf"{_DIGITS}({part}([0-9]{{1,2}}|[0-9]{{4,6}}))?|0{part}[0-9]{{3}}|"
        grouped = f"[0-9]{{1,3}}([{self.thousands}][0-9]{{3}}){{1,3}}" if self.thousands else ""
        if self.thousands != ",":
            return plain + (grouped and rf"{grouped}({part}[0-9]{{1,2}})?")
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
        return self._reading("delim = '\x1f', quote = '', escape = '', columns = {'line': 'varchar'}")

    def _reading(self, options: str) -> str:
        encoding = ", encoding = 'latin-1'" if self.encoding else ""
        return (f"read_csv({_text(str(self.path))}, {options}, header = false, skip = {self.skip}, auto_detect = false, "
                f"strict_mode = true, buffer_size = {AT_ONCE}, max_line_size = {LONGEST_LINE}{encoding})")  # fmt: skip


@dataclass(frozen=True)
class Groups:
    """Rows that agree in the texts of the `keys`, added up.

    `words` and `codes` say the texts of each group; `rows` how many rows it has, `sums` (in millionths) and `filled` (how
    many cells are) of each column of numbers. `odd` are rows whose numbers are not plain: texts, then numbers.
    `rejected` are lines that DuckDB could not split into cells.
    """

    keys: list[int]
    words: list[list[str]]
    codes: list[np.ndarray]
    rows: np.ndarray
    sums: dict[int, np.ndarray]
    filled: dict[int, np.ndarray]
    odd: list[tuple[str, ...]] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)

    def take(self, places: np.ndarray) -> Groups:
        """These groups, in this order."""
        return Groups(
            self.keys, self.words, [codes[places] for codes in self.codes], self.rows[places],
            {place: sums[places] for place, sums in self.sums.items()},
            {place: filled[places] for place, filled in self.filled.items()}, self.odd, self.rejected,
        )  # fmt: skip

    def texts(self, group: int) -> tuple[str, ...]:
        """The texts of one group."""
        return tuple(words[codes[group]] for words, codes in zip(self.words, self.codes, strict=True))


def connect() -> DuckDBPyConnection:
    """A database in memory that keeps no order."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = false")
    return connection


def add_up(source: Source, keys: Sequence[int], numbers: dict[int, Way], blank: Collection[int]) -> Groups:
    """All rows grouped by the texts of `keys`; cells under `blank` should hold nothing. Raises duckdb.Error."""
    connection = connect()
    texts = [f"c{place}" for place in keys]
    plain = [f"(c{place} is null or {_is_plain(source, place, way)})" for place, way in numbers.items()]
    plain += [f"c{place} is null" for place in blank]
    inner = ", ".join([*texts, *(f"c{place}, {_number(source, place, way)}" for place, way in numbers.items())])
    sums = ", ".join(f"coalesce(cast(sum(v{place}) * 1000000 as bigint), 0), count(v{place})" for place in numbers)
    words = ", ".join(f"c{place}" for place in numbers)
    query = f"""
        select {", ".join(texts)}, plain, count(*), {sums}, list([{words}]) filter (not plain)
        from (select {inner}, {" and ".join(plain)} as plain from {source.cells()})
        group by {", ".join(texts)}, plain"""
    groups = _fetched(connection.execute(query), source, list(keys), list(numbers))
    found = connection.execute("select distinct line_byte_position, csv_line from reject_errors").fetchall()
    groups.rejected.extend(source.shown(line.strip("\r\n")) for _place, line in found)
    connection.close()
    return groups


def find_lines(source: Source, words: Collection[str]) -> list[str]:
    """The lines in which one of the words stands as a cell or within one; more than `MOST_ODD` are not all given."""
    parts = (max(source.stored(word).strip().split('"'), key=len).strip() for word in words)
    pattern = "|".join(sorted(_escaped(part) for part in parts)) or "$^"
    near = f'(^|["\\s{re.escape(source.delimiter)}])'
    query = f"select line from {source.whole_lines()} where regexp_matches(line, ?) limit {MOST_ODD + 1}"
    connection = connect()
    found = connection.execute(query, [f"{near}({pattern}){near.replace('^', '$', 1)}"]).fetchall()
    connection.close()
    return [source.shown(line.rstrip("\r\n")) for (line,) in found]


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


@dataclass(frozen=True)
class Lines:
    """The physical lines of a file: a mark of each (its hash without quotation marks), how they end."""

    path: Path
    marks: np.ndarray
    ending: bytes
    closed: bool  # whether the last one ends

    @classmethod
    def of(cls, path: Path, spaced: bytes) -> Lines | None:
        """None where line ends are mixed, where NUL bytes are, or `spaced` (a blank before a quotation mark) is."""
        with path.open("rb") as file:
            first = file.readline(LONGEST_LINE)
        ending = b"\r\n" if first.endswith(b"\r\n") else b"\n"
        marks, closed = [], True
        for block in _blocks(path):
            closed = block.endswith(ending)
            parts = _unquoted(block, spaced).split(ending)
            if closed:
                parts.pop()
            ends = len(parts) - (not closed)
            if b"\0" in block or block.count(b"\r") != ends * (ending == b"\r\n") or (b'"' in block and spaced in block):
                return None
            if ending == b"\r\n" and block.count(b"\n") != ends:
                return None
            marks.append(np.fromiter(map(hash, parts), dtype="int64", count=len(parts)))
        return cls(path, np.concatenate(marks) if marks else np.zeros(0, dtype="int64"), ending, closed)

    def find(self, lines: Collection[bytes]) -> dict[bytes, list[int]]:
        """On which lines (from 0) each of these texts stands."""
        wanted = {mark(line): line for line in lines}
        places: dict[int, list[int]] = {}
        for place in np.flatnonzero(np.isin(self.marks, np.fromiter(wanted, dtype="int64", count=len(wanted)))).tolist():
            places.setdefault(int(self.marks[place]), []).append(place)
        return {line: places.get(mark(line), []) for line in lines}

    def repeated(self, first: int) -> np.ndarray:
        """The lines, from the `first` on, whose mark another one has, too."""
        marks = np.sort(self.marks[first:])
        again = np.unique(marks[1:][marks[1:] == marks[:-1]])
        return np.flatnonzero(np.isin(self.marks[first:], again)) + first if len(again) else again

    def read(self, lines: np.ndarray) -> list[bytes]:
        """The text of these lines (ascending)."""
        found: list[bytes] = []
        start = 0
        for block in _blocks(self.path):
            parts = block.removesuffix(self.ending).split(self.ending)
            here = lines[(lines >= start) & (lines < start + len(parts))] - start
            found += [parts[line] for line in here.tolist()]
            start += len(parts)
        return found


def mark(line: bytes) -> int:
    """What lines that hold the same cells have in common."""
    return hash(line.replace(b'"', b""))


def _unquoted(block: bytes, spaced: bytes) -> bytes:
    return block.replace(b'"', b"") if b'"' in block else block


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(AT_ONCE):
            yield chunk


def _blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, some MB of them at a time."""
    rest = b""
    for chunk in _chunks(path):
        end = chunk.rfind(b"\n") + 1
        if end:
            yield rest + chunk[:end]
        rest = chunk[end:] if end else rest + chunk
    if rest:
        yield rest


def _fetched(result: DuckDBPyConnection, source: Source, keys: list[int], numbers: list[int]) -> Groups:
    known: list[dict[str, int]] = [{} for _key in keys]
    parts: list[list[np.ndarray]] = [[] for _column in range(len(keys) + 1 + 2 * len(numbers))]
    odd: list[tuple[str, ...]] = []
    while len(frame := result.fetch_df_chunk(40)):
        columns = [frame.iloc[:, place] for place in range(frame.shape[1])]
        plain = columns[len(keys)].to_numpy(dtype=bool)
        for group in np.flatnonzero(~plain).tolist():
            texts = [source.shown(column.iloc[group] or "") for column in columns[: len(keys)]]
            odd += [(*texts, *(source.shown(word or "") for word in words)) for words in columns[-1].iloc[group]]
        for place in range(len(keys)):
            parts[place].append(_coded(columns[place][plain], known[place]))
        for place, column in enumerate(columns[len(keys) + 1 : -1], len(keys)):
            parts[place].append(column[plain].to_numpy(dtype="int64"))
    joined = [np.concatenate(part) if part else np.zeros(0, dtype="int64") for part in parts]
    words = [[source.shown(word) for word in found] for found in known]
    amounts = joined[len(keys) + 1 :]
    groups = Groups(keys, words, joined[: len(keys)], joined[len(keys)], dict(zip(numbers, amounts[::2], strict=True)),
                    dict(zip(numbers, amounts[1::2], strict=True)), odd)  # fmt: skip
    return groups.take(_in_order(groups))


def _coded(column: pd.Series, known: dict[str, int]) -> np.ndarray:
    """The words of a column by their numbers in `known`, which is added to; no word is the word ""."""
    codes, found = pd.factorize(column.fillna("").to_numpy(dtype=object))
    return np.array([known.setdefault(word, len(known)) for word in found], dtype="int64")[codes]


def _in_order(groups: Groups) -> np.ndarray:
    """The groups by their texts: DuckDB gives them in any order."""
    if not len(groups.rows):
        return groups.rows
    ranks = [np.argsort(np.argsort(np.array(words, dtype=object)))[codes]
             for words, codes in zip(groups.words, groups.codes, strict=True)]  # fmt: skip
    return np.lexsort(ranks[::-1])


def _is_plain(source: Source, place: int, way: Way) -> str:
    pattern = "|".join([way.pattern, *filter(None, NOTHING)])
    return f"regexp_full_match(c{place}, {_text(source.stored(pattern))})"


def _number(source: Source, place: int, way: Way) -> str:
    bare = way.bare(f"c{place}", lambda word, old, new: f"replace({word}, {_text(old)}, {_text(new)})")
    return f"try_cast({bare} as decimal(18, 6)) as v{place}"


def _escaped(word: str) -> str:
    return "".join(sign if sign.isalnum() or not sign.isascii() else f"\\x{{{ord(sign):x}}}" for sign in word)


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
