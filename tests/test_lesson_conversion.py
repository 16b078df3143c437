"""The lesson on conversion: its numbers held against those reckoned from the raw files without the kit."""

import re
from functools import cache
from pathlib import Path

import oracle
import pandas as pd
import pytest
from printed import value_of

from kpi_helpers.labels import write_rate
from kpi_helpers.lessons.chapters import conversion
from kpi_helpers.lessons.chapters.conversion import compose
from kpi_helpers.lessons.chapters.conversion_mix import (
    Mix,
    Part,
    Turn,
    find_turns,
    list_mirrors,
    list_mixes,
    list_slides,
)
from kpi_helpers.lessons.chapters.conversion_report import ask_slide
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.questions import Number
from kpi_helpers.lessons.script import Script

COMPANIES = ("northlight", "severny_svet")
LEARNERS = ("", "Anna", "Борис", "Chloé")
MONTH = pd.Timestamp("2026-10-01")


@cache
def figures(company: str) -> Figures:
    return figures_of(Path("data/sample") / company)


@cache
def script(company: str, learner: str) -> Script:
    return compose(figures(company), Lot(learner, "conversion"))


@cache
def raw(company: str, month: str) -> dict[str, tuple[float, float, int]]:
    """Actions, visits and orders by channel, straight from the files."""
    tables, days = oracle.book_of(company).tables, oracle.span(month, None)
    traffic, orders = (oracle.window(tables, name, *days) for name in ("traffic", "orders"))
    sums = traffic.groupby("channel")[["actions", "visits"]].sum()
    bought = orders.groupby("channel").size()
    return {str(name): (row["actions"], row["visits"], int(bought.get(name, 0))) for name, row in sums.iterrows()}


def number(question: object) -> Number:
    assert isinstance(question, Number)
    return question


def mix(strong: tuple[float, float], weak: tuple[float, float]) -> Mix:
    return Mix(MONTH, "actions", Part("email", *strong), Part("meta_ads", *weak))


def test_simpson_s_paradox_as_published() -> None:
    """Kidney stones (Charig et al. 1986): A heals 81/87 and 192/263, B 234/270 and 55/80; in all B looks better."""
    b, a = mix((234, 270), (55, 80)), mix((81, 87), (192, 263))
    turn = Turn(b, a)
    assert turn.is_real
    assert (b.rate, a.rate) == (pytest.approx(289 / 350), pytest.approx(273 / 350))
    assert turn.falls and Turn(a, b).is_real and not Turn(a, b).falls, "the other way round it is one, too"
    assert not Turn(b, mix((235, 270), (56, 80))).is_real, "no paradox: all three rose"


def test_the_share_of_the_weaker_channel_leads_from_one_rate_to_the_other() -> None:
    both = mix((30, 100), (10, 300))
    assert (both.with_share(0), both.with_share(1)) == (0.3, pytest.approx(1 / 30))
    assert both.with_share(both.weak_share) == pytest.approx(both.rate) == pytest.approx(0.1)


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("action", ["actions", "orders"])
def test_the_parts_are_what_the_raw_files_say(company: str, action: str) -> None:
    found = [one for one in list_mixes(figures(company), action) if one.month == MONTH]
    assert found
    for one in found:
        for part in (one.strong, one.weak):
            actions, visits, orders = raw(company, f"{MONTH:%Y-%m}")[part.channel]
            assert (part.actions, part.visits) == (orders if action == "orders" else actions, visits), part


@pytest.mark.parametrize("company", COMPANIES)
def test_in_every_turn_both_go_against_each_channel_in_the_raw_files(company: str) -> None:
    turns, mixes = find_turns(figures(company))
    mirrors = list_mirrors(mixes)
    assert turns and mirrors
    for turn in [*turns[:4], *mirrors[:4]]:
        place = 2 if turn.after.action == "orders" else 0
        sums = []
        for one in (turn.before, turn.after):
            known = raw(company, f"{one.month:%Y-%m}")
            sums.append([(known[c][place], known[c][1]) for c in (one.strong.channel, one.weak.channel)])
        rates = [[above / below for above, below in parts] for parts in sums]
        whole = [sum(above for above, _ in parts) / sum(below for _, below in parts) for parts in sums]
        signs = {now > then for then, now in zip(*rates, strict=True)}
        assert signs == {turn in turns} and (whole[1] < whole[0]) == (turn in turns)
        assert whole[1] / whole[0] == pytest.approx(turn.times)


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("company", COMPANIES)
def test_the_blank_is_sum_over_sum(company: str, learner: str) -> None:
    blank = number(script(company, learner).blank)
    figures_of_it = next(slip for slip in blank.slips if slip.name == "mean_of_ratios").figures
    assert blank.answer == pytest.approx(sum(figures_of_it["above"]) / sum(figures_of_it["below"]))
    assert f"{blank.answer:.2%}" in blank.solution
    assert blank.check(f"{100 * blank.answer:.2f}").right and blank.is_clear
    assert blank.check(f"{50 * sum(a / b for a, b in zip(*figures_of_it.values(), strict=True)):.2f} %").slip == (
        "mean_of_ratios"
    )


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("company", COMPANIES)
def test_visitors_of_the_month_are_those_of_the_monthly_export(company: str, learner: str) -> None:
    question = number(script(company, learner).fresh[0])
    month = f"{pd.Timestamp(question.text.split(',')[0]):%Y-%m}"
    tables, days = oracle.book_of(company).tables, oracle.span(month, None)
    actions = oracle.window(tables, "traffic", *days)["actions"].sum()
    visitors = oracle.window(tables, "audience", *days)["visitors"].sum()
    assert question.answer == pytest.approx(actions / visitors)
    wrong = {slip.name: slip.value for slip in question.slips}
    assert wrong["visits_for_visitors"] < wrong["sum_of_uniques"] < question.answer


def test_daily_visitors_add_up_to_more_than_the_month_has() -> None:
    """Northlight's file by day, added up by hand."""
    traffic = pd.read_csv("data/sample/northlight/ga4_traffic_acquisition.csv", comment="#")
    by_day = traffic[traffic["Date"].astype(str).str.startswith("202610")]["Total users"].sum()
    months = {f"{pd.Timestamp(q.text.split(',')[0]):%Y-%m}": q for q in (
        number(script("northlight", f"learner {n}").fresh[0]) for n in range(40))}  # fmt: skip
    october = months["2026-10"]
    added = next(slip for slip in october.slips if slip.name == "sum_of_uniques").figures["added"]
    assert added == by_day


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("company", COMPANIES)
def test_points_are_the_difference_of_the_two_shown_rates(company: str, learner: str) -> None:
    question = number(script(company, learner).fresh[1])
    slip = question.slips[0]
    now, before = slip.figures["share"], slip.figures["share_before"]
    month = pd.Timestamp(question.text.split(" in ")[-1].split(".")[0])
    key = "bounce_rate" if "Bounce" in question.text else "qualification_rate"
    for share, day in ((now, month), (before, month - pd.DateOffset(months=1))):
        assert share == pytest.approx(oracle.company_kpis(company, f"{day:%Y-%m}")[key].value, abs=0.0005)
    assert question.check(f"{100 * (now - before):.1f}").right
    assert question.check(f"{100 * (now - before):.1f} pp").right
    assert not question.check(f"{100 * (now - before) / before:.1f}").right
    assert question.check(f"{100 * (now - before) / before:.1f}").slip == "percent_for_points"


@pytest.mark.parametrize("company", COMPANIES)
def test_the_mix_decides_whether_the_whole_is_better_than_before(company: str) -> None:
    explore = script(company, "Anna").explore
    best, worst = (explore.show({"share": share}) for share in (0.0, 1.0))
    assert "more than" in best.words and "less than" in worst.words
    assert all(shown.ax is not None and shown.alt for shown in (best, worst))


@pytest.mark.parametrize("company", COMPANIES)
def test_the_prediction_of_neighbours_goes_either_way_and_is_answered_with_its_own_sentence(company: str) -> None:
    found = {one.predict.answer: one for n in range(8) if (one := script(company, f"learner {n}"))}  # type: ignore[attr-defined]
    assert set(found) == {"rose", "fell"}
    for right, one in found.items():
        wrong = {"rose": "fell", "fell": "rose"}[right]
        assert one.predict.check(right).right and one.predict.check(wrong).slip == "total_like_parts"
        assert f"You said that it {right}, and that is right" in str(one.explain(right)[0])
        assert f"it {wrong}, as each channel did. Both together {right}" in str(one.explain(wrong)[0])
        rows = [
            [float(cell[:-1]) for cell in re.findall(r"[\d.]+%", row)] for row in one.predict.given.split("<tr")[2:]
        ]
        assert {f"It {wrong}, as each channel did"} <= {option.words for option in one.predict.options}  # type: ignore[attr-defined]
        assert all((now > then) == (wrong == "rose") for then, now in rows) and len(rows) == 2


def test_a_mean_of_rates_is_named_at_the_end() -> None:
    assert script("northlight", "Anna").leave.check("mean").slip == "mean_of_ratios"


@pytest.mark.parametrize("company", COMPANIES)
def test_in_the_other_case_the_parts_fell_and_not_the_mix(company: str) -> None:
    slides = list_slides(find_turns(figures(company))[1])
    assert slides and not any(slide.is_real for slide in slides)
    for slide in slides[:12]:
        sums = []
        for one in (slide.before, slide.after):
            known = raw(company, f"{one.month:%Y-%m}")
            sums.append([(known[part.channel][2 if one.action == "orders" else 0], known[part.channel][1])
                         for part in (one.strong, one.weak)])  # fmt: skip
        then, now = ([above / below for above, below in parts] for parts in sums)
        shares = [parts[1][1] / (parts[0][1] + parts[1][1]) for parts in sums]
        assert now[0] < 0.9 * then[0] and now[1] < 0.9 * then[1] and abs(shares[1] - shares[0]) < 0.02
        question = ask_slide(slide)
        assert question.check("worse").right and question.check("mix").slip == "mix_for_parts"
        assert write_rate(slide.before.rate) in question.options[0].words


@pytest.mark.parametrize("company", COMPANIES)
def test_learners_leave_with_other_sentences(company: str) -> None:
    answers = {script(company, f"learner {n}").leave.answer for n in range(14)}  # type: ignore[attr-defined]
    assert answers == {"mix", "worse"}


@pytest.mark.parametrize("company", COMPANIES)
def test_what_is_printed_as_a_solution_can_be_reckoned(company: str) -> None:
    for learner in LEARNERS:
        one = script(company, learner)
        for question in map(number, (one.blank, *one.fresh)):
            unit = "pp" if question.style == "pp" else "%"
            assert question.check(f"{100 * value_of(question.solution):.4f} {unit}").right, question.solution


@pytest.mark.parametrize("company", COMPANIES)
def test_rates_whose_leads_wait_for_a_verdict_are_not_asked(company: str) -> None:
    asked = {month for key, _then, _now, month in conversion._changes(figures(company)) if key == "qualification_rate"}
    assert asked and MONTH not in asked


def test_the_chart_writes_its_point_as_finely_as_its_words() -> None:
    shown = script("northlight", "Anna").explore.show({"share": 0.5})
    assert shown.ax is not None
    words = {text.get_text() for text in shown.ax.texts}
    rate = re.search(r"convert ([\d.]+)%", shown.words)
    assert rate and rate[1] in words and "in %" in str([text.get_text() for text in shown.ax.figure.texts] + [*words])


def test_two_mixes_alone_are_too_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns there are, but no month in which the weaker channel brings most of the visits."""
    turns, mixes = find_turns(figures("northlight"))
    for left in ([], [mix for mix in mixes if mix.weak_share > 0.5 and mix.contrast > 1.5][:1]):
        monkeypatch.setattr(conversion, "find_turns", lambda _figures, left=left: (turns, left))
        with pytest.raises(Lacking):
            compose(figures("northlight"), Lot("Anna", "conversion"))


def test_neighbours_get_other_numbers() -> None:
    for company in COMPANIES:
        answers = {number(script(company, learner).blank).answer for learner in LEARNERS}
        assert len(answers) > 1


def test_a_company_without_a_turn_lacks_what_is_needed(tmp_path: Path) -> None:
    name = "google_ads_campaigns.csv"
    (tmp_path / name).write_bytes((Path("data/sample/northlight") / name).read_bytes())
    with pytest.raises(Lacking, match="no two months"):
        compose(figures_of(tmp_path), Lot("", "conversion"))
