"""The lesson on targets: its numbers held against those reckoned from the raw files without the kit."""

import json
import re
from functools import cache
from itertools import pairwise
from math import floor, sqrt
from pathlib import Path

import numpy as np
import oracle
import pandas as pd
import pytest
from printed import agrees, value_of

from kpi_helpers.lessons.chapters.targets import ask_target, ask_to_date, compose, explain, target_steps, work_out
from kpi_helpers.lessons.chapters.targets_cases import (
    COMPARED,
    JUDGED,
    RAISES,
    RISE,
    Race,
    Rise,
    Stand,
    Year,
    find_year,
    list_races,
    list_rises,
    list_stands,
)
from kpi_helpers.lessons.chapters.targets_signal import ask_growth, ask_signal
from kpi_helpers.lessons.chapters.targets_start import ask_prediction, find_start, right_of
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.script import Script, Slider

COMPANIES = ("northlight", "severny_svet")
LEARNERS = ("", "Anna", "Борис", "Chloé")
every_company = pytest.mark.parametrize("company", COMPANIES)


@cache
def figures(company: str) -> Figures:
    return figures_of(Path("data/sample") / company)


@cache
def script(company: str, learner: str) -> Script:
    return compose(figures(company), Lot(learner, "targets"))


@cache
def year(company: str, raised: float = 0.1) -> Year:
    return find_year(figures(company), raised)


@cache
def races(company: str) -> list[Race]:
    return list_races(figures(company), year(company))


def raw(company: str, month: pd.Timestamp, key: str = "leads", first_days: int | None = None) -> float:
    return oracle.company_kpis(company, f"{month:%Y-%m}", first_days)[key].value


def year_ago(month: pd.Timestamp) -> pd.Timestamp:
    return month - pd.DateOffset(years=1)


@every_company
def test_the_goal_is_split_by_last_year_and_adds_up(company: str) -> None:
    before = {race.month: raw(company, year_ago(race.month)) for race in races(company)}
    total = sum(before.values())
    goal = year(company).goal
    assert goal == round(total * 1.1)
    ideal = {month: goal * leads / total for month, leads in before.items()}
    assert sum(race.target for race in races(company)) == goal
    for race in races(company):
        assert race.target in (floor(ideal[race.month]), floor(ideal[race.month]) + 1)
        assert ask_target(race).check(f"{ideal[race.month]:.0f}").right
    assert year(company).below_twelfth == sum(part < goal / 12 for part in ideal.values())


@every_company
@pytest.mark.parametrize("raised", RAISES)
def test_a_pocket_calculator_comes_to_every_target_that_is_asked_for(company: str, raised: float) -> None:
    exact = [race for race in list_races(figures(company), year(company, raised)) if race.adds_up]
    assert len(exact) >= 8
    for race in exact:
        how, result = ask_target(race).solution.split(" = ")
        assert agrees(how, result)
        assert ask_target(race).check(f"{value_of(how):.0f}").right, (how, result)
    for stand in list_stands(exact)[::17]:
        for step in (*target_steps(stand.race), *work_out(stand)[-2:]):
            assert agrees(step.how, step.result), step


@every_company
def test_what_had_come_by_a_date_is_what_the_raw_rows_say(company: str) -> None:
    for stand in list_stands(races(company))[::23]:
        assert stand.done == raw(company, stand.race.month, first_days=stand.day)
        assert stand.race.came == raw(company, stand.race.month)
        answer = raw(company, stand.race.month, first_days=stand.day) - stand.race.target * stand.part
        assert ask_to_date(stand).answer == pytest.approx(answer)


def test_the_part_that_is_due_follows_the_weekdays_that_the_sample_has() -> None:
    """The truth of the sample: what a day of each weekday brings. In July and August 2026 there is no holiday."""
    truth = json.loads(Path("data/sample/truth.json").read_text("utf-8"))["severny_svet"]["planted"]["weekday_leads"]
    stands = [
        stand for stand in list_stands(races("severny_svet")) if f"{stand.race.month:%Y-%m}" in ("2026-07", "2026-08")
    ]
    off, by_calendar = [], []
    for stand in stands:
        days = [truth[day.weekday()] for day in stand.race.days]
        due = sum(days[: stand.day]) / sum(days)
        off.append(abs(stand.part - due))
        by_calendar.append(abs(stand.day / len(days) - due))
    assert max(off) < 0.012
    assert np.mean(off) < np.mean(by_calendar) / 2


@every_company
def test_the_growth_without_season_is_against_the_same_month_of_last_year(company: str) -> None:
    rises = [rise for rise in list_rises(figures(company), COMPARED) if np.isfinite(rise.year_ago)]
    assert len(rises) > 5
    for rise in rises:
        now, ago = raw(company, rise.month, rise.key), raw(company, year_ago(rise.month), rise.key)
        assert ask_growth(rise).answer == pytest.approx((now - ago) / ago)
        assert now > (1 + RISE) * raw(company, rise.month - pd.DateOffset(months=1), rise.key)


def test_the_usual_range_of_a_share_is_that_of_laney() -> None:
    """Laney 2002: limits of p', for the conversion from visit to lead, from the visits and leads of the raw files."""
    rise = next(rise for rise in list_rises(figures("severny_svet"), ["visit_to_lead"]) if rise.is_usual)
    months = pd.date_range("2024-11-01", rise.month - pd.DateOffset(months=1), freq="MS")
    leads, visits = (np.array([raw("severny_svet", month, key) for month in months]) for key in ("leads", "visits"))
    centre = leads.sum() / visits.sum()
    scores = (leads / visits - centre) / np.sqrt(centre * (1 - centre) / visits)
    beyond_chance = np.mean([abs(after - before) for before, after in pairwise(scores)]) / 1.128
    spread = max(beyond_chance, 1) * sqrt(centre * (1 - centre) / raw("severny_svet", rise.month, "visits"))
    assert (rise.low, rise.high) == (
        pytest.approx(centre - 3 * spread, rel=0.01),
        pytest.approx(centre + 3 * spread, rel=0.01),
    )


@every_company
def test_the_rise_of_the_exit_question_is_no_signal(company: str) -> None:
    for learner in LEARNERS:
        question = script(company, learner).leave
        assert question.check("usual").right
        assert {question.check(key).slip for key in ("works", "trend", "nothing")} == {
            "chance_as_success", "trend_of_two", "no_signal_as_no_effect"}  # fmt: skip
    usual = [rise for rise in list_rises(figures(company), JUDGED) if rise.is_usual]
    assert len(usual) >= 5 and not any(rise.rule for rise in usual)
    for rise in usual:
        text = ask_signal(Lot("", "targets"), [rise]).text
        value, before, change, low, high = map(value_of, re.findall(
            r": (\S+), the month before (\S+) \(([^)]+)\).*between (\S+) and (\S+):", text)[0])  # fmt: skip
        assert low <= value <= high and low <= before <= high, text
        if "pp" in text:
            assert value - before == pytest.approx(change), text
    with pytest.raises(Lacking):
        ask_signal(Lot("", "targets"), [rise for rise in list_rises(figures(company), JUDGED) if not rise.is_usual])


def test_a_month_whose_forerunner_left_the_range_is_not_asked_for() -> None:
    """Orders of September 2026 at Northlight: 247 lie within 238–463, but 218 of August lay outside."""
    month = pd.Timestamp("2026-09-01")
    rise = next(rise for rise in list_rises(figures("northlight"), ["orders"]) if rise.month == month)
    assert rise.low <= rise.value <= rise.high and rise.previous < rise.low and not rise.rule
    assert not rise.is_usual
    assert Rise("leads", month, 54, 49, 40, 40, 28, 79, "").is_usual


@every_company
def test_some_months_are_all_but_decided_and_end_so(company: str) -> None:
    found = [find_start(Lot(learner, "t").shuffled(list_stands(races(company))), False) for learner in LEARNERS]
    assert {right_of(stand) for stand in found} <= {"yes", "no"}
    for stand in found:
        came = raw(company, stand.race.month)
        assert ask_prediction(stand).answer == ("yes" if came >= stand.race.target else "no")
        assert "nearly decided" in explain(stand, "open")[0]
    drawn = [(script(company, f"L{n}").predict.answer != "open" for n in range(40)) for _kind in range(2)]  # type: ignore[attr-defined]
    assert any(drawn[0]) and not all(drawn[1])


@every_company
def test_the_days_on_which_the_range_was_wrong_are_counted(company: str) -> None:
    race = races(company)[8]
    wrong = sum(not round(race.pace(day).low) <= raw(company, race.month) <= round(race.pace(day).high)
                for day in range(1, 31) if np.isfinite(race.pace(day).low))  # fmt: skip
    assert race.missed[1] == wrong and race.missed[0] <= 30
    words = " ".join(explain(Stand(race, 10, float(race.brought.iloc[9]), 0.3), "yes"))
    assert (f"wrong on {wrong} of {race.missed[0]} days" in words) == (wrong > 0)


@every_company
@pytest.mark.parametrize("learner", LEARNERS)
def test_the_first_days_of_the_prediction_point_the_wrong_way(company: str, learner: str) -> None:
    start = find_start(Lot(learner, "targets").shuffled(list_stands(races(company))))
    ahead = raw(company, start.race.month, first_days=start.day) / start.race.target >= start.day / len(start.race.days)
    assert ahead != (raw(company, start.race.month) >= start.race.target)
    words = " ".join(explain(start, "yes"))
    assert "The first days alone pointed the other way." in words
    assert ("was reached." in words) != ahead


@every_company
@pytest.mark.parametrize("learner", LEARNERS)
def test_the_walk_through_the_month_ends_with_what_came(company: str, learner: str) -> None:
    explore = script(company, learner).explore
    slider = explore.controls[0]
    assert isinstance(slider, Slider) and slider.low == 1 and 28 <= slider.high <= 31
    first, last = (explore.show({"day": day}) for day in (slider.low, slider.high))
    assert first.ax is not None and last.ax is not None and first.words.startswith("Day 1:")
    assert last.words.startswith("The month is over")


def test_a_day_knows_nothing_of_what_comes_after_it() -> None:
    race = next(race for race in races("severny_svet") if race.month == pd.Timestamp("2026-07-01"))
    later = race.daily.where(race.daily.index <= race.days[9], 1000.0)
    other = Race(race.year, race.month, later, race.off)
    assert race.pace(10) == other.pace(10)
    assert race.pace(11).done != other.pace(11).done


def test_the_range_grows_narrow() -> None:
    race = races("severny_svet")[8]
    width = [race.pace(day).high - race.pace(day).low for day in (5, 15, 28)]
    assert width == sorted(width, reverse=True) and width[2] < width[0] / 3


def test_the_example_and_its_blank() -> None:
    race = races("northlight")[0]
    shown, blank = target_steps(race), target_steps(race, blank=True)
    assert shown[:2] == blank[:2]
    assert (blank[2].how, blank[2].result) == ("?", "?") and shown[2].result == f"{race.target:.0f}"


def test_the_plan_of_a_date_is_reckoned_from_the_part_that_is_shown() -> None:
    race = races("severny_svet")[0]
    stand = Stand(race, 10, 50.0, 0.315)
    question = ask_to_date(stand)
    assert question.answer == pytest.approx(50 - race.target * 0.315) and "31.5%" in question.text


def test_a_company_without_two_years_by_day_lacks_what_is_needed(tmp_path: Path) -> None:
    ads = "google_ads_campaigns.csv"
    (tmp_path / ads).write_bytes((Path("data/sample/northlight") / ads).read_bytes())
    with pytest.raises(Lacking, match="two whole years"):
        compose(figures_of(tmp_path), Lot("", "targets"))
