"""The lesson on the budget: its curves against the laws planted in the sample, its answers reckoned again."""

import json
import re
from functools import cache
from math import isclose
from pathlib import Path

import numpy as np
import pytest
from oracle_files import SAMPLE
from printed import value_of

from kpi_helpers.lessons.chapters import budget as lesson
from kpi_helpers.lessons.chapters import budget_asking as asking
from kpi_helpers.lessons.chapters.budget_cases import Learned, Raise, learn, round_sum
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.questions import Choice, Number
from kpi_helpers.lessons.script import BLANK
from kpi_helpers.response import MONTH
from tests.folders import copy_files

COMPANIES = ("northlight", "severny_svet")
LEARNERS = ("", "Anna", "Борис", "Chen")
DAYS = 365.25 / 12  # of a month
NEARLY = 1.1  # times: the intervals are of 95 %, and those of neighbouring spends miss together


@cache
def figures(company: str) -> Figures:
    return figures_of(SAMPLE / company)


def learned(company: str) -> Learned:
    return learn(figures(company))


@cache
def planted(company: str) -> dict[str, dict[str, float | str]]:
    found = json.loads((SAMPLE / "truth.json").read_text())[company]["planted"]["response_curves"]
    return {key: law for key, law in found.items() if isinstance(law, dict)}


def true_visits(company: str, channel: str, spend: float) -> float:
    """What the planted law expects of a month's spend, before season and noise."""
    law, a_day = {key: value for key, value in planted(company)[channel].items() if key != "starts"}, spend / DAYS
    number = {key: float(value) for key, value in law.items() if key != "form"}
    if law["form"] == "hill":
        raised = a_day ** number["slope"]
        return DAYS * number["top"] * raised / (number["half"] ** number["slope"] + raised)
    return DAYS * number["scale"] * a_day ** number["exponent"]


def true_growth(company: str, case: Raise) -> float:
    before, after = (true_visits(company, case.channel, spend) for spend in (case.before[0], case.after[0]))
    return after / before - 1


def true_extra(company: str, channel: str, spend: float, outcome: float, money: float) -> float:
    """What the planted law expects of money more, at the season in which `spend` brings `outcome`."""
    before, after = (true_visits(company, channel, each) for each in (spend, spend + money))
    return outcome * (after / before - 1)


def amounts(cells: str) -> list[float]:
    """The numbers of a question's table, cell by cell."""
    found = re.findall(r'<td class="num">[^\d<]*([\d,.]+)[^<]*</td>', cells)
    return [float(cell.replace(",", "")) for cell in found]


@pytest.mark.parametrize("company", COMPANIES)
def test_planted_growth_lies_nearly_within_all_curves(company: str) -> None:
    plan = learned(company).plan
    cases = [each for channel in plan.pair for each in plan.raises(channel)]
    held = 0
    for each in cases:
        low, high = (end / each.before[1] for end in plan.more(each.channel, each.before[0], each.money))
        held += low / NEARLY <= true_growth(company, each) <= high * NEARLY
    assert len(cases) > 15
    assert held == len(cases)


@pytest.mark.parametrize("company", COMPANIES)
def test_blank_is_extra_money_over_extra_results(company: str) -> None:
    plan = learned(company).plan
    for case in (each for channel in plan.pair for each in plan.raises(channel)):
        question = lesson.ask_blank(plan, case)
        (spend, outcome), (then, came) = case.before, case.after
        assert outcome == round(outcome) and came == round(came), "as they are shown"
        assert isclose(question.answer, 100 * (then - spend) / (came - outcome))
        assert question.answer > 100 * spend / outcome
        assert question.given.count(BLANK) >= 2


@pytest.mark.parametrize("company", COMPANIES)
def test_the_prediction_offers_as_many_more_as_the_money_is_more(company: str) -> None:
    plan = learned(company).plan
    for case in (each for channel in plan.pair for each in plan.raises(channel)):
        words = {option.key: option.words for option in lesson.ask_prediction(plan, case).options}
        growth = case.after[0] / case.before[0] - 1
        same = f"{case.before[1] * growth:,.0f}"
        assert words["same"].startswith(f"About {same}, {growth:.1%} on top")
        assert same in words["more"] and same in words["fewer"] and case.more < case.before[1] * growth


@pytest.mark.parametrize("company", COMPANIES)
def test_doubling_is_read_from_the_table_that_is_shown(company: str) -> None:
    for learner in LEARNERS:
        question: Number = asking.ask_double(learned(company).plan, Lot(learner, "budget"))
        spend, before, _spend, _between, twice, after = amounts(str(question.given))
        assert twice == 2 * spend
        assert isclose(question.answer, after / before - 1)
        assert 0.2 < question.answer < 0.95, "more, but not twice as much"


def ranges(question: Choice) -> dict[str, tuple[float, float]]:
    """The last column of the table that is shown, by channel."""
    cells = re.findall(r">([\d,]+)–([\d,]+)<", str(question.given))
    ends = [(float(low.replace(",", "")), float(high.replace(",", ""))) for low, high in cells]
    return dict(zip((option.key for option in question.options[:2]), ends, strict=True))


def difference(question: Choice) -> tuple[float, float]:
    """The range of the difference, in the last line of the table that is shown."""
    ends = re.search(r">([+−]?[\d,]+) to ([+−]?[\d,]+)<", str(question.given))
    assert ends
    low, high = (float(end.replace(",", "").replace("−", "-")) for end in ends.groups())
    return low, high


def _signed(number: float) -> str:
    return f"{number:+,.0f}".replace("-", "−") if number else "0"


@pytest.mark.parametrize("company", COMPANIES)
def test_next_money_is_told_only_where_the_difference_is_not_zero(company: str) -> None:
    for learner in LEARNERS:
        question = asking.ask_next(learned(company).plan, Lot(learner, "budget"))
        shown, wrong = ranges(question), {slip.value: slip.name for slip in question.slips}
        looks_best = next(key for key, name in wrong.items() if name == "average_as_marginal")
        (other,) = set(shown) - {looks_best}
        assert shown.keys() == {looks_best, other}
        low, high = difference(question)
        ahead = list(shown).index(other) == 0  # the difference is the first channel's less the second one's
        told = low > 0 if ahead else high < 0
        assert question.answer == (other if told else asking.OPEN)
        assert set(wrong) | {question.answer} == {option.key for option in question.options}
        assert str(question.solution).endswith(f"{_signed(low)} to {_signed(high)}")


@pytest.mark.parametrize("company", COMPANIES)
def test_now_the_curves_tell_and_now_they_do_not(company: str) -> None:
    plan = learned(company).plan
    answers = [asking.ask_next(plan, Lot(f"learner {n}", "budget")).answer for n in range(12)]
    assert 2 <= answers.count(asking.OPEN) <= 10


def test_ranges_that_overlap_may_still_be_told_apart() -> None:
    """In each draw of every form Google brings more, though the ranges overlap: differences draw by draw."""
    plan = learned("northlight").plan
    (better, other), *_more = [
        case for case in asking._turns(plan) if asking.is_told(plan, case[1], case[0])
    ]  # fmt: skip
    assert asking._range(plan, better)[1] > asking._range(plan, other)[0]
    for form in plan.curves.forms:
        gains = []
        for case in (better, other):
            spends = np.array([case.before[0], case.after[0]]) / MONTH
            outcome = plan.curves.of_form(form)[case.channel].outcome(spends) * MONTH
            gains.append(outcome[:, 1] - outcome[:, 0])
        ahead = gains[1] - gains[0]
        assert (ahead > 0).mean() > 0.97
        assert plan.ahead(other, better)[0] <= np.quantile(ahead, 0.05) and plan.ahead(other, better)[1] >= ahead[0]
    low, high = plan.ahead(better, other)
    assert (-high, -low) == pytest.approx(plan.ahead(other, better))


@pytest.mark.parametrize("company", COMPANIES)
def test_where_the_ranges_part_the_planted_law_agrees(company: str) -> None:
    plan = learned(company).plan
    told = 0
    for better, other in asking._turns(plan):
        if asking.is_told(plan, other, better):
            less, more = (true_extra(company, each.channel, *each.before, each.money) for each in (better, other))
            assert less < more
            told += 1
    assert told


@pytest.mark.parametrize("company", COMPANIES)
def test_experiment_at_rest_and_at_both_ends(company: str) -> None:
    explore = lesson.move_money(learned(company))
    slider = explore.controls[0]
    said = {place: explore.show({"moved": place}).words for place in (slider.low, 0.0, slider.high)}  # type: ignore[union-attr]
    assert said[0.0].startswith("As today")
    assert len(set(said.values())) == 3
    assert all("What if: visits of people" in words for place, words in said.items() if place)
    assert "less by every curve" in said[slider.high], "what was taken was worth more"  # type: ignore[union-attr]
    other = explore.show({"moved": slider.high, "result": learned(company).telling.result})  # type: ignore[union-attr]
    assert other.ax is not None and "visits" not in other.alt.splitlines()[0]


@pytest.mark.parametrize("company", COMPANIES)
def test_a_result_is_called_not_offered_only_where_it_is_not(company: str) -> None:
    found = learned(company)
    offered = {key for control in lesson.move_money(found).controls[1:] for key in control.options}  # type: ignore[union-attr]
    (result, _check, _came), *_more = found.refused
    said = str(lesson.explain(found, found.plan.raises(found.plan.pair[0])[0], "same")[-1])
    assert ("you cannot choose them" in said) == (result not in offered)


@pytest.mark.parametrize("company", COMPANIES)
def test_money_moved_is_kept(company: str) -> None:
    plan = learned(company).plan
    today = sum(plan.moved(0.0).values())
    assert sum(plan.moved(round_sum(today / 50)).values()) == pytest.approx(today)


def test_empty_channel_is_no_example_and_a_refusal_is_named() -> None:
    found = learned("severny_svet")
    assert "partner_network" not in found.plan.pair
    assert [check["channel"] for _result, check, _came in found.refused] == ["partner_network"]
    case = found.plan.raises(found.plan.pair[0])[0]
    assert "For qualified leads, Partner network has no curve at all" in str(lesson.explain(found, case, "same")[-1])


@pytest.mark.parametrize("company", COMPANIES)
def test_proposal_is_a_test_and_the_kit_plans_it(company: str) -> None:
    for learner in LEARNERS:
        question = asking.ask_proposal(learned(company).plan, Lot(learner, "budget"))
        assert question.answer == "test"
        assert "by all the curves" in question.text.lower()
        assert "Switch" in question.solution and "80 of 100" in question.solution
        option = next(option.words for option in question.options if option.key == "test")
        giver = re.search(r"switch (.*) off in a few places", option)
        assert giver and f"Switch {giver[1]} off" in question.solution, "the one that the option names"
        assert "Switch" not in question.because, "the same is not said twice"
        assert not re.search(r"noise|[−+]\d+\.\d", question.text), "nothing that answers it, and no tenths of a visit"


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("learner", LEARNERS)
def test_what_is_printed_as_a_solution_is_accepted(company: str, learner: str) -> None:
    script = lesson.compose(figures(company), Lot(learner, "budget"))
    for question in (script.blank, script.fresh[0]):
        assert isinstance(question, Number)
        assert abs(value_of(question.solution) - question.answer) <= question._tolerance(question.answer)


def test_company_without_curves_lacks_the_lesson(tmp_path: Path) -> None:
    folder = copy_files(SAMPLE / "northlight", tmp_path / "one", ["company.toml", "meta_ads.csv"])
    with pytest.raises(Lacking):
        lesson.compose(figures_of(folder), Lot("", "budget"))
