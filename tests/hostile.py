"""Hostile input: values that try to run, to break out or to mislead, and companies that have them everywhere.

`python -m tests.hostile` prints how many values stand in how many places.
"""

import csv
import io
import json
import os
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.folders import SETTINGS, read_text

CANARY = "c.test"  # no page may ask for it
CALL = "pwn()"  # what would be called, with the number of the value
TREES = Path(__file__).resolve().parent.parent / "kpi_helpers" / "trees"
SOURCES = ("*script*", "*onerror*", "*pwn*", "*c.test*", "*cmd*", "*1+1*", "*x*", "vk", "google", "facebook", "Direct",
           "Organic Search", "Referrals", "email", "(direct)")  # fmt: skip

# each runs, asks the canary for something or leads elsewhere, where it is taken for HTML, CSS or a link
RUNNING = [
    "<script>pwn()</script>", '"><script>pwn()</script>', "<img src=x onerror=pwn()>", "'\"><img src=x onerror=pwn()>",
    "<svg onload=pwn()>", "<svg><script>pwn()</script></svg>", "<body onload=pwn()>", "<ScRiPt>pwn()</sCrIpT>",
    "<iframe srcdoc='<script>parent.pwn()</script>'>", "<iframe src=javascript:parent.pwn()>",
    "<img src=x onerror\n=pwn()>", "<details open ontoggle=pwn()>", "<input autofocus onfocus=pwn()>",
    "<video src=x onerror=pwn()>", "<a href=javascript:pwn()>x</a>",
    "<a href='data:text/html,<script>pwn()</script>'>x</a>", "javascript:pwn()",
    "<math href=javascript:pwn()>x</math>", "<style>@import 'http://c.test/1';</style>",
    "<style>*{background:url(http://c.test/2)}</style>", "<p style='width:expression(pwn())'>",
    "<link rel=stylesheet href=http://c.test/3>", "<base href=http://c.test/>", "<object data=http://c.test/4>",
    "<meta http-equiv=refresh content=0;url=http://c.test/5>", "<embed src=http://c.test/6>", "<img src=//c.test/7>",
    "<form action=http://c.test/8><button autofocus>x", "</title><script>pwn()</script>",
    "</style><script>pwn()</script>", "</script><script>pwn()</script>", "</textarea><script>pwn()</script>",
    "</table></div><img src=x onerror=pwn()>", "--><script>pwn()</script>", "]]><script>pwn()</script>",
    "</svg><img src=x onerror=pwn()>", "<<b>img src=x onerror=pwn()>", '" onmouseover=pwn() x="',
    "' autofocus onfocus=pwn() '", "` onerror=pwn() `", "&lt;img src=x onerror=pwn()&gt;",
    "&#60;img src=x onerror=pwn()&#62;", "\\u003cimg src=x onerror=pwn()\\u003e",
    "\uff1cscript\uff1epwn()\uff1c/script\uff1e", '"; } body { background: url(http://c.test/9) } x { a: "',
    "\\22 ; } @import url(http://c.test/10);", "[x](javascript:pwn())", "![x](http://c.test/11)", "<http://c.test/12>",
    "**x** # <img src=x onerror=pwn()>", "$\\href{javascript:pwn()}{x}$",
    "<x-y onclick=pwn() style=position:fixed;inset:0>", "a\u2028pwn()//",
    "<script type=application/vnd.jupyter.widget-view+json>{}</script>",
    "<script type=text/x-mathjax-config>pwn()</script>",
]  # fmt: skip
# each is a formula for a spreadsheet
FORMULAS = [
    "=cmd|' /C calc'!A0", "=HYPERLINK(\"http://c.test/13\",\"x\")", "+1+cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0", "\t=1+cmd|' /C calc'!A0", "\r=1+cmd|' /C calc'!A0", "\n=1+1", " =1+1", ";=1+1",
    ",=1+1", '";=1+1', "x;=1+1;y", 'x",=1+1', "=DDE(\"cmd\";\"/C calc\";\"x\")",
    "=IMPORTXML(\"http://c.test/14\",\"//a\")", "\uff1d1+1", "\uff0b1+cmd|' /C calc'!A0", "'=1+1", "\u200b=1+1",
    "{=1+1}", "http://c.test/15", "mailto:x", "internal:'x'!A1",
]  # fmt: skip
# each misleads a template, a terminal, a file system, a parser or a reader
MISLEADING = [
    "{{7*7}}", "{{ cycler.__init__.__globals__.os.getcwd() }}", "{% include '/etc/passwd' %}", "${7*7}", "<%= 7*7 %>",
    "{month}", "{0.__class__}", "{", "}", "%s%n", "%(x)s", "$\\frac{1}{0}$", "$$x_1^{$$", "\\(x\\)", "$5 to $9",
    "_hidden", "__import__('os').system('x')", '"\nimport os\n"', "\u202egpj.exe", "\u2066x\u2069y",
    "a\u200bb\u200fc\ufeffd", "a\x00b", "\x1b[2J\x1b]0;pwned\x07", "\x9b31mred", "a\rb\nc", "x%0ay",
    "../../etc/passwd", "..\\..\\x", "/etc/passwd", "file:///etc/passwd", "C:\\x", "CON", "..", "~root", "\"';--",
    "'; DROP TABLE x;--", "<!--", "-->", "]]>", "\u0430dmin", "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "Z\u0351\u036b\u0343\u036a", "nan", "None", "null", "inf", "1e999", "true",
    "application/vnd.jupyter.widget-view+json", "image/svg+xml", "x" * 5000, "<" * 3000, "\u0416" * 300,
]  # fmt: skip
PAYLOADS = [
    value.replace(CALL, f"pwn({number})") for number, value in enumerate([*RUNNING, *FORMULAS, *MISLEADING], start=1)
]
SEEN = (PAYLOADS[2], PAYLOADS[0], PAYLOADS[45], PAYLOADS[55])  # stand often enough to be shown where few are

_NUMBER = re.compile(r"[-+]?[\d\s\u00a0\u202f.,]*\d\s*%?|[-–—]*|\d+:\d\d(:\d\d)?")
_DATE = re.compile(r".*\b(\d{4}-\d\d|\d\d\.\d\d\.\d{4}|\d{1,2}/\d{1,2}/\d{4}|20\d{6}|20\d\d)\b.*", re.DOTALL)
_TOTAL = ("итого", "total", "всего", "grand")
MANY = 40  # values that differ: a column of names or numbers of their own, not of kinds


@dataclass
class Planted:
    """A hostile company: its folder, and how often each value stands in each place (a column, a name, a setting)."""

    folder: Path
    cells: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, place: str, value: str) -> str:
        self.cells[place, value] += 1
        return value


def hostile_company(source: Path, target: Path, seed: int = 0) -> Planted:
    """The sample company with hostile values in every column of every export, in names and in its settings."""
    target.mkdir(parents=True)
    planted = Planted(target)
    for number, path in enumerate(sorted(source.glob("*.csv"))):
        if path.name not in SETTINGS:
            _spoil_export(path, planted, seed + number)
    _spoil_settings(source, planted, seed)
    _add_strangers(planted)
    return planted


def count() -> dict[str, int]:
    """How many values, places and pairs of them there are in both sample companies."""
    sample, pairs = TREES.parent.parent / "data" / "sample", set[tuple[str, str]]()
    with TemporaryDirectory() as folder:
        for seed, name in enumerate(("northlight", "severny_svet")):
            planted = hostile_company(sample / name, Path(folder, name), 3 * seed)
            pairs |= {(f"{name}/{place}", value) for place, value in planted.cells}
    return {"values": len(PAYLOADS), "places": len({place for place, _value in pairs}), "values in places": len(pairs)}


def name_of_file(value: str) -> str:
    """The value as it can stand in the name of a file."""
    return re.sub(r"[/\x00]", "_", value)[:60]


def _spoil_export(path: Path, planted: Planted, seed: int) -> None:
    text = read_text(path)
    wide = path.read_bytes().startswith((b"\xff\xfe", b"\xfe\xff"))
    delimiter = max(",;\t", key=text.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    width = Counter(map(len, rows)).most_common(1)[0][0]
    head = next(at for at, row in enumerate(rows) if len(row) == width)
    body = [at for at in range(head + 1, len(rows)) if _is_data(rows[at], width)]
    for column, title in enumerate(rows[head]):
        if "currency" not in title.casefold():  # a second currency has the whole file refused
            _spoil_column(rows, body, column, planted, f"{path.name}: {title}", seed * 31 + column * 7)
    for number, at in enumerate([head, *body]):  # a column that no layout knows
        rows[at].append(planted.add(f"{path.name}: a column more", PAYLOADS[(seed * 13 + number) % len(PAYLOADS)]))
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    name = planted.add("name of a file", PAYLOADS[(seed * 5) % len(RUNNING)])
    (planted.folder / f"{path.stem} {name_of_file(name)}.csv").write_bytes(
        out.getvalue().encode("utf-16" if wide else "utf-8-sig")
    )


def _is_data(row: Sequence[str], width: int) -> bool:
    first = "".join(row[:3]).strip().casefold()
    return len(row) == width and bool(row[0].strip()) and not first.startswith(_TOTAL)


def _spoil_column(rows: list[list[str]], body: list[int], column: int, planted: Planted, place: str, turn: int) -> None:
    """Every value at least once where the rows suffice; few among numbers and dates, for such rows are rejected."""
    known = [rows[at][column] for at in body if rows[at][column].strip()]
    measured = sum(bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell)) for cell in known[:500])
    kinds = len(set(known)) <= MANY and measured < len(known[:500]) * 0.6
    rare = measured > len(known[:500]) * 0.6
    step = max(3 if kinds else 12, len(body) // (len(PAYLOADS) // 4 if rare else len(PAYLOADS)))
    for number, at in enumerate(body):
        if (number + turn) % step == 0:
            value = PAYLOADS[((number + turn) // step) % len(PAYLOADS)]
        elif kinds and (number + turn) % 5 == 0:
            value = SEEN[(number // 5) % len(SEEN)]
        else:
            continue
        rows[at][column] = planted.add(place, value)


def _spoil_settings(source: Path, planted: Planted, seed: int) -> None:
    """company.toml, channels.csv, goals.csv, pay.csv and a tree, as far as they can be read at all."""
    folder = planted.folder
    text = (source / "company.toml").read_text(encoding="utf-8")
    name = planted.add("company.toml: name", '</style>"; } <img src=x onerror=pwn(901)> $x^{2}$ \u202e=1+1')
    text = re.sub(r'(?m)^name = ".*"', lambda _found: f"name = {json.dumps(name)}", text)
    names = _rotated(PAYLOADS[: len(RUNNING) + len(FORMULAS)], seed)[: len(SOURCES)]
    channels = [planted.add("channels.csv: channel", value) for value in names]
    rules = [[source, "*", "*", channel] for source, channel in zip(SOURCES, channels, strict=True)]
    (folder / "company.toml").write_text(text, encoding="utf-8")
    _write_rows(folder / "channels.csv", [["source", "medium", "campaign", "channel"], *rules])
    for file in ("goals.csv", "pay.csv"):
        rows = list(csv.reader(io.StringIO(read_text(source / file), newline="")))
        scope = rows[0].index("scope")
        for number, row in enumerate(rows[1:]):
            if file == "goals.csv" and number % 9 == 4:
                row[scope] = planted.add(f"{file}: scope", channels[number % len(channels)])
            row.append(planted.add(f"{file}: a column more", PAYLOADS[(number + seed) % len(PAYLOADS)]))
        _write_rows(folder / file, [[*rows[0], PAYLOADS[2]], *rows[1:]])
    (folder / "tree.yml").write_text(_tree(planted, seed), encoding="utf-8")


def _tree(planted: Planted, seed: int) -> str:
    """The shop's tree with hostile names, levers, costs and owners' words."""
    values = iter(_rotated(PAYLOADS[: len(RUNNING) + len(FORMULAS)] * 3, seed))

    def spoil(found: re.Match[str]) -> str:
        value = planted.add(f"tree.yml: {found[2]}", next(values))
        return f"{found[1]}{found[2]}: {json.dumps(value)}"

    return re.sub(r"(?m)^( *)(name|lever|cost): .*$", spoil, (TREES / "shop.yml").read_text(encoding="utf-8"))


def _rotated(values: Sequence[str], seed: int) -> list[str]:
    at = seed * 17 % len(values)
    return [*values[at:], *values[:at]]


def _write_rows(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)


def _add_strangers(planted: Planted) -> None:
    """Files that no layout knows: hostile headings, a zip that would unpack elsewhere, bytes that are no text."""
    head = io.StringIO(newline="")
    csv.writer(head).writerows([["Mood", *PAYLOADS], ["good", *PAYLOADS]])
    (planted.folder / "strange.csv").write_text(head.getvalue(), encoding="utf-8")
    for value in PAYLOADS:
        planted.add("heading of an unknown file", value)
    with zipfile.ZipFile(planted.folder / "elsewhere.zip", "w") as archive:
        for name in ("../../outside.csv", "/outside.csv", "..\\outside.csv", "<img src=x onerror=pwn(0)>.csv"):
            archive.writestr(name, "date,channel,spend\n2026-10-01,x,1\n")
    (planted.folder / "no_text.csv").write_bytes(b"\xed\xa0\x80,\xff\xfe\x00\xd8,\xc0\xaf\n" * 9)
    if os.name == "posix":
        with suppress(OSError):  # where names must be UTF-8
            Path(os.fsdecode(os.fsencode(planted.folder) + b"/costs \xff\xc0.csv")).write_text(
                "Month,Kind,Channel,Amount\n2026-10,Rent,,1\n", encoding="utf-8"
            )


if __name__ == "__main__":
    print("; ".join(f"{name}: {number}" for name, number in count().items()))
