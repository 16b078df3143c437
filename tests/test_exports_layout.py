"""Layouts: the kit's own are sound, a wrong one is named with its file and key, and a new one is one file."""

import re
from pathlib import Path

import pytest

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import list_layouts, read_exports, read_file
from kpi_helpers.exports.headings import read_heading
from kpi_helpers.exports.layout_file import FOLDER, read_layout
from kpi_helpers.terms import TABLES

GOOD = """
name = "Mine"
platform = "mine"
get = "Mine > Export"
[recognise]
headings = ["Day", "Money"]
[ads]
date = "Day"
spend = "Money"
"""


def test_the_kits_layouts_are_sound_and_fill_every_table_that_has_a_source() -> None:
    layouts = list_layouts()
    assert len(layouts) == len(list(FOLDER.glob("*.toml"))) > 15
    filled = {table for layout in layouts for table in layout.tables}
    assert filled == {key for key, table in TABLES.items() if table.source}
    for layout in layouts:
        assert layout.name and layout.get and layout.required
        assert all(TABLES[key].date in columns for key, columns in layout.tables.items())


def test_no_platform_is_named_in_code() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.parent.glob("*.py")).casefold()
    platforms = {layout.platform for layout in list_layouts()} - {"own_table", "call_tracking"}
    assert [name for name in platforms if re.search(rf"\b{name}\b", code)] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[ads]", "[adds]"), "unknown key adds. Did you mean ads"),
        (("spend =", "spent ="), "unknown key ads.spent. Did you mean spend?"),
        (('spend = "Money"', "spend = 5"), "ads.spend = 5 is not allowed"),
        (('spend = "Money"', 'spend = { heading = "Money", scaled = 2 }'), "unknown key ads.spend.scaled"),
        (('spend = "Money"', 'spend = { heading = "Money", scale = "x" }'), "ads.spend.scale = 'x' is not allowed"),
        (('spend = "Money"', 'spend = { formula = "a * b", where = { a = "A" } }'), "ads.spend.where"),
        (('spend = "Money"', 'spend = { formula = "a ** b", where = { a = "A" } }'), "ads.spend.formula"),
        (('spend = "Money"', 'spend = { heading = "Money", extract = "(" }'), "ads.spend.extract"),
        (('spend = "Money"', 'spend = { heading = "Money", when = { heading = "A" } }'), "ads.spend.when"),
        (('spend = "Money"', "spend = {}"), "ads.spend"),
        (('["Day", "Money"]', '"Day"'), "headings = 'Day' is not allowed"),
        (('["Day", "Money"]', "[]"), "recognise.headings"),
        (('name = "Mine"', ""), "name = None is not allowed"),
        (("[recognise]", "[recognise"), "cannot be read"),
        (("[recognise]", "[rows]\ntotal = []\n[recognise]"), "unknown key rows.total"),
    ],
)
def test_a_wrong_layout_is_named_with_its_file_and_key(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace(*change), encoding="utf-8")
    with pytest.raises(KitError) as caught:
        read_layout(path)
    assert str(caught.value).startswith("mine.toml") and said in str(caught.value)


def test_a_companys_own_layout_is_one_file_beside_its_exports(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("Day,Money\n2026-10-01,5.5\n")
    assert "Headings found: Day, Money." in read_exports(tmp_path).files[0].reason
    (tmp_path / "layouts").mkdir()
    (tmp_path / "layouts" / "mine.toml").write_text(GOOD)
    exports = read_exports(tmp_path)
    assert [file.reason for file in exports.files] == [""]
    assert exports.tables["ads"]["spend"].tolist() == [5.5] and exports.tables["ads"]["platform"].tolist() == ["mine"]


def test_the_nearest_layout_is_named_with_what_it_misses(tmp_path: Path) -> None:
    path = tmp_path / "google.csv"
    path.write_text("Campaign,Day,Clicks,Impr.,Spent\nBrand,2026-10-01,5,50,1.5\n")
    reason = read_file(path, Company()).reason
    assert "Nearest: Google Ads: campaigns by day; it also needs Cost." in reason
    path.write_text("Timestamp,How are you?\n2026-10-01 10:00:00,Fine\n")
    assert "name its questions in company.toml" in read_file(path, Company()).reason


@pytest.mark.parametrize(
    ("pattern", "heading", "fits"),
    [
        ("Расход, ₽ | Расход, руб. *", "расход, руб. с ндс", True),
        ("Счёт", "счет", True),
        ("Amount spent ({currency})", "amount spent (usd)", True),
        ("Amount spent ({currency})", "amount spent (per day)", False),
        ("CTR (all)", "ctr (all)", True),
        ("Cost", "cost / conv.", False),
    ],
)
def test_headings(pattern: str, heading: str, fits: bool) -> None:
    assert read_heading(pattern).fits(heading) is fits
