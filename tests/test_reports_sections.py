"""The sections: every sample export alone in a folder, an unfinished month, hostile values, both languages."""

import re
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE, Composed, compose, markup, sample, sheets, text, unfinished
from folders import SETTINGS, copy_files, cut_file

from kpi_helpers.catalogue import KPIS, tables_of
from kpi_helpers.coverage import period_covered
from kpi_helpers.errors import KitError
from kpi_helpers.exports import read_exports
from kpi_helpers.history import History
from kpi_helpers.labels import NO_VALUE, channel_name, kpi_name, lower_first, write_date, write_value
from kpi_helpers.language import LANGUAGES, _, use_language
from kpi_helpers.lettering import LONGEST_NAME, cut_middle
from kpi_helpers.monthly import Month
from kpi_helpers.outlook import measure_month
from kpi_helpers.reports import BY_CHANNEL, plan, show_goals
from kpi_helpers.reports.funnel import show_funnel
from kpi_helpers.reports.sections import MOST_ROWS
from kpi_helpers.terms import TABLES

EXPORTS = sorted(
    (company, path.name)
    for company in ("severny_svet", "northlight")
    for path in (SAMPLE / company).glob("*.csv")
    if path.name not in SETTINGS
)
SURVEYS = ("opros_google_forms.csv", "survey_google_forms.csv")  # their questions are named in company.toml
NEEDED = {  # what fills a section: with none of them it must say so
    "funnel": ("leads", "orders", "traffic"), "channels": ("ads",), "traffic": ("traffic",), "customers": ("orders",),
}  # fmt: skip
OWN_NAMES = (  # shown as the exports write them
    ("market", "company"), ("market", "segment"), ("reviews", "source"), ("ads", "campaign"),
)  # fmt: skip
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


# One export alone in a folder


@pytest.mark.parametrize("settings", [True, False], ids=["set up", "bare"])
@pytest.mark.parametrize(("company", "name"), EXPORTS, ids=[name for _company, name in EXPORTS])
def test_one_export_alone_gives_an_honest_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, company: str, name: str, settings: bool
) -> None:
    monkeypatch.setattr("kpi_helpers.reports.section.figure_html", lambda _ax, alt: f'<img alt="{escape(alt)}" src="">')
    folder = copy_files(SAMPLE / company, tmp_path / "one", [name, *(["company.toml"] if settings else [])])
    if name in SURVEYS and not settings:
        with pytest.raises(KitError, match=r"no layout fits. Headings found: (Timestamp|Отметка времени), "):
            period_covered(read_exports(folder))
        return
    _first, last = period_covered(read_exports(folder))
    composed = compose(folder, f"{last:%Y-%m}")
    use_language("ru" if settings is (company == "severny_svet") else "en")  # set up: the company's; bare: the other
    check_honest(composed)


def check_honest(composed: Composed) -> None:
    """Every section is there, says what it lacks, and shows no number that is not known."""
    sections, tables = composed.show(), composed.month.tables
    said = {anchor: text(section) for anchor, section in sections.items()}
    for anchor, words in said.items():
        assert not re.search(r"\b(nan|inf|None|NaT)\b", words), (anchor, words)
    for anchor, needed in NEEDED.items():
        if not set(needed) & set(tables):
            assert _(TABLES[needed[-1]].source) in said[anchor], anchor
            assert sheets(sections[anchor])["sheets"] == []
    for row in composed.card[composed.card["value"].isna()].to_dict("records"):
        for table in tables_of(row["kpi"]):
            if table not in tables and TABLES[table].source:
                assert lower_first(kpi_name(row["kpi"])) in said["missing"]
                assert _(TABLES[table].source) in said["missing"]
    assert composed.card["value"].notna().any() == ('class="scorecard"' in markup(sections["scorecard"]))
    assert said["summary"].count(":") or _("No KPI has a value for this month.") in said["summary"]


def test_a_value_that_is_missing_is_never_written_as_zero(tmp_path: Path) -> None:
    composed = compose(copy_files(SAMPLE / "severny_svet", tmp_path / "x", ["vk_ads.csv"]))
    for anchor, section in composed.show().items():
        if anchor not in ("receipt", "glossary", "title"):
            cells = re.findall(r"<td[^>]*>([^<]*)</td>", markup(section))
            assert not [cell for cell in cells if re.fullmatch(r"[^\d]*0([.,]0+)?[^\d]*", cell)], (anchor, cells)


def test_one_ads_export_shows_what_it_holds(tmp_path: Path) -> None:
    said = {anchor: text(section) for anchor, section in compose(
        copy_files(SAMPLE / "severny_svet", tmp_path / "x", ["direct_kampanii.csv"])).show().items()}  # fmt: skip
    assert re.search(r"Ad spend: \S+, .* Clicks: [\d,]+, .* CPC: ", said["summary"])
    assert "Yandex Direct 167,312 215,062 10,380" in said["channels"]
    assert "Revenue and ROMI — no export: orders. Add the list of orders" in said["channels"]
    assert "Revenue is not profit" not in said["channels"]


# The whole sample


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("company", ["severny_svet", "northlight"])
def test_the_sample_is_shown_whole_in_one_language(company: str, lang: str) -> None:
    use_language(lang)
    sections = sample(company).show()
    for anchor, section in sections.items():
        words = text(section)
        assert not re.search(r"\b(nan|inf|None|NaT)\b", words), anchor
        if lang == "en" and anchor != "receipt":
            for name in names_in(sample(company).month):
                words = words.replace(name, "")
            assert not CYRILLIC.search(words), (anchor, words)
        if lang == "ru":
            assert CYRILLIC.search(section.title)
            title = re.search(r"<h2[^>]*>(.*?)</h2>", markup(section))
            assert anchor == "title" or (title and CYRILLIC.search(title.group(1)))


def names_in(month: Month) -> list[str]:
    """What stands in the exports in the company's own language, the longest first."""
    tables = month.tables
    columns = [tables[table][column] for table, column in OWN_NAMES if table in tables]
    found = {str(name) for column in columns for name in column.dropna().unique()}
    found |= {cut_middle(name, LONGEST_NAME) for name in found}
    return sorted({month.client, *found}, key=len, reverse=True)


def test_titles() -> None:
    assert text(sample("northlight").section("title")) == "Northlight: October 2026 1–31 October 2026, complete"
    use_language("ru")
    title = text(sample("severny_svet").section("title"))
    assert title == "Северный свет. Октябрь 2026 1–31 октября 2026 г., месяц полный"


def test_data_that_begin_within_the_month_are_not_called_complete() -> None:
    month = sample("northlight").month
    starts = [
        replace(file, tables=tuple(replace(table, start=date(2026, 10, 10)) for table in file.tables))
        for file in month.exports.files
    ]
    title = replace(month, exports=replace(month.exports, files=tuple(starts)))
    assert "the data begin on 10 October 2026" in text(replace(sample("northlight"), month=title).section("title"))


def test_the_scorecard_fits_the_page_and_the_sheet_has_every_row() -> None:
    composed = sample("severny_svet")
    section = composed.section("scorecard")
    assert markup(section).count('<th scope="row"') == MOST_ROWS
    rows = sheets(section)["sheets"][0]["rows"]
    assert len(rows) == len(composed.card) + len(composed.channels)
    revenue = next(row for row in rows if row[:2] == [kpi_name("revenue"), "company"])
    assert revenue[3] == composed.value("revenue")


def test_tables_of_kpis_are_numbers_in_the_sheet() -> None:
    composed = sample("severny_svet")
    for anchor in ("goals", "customers", "service", "brand", "team"):
        sheet = sheets(composed.section(anchor))["sheets"][0]
        assert all(isinstance(row[3], float) for row in sheet["rows"])
        assert len(sheet["styles"]) == len(sheet["rows"])


def test_return_is_never_shown_without_the_margin() -> None:
    composed = sample("northlight")
    words = text(composed.section("returns"))
    assert "ROMI" in words and "Margin" in words
    tables = composed.month.tables
    orders = tables["orders"].assign(margin=np.nan)
    month = replace(composed.month, tables={**tables, "orders": orders})
    without = text(replace(composed, month=month).section("returns"))
    assert "ROI on revenue, %" in without and "ROMI, %" not in without


def test_the_channels_add_up_to_the_company() -> None:
    composed = sample("severny_svet")
    for kpi in ("spend", "leads", "orders", "revenue"):
        parts = composed.channels.loc[composed.channels["kpi"] == kpi, "value"].sum()
        assert parts == pytest.approx(composed.value(kpi))


def test_days_without_tracking_are_said() -> None:
    month = sample("northlight").month
    traffic = month.tables["traffic"]
    days = pd.to_datetime(["2026-10-06", "2026-10-07"])
    tables = {**month.tables, "traffic": traffic[~traffic["date"].isin(days)]}
    said = text(replace(sample("northlight"), month=replace(month, tables=tables)).section("traffic"))
    assert "Nothing was tracked on 6 October 2026 and 7 October 2026." in said


def test_the_funnel_of_a_shop_goes_from_visits_to_orders() -> None:
    month = sample("northlight").month
    shop = replace(month, tables={key: month.tables[key] for key in ("traffic", "orders")})
    steps = [row[0] for row in sheets(show_funnel(shop, sample("northlight").card))["sheets"][0]["rows"]]
    assert steps == ["Visits", "Orders"]


# An unfinished month, a late export


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unfinished_month_says_so_everywhere(lang: str) -> None:
    use_language(lang)
    composed = unfinished("northlight")
    sections = {anchor: composed.section(anchor) for anchor in ("title", "summary", "scorecard", "goals", "missing")}
    said = {anchor: text(section) for anchor, section in sections.items()}
    first = {
        "en": "1–18 October 2026, unfinished: compared with the first 18 days of other months",
        "ru": "1–18 октября 2026 г., месяц не закончен, сравнение — за 18 дней с начала каждого месяца",
    }
    assert first[lang] in said["title"]
    assert {"en": "the same days of last", "ru": "тем же дням прошлого"}[lang] in said["summary"]
    assert {"en": "the plan to date", "ru": "плана на дату"}[lang] in said["summary"] + said["goals"]
    assert " ".join(write_date(date(2026, 10, 18)).split()) in said["missing"]
    card = markup(sections["scorecard"])
    assert card.count('class="last hollow"') == card.count('class="last')
    note = {"en": "So far: the first 18 of 31 days", "ru": "прошло дней: 18, в месяце 31 день"}
    assert note[lang] in said["goals"]
    assert markup(sections["goals"]).count("<img ") == 4  # two of the month, two of the year


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("kpi", "table", "column"), [("orders", "orders", "ordered_at"), ("leads", "leads", "created_at")]
)
def test_goals_under_way_say_what_each_day_left_must_bring(lang: str, kpi: str, table: str, column: str) -> None:
    use_language(lang)
    days = sample("northlight").month.tables[table][column].dt.tz_localize(None)
    done = days.between("2026-10-01", "2026-10-18 23:59:59").sum()
    goal = sample("northlight").value(kpi, "goal")
    needed = write_value(float(f"{(goal - done) / 13:.3g}"), "count")
    said = text(unfinished("northlight").section("goals"))
    numbers = " ".join(write_value(number, "count") for number in (done, goal))
    row = re.search(rf"{kpi_name(kpi)} {numbers} (.*?) ({re.escape(needed)}) ", said)
    assert row, said
    found = re.search(r"([<>] )?(\d+) ?%", row.group(1))
    pace = measure_month(History(unfinished("northlight").month.exports), kpi, "company", goal)
    assert found and pace and abs(int(found.group(2)) / 100 - pace.chance) <= 0.0101


def test_the_points_of_a_whole_month_are_not_hollow() -> None:
    assert "hollow" not in markup(sample("northlight").section("scorecard"))


def test_a_late_export_is_missing_and_its_line_ends_where_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [path.name for path in (SAMPLE / "northlight").glob("*") if path.name != "hubspot_deals.csv"]
    folder = copy_files(SAMPLE / "northlight", tmp_path / "late", names)
    cut_file(SAMPLE / "northlight" / "hubspot_deals.csv", folder / "hubspot_deals.csv", date(2026, 10, 12))
    composed = compose(folder)
    assert composed.month.first_days is None
    missing = text(composed.section("missing"))
    assert "hubspot_deals.csv ends on 12 October 2026. Its KPIs lack the days after; export it again." in missing
    drawn: dict[str, list[float]] = {}

    def draw(_days: object, actual: list[float], *_plan: object, finding: str, **_look: object) -> None:
        drawn[finding] = actual

    monkeypatch.setattr("kpi_helpers.reports.plan.plot_pace", draw)
    monkeypatch.setattr("kpi_helpers.reports.section.Section.chart", lambda section, _ax, _alt: section)
    show_goals(composed.month, composed.card, composed.channels, composed.goals)
    leads = next(actual for finding, actual in drawn.items() if finding.startswith("Leads"))
    assert [day for day, value in enumerate(leads, 1) if value == value] == list(range(1, 13))
    assert any(finding.endswith("(12 October 2026)") for finding in drawn)


# Hostile values


def test_values_from_files_stay_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    folder = tmp_path / "<b>x"
    folder.mkdir()
    (folder / "company.toml").write_text(f'name = "{evil}"\ncurrency = "USD"\n')
    (folder / "channels.csv").write_text(f'source,medium,campaign,channel\nevil,*,*,"{evil}"\n')
    rows = [f"1{day:02},2026-10-{day:02},7,evil,{day}.5" for day in range(1, 32)]
    (folder / "orders & <i>.csv").write_text("\n".join(["Order ID,Order date,Customer ID,Source,Amount", *rows]))
    (folder / "page <u>.csv").write_text(f"<html><body>{evil} anna@example.com +7 900 123-45-67</body></html>")
    composed = compose(folder)
    page = "".join(markup(section) for section in composed.show().values())
    assert "<script" not in page and "<b>x" not in page and "<i>" not in page and "<u>" not in page
    assert channel_name(evil) in set(composed.channels["scope"])
    assert "anna@example.com" not in page and "123-45-67" not in page


def test_addresses_in_rejected_values_are_not_shown(tmp_path: Path) -> None:
    folder = copy_files(SAMPLE / "northlight", tmp_path / "x", ["costs.csv"])
    with (folder / "costs.csv").open("a", encoding="utf-8") as file:
        file.write("2026-10,Content,,anna@example.com\n2026-10,Content,,+7 (900) 123-45-67\n")
    page = "".join(markup(section) for section in compose(folder).show().values())
    assert "2 rejected values" in page
    assert "anna@example.com" not in page and "123-45-67" not in page


def test_every_kpi_by_channel_is_in_the_catalogue() -> None:
    assert set(BY_CHANNEL) <= set(KPIS)


@pytest.mark.parametrize(
    ("kpi", "needed", "said"),
    [("qualification_rate", 1.2, "out of reach"), ("qualification_rate", -0.1, "sure already"),
     ("missed_calls", 1.2, "sure already"), ("missed_calls", -0.1, "out of reach"), ("cpl", -50.0, "out of reach"),
     ("romi", -0.5, write_value(-0.5, "share")), ("cpl", float("nan"), NO_VALUE)],
)  # fmt: skip
def test_what_no_day_can_bring_is_out_of_reach_or_sure_already(kpi: str, needed: float, said: str) -> None:
    assert plan._needed(needed, KPIS[kpi], "RUB") == said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_goals_are_counted_with_those_that_the_scorecard_has_no_room_for(lang: str) -> None:
    use_language(lang)
    composed = sample("severny_svet")
    statuses = pd.concat([composed.card, composed.channels])["status"]
    met, held = (statuses == "met").sum(), (statuses != "no_goal").sum()
    assert held > MOST_ROWS  # else there is nothing to say
    lead = composed.section("summary").lead
    assert re.findall(r"\d+", lead) == [str(met), str(held), str(MOST_ROWS)]
    card = composed.card[composed.card["status"] != "no_goal"].head(MOST_ROWS)
    few = replace(composed, channels=composed.channels.iloc[:0], card=card)
    assert len(re.findall(r"\d+", few.section("summary").lead)) == 2


def test_a_market_known_by_quarter_is_not_called_unknown() -> None:
    words = text(sample("severny_svet").section("brand"))
    assert "The market share is known by quarter: “The market, Q3 2026”, below." in words
    assert "Market share — no rows in this period" not in words


def test_the_target_audience_stands_below_its_question() -> None:
    page = markup(sample("severny_svet").section("brand"))
    assert '<td><span class="below">Target audience</span></td>' in page


def test_the_names_of_files_break_between_words() -> None:
    assert "metrika_<wbr>roboty-<wbr>20260601-<wbr>20261031.csv" in markup(sample("severny_svet").section("receipt"))
