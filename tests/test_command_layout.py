"""`kpi layout`: the draft is valid, explains itself, and reads the file at once."""

import re
import tomllib
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import list_layouts, read_file
from kpi_helpers.exports.dialect import read_sheets
from kpi_helpers.exports.drafting import draft_layout
from kpi_helpers.exports.layout_file import read_layout
from tests.commands import Kpi

BANNERS = """Отчёт по баннерам
Дата;Баннерная кампания;Показы баннера;Клики по баннеру;Потрачено денег, ₽;Температура
01.10.2026;Весна;1 000;10;1 500,50;5
02.10.2026;"Лето ""2"" | зима";2 000;20;2 500,00;6
Итого;;3 000;30;4 000,50;
"""
SHOP = """Покупка;Когда куплено;Телефон покупателя;Оплачено, ₽
К-001;2026-10-01 10:00;+7 900 000-00-01;1500,50
К-002;2026-10-02 11:00;+7 900 000-00-02;99
"""


def write(folder: Path, text: str, name: str = "banners.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_the_draft_reads_the_file_at_once(kpi: Kpi, tmp_path: Path) -> None:
    path = write(tmp_path, BANNERS)
    assert "no layout fits" in read_file(path, Company()).reason
    code, out, _err = kpi("layout", path)
    assert code == 0 and tomllib.loads(out)["ads"]["spend"] == "Потрачено денег, ₽"
    (tmp_path / "layouts").mkdir()
    write(tmp_path / "layouts", out, "banners.toml")
    [table] = read_file(path, Company()).tables
    assert (table.layout, table.table, table.rows_in, table.used, table.totals) == ("banners", "ads", 3, 2, 1)
    assert table.sums == {"impressions": 3000, "clicks": 30, "spend": 4000.5} and table.currency == "RUB"
    assert table.frame["campaign"].tolist() == ["Весна", 'Лето "2" | зима']


def test_it_says_what_is_guessed_missing_and_left_over(kpi: Kpi, tmp_path: Path) -> None:
    out = kpi("layout", write(tmp_path, BANNERS))[1]
    assert '# platform_revenue = "…"' in out and "#   Температура" in out
    out = kpi("layout", write(tmp_path, SHOP), "--table", "orders")[1]
    assert 'customer_id = "Телефон покупателя"' in out
    assert 'ordered_at = "Когда куплено"   # guessed by its values' in out
    assert 'revenue = "Оплачено, ₽"   # guessed by its values' in out


def test_nothing_of_a_persons_data_is_in_the_draft(kpi: Kpi, tmp_path: Path) -> None:
    text = SHOP.replace("Когда куплено", "Когда куплено +79000000003 anna@example.com")
    for table in ("orders", "leads"):
        code, out, err = kpi("layout", write(tmp_path, text), "--table", table)
        assert code == 0 and not re.search(r"@|900", out + err)
    without_headings = SHOP.partition("\n")[2]
    code, out, err = kpi("layout", write(tmp_path, without_headings))
    assert (code, out) == (1, "") and "no row of it looks like headings." in err and "900" not in err


def test_a_file_that_a_layout_fits_needs_no_draft(kpi: Kpi, tmp_path: Path) -> None:
    path = write(tmp_path, "Дата;Кампания;Показы;Расход\n01.10.2026;Весна;5;1,5\n")
    code, out, err = kpi("layout", path)
    assert (code, out) == (1, "") and "banners.csv: the layout ads_table fits it already." in err
    code, out, _err = kpi("layout", path, "--table", "ads")
    assert code == 0 and tomllib.loads(out)["ads"] == {
        "date": "Дата", "campaign": "Кампания", "channel": {"campaign": "Кампания"}, "impressions": "Показы",
        "spend": "Расход",
    }  # fmt: skip


def test_the_file_that_the_shell_opened_for_the_draft_is_no_layout_yet(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "layouts").mkdir()
    write(tmp_path / "layouts", "", "banners.toml")
    assert kpi("layout", write(tmp_path, BANNERS))[0] == 0


def test_the_draft_goes_into_a_new_file_and_never_over_an_old_one(kpi: Kpi, tmp_path: Path) -> None:
    path, target = write(tmp_path, BANNERS), tmp_path / "layouts" / "banners.toml"
    code, out, err = kpi("layout", path, "--out", target)
    assert code == 0 and out.strip() == str(target) and "kpi read" in err
    assert read_file(path, Company()).tables[0].used == 2
    before = target.read_bytes()
    code, out, err = kpi("layout", path, "--out", target, "--table", "ads")
    assert (code, out, target.read_bytes()) == (1, "", before) and "exists" in err


@pytest.mark.parametrize(
    ("text", "arguments", "said"),
    [
        (BANNERS, ("--table", "adds"), "there is no table adds. Did you mean ads"),
        ("1;2;3\n4;5;6\n", (), "no row of it looks like headings."),
        ("Цвет;Форма\nкрасный;круг\n", (), "no column of it could be recognised."),
        ("", (), "the file is empty."),
        ("<html><body>Log in</body></html>", (), "this is a web page"),
    ],
)
def test_what_cannot_be_drafted_is_said_in_one_line(
    kpi: Kpi, tmp_path: Path, text: str, arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = kpi("layout", write(tmp_path, text), *arguments)
    assert (code, out) == (1, "") and f"banners.csv: {said}" in err and err.count("\n") == 1


def test_a_file_in_an_archive(kpi: Kpi, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "banners.zip", "w") as archive:
        archive.writestr("Баннеры.csv", BANNERS)
    code, out, _err = kpi("layout", tmp_path / "banners.zip")
    assert code == 0 and tomllib.loads(out)["ads"]["clicks"] == "Клики по баннеру"


def test_a_missing_file_is_named(kpi: Kpi, tmp_path: Path) -> None:
    assert kpi("layout", tmp_path / "none.csv")[::2] == (1, "kpi: none.csv: there is no such file.\n")


def test_without_a_date_the_period_of_the_name_counts(kpi: Kpi, tmp_path: Path) -> None:
    text = "Баннерная кампания;Показы баннера;Потрачено денег\nВесна;1000;1500,50\nЛето;2000;2500\n"
    path = write(tmp_path, text, "banners_2026-10-01_2026-10-31.csv")
    assert kpi("layout", path, "--out", tmp_path / "layouts" / "banners.toml")[0] == 0
    [table] = read_file(path, Company()).tables
    assert (table.used, table.sums["spend"], str(table.start), str(table.end)) == (
        2, 4000.5, "2026-10-01", "2026-10-31",
    )  # fmt: skip


def test_a_month_of_people_ends_with_its_last_day(kpi: Kpi, tmp_path: Path) -> None:
    path = write(tmp_path, "Месяц отчёта;Уникальные посетители сайта\nоктябрь 2026;900\n")
    assert kpi("layout", path, "--out", tmp_path / "layouts" / "people.toml")[0] == 0
    [table] = read_file(path, Company()).tables
    assert (table.table, table.frame["visitors"].tolist()) == ("audience", [900])
    assert f"{table.frame['end'][0]:%d.%m.%Y}" == "31.10.2026"


def test_dates_that_may_be_read_two_ways_are_asked_about(kpi: Kpi, tmp_path: Path) -> None:
    path = write(tmp_path, "When,Banner campaign,Banner clicks\n03/04/2026,Spring,10\n05/04/2026,Summer,20\n")
    out = kpi("layout", path)[1]
    [hint] = re.findall(r'^# (date = .*order = "day first" \})$', out, re.MULTILINE)
    (tmp_path / "layouts").mkdir()
    write(tmp_path / "layouts", re.sub(r"^date = .*$", hint, out, flags=re.MULTILINE), "banners.toml")
    assert read_file(path, Company()).tables[0].frame["date"].dt.month.tolist() == [4, 4]


HOSTILE = [
    'Дата "x"',
    "Показы\\",
    "Клики | да",
    "Расход {currency}",
    "a\tb\x07\u202e",
    "'''",
    "# [ads]",
    '"""',
    "x\nклики",
]


@settings(max_examples=60)
@given(headings=st.lists(st.sampled_from(HOSTILE) | st.text(min_size=1, max_size=12), min_size=2, max_size=6),
       table=st.sampled_from(["ads", "leads", "orders", "social", ""]))  # fmt: skip
def test_any_headings_give_a_layout_that_is_sound(
    headings: list[str], table: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    row = ";".join('"' + heading.replace('"', '""') + '"' for heading in headings)
    cells = ";".join(["01.10.2026", "5", "7,50", "слово", "+7 900 000-00-01", ""][: len(headings)])
    try:
        [sheet] = read_sheets(f"{row}\n{cells}\n".encode("utf-8", errors="replace"))
        text = draft_layout(sheet, list_layouts(), name="\n\x1b[31m", table=table)
    except KitError:
        return
    path = tmp_path_factory.mktemp("draft") / "draft.toml"
    path.write_text(text, encoding="utf-8")
    assert set(tomllib.loads(text)) >= {"name", "platform", "get", "recognise"}
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    if tomllib.loads(text)["recognise"]["headings"]:
        assert read_layout(path).key == "draft"


def test_the_column_of_currencies_is_not_said_to_be_left_over(kpi: Kpi, tmp_path: Path) -> None:
    path = write(tmp_path, "Day,Campaign,Currency code,Clicks,Cost this month\n2026-10-01,A,GBP,5,2.50\n")
    draft = kpi("layout", path).out
    assert tomllib.loads(draft)["currency"] == "Currency code" and draft.count("Currency code") == 1
