"""Folders of exports made from the sample for the tests: a few files of it, cut at a day, or with hostile values."""

import csv
import io
import re
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path

SETTINGS = ("company.toml", "channels.csv", "campaigns.csv", "goals.csv", "pay.csv")
SAMPLE_END = date(2026, 10, 31)
SHAPES = ("%Y-%m-%d", "%d.%m.%Y", "%Y%m%d", "%B %d, %Y")
_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)|(\d\d)\.(\d\d)\.(\d{4})|(\d{1,2})/(\d{1,2})/(\d{4})|\b(20\d\d)(\d\d)(\d\d)\b"
)


def copy_files(source: Path, target: Path, names: Iterable[str]) -> Path:
    """A folder with these files of another."""
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(source / name, target / name)
    return target


def cut_folder(source: Path, target: Path, last: date) -> Path:
    """The folder as it was exported on the evening of `last`."""
    copy_files(source, target, [name for name in SETTINGS if (source / name).exists()])
    for path in sorted(source.glob("*.csv")):
        if path.name not in SETTINGS:
            cut_file(path, target / path.name, last)
    return target


def cut_file(source: Path, target: Path, last: date) -> Path:
    """An export without the rows after `last`; the period in its preamble ends there too."""
    data = source.read_bytes()
    encoding = _encoding(data)
    text = data.decode(encoding)
    delimiter = max(",;\t", key=text.count)
    kept: list[list[str]] = []
    dropping = False
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        preamble = bool(row) and row[0].startswith(("# ", "#-"))
        own = "" if preamble else delimiter.join(row)
        day = _own_day(own)
        dropping = day > last if day else dropping and not own.startswith(("Total", "Итого")) and bool(own)
        if not dropping:
            kept.append([_ending(cell, last) for cell in row])
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(kept)
    target.write_bytes(out.getvalue().encode(encoding))
    return target


def _encoding(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"


def _own_day(cell: str) -> date | None:
    found = _DATE.search(cell)
    if not found:
        return None
    parts = [int(part) for part in found.groups() if part]
    match found.lastindex:
        case 6:
            return date(parts[2], parts[1], parts[0])
        case 9:
            return date(parts[2], parts[0], parts[1])
    return date(*parts)


def _ending(cell: str, last: date) -> str:
    for shape in SHAPES:
        cell = cell.replace(f"{SAMPLE_END:{shape}}", f"{last:{shape}}")
    return cell


def read_text(path: Path) -> str:
    """A file's text in the encoding it is written in."""
    data = path.read_bytes()
    return data.decode(_encoding(data))
