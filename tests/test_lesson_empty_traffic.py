"""The lesson on empty traffic: its numbers compared with the raw files and against what the sample is known to hide."""

import json
from functools import cache
from pathlib import Path

import oracle
import pandas as pd
import pytest
from printed import agrees, value_of

from kpi_helpers.history import COMPANY
from kpi_helpers.lessons.chapters.empty_traffic import ask_blank, ask_cost, compose, work_out
from kpi_helpers.lessons.chapters.empty_visits import Traffic, channels_of, find_rise, list_cases, total_of
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.questions import Choice, Number, Order
from kpi_helpers.lessons.script import Script

COMPANIES = ("northlight", "severny_svet")
LEARNERS = ("", "Anna", "Борис", "Chloé")
CASE = Traffic(pd.Timestamp("2026-10-01"), "meta_ads", "RUB", "robots", 1000, 200, 300, 1500, 8, 4, 4000)


@cache
def figures(company: str) -> Figures:
    return figures_of(Path("data/sample") / company)


@cache
def script(company: str, learner: str) -> Script:
    return compose(figures(company), Lot(learner, "empty_traffic"))


@cache
def truth() -> dict:
    return json.loads(Path("data/sample/truth.json").read_text(encoding="utf-8"))


@cache
def raw(company: str, month: str, scope: str) -> dict[str, float]:
    """Visits, robots, bounces, leads, qualified leads and spend of a month, straight from the files."""
    tables, days = oracle.book_of(company).tables, oracle.span(month, None)
    parts = {name: oracle.window(tables, name, *days) for name in ("traffic", "leads", "ads")}
    if scope != COMPANY:
        parts = {name: part[part["channel"] == scope] for name, part in parts.items()}
    sums = parts["traffic"].select_dtypes("number").sum()
    leads, spend = parts["leads"], parts["ads"]["spend"].sum()
    return {"visits": sums["visits"], "robots": sums.get("robots", 0.0), "bounces": sums["bounces"],
            "leads": len(leads), "qualified": leads["qualified"].sum(), "spend": spend}  # fmt: skip


def number(question: object) -> Number:
    assert isinstance(question, Number)
    return question


def test_empty_visits_taken_out_by_hand() -> None:
    """1,000 visits, 200 of robots, 8 leads, 4,000 spent: 1 % and not 0.8 %, 5 a visit, not 4; 1,000 a lead."""
    blank, cost = ask_blank(CASE), ask_cost(CASE)
    assert (blank.answer, cost.answer) == (pytest.approx(0.01), pytest.approx(5))
    assert [slip.value for slip in blank.slips] == [pytest.approx(0.008), pytest.approx(0.0064)]
    assert [slip.value for slip in cost.slips] == [pytest.approx(4), pytest.approx(20)]
    assert CASE.qualified_cost == pytest.approx(1000)
    assert (CASE.empty_share, CASE.rate, CASE.visit_cost) == (0.2, pytest.approx(0.008), 4)


@pytest.mark.parametrize("company", COMPANIES)
def test_every_case_is_what_the_raw_files_say(company: str) -> None:
    kind, cases = list_cases(figures(company))
    assert kind == ("robots" if company == "severny_svet" else "bounces")
    for case in cases[-12:]:
        known = raw(company, f"{case.month:%Y-%m}", case.scope)
        assert (case.visits, case.empty) == (known["visits"], known[kind]), case.name
        assert (case.leads, case.qualified) == (known["leads"], known["qualified"]), case.name
        if case.spend > 0:
            assert case.spend == pytest.approx(known["spend"]), case.name


def test_the_rise_is_the_burst_of_robots_that_was_planted() -> None:
    rise, known = find_rise(figures("severny_svet"), "robots"), truth()["severny_svet"]
    burst, place = known["planted"]["robot_burst"], truth()["months"].index("2026-10")
    assert f"{rise.after.month:%Y-%m}" == burst["first"][:7]
    assert rise.channels[0][1].scope == burst["channel"]
    for name, now, before in (("visits", rise.after.visits, rise.before.visits),
                              ("leads", rise.after.leads, rise.before.leads),
                              ("robot_visits", rise.after.empty, rise.before.empty)):  # fmt: skip
        assert (now, before) == (known["company"][name][place], known["company"][name][place - 1]), name
    assert rise.visits > 0.3 and rise.leads < 0


def test_the_channel_of_empty_traffic_is_named_though_few_of_its_visits_are_robots() -> None:
    planted = truth()["severny_svet"]["planted"]["empty_traffic"]["channel"]
    assert planted == "partner_network"
    said = [str(paragraph) for paragraph in script("severny_svet", "Anna").explain("same")]
    assert any(paragraph.startswith("Partner network brought") and "none" in paragraph for paragraph in said)
    assert not any("Bounces stand in" in paragraph for paragraph in said)


def test_where_no_export_tells_of_robots_bounces_stand_in_and_it_is_said() -> None:
    rise = find_rise(figures("northlight"), "bounces")
    assert rise.after.visits > 1.05 * rise.before.visits and rise.after.leads <= rise.before.leads
    assert "Bounces stand in" in str(script("northlight", "Anna").explain("none")[-1])


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("company", COMPANIES)
def test_the_answers_are_those_of_the_raw_files(company: str, learner: str) -> None:
    found = script(company, learner)
    kind, cases = list_cases(figures(company))
    for question, above in ((number(found.blank), "leads"), (number(found.fresh[0]), "spend")):
        case = next(case for case in cases if question.text.startswith(case.name))
        known = raw(company, f"{case.month:%Y-%m}", case.scope)
        assert question.answer == pytest.approx(known[above] / (known["visits"] - known[kind]))
        wrong = next(slip for slip in question.slips if slip.name == "empty_in_denominator")
        assert wrong.value == pytest.approx(known[above] / known["visits"])
        assert question.is_clear
    rate, cost = number(found.blank).answer, number(found.fresh[0]).answer
    assert found.blank.check(f"{rate:.2%}").right and found.fresh[0].check(f"{cost:.2f}").right


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("company", COMPANIES)
def test_the_order_is_that_of_qualified_leads_per_visit_in_the_raw_files(company: str, learner: str) -> None:
    question = script(company, learner).fresh[1]
    assert isinstance(question, Order)
    first, last = (pd.Timestamp(name) for name in question.text.split(".")[0].split(" to "))
    months = [f"{month:%Y-%m}" for month in pd.date_range(first, last, freq="MS")]
    assert len(months) == 6

    def order(above: str, below: str = "", turn: int = -1) -> tuple[str, ...]:
        sums = {one.key: pd.DataFrame([raw(company, month, one.key) for month in months]).sum()
                for one in question.options}  # fmt: skip
        return tuple(sorted(sums, key=lambda key: turn * sums[key][above] / (sums[key][below] if below else 1)))

    assert question.answer == order("qualified", "visits")
    wrong = {slip.name: slip.value for slip in question.slips}
    assert wrong["more_visits_better"] == order("visits")
    assert wrong["low_bounce_proves_people"] == order("bounces", "visits", 1)
    assert wrong["leads_without_quality"] == order("leads")
    assert len({question.answer, *wrong.values()}) == 4
    for name, said in wrong.items():
        assert question.check(said).slip == name


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("company", COMPANIES)
def test_the_reason_that_holds_is_not_the_cheapest_visit(company: str, learner: str) -> None:
    question = script(company, learner).leave
    assert isinstance(question, Choice)
    month = f"{pd.Timestamp(question.text.split('.')[0]):%Y-%m}"
    channels = {one.channel: one.scope for one in channels_of(figures(company), pd.Timestamp(f"{month}-01"), "bounces")}
    named = {one.key: channels[one.words.split(":")[0]] for one in question.options}
    known = {scope: raw(company, month, scope) for scope in channels.values()}
    paid = {scope: sums for scope, sums in known.items() if sums["spend"] > 0}
    best = min((scope for scope in paid if paid[scope]["qualified"]),
               key=lambda scope: paid[scope]["spend"] / paid[scope]["qualified"])  # fmt: skip
    assert named["qualified"] == best
    assert named["cheap"] == min(paid, key=lambda scope: paid[scope]["spend"] / paid[scope]["visits"]) != best
    assert named["big"] == max(paid, key=lambda scope: paid[scope]["visits"])
    assert named["calm"] == min(paid, key=lambda scope: paid[scope]["bounces"] / paid[scope]["visits"])


@pytest.mark.parametrize("company", COMPANIES)
def test_taking_the_empty_visits_out_moves_all_but_the_cost_of_a_qualified_lead(company: str) -> None:
    explore, rise = script(company, "Anna").explore, find_rise(figures(company), list_cases(figures(company))[0])
    none, every = (explore.show({"share": share, "scope": ""}) for share in (0.0, 1.0))
    assert none.words.startswith(f"{rise.after.visits:,.0f} visits") and f"{rise.after.rate:.2%}" in none.words
    assert every.words.startswith(f"{rise.after.left:,.0f} visits") and f"{rise.after.clean_rate:.2%}" in every.words
    assert none.ax is not None and every.ax is not None and every.alt
    for shown in (none, every):
        last = shown.table.split("Ad spend per qualified lead")[1]
        cells = [part.split("</td>")[0].split(">")[-1] for part in last.split("<td")[1:3]]
        assert cells[0] == cells[1] != ""
    part = explore.show({"share": 1.0, "scope": rise.channels[0][1].scope})
    assert part.words not in (none.words, every.words)


def test_several_months_are_the_sum_of_each() -> None:
    both = total_of([CASE, CASE])
    assert (both.visits, both.leads, both.qualified, both.worth) == (2000, 16, 8, CASE.worth)


@pytest.mark.parametrize("company", COMPANIES)
def test_neighbours_get_other_numbers(company: str) -> None:
    assert len({number(script(company, learner).blank).text for learner in LEARNERS}) > 1
    orders = [script(company, learner).fresh[1] for learner in LEARNERS]
    assert len({(order.text, order.answer) for order in orders if isinstance(order, Order)}) > 1


def test_a_company_without_visits_lacks_what_is_needed(tmp_path: Path) -> None:
    name = "google_ads_campaigns.csv"
    (tmp_path / name).write_bytes((Path("data/sample/northlight") / name).read_bytes())
    with pytest.raises(Lacking, match="robots or bounces"):
        compose(figures_of(tmp_path), Lot("", "empty_traffic"))


@pytest.mark.parametrize("company", COMPANIES)
def test_how_much_of_the_rise_a_channel_brought_and_what_is_left_without_empty_visits(company: str) -> None:
    """The channel with most new visits brought a part of them, not always most; the other visits rose, too."""
    kind, _cases = list_cases(figures(company))
    rise = find_rise(figures(company), kind)
    months = [f"{one.month:%Y-%m}" for one in (rise.before, rise.after)]
    top = rise.channels[0][1].scope
    before, after = (raw(company, month, COMPANY) for month in months)
    more = raw(company, months[1], top)["visits"] - raw(company, months[0], top)["visits"]
    said = [str(paragraph) for paragraph in script(company, "Anna").explain("none")]
    part = more / (after["visits"] - before["visits"])
    assert said[1].startswith(f"The largest part of the new visits, {part:.0%}, ")
    left = [sums["visits"] - sums[kind] for sums in (before, after)]
    assert said[2].startswith(f"Without the empty visits: {left[0]:,.0f} visits before, {left[1]:,.0f} now.")
    assert ("rose, too" in said[2]) == (left[1] >= 1.05 * left[0])


def test_a_month_whose_leads_wait_for_a_verdict_says_so() -> None:
    leads = oracle.book_of("severny_svet").tables["leads"]
    waiting = leads[(leads["at"].dt.strftime("%Y-%m") == "2026-10") & leads["qualified"].isna()]
    found = script("severny_svet", "Anna")
    table = next(str(paragraph) for paragraph in found.explain("none") if "<table" in str(paragraph))
    assert f"{len(waiting)} leads of the month have no verdict yet" in table
    assert "Ad spend per qualified lead, so far" in found.explore.show({"share": 0.5, "scope": ""}).table
    assert "no verdict" not in "".join(map(str, script("northlight", "Anna").explain("none")))


@pytest.mark.parametrize("company", COMPANIES)
def test_qualified_leads_are_asked_about_of_judged_months_alone(company: str) -> None:
    judged = figures(company).judged_months()
    for learner in map(str, range(12)):
        found = script(company, learner)
        last = pd.Timestamp(found.fresh[1].text.split(".")[0].split(" to ")[1])
        assert {last, pd.Timestamp(found.leave.text.split(".")[0])} <= set(judged)


@pytest.mark.parametrize("company", COMPANIES)
def test_what_is_printed_can_be_reckoned(company: str) -> None:
    for case in list_cases(figures(company))[1]:
        for step in work_out(case)[:4]:
            assert agrees(step.how, step.result), step
    for learner in map(str, range(12)):
        found = script(company, learner)
        for question in (number(found.blank), number(found.fresh[0])):
            reckoned = value_of(question.solution.split(" = ")[0]) * (100 if question.style == "share" else 1)
            assert question.check(f"{reckoned:.2f}{' %' if question.style == 'share' else ''}").right, question.solution


def test_the_reason_that_holds_has_no_place_of_its_own() -> None:
    places = {[one.key for one in script("northlight", learner).leave.options].index("qualified")  # type: ignore[attr-defined]
              for learner in map(str, range(12))}  # fmt: skip
    assert len(places) > 1
