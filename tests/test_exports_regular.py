"""Long regular files, which are read by column and not by row: the same cells, days and channels either way."""

import csv
import io
import pickle
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.company import Company
from kpi_helpers.exports import read_file
from kpi_helpers.exports.channels import ChannelRule, default_channels, find_channels
from kpi_helpers.exports.dates import read_days, read_times
from kpi_helpers.exports.dialect import read_sheets
from kpi_helpers.exports.quoting import Dialect, parse
from kpi_helpers.exports.sheet import Grid, column, widths
from kpi_helpers.exports.values import plain

COMPANY = Company(currency="RUB", timezone="Europe/Moscow")
CELLS = st.sampled_from(["1", "", " ", "a b", "x", "12,5", "\u00a0", "Свет"])


def written(rows: list[list[str]], quoting: int) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=quoting, lineterminator="\n").writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=42, max_size=60), st.sampled_from([csv.QUOTE_ALL, 0]))
def test_by_column_gives_the_cells_of_a_reader_by_row(table: list[tuple[str, ...]], quoting: int) -> None:
    rows = [["title"], *([f"n{at}", *cells] for at, cells in enumerate(table))]
    text = written(rows, quoting)
    found = parse(text, Dialect(";", width=4))
    assert isinstance(found.rows, Grid)
    assert list(found.rows) == rows == list(csv.reader(io.StringIO(text), delimiter=";"))
    assert list(found.lines) == list(range(1, len(rows) + 1))


@pytest.mark.parametrize(
    "odd", ['"a";"b"', 'a;"b;c";d', '"a";b;"c"', '"a"";""b";"c";"d"', '"a";"b\nc";"d"', "a;b", "a;b;c;d", '"";";";""']
)
@pytest.mark.parametrize("quoted", [True, False])
def test_one_odd_line_is_read_as_a_reader_by_row_reads_it(odd: str, quoted: bool) -> None:
    line = '"1";"2";"3"' if quoted else "1;2;3"
    text = "\n".join([line] * 50 + [odd] + [line] * 50) + "\n"
    assert list(parse(text, Dialect(";", width=3)).rows) == list(csv.reader(io.StringIO(text), delimiter=";"))


def test_a_grid_is_a_list_of_rows() -> None:
    rows = [["a"], ["b", "c"], ["d", "e"], ["f", "g"]]
    grid = Grid(rows[:2], [["d", "f"], ["e", "g"]])
    assert grid == rows and len(grid) == 4 and [grid[at] for at in (0, 2, -1)] == [rows[at] for at in (0, 2, -1)]
    for start, stop in product(range(5), repeat=2):
        assert grid[start:stop] == rows[start:stop]
    assert grid.where([True, False, False, True]) == [rows[0], rows[3]]
    assert widths(grid) == widths(rows) and column(grid, 1) == column(rows, 1) and column(grid, 5) == [""] * 4
    assert grid.of_width(1) == [row[:1] for row in rows]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blank_lines_and_columns_of_a_long_file(end: str) -> None:
    lines = ["Title", "Day;Clicks;", *(f"2026-10-{1 + at % 31:02d};{at};" for at in range(60))]
    lines[50:50] = ["", ";;"]
    sheet = read_sheets((end.join(lines) + end * 3).encode())[0]
    assert sheet.rows[1:3] == [["Day", "Clicks"], ["2026-10-01", "0"]] and len(sheet.rows) == 62
    assert sheet.lines[49:51] == [50, 53]


WRITTEN = ("31.10.2026", "2026-10-31", "2026-10-31 23:59:59", "31.10.2026 02:30", "2026-10-31T10:00:00")
OTHERWISE = ("30.02.2026", "2026-13-01", "1989-12-31", "2026-10-31 24:00", "31.10.2026 10:61", "٣١.10.2026", "-", "")


@pytest.mark.parametrize("word", [*WRITTEN, *OTHERWISE])
@pytest.mark.parametrize("read", [read_days, read_times])
def test_days_read_at_once_are_those_read_one_by_one(word: str, read: object) -> None:
    """The sentence beside them makes the whole column be read one by one."""
    alone, beside = (read(cells, zone="Europe/Berlin") for cells in ([word], [word, "5 октября 2026"]))  # type: ignore[operator]
    pd.testing.assert_series_equal(alone.values, beside.values[:1])
    assert [fault[1:] for fault in alone.faults] == [fault[1:] for fault in beside.faults]


def test_days_of_one_length_and_of_two_forms_are_not_mixed_up() -> None:
    days = read_days(["31.10.2026", "2026-10-30"])
    assert days.values.dt.strftime("%d.%m").tolist() == ["31.10", "30.10"] and not days.faults


def fits(rule: ChannelRule, words: list[str]) -> bool:
    """One rule by itself."""
    return all(part.fits(word) for part, word in zip((rule.source, rule.medium, rule.campaign), words, strict=True))


def test_channels_are_those_of_the_first_rule_that_fits() -> None:
    sources = ["yandex", "Яндекс Директ", "vk ads", "google", "newsletter", "", "-", "(direct)", "t.me", "y\nx"]
    media, campaigns = ["cpc", "", "organic", "email"], ["", "brand cpc", "_smm_"]
    mixes = pd.DataFrame(list(product(sources, media, campaigns)), columns=["s", "m", "c"])
    found = find_channels(mixes["s"], mixes["m"], mixes["c"], default_channels())
    for mix, channel in zip(mixes.itertuples(index=False), found, strict=True):
        words = ["" if word == "-" else plain(word) for word in mix]
        expected = next((rule.channel for rule in default_channels() if any(words) and fits(rule, words)), None)
        assert channel == expected if expected else pd.isna(channel) or plain(channel) == plain(mix[0] or mix[1])


def test_hashes_are_the_same_after_they_were_kept(tmp_path: Path) -> None:
    rows = "".join(f"2026-10-{1 + at % 31:02d};Кампания {at};{at};{at},5\n" for at in range(90))
    (tmp_path / "ads.csv").write_text("Дата;Кампания;Показы;Расход\n" + rows)
    table = read_file(tmp_path / "ads.csv", COMPANY).tables[0]
    kept = pickle.loads(pickle.dumps(table))
    half = np.arange(90) % 2 == 0
    mine, theirs = table.without(half).hashes, kept.hashes
    assert mine.equals(theirs[~half]) and len(theirs.drop_duplicates()) == 90 and theirs.shape[1] == 2
