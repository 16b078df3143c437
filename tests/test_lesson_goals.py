"""The lesson on goals: its numbers held against the raw files, and the judging of drafts."""

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pandas as pd
import pytest
from printed import value_of

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.goals import count_months
from kpi_helpers.lessons.chapters.goals import (
    GOALS,
    ask_order,
    ask_prediction,
    check_wishes,
    compare_readings,
    compose,
    list_wants,
    list_wishes,
)
from kpi_helpers.lessons.chapters.goals_draft import AHEAD, SAID, ask_draft, check_draft, sample_draft, wrong_drafts
from kpi_helpers.lessons.chapters.goals_numbers import Share, Year, ask_share, ask_target, list_shares, list_years
from kpi_helpers.lessons.chapters.goals_year import KEYS, Plan, plan_of
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS
from kpi_helpers.lessons.questions import Draft, Number
from kpi_helpers.lessons.script import Script

COMPANIES = ("northlight", "severny_svet")
SEPTEMBER = pd.Timestamp("2026-09-01")  # the last month whose leads all have their verdict
every_company = pytest.mark.parametrize("company", COMPANIES)


@cache
def figures(company: str) -> Figures:
    return figures_of(Path("data/sample") / company)


@cache
def script(company: str) -> Script:
    return compose(figures(company), Lot("Anna", "goals"))


def plan(company: str) -> Plan:
    return plan_of(figures(company))


def raw(company: str, key: str, last: pd.Timestamp, months: int = 12) -> list[float]:
    """A KPI in the months up to `last`, from the raw files."""
    span = pd.date_range(end=last, periods=months, freq="MS")
    return [oracle.company_kpis(company, f"{month:%Y-%m}")[key].value for month in span]


def draft(company: str) -> Draft:
    found = script(company).fresh[1]
    assert isinstance(found, Draft)
    return found


# Numbers


@every_company
def test_a_years_target_starts_from_the_raw_files(company: str) -> None:
    years = list_years(figures(company))
    for year in [next(one for one in years if one.key == key) for key in ("leads", "visits", "orders")]:
        months = raw(company, year.key, year.last)
        assert year.total == pytest.approx(sum(months)) and year.last_month == pytest.approx(months[-1])
        assert ask_target(year).answer == math.floor(sum(months) * (1 + year.growth) + 0.5)


@every_company
def test_a_share_is_that_of_the_raw_files(company: str) -> None:
    for key in ("awareness_aided", "qualification_rate"):
        case = next(one for one in list_shares(figures(company)) if one.key == key)
        assert case.base == pytest.approx(raw(company, key, case.month, 1)[0], abs=0.0005)


@pytest.mark.parametrize(("in_points", "right", "wrong"), [(True, 0.15, 0.105), (False, 0.105, 0.15)])
def test_five_percent_of_a_share_of_ten_percent(in_points: bool, right: float, wrong: float) -> None:
    question = ask_share(Share("market_share", pd.Timestamp("2026-09-01"), 0.1, 0.05, in_points))
    assert question.answer == pytest.approx(right) and question.slips[0].value == pytest.approx(wrong)
    assert question.check(f"{100 * right:g} %").right
    assert question.check(f"{100 * wrong:g} %").slip == ("percent_of_share" if in_points else "points_on_share")


def test_each_wrong_way_to_a_years_target_is_named() -> None:
    """1,200 in a year, 150 of it in December; +20 % in all is 1,440."""
    question = ask_target(Year("leads", pd.Timestamp("2025-12-01"), 1200, 150, 0.2, "USD"))
    said = {"1440": "", "180": "last_month_for_year", "2160": "last_month_twelvefold", "240": "growth_as_target"}
    assert {text: question.check(text).slip for text in said} == said and question.check("1440").right


# The year ahead


@every_company
def test_a_plus_means_four_targets(company: str) -> None:
    found, last = plan(company), figures(company).months[-1]
    leads, rate = raw(company, "leads", last), raw(company, "qualification_rate", SEPTEMBER, 1)[0]
    assert found.level("total", 0.2) == pytest.approx(1.2 * sum(leads), abs=0.5)
    assert found.level("exit", 0.2) == pytest.approx(1.2 * leads[-1], abs=0.5)
    assert found.level("percent", 0.2) == pytest.approx(1.2 * rate)
    assert found.level("points", 0.2) == pytest.approx(rate + 0.2)


@every_company
def test_the_chance_is_the_share_of_paths(company: str) -> None:
    found = plan(company)
    paths = np.asarray(found.ahead["leads"].forecast.paths)
    assert paths.shape[1] == 12
    level = found.level("total", 0.05)
    assert found.chance("total", level) == pytest.approx(np.mean(paths.sum(axis=1) >= level))
    assert found.chance("exit", 60.0) == pytest.approx(np.mean(paths[:, -1] >= 60.0))
    assert found.chance("total", found.reachable()) == pytest.approx(0.5, abs=0.05)


@every_company
def test_one_sentence_of_four_is_a_goal(company: str) -> None:
    found = plan(company)
    wishes, checks = list_wishes(found, "total"), check_wishes(found, "total")
    assert list(wishes) == list(checks) and all(checks.values())
    assert "in all, in the last month" in checks["growth"] and "in the last month" in found.refuse(0.2)
    assert "no lever of marketing" in checks["revenue"] and "Chance by the forecast: 50%" in checks["goal"]
    assert all(ask_prediction(found, goal).check("goal").right for goal in GOALS)


@every_company
def test_a_goal_may_be_the_year_or_its_last_month(company: str) -> None:
    found = plan(company)
    paths = np.asarray(found.ahead["leads"].forecast.paths)
    assert found.reachable("exit") == pytest.approx(np.median(paths[:, -1]), rel=0.01)
    assert f"{found.reachable('exit'):,.0f} leads in October 2027 alone" in list_wishes(found, "exit")["goal"]
    assert "Chance by the forecast: 5" in check_wishes(found, "exit")["goal"]
    goals = [compose(figures(company), Lot(name, "goals")).predict for name in ("Anna", "Boris", "Вера", "Глеб", "Eva")]
    assert len({next(one.words for one in goal.options if one.key == "goal") for goal in goals}) == 2  # type: ignore[attr-defined]


@every_company
def test_the_rate_starts_where_all_leads_have_their_verdict(company: str) -> None:
    """October's leads still wait for theirs: a goal from its rate would be too easy."""
    found, october = plan(company), figures(company).months[-1]
    assert found.base_period("percent") == found.base_period("points") == "September 2026"
    assert found.best("points") == pytest.approx(max(raw(company, "qualification_rate", SEPTEMBER, 23)))
    assert found.ahead["qualification_rate"].forecast.months[0] == october
    shares = {case.month for case in list_shares(figures(company)) if case.key == "qualification_rate"}
    assert SEPTEMBER in shares and october not in shares
    note = "Not all leads of October 2026 are judged yet"
    bases = next(field.options for field in draft(company).fields if field.key == "baseline_period")
    assert list(bases) == ["none", "2026-09..2026-09", "2025-10..2026-09"]
    truth = oracle.company_kpis(company, "2026-09")["qualification_rate"].value
    assert f"{truth:.1%}" in str(draft(company).given), "the table shows the same month"
    show = script(company).explore.show
    assert note in show({"reading": "points", "by": 0.1}).table and note in str(draft(company).given)
    assert note not in show({"reading": "total", "by": 0.1}).table


@every_company
def test_the_readings_are_compared_by_their_chances(company: str) -> None:
    found, words = plan(company), compare_readings(plan(company))
    chances = [found.chance(key, found.level(key, 0.2)) for key in KEYS]
    written = ", ".join(f"{100 * chance:.0f}%" if chance > 0.01 else "< 1%" for chance in chances)
    assert written in words.replace("\xa0", " ")
    assert ("it cannot be" in words) == (found.level("points", 0.2) > 1)


@every_company
def test_what_is_printed_as_a_solution_can_be_reckoned(company: str) -> None:
    for question in [ask_target(year) for year in list_years(figures(company))[::7]] + [
        ask_share(share) for share in list_shares(figures(company))[::7]
    ]:
        assert question.check(f"{100 * value_of(question.solution):.6f} %" if question.style == "share" else
                              f"{value_of(question.solution):.2f}").right, question.solution  # fmt: skip


@pytest.mark.parametrize(("wanted", "key"), list_wants())
def test_what_is_wanted_is_shown_by_a_kpi_that_its_owner_moves(wanted: str, key: str) -> None:
    assert KPIS[key].kind == "KPI" and KPIS[key].owner != "shared"
    question = ask_order(wanted, key)
    assert question.check(("final", "kpi", "base", "target", "watch")).right
    assert wanted in question.options[0].words and wanted not in " ".join(question.hints)


@every_company
@pytest.mark.parametrize("reading", KEYS)
def test_the_slider_goes_from_too_easy_to_never(company: str, reading: str) -> None:
    pick, slider = script(company).explore.controls
    assert list(pick.options) == list(KEYS)  # type: ignore[union-attr]
    low, high = (script(company).explore.show({"reading": reading, "by": by})
                 for by in (slider.low, slider.high))  # type: ignore[union-attr]  # fmt: skip
    easy = plan(company).chance(reading, plan(company).level(reading, -0.3))
    assert ("Too easy" in low.words) == (easy >= 0.95) and easy > 0.85
    assert any(word in high.words for word in ("Out of reach", "it cannot be", "Bold"))
    assert low.ax is not None and high.ax is not None and "Starting point" in low.table


@every_company
def test_the_worked_example_holds(company: str) -> None:
    found, steps = plan(company), {step.what[:2]: step for step in script(company).example}
    total = sum(raw(company, "leads", figures(company).months[-1]))
    growth = float(steps["4."].how.split("+")[1].strip(" %")) / 100
    target = float(steps["4."].result.replace(",", ""))
    assert target == math.floor(total * (1 + growth) + 0.5)
    assert found.chance("total", target) >= 0.25 > found.chance("total", found.level("total", growth + 0.01))
    first = target * raw(company, "leads", pd.Timestamp(figures(company).months[-12]), 1)[0] / total
    assert abs(float(steps["7."].result) - first) <= 1


# Drafts


@every_company
def test_the_sample_draft_is_met_by_every_letter(company: str) -> None:
    verdict = draft(company).check(sample_draft(figures(company)))
    assert verdict.right and verdict.words == draft(company).because


@every_company
@pytest.mark.parametrize("final", SAID)
@pytest.mark.parametrize("ahead", AHEAD)
def test_the_sample_is_met_whatever_the_director_wants(company: str, final: str, ahead: int) -> None:
    day = figures(company).months[-1] + pd.DateOffset(months=ahead) + pd.offsets.MonthEnd()
    said = sample_draft(figures(company), ahead)
    assert check_draft(figures(company), final, said, day).right
    assert check_draft(figures(company), final, said, day - pd.Timedelta(days=1)).slip == "goal_too_late"


@every_company
def test_learners_get_other_drafts(company: str) -> None:
    names = ("Anna", "Boris", "Вера", "Глеб", "Eva", "Kim")
    assert len({ask_draft(figures(company), Lot(name, "goals")).text for name in names}) > 2


@every_company
def test_no_hint_speaks_against_the_worked_example(company: str) -> None:
    """Its target may lie above the best so far: the forecast decides."""
    assert not any("best so far" in hint for hint in draft(company).hints)


@every_company
@pytest.mark.parametrize("ahead", AHEAD)
def test_each_wrong_draft_has_just_its_own_fault(company: str, ahead: int) -> None:
    day = figures(company).months[-1] + pd.DateOffset(months=ahead) + pd.offsets.MonthEnd()
    for name, said in wrong_drafts(figures(company), ahead).items():
        verdict = check_draft(figures(company), "sales", said, day)
        assert (verdict.right, verdict.slip) == (False, name)
        others = [other for other, row in MISCONCEPTIONS.items() if other != name and row.words in verdict.words]
        assert not others, (name, others)


@every_company
def test_all_faults_of_a_draft_are_named_together(company: str) -> None:
    said = {**sample_draft(figures(company)), "owner": "sales", "baseline_period": "none"}
    verdict = draft(company).check(said)
    assert verdict.slip == "goal_without_baseline"
    assert all(MISCONCEPTIONS[name].words in verdict.words for name in ("goal_without_baseline", "goal_of_another"))


@every_company
@pytest.mark.parametrize("target", ["526,5 лидов", "", "+5 pp", "+5"])
def test_a_target_that_cannot_be_read_is_no_try(company: str, target: str) -> None:
    with pytest.raises(KitError):
        draft(company).check({**sample_draft(figures(company)), "target": target})


@every_company
@pytest.mark.parametrize("growth", [-0.5, 0.02, 3.0])
def test_a_change_is_judged_as_the_level_that_it_gives(company: str, growth: float) -> None:
    said, leads = sample_draft(figures(company)), raw(company, "leads", figures(company).months[-1])
    change = f"{100 * growth:+.0f} %"
    level = f"{sum(leads) / 12 * 3 * (1 + growth):.0f}"
    one, other = (draft(company).check({**said, "target": target}) for target in (change, level))
    slips = {-0.5: "goal_too_easy", 0.02: "", 3.0: "beyond_all_history"}
    assert one.slip == other.slip == slips[growth]


@every_company
@pytest.mark.parametrize(("target", "slip"), [("+5 %", "percent_or_points"), ("-5%", "percent_or_points")])
def test_a_change_of_a_share_must_say_its_unit(company: str, target: str, slip: str) -> None:
    said: dict[str, str] = {**wrong_drafts(figures(company))["percent_or_points"], "target": target}
    assert draft(company).check(said).slip == slip
    in_points = check_draft(figures(company), "sales", {**said, "target": target.replace("%", "pp")})
    assert in_points.slip != "percent_or_points"


@every_company
def test_nothing_that_is_left_open_is_a_try(company: str) -> None:
    for key in ("kpi", "baseline_period", "target", "start", "deadline", "owner"):
        with pytest.raises(KitError):
            draft(company).check({**sample_draft(figures(company)), key: ""})


@every_company
def test_the_form_offers_days_that_make_whole_months(company: str) -> None:
    fields: dict[str, Any] = {one.key: one for one in draft(company).fields}
    first, last = sample_draft(figures(company))["start"], sample_draft(figures(company))["deadline"]
    assert first in fields["start"].options and last in fields["deadline"].options
    assert count_months(pd.Timestamp(first).date(), pd.Timestamp(last).date()) == 3
    assert pd.Timestamp(first) == figures(company).months[-1] + pd.DateOffset(months=1)


# A company that lacks the data


def test_a_company_without_leads_is_lacking(tmp_path: Path) -> None:
    (tmp_path / "company.toml").write_text(Path("data/sample/northlight/company.toml").read_text("utf-8"), "utf-8")
    name = "shopify_orders.csv"
    (tmp_path / name).write_bytes((Path("data/sample/northlight") / name).read_bytes())
    with pytest.raises(Lacking):
        compose(figures_of(tmp_path), Lot("Anna", "goals"))


@every_company
def test_blank_and_fresh_are_numbers_that_the_learner_draws(company: str) -> None:
    found = [compose(figures(company), Lot(name, "goals")) for name in ("Anna", "Boris", "Вера", "Глеб")]
    for questions in ([one.blank for one in found], [one.fresh[0] for one in found]):
        assert len({question.answer for question in questions if isinstance(question, Number)}) > 2
