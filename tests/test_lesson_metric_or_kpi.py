"""The lesson on metrics and KPIs: its trees held against the raw files, its units against their definition."""

import math
from functools import cache
from pathlib import Path

import oracle
import pandas as pd
import pytest
from printed import value_of

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.formula import check_unit
from kpi_helpers.lessons.chapters.metric_or_kpi import (
    LEAVE,
    MOVED,
    ask_owner,
    ask_prediction,
    compose,
    explain,
    shop_of,
)
from kpi_helpers.lessons.chapters.metric_or_kpi_team import (
    ARTICLES,
    UNITS,
    Article,
    Team,
    ask_calls_of,
    ask_units,
    missing_factor,
    team_tree,
)
from kpi_helpers.lessons.chapters.metric_or_kpi_way import Way, ask_leads, list_ways, work_out
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.script import Script

COMPANIES = ("northlight", "severny_svet")
every_company = pytest.mark.parametrize("company", COMPANIES)
TEAM = Team(managers=5, calls=30, conversion=0.04, aov=1000.0, month="October 2026", currency="USD")
OCTOBER, SEPTEMBER = pd.Timestamp("2026-10-01"), pd.Timestamp("2026-09-01")


@cache
def figures(company: str) -> Figures:
    return figures_of(Path("data/sample") / company)


@cache
def script(company: str) -> Script:
    return compose(figures(company), Lot("Anna", "metric_or_kpi"))


# Backward


@every_company
def test_the_way_back_is_that_of_the_raw_files(company: str) -> None:
    for way in list_ways(figures(company))[::20]:
        truth = {key: one.value for key, one in oracle.company_kpis(company, f"{way.month:%Y-%m}").items()}
        leads = way.wanted * truth["leads"] / truth["qualified_leads"]
        assert way.steps["leads"] == pytest.approx(leads)
        assert way.steps["visits"] == pytest.approx(leads * truth["visits"] / truth["leads"])
        assert way.steps["spend"] == pytest.approx(leads * truth["spend"] / truth["leads"])
        assert ask_leads(way).answer == math.ceil(leads - 1e-6)


@every_company
def test_months_whose_leads_wait_for_a_verdict_are_left_out(company: str) -> None:
    assert OCTOBER not in {way.month for way in list_ways(figures(company))}
    assert shop_of(figures(company)).month == SEPTEMBER


@every_company
def test_the_quotient_and_the_whole_leads_are_both_right(company: str) -> None:
    for way in list_ways(figures(company)):
        question = ask_leads(way)
        assert "rounded up" in question.text
        for said in (way.steps["leads"], way.leads, round(way.steps["leads"]), way.wanted / round(way.rate, 3),
                     value_of(question.solution)):  # fmt: skip
            assert question.check(f"{said:.2f}").right, (said, question.answer)


@every_company
def test_the_example_can_be_reckoned_from_what_it_shows(company: str) -> None:
    for way in list_ways(figures(company)):
        wanted, leads, visits, spend = work_out(way)
        assert math.ceil(value_of(leads.how) - 0.1) == int(leads.result.replace(",", "")) == way.leads
        for step in (visits, spend):
            how = step.how.replace(" leads", "").replace(" visits for each", "")
            assert value_of(step.result.strip("≈\u00a0")) == pytest.approx(value_of(how), rel=0.006)


def test_160_qualified_leads_at_the_norm_take_200() -> None:
    """160 / 80 %: 200 leads; forward 128, the lost fifth added 192, and 160 if all qualified."""
    question = ask_leads(Way(OCTOBER, 160, 128, 0.8, 0.01, 500, "RUB"))
    said = {"200": "", "128": "multiplied_by_rate", "192": "lost_share_added", "160": "rate_forgotten", "150": ""}
    assert {text: question.check(text).slip for text in said} == said
    assert question.check("200").right and not question.check("150").right


def test_the_example_goes_on_from_whole_leads() -> None:
    """27 / 54 %: 50 leads; at 200 visits and 60 for each 10,000 visits and 3,000."""
    results = [step.result for step in work_out(Way(OCTOBER, 27, 20, 0.54, 0.005, 60.0, "USD"))]
    assert results == ["27", "50", "≈\u00a010,000", "≈\u00a0$3,000"], "the sign is not left alone"


# The tree


@every_company
def test_revenue_follows_its_factors(company: str) -> None:
    shop, truth = shop_of(figures(company)), oracle.company_kpis(company, f"{SEPTEMBER:%Y-%m}")
    assert shop.month == SEPTEMBER
    table = shop.moved({"visits": 0.1, "orders_per_visit": -0.2, "aov": 0.3})
    assert table["before"]["revenue"] == pytest.approx(truth["revenue"].value)
    assert table["after"]["revenue"] == pytest.approx(truth["revenue"].value * 1.1 * 0.8 * 1.3)
    brings = shop.levers["brings"].astype(float)
    assert all(bring == pytest.approx(0.1 * truth["revenue"].value) for bring in brings)


@every_company
def test_the_experiment_at_its_ends(company: str) -> None:
    experiment = script(company).explore
    keys = [control.key for control in experiment.controls]
    assert keys == ["visits", "orders_per_visit", "aov"] and "revenue" not in keys
    for share, change in ((-0.3, 0.7**3 - 1), (0.0, 0.0), (0.5, 1.5**3 - 1)):
        shown = experiment.show(dict.fromkeys(keys, share))
        assert shown.ax is not None and "Average order value" in shown.table
        written = f"{'+' if change > 0 else '−'}{abs(change):.0%}" if change else "Nothing is moved"
        assert written in shown.words


@every_company
def test_the_factors_multiply(company: str) -> None:
    told = " ".join(map(str, script(company).explain("revenue")))
    assert "33.1% higher, not 30%" in told and "within a day" in told


# Units


@pytest.mark.parametrize(("article", "gives"), [(one, one.last.split("/")[0] + "/" + one.wanted.split("/")[1])
                                                for one in ARTICLES])  # fmt: skip
def test_the_printed_formula_gives_orders_and_lacks_the_average_order(article: Article, gives: str) -> None:
    assert missing_factor(article) == (gives, "money/order") and KPIS["aov"].unit == "money/order"
    with pytest.raises(KitError) as caught:
        check_unit(article.formula, article.wanted, {**team_tree().units, **UNITS})
    assert "money/order is missing" in str(caught.value)
    question = ask_units(article)
    assert len(question.options) == 4 and question.options[0].words.startswith("Orders a")
    assert question.check("right").right and question.check("money").slip == "orders_as_revenue"


def test_calls_of_a_team() -> None:
    """5 managers x 30 calls x 4 % x 1,000: 6,000 a day."""
    assert TEAM.target == 6000 and TEAM.calls_needed == pytest.approx(30)
    question = ask_calls_of(TEAM)
    said = {"30": "", "150": "team_for_one", "30000": "average_order_forgotten", "1.2": "conversion_forgotten"}
    assert {text: question.check(text).slip for text in said} == said and question.check("30").right


# Owners


@every_company
@pytest.mark.parametrize("moved", MOVED)
def test_the_number_that_can_be_moved_has_an_owner_and_its_own_answer(company: str, moved: str) -> None:
    shop = shop_of(figures(company))
    assert KPIS[moved].owner == MOVED[moved] and KPIS[moved].kind == "KPI"
    assert ask_prediction(figures(company), shop, moved).check(moved).right
    told = str(explain(shop, moved, moved)[0])
    assert "that is right" in told and MOVED[moved] in told
    assert "in this course" in str(explain(shop, moved, "orders")[1])


@every_company
def test_learners_predict_and_check_other_things(company: str) -> None:
    found = [compose(figures(company), Lot(name, "metric_or_kpi")) for name in ("Anna", "Boris", "Вера", "Глеб", "Eva")]
    assert len({one.predict.answer for one in found}) == 2  # type: ignore[attr-defined]
    assert len({one.fresh[0].text for one in found}) > 1


@pytest.mark.parametrize("owner", LEAVE)
def test_the_right_number_is_a_kpi_of_its_owner(owner: str) -> None:
    right, result, other, _blown_up = LEAVE[owner]
    assert (KPIS[right].owner, KPIS[right].kind) == (owner, "KPI")
    assert (KPIS[result].owner, KPIS[result].kind) == ("shared", "metric")
    assert KPIS[other].owner not in (owner, "shared")
    assert ask_owner(owner).check(right).right


def test_a_company_without_leads_is_lacking(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_text(Path("data/sample/northlight/company.toml").read_text("utf-8"), "utf-8")
    name = "shopify_orders.csv"
    (tmp_path / name).write_bytes((Path("data/sample/northlight") / name).read_bytes())
    with pytest.raises(Lacking):
        compose(figures_of(tmp_path), Lot("Anna", "metric_or_kpi"))
