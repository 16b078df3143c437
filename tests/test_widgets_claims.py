"""The view that judges a claim, driven without a browser."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from composed import SAMPLE

from kpi_helpers import judge_claim, read_exports
from kpi_helpers.beliefs.evidence import Change, weigh
from kpi_helpers.beliefs.scenario import imagine, last_year
from kpi_helpers.exports import Exports
from kpi_helpers.history import History
from kpi_helpers.labels import write_money
from kpi_helpers.language import use_language
from kpi_helpers.widgets.view import STILL_TYPE
from tests.folders import copy_files
from tests.test_widgets import HOSTILE, WIDGET_TYPE


@cache
def exports_of(company: str) -> Exports:
    return read_exports(SAMPLE / company)


def test_the_example_is_taken_apart_beside_the_companys_months() -> None:
    view = judge_claim(exports_of("northlight"))
    assert [row.kpi.value for row in view.rows] == ["revenue", "spend", "csat"]
    history = History(exports_of("northlight"))
    found = weigh(history, Change("revenue", "relative", 0.15))
    for words in (write_money(found.now, "USD"), write_money(found.would, "USD"), f"{found.larger} of {found.steps}"):
        assert words in view.words.value and words in view.still()
    assert "which cannot be" in view.words.value  # satisfaction of 81 % and a quarter more
    assert "a scenario, not evidence" in view.still() and "Who paid for it" in view.still()


def test_the_scenario_is_that_of_the_parts_that_can_be() -> None:
    view = judge_claim(exports_of("northlight"))
    sums, _months = last_year(History(exports_of("northlight")))
    changes = [Change("revenue", "relative", 0.15), Change("spend", "relative", -0.2)]
    rows, _unused = imagine(sums, changes)
    assert all(write_money(rows.loc["left", side], "USD") in view.words.value for side in ("before", "after"))


def test_a_slider_changes_the_numbers_and_nothing_else_is_read_anew() -> None:
    view = judge_claim(exports_of("northlight"))
    before, row = view.words.value, view.rows[0]
    row.size.value = 5
    assert view.rows[0] is row and view.words.value != before and "Revenue +5%" in view.words.value
    row.size.value = 0
    assert "Revenue" not in re.findall(r"<h4>(.*?)</h4>", view.words.value)[0]


def test_who_says_satisfaction_chooses_what_is_meant() -> None:
    view = judge_claim(exports_of("northlight"))
    assert "It may also be about: NPS" in view.words.value
    row = view.rows[2]
    assert [kind for _words, kind in row.kind.options] == ["relative", "points"]
    assert "Meant as +25 pp it would be 106%" in view.words.value
    row.kpi.value = "nps"
    assert "NPS +25%" in view.words.value and "It may also be about: CSAT" in view.words.value
    row.kind.value = "points"
    assert "NPS +25 points" in view.words.value


def test_a_cost_beside_the_ad_spend_is_said_not_to_count() -> None:
    view = judge_claim(exports_of("northlight"))
    view.claim.value = "ad spend -10 %, CPL -20 %, satisfaction +5 %"
    words = view.words.value
    assert "Not counted beside “ad spend”, which says the same money: cost per lead (CPL)." in words
    assert "Without a price of its own, and so not in this table: CSAT." in words
    assert "All parts together would have brought, November 2025 – October 2026" in words


def test_a_claim_that_words_turn_round_has_no_price() -> None:
    view = judge_claim(exports_of("northlight"))
    view.claim.value = "sales costs -10 %"
    assert "“sales costs -10 %” was not read: “sales” may turn it into something else." in view.words.value
    assert "If all of it held here" not in view.words.value and not view.rows


def test_known_kpis_are_offered_first(tmp_path: Path) -> None:
    ads = copy_files(SAMPLE / "northlight", tmp_path, ["google_ads_campaigns.csv", "company.toml"])
    view = judge_claim(read_exports(ads))
    view.claim.value = "return +5 %"
    assert not view.rows
    view.claim.value = "ad cost -20 %; sales +5 %"
    assert [row.kpi.value for row in view.rows] == ["spend", "revenue"]
    assert "do not say what it is now" in view.words.value


def test_what_is_not_read_is_said_beside_what_is() -> None:
    view = judge_claim(exports_of("northlight"))
    view.claim.value = "leads +5 %, mood +5 %"
    assert len(view.rows) == 1 and "“mood +5 %” was not read: no KPI" in view.words.value
    view.claim.value = ""
    assert not view.rows and "there is no claim yet" in view.words.value and "Who paid for it" in view.words.value
    view.claim.value = "leads +5 %"
    assert len(view.rows) == 1


@pytest.mark.parametrize("claim", [f"{HOSTILE} leads +5 %", f"leads {HOSTILE}", HOSTILE * 20])
def test_a_claim_is_escaped(claim: str) -> None:
    view = judge_claim(exports_of("northlight"))
    view.claim.value = claim
    assert HOSTILE not in view.words.value + view.still()
    assert view.claim.value == claim


def test_without_dated_rows_the_view_says_so(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("a,b\n1,2\n", "utf-8")
    view = judge_claim(read_exports(tmp_path, currency="USD"))
    assert "Add exports" in view.still() and WIDGET_TYPE in view._repr_mimebundle_()


def test_goals_that_cannot_be_read_are_named_and_the_rest_stays(tmp_path: Path) -> None:
    names = ["shopify_orders.csv", "company.toml", "goals.csv"]
    names = [name for name in names if (SAMPLE / "northlight" / name).exists()]
    folder = copy_files(SAMPLE / "northlight", tmp_path, names)
    (folder / "goals.csv").write_text("kpi,target\nnonsense,5\n", "utf-8")
    view = judge_claim(read_exports(folder))
    assert "nonsense" in view.words.value and "Ask whoever says so" in view.words.value


def test_answers_come_in_russian() -> None:
    use_language("ru")
    view: Any = judge_claim(exports_of("severny_svet"))
    assert len(view.rows) == 3
    use_language("en")
    view.rows[0].size.value = 7
    assert "октябрь 2026" in view.words.value and "+7" in view.words.value
    bundle = view._repr_mimebundle_()
    assert not re.search(r"Would you notice|Ask whoever|To believe", bundle[STILL_TYPE])
