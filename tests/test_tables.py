import math
import re
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from markupsafe import Markup

from kpi_helpers import language, tables
from kpi_helpers.catalogue import KPIS
from kpi_helpers.language import LANGUAGES, use_language
from kpi_helpers.palette import STATUSES
from kpi_helpers.tables import Column, Finding

HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)> $x$ & {{ 7*7 }} \u202egnp.exe" + "long" * 60
NOTHING = math.nan
VOID = {"br", "col", "img", "meta"}


@pytest.fixture(params=LANGUAGES, autouse=True)
def lang(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    import gettext

    if not gettext.find("kpi", language.LOCALE_DIR, [request.param]):
        monkeypatch.setattr(language, "_catalogue", lambda _lang: gettext.NullTranslations())
    yield use_language(request.param)
    use_language("en")


class Reader(HTMLParser):
    """Reads HTML as a browser does and notes tags, texts and what is not closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def score(**changes: Any) -> dict[str, Any]:
    history = [100.0 + month for month in range(13)]
    row: dict[str, Any] = {
        "kpi": "leads", "scope": "company", "value": 112.0, "low": NOTHING, "high": NOTHING, "numerator": NOTHING,
        "denominator": NOTHING, "previous": 111.0, "year_ago": 100.0, "change_verdict": "noise",
        "year_verdict": "better", "goal": 110.0, "goal_full": 110.0, "status": "met", "owner": "marketing",
        "history": history,
        "months": list(pd.date_range("2025-10-01", periods=13, freq="MS")), "reason": "",
    }  # fmt: skip
    return {**row, **changes}


def card(*rows: dict[str, Any]) -> str:
    return tables.scorecard_table(pd.DataFrame(list(rows)), "RUB")


def read(html: str) -> Reader:
    return Reader(html)


def files(name: str = "ads.csv", problems: int = 0) -> list[SimpleNamespace]:
    problem = SimpleNamespace(line=17, column=name, value=name, reason=name, remedy=name)
    table = SimpleNamespace(
        layout="ads", name="Advertising", platform="", table="ads", start=date(2026, 10, 1), end=date(2026, 10, 31),
        rows_in=1240, used=1236, totals=1, rejected=3, continued=0, sums={"spend": 486160.0, "clicks": 18400.0},
        currency="RUB", problems=(problem,) * problems,
    )  # fmt: skip
    used = SimpleNamespace(file=name, sha256="ab" * 32, reason="", tables=(table,), left_out=("torn: " + name,))
    return [used, SimpleNamespace(file="notes.docx", sha256="", reason=name, tables=(), left_out=())]


EVERYTHING = {
    "title": lambda text: tables.title_block(text, text),
    "section": lambda text: tables.section(text, text, text),
    "headlines": lambda text: tables.headlines([Finding(text, "missed", text), Finding(text)]),
    "notice": lambda text: tables.notice(text, text),
    "card": lambda text: card(score(scope=text, owner=text, reason=text, value=NOTHING), score(kpi=text)),
    "data": lambda text: tables.data_table(
        [Column(text), Column(text, "money")], [[text, 3.5]], currency="RUB", caption=text, note=text, total=[text, 3]
    ),
    "receipt": lambda text: tables.receipt(
        files(text, 2), lambda _table: [(text, text)], lambda _table: [text], quarantine=text
    ),
    "glossary": lambda text: tables.glossary([text, "cpl", "cac", "nps", "leads"]),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_hostile_text_stays_text(name: str) -> None:
    page = read(EVERYTHING[name](HOSTILE))
    assert page.tags[0] == ("div", {"class": "kpi"})
    assert not {"script", "img", "iframe", "style"} & {tag for tag, _attributes in page.tags}
    assert not [key for _tag, attributes in page.tags for key in attributes if key.startswith("on") or key == "style"]
    assert "\u202e" not in EVERYTHING[name](HOSTILE)
    assert "49" not in page.text


@pytest.mark.parametrize("name", sorted(set(EVERYTHING) - {"glossary"}))
def test_text_is_shown_as_it_is(name: str) -> None:
    assert '<b>5 & "6"</b>' in read(EVERYTHING[name]('<b>5 & "6"</b>')).text


def test_scorecard_shows_value_interval_changes_goal_and_status() -> None:
    page = read(card(score(kpi="qualification_rate", value=0.71, low=0.66, high=0.755, previous=0.72, year_ago=0.65,
                           goal=0.8, goal_full=0.8, status="close", owner="sales")))  # fmt: skip
    percent = re.sub(r"\s", "", page.text.replace(",", "."))
    for shown in ("71.0%", "66.0–75.5%", "−1.0", "+6.0", "80.0%", "◐", "≈", "↑"):
        assert shown in percent


def test_arrows_follow_better_and_worse_not_up_and_down() -> None:
    cheaper = card(score(kpi="cpl", value=900.0, previous=1000.0, change_verdict="better", year_verdict="worse"))
    cells = re.findall(r'<td class="num change (\w+)".*?</td>', cheaper)
    assert cells == ["better", "worse"]
    first = re.search(r'<td class="num change better".*?</td>', cheaper)
    assert first and "↑" in first[0] and "−10" in first[0]


def test_missing_value_says_why_and_has_no_bullet() -> None:
    html = card(score(value=NOTHING, status="no_data", reason="no_export:ads", change_verdict="unknown"))
    page = read(html)
    assert "—" in page.text and "○" in page.text
    assert tables.reason_text("no_export:ads") in page.text
    assert 'class="bullet"' not in html


def test_goal_for_the_days_covered_names_the_goal_of_the_month() -> None:
    text = re.sub(r"[\s,]", "", read(card(score(kpi="revenue", value=3e6, goal=2.9e6, goal_full=5e6))).text)
    assert "2900000" in text and "5000000" in text


def test_long_amounts_are_written_short() -> None:
    assert "4536862123" not in re.sub(r"[\s,]", "", read(card(score(kpi="revenue", value=4536862123.0))).text)


def test_owners_in_their_order_and_each_row_once() -> None:
    last, service = score(kpi="revenue", owner="shared"), score(kpi="nps", owner="service")
    html = card(last, score(kpi="cpl"), service, score(kpi="cac"))
    assert re.findall(r'class="group"><th[^>]*><span class="dot (\w+)"', html) == ["marketing", "service", "shared"]
    assert re.findall(r'href="#kpi-(\w+)"', html) == ["cpl", "cac", "nps", "revenue"]


def test_names_show_the_formula_and_lead_to_the_glossary() -> None:
    html = card(score(kpi="cpl"))
    link = next(attributes for tag, attributes in read(html).tags if tag == "a")
    entries = [attributes.get("id") for tag, attributes in read(tables.glossary(["cpl"])).tags if tag == "dt"]
    assert link["href"] == "#kpi-cpl" and entries == ["kpi-cpl"]
    assert " / " in link["title"]


@pytest.mark.parametrize("key", KPIS)
def test_every_kpi_fits_scorecard_and_glossary(key: str) -> None:
    read(card(score(kpi=key, owner=KPIS[key].owner)))
    assert ("<math" in tables.glossary([key])) == (len(KPIS[key].formula.names) > 1)


@pytest.mark.parametrize("status", STATUSES)
def test_status_is_shape_and_word(status: str) -> None:
    page = read(tables.status_badge(status))
    assert STATUSES[status].shape in page.text
    assert len(page.text) > 2
    assert ("span", {"class": f"status {status}"}) in page.tags


def test_missed_costs_have_another_word() -> None:
    cases = [("higher", "count"), ("lower", "money"), ("lower", "share")]
    assert len({read(tables.status_badge("missed", *case)).text for case in cases}) == 3


def points(svg: str) -> list[list[tuple[float, float]]]:
    lines = re.findall(r'points="([^"]+)"', svg)
    return [[(float(pair.split(",")[0]), float(pair.split(",")[1])) for pair in line.split()] for line in lines]


def test_sparkline_rises_with_its_values_and_breaks_where_they_are_missing() -> None:
    svg = tables.sparkline([1, 2, 3, NOTHING, 5, 6], 4)
    first, second = points(svg)
    assert [y for _x, y in first] == sorted((y for _x, y in first), reverse=True)
    assert len(first) == 3 and len(second) == 2
    goal = float(re.search(r'class="goal"[^>]*y1="([\d.]+)"', svg)[1])  # type: ignore[index]
    assert second[0][1] < goal < first[-1][1]
    assert svg.count('class="last"') == 1


@pytest.mark.parametrize("values", [[], [NOTHING] * 13, [None, None]])
def test_sparkline_of_nothing_is_empty(values: list[Any]) -> None:
    assert tables.sparkline(values) == ""


def test_sparkline_rings_its_signals() -> None:
    svg = tables.sparkline([1, 2, NOTHING, 4], signals=["", "beyond", "beyond", ""])
    assert svg.count('class="signal"') == 1
    assert tables.sparkline([1, 2], signals=["", ""]) == tables.sparkline([1, 2])


@pytest.mark.parametrize("values", [[5.0] * 13, [NOTHING] * 12 + [3.0], [0.0], [-1e9, 1e9]])
def test_sparkline_stays_in_its_box(values: list[float]) -> None:
    numbers = [float(n) for n in re.findall(r'(?:cx|cy|x1|y1)="([\d.-]+)"', tables.sparkline(values, 2))]
    assert numbers and all(0 <= number <= 104 for number in numbers)


def goal_at(svg: str) -> float:
    return float(re.search(r'class="goal" x1="([\d.-]+)"', svg)[1])  # type: ignore[index]


def bar(svg: str) -> tuple[str, float, float]:
    found = re.search(r'class="bar (\w+)" x="([\d.-]+)" y="[\d.]+" width="([\d.]+)"', svg)
    assert found
    return found[1], float(found[2]), float(found[3])


def test_bullet_goal_stands_at_one_place_and_the_bar_is_in_proportion() -> None:
    assert goal_at(tables.bullet(412, 380)) == goal_at(tables.bullet(0.02, 0.9)) == goal_at(tables.bullet(9e9, 1))
    verdict, start, width = bar(tables.bullet(190, 380))
    assert (verdict, start) == ("missed", 0.0)
    assert width == pytest.approx(goal_at(tables.bullet(190, 380)) / 2, abs=0.1)


@pytest.mark.parametrize(
    ("value", "goal", "better", "verdict"),
    [(9, 10, "lower", "met"), (11, 10, "lower", "missed"), (11, 10, "higher", "met"), (5, 10, "neither", "close")],
)
def test_bullet_colour_follows_what_is_better(value: float, goal: float, better: str, verdict: str) -> None:
    assert bar(tables.bullet(value, goal, better))[0] == verdict


@pytest.mark.parametrize(("value", "goal"), [(-0.4, 0.3), (-5, -3), (0, 0), (1e12, 1), (0.2, -0.1)])
def test_bullet_stays_in_its_box(value: float, goal: float) -> None:
    svg = tables.bullet(value, goal, low=value - 1, high=value + 1)
    _verdict, start, width = bar(svg)
    assert start >= 0 and start + width <= 97
    assert 0 <= goal_at(svg) <= 96
    assert ("beyond" in svg) is (value > 2 * abs(goal) + 1)


def test_bullet_without_value_or_goal_is_empty() -> None:
    assert [tables.bullet(NOTHING, 3), tables.bullet(3, None)] == ["", ""]


def test_data_table_has_units_in_headings_and_numbers_at_the_right(lang: str) -> None:
    html = tables.data_table(
        [Column("Channel"), Column("Spend", "money"), Column("Share", "share")],
        [["E-mail", 1234.0, 0.125], ["x", NOTHING, NOTHING]], currency="RUB", total=["Total", 1234.0, 0.125],
    )  # fmt: skip
    heads = re.findall(r"<th[^>]*>([^<]*)</th>", html)
    assert heads[0] == "Channel" and heads[1].startswith("Spend,") and heads[2] == "Share,\u00a0%"
    assert "%" not in html.split("</thead>")[1]
    assert html.count('class="num"') == 2 + 2 * 2 + 2
    assert {"en": "1,234", "ru": "1\u00a0234"}[lang] in html
    assert html.count("—") == 2


def test_data_table_cuts_long_names_and_keeps_them_whole_in_the_hover_text() -> None:
    name = "brand_" + "x" * 80 + "_moscow"
    html = tables.data_table([Column("Campaign")], [[name], [Markup("<b>bold</b>")]])
    cell = next(attributes for tag, attributes in read(html).tags if tag == "td")
    assert cell["title"] == name
    assert re.search(r">brand_x+…x*_moscow<", html)
    assert "<b>bold</b>" in html


def test_data_table_rows_must_have_every_column() -> None:
    with pytest.raises(ValueError):
        tables.data_table([Column("a"), Column("b")], [["only one"]])


def test_receipt_names_files_counts_sums_and_problems() -> None:
    sums = [("ad spend", "486,160"), ("clicks", "18,400")]
    page = read(tables.receipt(files("ads.csv", 25), lambda _: sums, lambda _: ["12 agree"], quarantine="r.csv"))
    text = re.sub(r"\s", "", page.text).replace(",", "")
    counts = ("1240", "1236", "486160", "18400", "25", "17", "12agree")
    for shown in (*counts, "ads.csv", "abababababab", "notes.docx", "r.csv", "torn"):
        assert shown in text
    assert len([tag for tag, _attributes in page.tags if tag == "tr"]) == 2 + 1 + 20
    assert "5" in page.text.rsplit("ads.csv", 1)[1]


def test_sections_carry_the_anchor_of_the_contents() -> None:
    assert ("h2", {"id": "sales", "class": "new-page"}) in read(tables.section("Sales", "sales")).tags
    assert ("h2", {"id": "sales"}) in read(tables.section("Sales", "sales", new_page=False)).tags


def test_style_reaches_nothing_outside_the_fragments() -> None:
    css = re.sub(r"/\*.*?\*/", "", tables.page_style().split(">", 1)[1].rsplit("<", 1)[0], flags=re.S)
    rules = re.findall(r"([^{}]+)\{", css)
    selectors = [part.strip() for rule in rules for part in re.split(r",(?![^(]*\))", rule)]  # not within :is(…, …)
    assert len(selectors) > 80
    assert [part for part in selectors if not part.startswith("@") and ".kpi" not in part and ":not" not in part] == []
    assert "http" not in css and "@import" not in css and "url(" not in css
