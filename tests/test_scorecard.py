import csv
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError, KitErrors
from kpi_helpers.scorecard import (
    CODES,
    COUNTERWEIGHTS,
    Curve,
    Line,
    Scheme,
    achievement,
    chance_by_noise,
    check_scheme,
    check_schemes,
    describe_fault,
    describe_note,
    find_faults,
    levers_of,
    noise_of,
    read_schemes,
    rows_of,
    save_scheme,
    score,
    simulate,
)

FREE = Curve(threshold=0, cap=math.inf)
STEP = Curve("step", threshold=1)
MARKETING = ("leads", "cpl", "cpql", "romi", "ctr", "visit_to_lead")  # what marketing moves, costs among them


def results(**values):
    return pd.DataFrame({"kpi": list(values), "value": list(values.values())})


def months_of(kpi, values, denominator=None, start="2024-11-01"):
    frame = pd.DataFrame({"period": pd.date_range(start, periods=len(values), freq="MS"), "kpi": kpi, "value": values})
    return frame if denominator is None else frame.assign(denominator=float(denominator))


def scheme(*lines, owner="marketing", bonus=30_000.0):
    return Scheme(owner, bonus, lines)


# Curves

@pytest.mark.parametrize(("achieved", "ceo", "evp"), [
    (0.79, 0, 0), (0.80, 40, 32), (0.90, 45, 36), (1.00, 50, 40), (1.10, 65, 52), (1.20, 80, 64), (1.50, 80, 64),
])
def test_a_published_plan(achieved, ceo, evp):
    """Percent of base pay in the incentive plan filed with the SEC, CIK 862831, 2006, exhibit 10.20.

    Below 80 % nothing, from 80 to 100 % achievement times the target incentive, then 1.5 (CEO) or 1.2 (EVP) percentage
    points for each point, up to 80 % or 64 % at 120 %.
    """
    curve = Curve(threshold=0.8, cap=1.2, at_cap=1.6)
    line = Line("leads", 1.0, 100, curve)
    for target_incentive, paid in ((50, ceo), (40, evp)):
        found = score(scheme(line, bonus=target_incentive), results(leads=100 * achieved))
        assert found.bonus == pytest.approx(paid, abs=1e-9)


@pytest.mark.parametrize(("curve", "achieved", "points"), [
    (Curve(), [-1, 0.79, 0.8, 1, 1.2, 9], [0, 0, 0.8, 1, 1.2, 1.2]),
    (Curve(threshold=0.5, cap=1, at_threshold=0), [0.49, 0.5, 0.75, 1, 2], [0, 0, 0.5, 1, 1]),
    (Curve(threshold=1, cap=1.5), [0.99, 1, 1.25, 2], [0, 1, 1.25, 1.5]),
    (Curve(threshold=0.8, cap=math.inf, at_threshold=0.5), [0.8, 0.9, 1, 3], [0.5, 0.75, 1, 3]),
    (Curve(threshold=1, cap=math.inf), [0.99, 1, 3], [0, 1, 3]),
    (FREE, [-0.5, 0, 0.4, 7], [0, 0, 0.4, 7]),
    (STEP, [0.999, 1, 5], [0, 1, 1]),
    (Curve("step", threshold=0.9), [0.89, 0.9], [0, 1]),
])
def test_curves(curve, achieved, points):
    assert curve.points(achieved).tolist() == pytest.approx(points)
    assert np.isnan(curve.points(math.nan))
    assert curve.rises


CURVES = st.one_of(
    st.builds(Curve, st.just("step"), st.floats(0.1, 1)),
    st.builds(Curve, st.just("linear"), st.floats(0, 1), st.one_of(st.floats(1.01, 3), st.just(math.inf))),
    st.builds(Curve, st.just("linear"), st.floats(0, 1), st.floats(1.01, 3), st.floats(0, 1), st.floats(1, 4)),
)


@given(CURVES, st.floats(-5, 10), st.floats(-5, 10))
def test_more_is_never_paid_less_and_never_more_than_the_most(curve, one, two):
    low, high = sorted((one, two))
    paid = curve.points([low, high])
    assert 0 <= paid[0] <= paid[1] + 1e-12 and paid[1] <= curve.most + 1e-12


@pytest.mark.parametrize("curve", [
    Curve(threshold=1.1), Curve(cap=0.9), Curve(threshold=-0.1), Curve(at_threshold=1.1), Curve(at_cap=0.9),
    Curve(cap=1, at_cap=1.5), Curve(cap=math.inf, at_cap=2), Curve("step", threshold=math.inf),
    Curve("step", threshold=1.1), Curve("step", threshold=0),
])
def test_a_curve_that_falls_or_misses_the_target_is_refused(curve):
    words = "all or nothing needs a threshold above 0" if curve.shape == "step" else "the curve does not rise"
    with pytest.raises(KitError, match=words):
        check_scheme(scheme(Line("leads", 1, 100, curve)))


# Achievement

def test_lower_costs_are_achieved_more():
    line = Line("cpl", 1, 1000)
    assert achievement(line, [500, 900, 1000, 1200, 2500]).tolist() == [1.5, 1.1, 1, 0.8, -0.5]
    assert achievement(replace(line, base=1500.0), [1500, 1250, 1000]).tolist() == [0, 0.5, 1]


def test_a_target_that_is_no_better_than_the_base_can_not_be_achieved():
    line = Line("leads", 1, 200, base=100)
    assert np.isnan(achievement(line, [150, 150, 150], [100, 50, math.nan])).all()
    assert achievement(line, [150, 150], [200, 150]).tolist() == [0.5, 1]


def test_a_base_makes_the_way_count_and_not_the_level():
    nps = Line("nps", 1, 10, base=-10)
    assert achievement(nps, [-10, 0, 10, 20]).tolist() == [0, 0.5, 1, 1.5]
    assert achievement(Line("qualification_rate", 1, 0.8), [0.76]).tolist() == [0.95]


def test_rounding_does_not_move_a_result_below_its_threshold():
    line = Line("romi", 1, 0.9, base=0.1)
    assert (0.74 - 0.1) / (0.9 - 0.1) < 0.8, "the float is below"
    assert line.curve.points(achievement(line, 0.74)) == 0.8


# The score

def test_every_step_by_hand():
    """400 of 500 leads: 0.8; cost per lead 1100 against 1000: 0.9; 60 of 50 %: 1.2, by hand."""
    lines = (Line("leads", 0.5, 500), Line("cpl", 0.3, 1000), Line("romi", 0.2, 0.5))
    found = score(scheme(*lines), results(leads=400, cpl=1100, romi=0.6))
    rows = found.rows.set_index("kpi")
    assert rows["achievement"].to_dict() == pytest.approx({"leads": 0.8, "cpl": 0.9, "romi": 1.2})
    assert rows["contribution"].to_dict() == pytest.approx({"leads": 0.4, "cpl": 0.27, "romi": 0.24})
    assert rows["bonus"].to_dict() == pytest.approx({"leads": 12_000, "cpl": 8_100, "romi": 7_200})
    assert found.index == pytest.approx(0.91) and found.bonus == pytest.approx(27_300) and found.set_aside == 0
    assert rows["better"].to_dict() == {"leads": "higher", "cpl": "lower", "romi": "higher"}


def test_a_missing_result_is_not_zero_its_weight_is_set_aside():
    lines = (Line("leads", 0.5, 500), Line("cpl", 0.3, 1000), Line("romi", 0.2, 0.5))
    found = score(scheme(*lines), results(leads=400, cpl=1000, romi=math.nan))
    assert found.index == pytest.approx((0.5 * 0.8 + 0.3 * 1) / 0.8) and found.set_aside == pytest.approx(0.2)
    rows = found.rows.set_index("kpi")
    assert rows["note"].to_dict() == {"leads": "", "cpl": "", "romi": "no_result"}
    assert rows["counted_weight"].to_dict() == pytest.approx({"leads": 0.625, "cpl": 0.375, "romi": 0})
    assert score(scheme(*lines), results(leads=400, cpl=1000)).index == found.index
    zero = score(scheme(*lines), results(leads=400, cpl=1000, romi=0.0))
    assert zero.index == pytest.approx(0.7) and zero.set_aside == 0


def test_without_any_result_there_is_no_bonus_to_name():
    found = score(scheme(Line("leads", 1, 500)), results(cpl=5.0))
    assert math.isnan(found.index) and math.isnan(found.bonus) and found.set_aside == 1
    assert score(scheme(Line("leads", 1, 500)), results(leads=math.inf)).set_aside == 1


def test_weight_zero_is_shown_and_not_paid_and_may_be_anyones():
    lines = (Line("leads", 1, 500), Line("qualification_rate", 0, 0.8))
    found = score(scheme(*lines), results(leads=500, qualification_rate=0.2))
    assert found.index == 1 and found.rows["note"].tolist() == ["", "watched"]
    assert found.rows["contribution"].tolist() == [1, 0] and found.rows["moved_by"].tolist() == ["marketing", "sales"]


def test_a_target_that_is_not_said_is_the_goal_of_the_month():
    month, open_target = results(leads=450).assign(goal=[300.0]), scheme(Line("leads", 1, math.nan))
    assert score(open_target, month).rows["target"].tolist() == [300]
    assert score(scheme(Line("leads", 1, 500)), month).index == pytest.approx(0.9), "what the scheme says stands"


@pytest.mark.parametrize(("goal", "note"), [(math.nan, "no_goal"), (0.0, "no_way")])
def test_a_month_without_a_goal_sets_the_weight_aside(goal, note):
    lines = (Line("leads", 0.5, math.nan), Line("cpl", 0.5, 1000))
    month = results(leads=450, cpl=900).assign(goal=[goal, math.nan])
    found = score(scheme(*lines), month)
    assert found.rows["note"].tolist() == [note, ""] and found.set_aside == 0.5
    assert found.index == pytest.approx(1.1)
    history = pd.concat([months_of("leads", [450.0] * 3), months_of("cpl", [900.0] * 3)])
    seen = simulate(scheme(*lines), history.assign(goal=goal))
    assert seen.months["set_aside"].tolist() == [0.5] * 3 and len(seen.whole) == 3, "where no month is whole, all count"


def test_paid_are_the_months_in_which_nothing_was_set_aside():
    goals = [math.nan] * 2 + [500.0] * 4
    history = pd.concat([months_of("leads", [500.0] * 6).assign(goal=goals), months_of("cpl", [1000.0] * 6)])
    seen = simulate(scheme(Line("leads", 0.5, math.nan), Line("cpl", 0.5, 1000), bonus=100), history)
    assert seen.months["bonus"].tolist() == pytest.approx([100] * 6)
    assert len(seen.whole) == 4 and seen.paid == pytest.approx(400)


def test_months_ahead_have_goals_of_their_own():
    """Of the first month half of the draws reach the goal, of the second all, and the third has none."""
    paths = {"leads": np.array([[100.0, 100, 100], [90, 90, 90]])}
    made, history = scheme(Line("leads", 1, math.nan), bonus=1000), months_of("leads", [100.0] * 3)
    found = simulate(made, history, paths, targets={"leads": np.array([100.0, 90, math.nan])}).ahead
    assert found["chance"].tolist()[:2] == [0.5, 1] and math.isnan(found["chance"][2])
    assert found["mean"].tolist()[:2] == pytest.approx([950, 1000 * (10 / 9 + 1) / 2]) and math.isnan(found["mean"][2])
    assert found["set_aside"].tolist() == [0, 0, 1]


def test_a_channel_has_a_line_of_its_own():
    both = pd.DataFrame({"kpi": ["leads", "leads"], "scope": ["company", "vk_ads"], "value": [500, 40]})
    lines = (Line("leads", 0.5, 500), Line("leads", 0.5, 50, scope="vk_ads"))
    assert score(scheme(*lines), both).index == pytest.approx(0.9)
    with pytest.raises(KitError, match="two results of leads"):
        score(scheme(Line("leads", 1, 500)), both.assign(scope="company"))


LINES = st.lists(
    st.tuples(st.sampled_from(MARKETING), st.integers(1, 100), st.floats(0.5, 1e6), CURVES),
    min_size=1, max_size=6, unique_by=lambda line: line[0],
)


def drawn(parts, weights_times=1.0):
    total = sum(weight for _kpi, weight, *_rest in parts)
    lines = (Line(kpi, weight / total, min(target, 1) if kpi in ("ctr", "visit_to_lead") else target, curve)
             for kpi, weight, target, curve in parts)
    return scheme(*lines)


@st.composite
def schemes_with_results(draw):
    made = drawn(draw(LINES))
    parts = {line.kpi: draw(st.one_of(st.just(math.nan), st.floats(-1, 4))) for line in made.lines}
    return made, {kpi: part * made.lines[place].target for place, (kpi, part) in enumerate(parts.items())}


@given(schemes_with_results())
def test_the_index_lies_within_its_bounds_and_the_rows_add_up_to_it(case):
    made, values = case
    found = score(made, results(**values))
    if all(math.isnan(value) for value in values.values()):
        assert math.isnan(found.index)
        return
    known = [line.curve.most for line in made.lines if not math.isnan(values[line.kpi])]
    assert -1e-9 <= found.index <= max(known) + 1e-9
    assert found.rows["contribution"].sum() == pytest.approx(found.index)
    assert found.rows["bonus"].sum() == pytest.approx(found.bonus)
    assert found.rows["counted_weight"].sum() == pytest.approx(1)


@given(schemes_with_results(), st.integers(0, 5), st.floats(0, 3))
def test_a_better_result_never_lowers_the_index(case, place, more):
    made, values = case
    line = made.lines[place % len(made.lines)]
    sign = 1 if KPIS[line.kpi].better == "higher" else -1
    if math.isnan(values[line.kpi]):
        return
    better = {**values, line.kpi: values[line.kpi] + sign * more * line.target}
    assert score(made, results(**better)).index >= score(made, results(**values)).index - 1e-9


@given(schemes_with_results(), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_results_does_not_matter(case, random):
    made, values = case
    lines, shuffled = list(made.lines), list(values.items())
    random.shuffle(lines)
    random.shuffle(shuffled)
    one, two = score(made, results(**values)), score(replace(made, lines=tuple(lines)), results(**dict(shuffled)))
    assert one.index == pytest.approx(two.index, nan_ok=True)


@given(LINES, st.floats(0.01, 100), st.floats(0.5, 1.5))
def test_only_the_proportions_of_weights_matter_and_the_bonus_scales(parts, times, part):
    made = drawn(parts)
    history = pd.concat([months_of(line.kpi, [part * line.target]) for line in made.lines])
    heavier = tuple(replace(line, weight=line.weight * times) for line in made.lines)
    scaled = replace(made, bonus=made.bonus * times, lines=heavier)
    one, two = simulate(made, history).months, simulate(scaled, history).months
    assert two["index"].tolist() == pytest.approx(one["index"].tolist())
    assert two["bonus"].tolist() == pytest.approx((one["bonus"] * times).tolist())
    month = results(**{line.kpi: part * line.target for line in made.lines})
    assert one["index"].item() == pytest.approx(score(made, month).index), "the simulation pays what the score pays"


# What is refused

def test_weights_that_do_not_make_100_percent_are_refused_with_their_sum():
    with pytest.raises(KitError, match=r"marketing: the weights add up to 90.0%\. Change them until they make 100 %"):
        score(scheme(Line("leads", 0.5, 500), Line("cpl", 0.4, 1000)), results(leads=500))
    check_scheme(scheme(*(Line(key, 0.333333, 1) for key in ("leads", "cpl", "romi"))))
    with pytest.raises(KitError, match="add up to 0"):
        check_scheme(scheme())


def test_a_kpi_that_another_moves_is_refused_with_whose_it_is_and_what_the_owner_moves():
    with pytest.raises(KitError) as caught:
        score(scheme(Line("qualification_rate", 1, 0.8)), results(qualification_rate=0.9))
    assert caught.value.found == "qualification_rate is moved by sales, not by marketing."
    assert caught.value.next_step.startswith("What marketing moves: visit_to_lead, cpl, cpql, leads,")
    assert "qualification_rate" not in levers_of("marketing") and "qualification_rate" in levers_of("sales")
    shared = score(scheme(Line("qualified_leads", 1, 100)), results(qualified_leads=100))
    assert shared.rows["note"].tolist() == ["shared"]


@pytest.mark.parametrize(("line", "words"), [
    (Line("spend", 1, 1000), "neither more nor less is better"),
    (Line("leads", 1, math.inf), "must be numbers"),
    (Line("leads", 1, 0), "no share of the target 0"),
    (Line("leads", 1, 100, base=150), "base must be worse"),
    (Line("cpl", 1, 100, base=50), "base must be worse"),
    (Line("leads", math.nan, 100), "the weight of leads is no share"),
    (Line("cplx", 1, 100), "there is no KPI 'cplx'. Did you mean"),
])
def test_lines_that_make_no_sense_are_refused(line, words):
    with pytest.raises(KitError, match=words):
        check_scheme(scheme(line))


def test_all_that_is_wrong_is_named_at_once():
    with pytest.raises(KitErrors) as caught:
        check_scheme(Scheme("boss", -1, (Line("leads", 0.5, 500), Line("leads", 0.4, 500))))
    said = str(caught.value)
    assert all(words in said for words in ("no owner 'boss'", "is no amount", "add up to 90", "stands in it twice"))


# Noise

def test_the_noise_of_a_share_is_that_of_wilsons_interval():
    line = Line("qualification_rate", 1, 0.8, STEP)
    found = chance_by_noise(line, pd.DataFrame({"value": [0.78], "denominator": [50]})).item()
    _low, high = proportion_confint(39, 50, alpha=2 * found, method="wilson")
    assert high == pytest.approx(0.8), "the interval of that confidence just reaches the edge"
    assert noise_of(line, pd.DataFrame({"value": [1.0], "denominator": [50]})).item() > 0, "all of 50 is not for ever"


def test_the_chance_by_noise_comes_true():
    """Of months of 60 cases with levels of all kinds: how often the level lies on the other side of 80 %."""
    rng, line = np.random.default_rng(5), Line("qualification_rate", 1, 0.8, STEP)
    levels = rng.uniform(0.6, 1, 40_000)
    values = rng.binomial(60, levels) / 60
    chances = chance_by_noise(line, pd.DataFrame({"value": values, "denominator": 60}))
    other_side = (levels >= 0.8) != (values >= 0.8)
    for low, high in ((0, 0.1), (0.1, 0.25), (0.25, 0.45), (0.45, 0.51)):
        those = chances.between(low, high, inclusive="left").to_numpy()
        assert those.sum() > 500
        assert other_side[those].mean() == pytest.approx(chances[those].mean(), abs=0.06)
    assert chance_by_noise(line, pd.DataFrame({"value": [0.95], "denominator": [2000]})).item() < 1e-6


def test_the_noise_of_an_amount_is_its_moving_range():
    values = [100.0, 110, 100, 110, 100, 110, 100]
    line, frame = Line("leads", 1, 100, STEP), pd.DataFrame({"value": values})
    assert noise_of(line, frame).tolist() == pytest.approx([10 / 1.128] * 7)
    assert chance_by_noise(line, frame).tolist()[1] == pytest.approx(norm.cdf(-1.128))
    assert noise_of(line, frame[:5]).isna().all(), "too few months to say"
    cost = Line("cpl", 1, 100)
    assert chance_by_noise(cost, frame).tolist()[1] == pytest.approx(norm.cdf(-1.128)), "the edge is 80 %: costs of 120"


SEASON = 200 + 120 * np.sin(np.arange(24) * 2 * np.pi / 12)
GROWTH = 100 * 1.05 ** np.arange(24)


@pytest.mark.parametrize("goals", [SEASON, GROWTH])
def test_seasons_and_growth_that_the_goals_foresee_are_no_noise(goals):
    history = months_of("leads", goals * 1.03).assign(goal=goals)
    made = scheme(Line("leads", 1, math.nan, STEP), Line("cpql", 0, 5))
    assert simulate(made, history).lines.at["leads", "luck"] == pytest.approx(0, abs=1e-9)
    assert not [code for code, _line in codes(made, history) if code == "noise_decides"]


def test_steady_growth_towards_a_fixed_target_is_no_noise():
    assert noise_of(Line("leads", 1, 150), pd.DataFrame({"value": np.arange(100.0, 124)})).max() < 1e-6


def test_few_months_do_not_say_that_swings_decide():
    made = scheme(Line("qualification_rate", 1, 0.8, STEP), owner="sales")
    for months, found in ((5, []), (6, ["noise_decides"])):
        history = months_of("qualification_rate", [0.79] * months, 100)
        assert [code for code, _line in codes(made, history) if code != "gaming"] == found


@pytest.mark.parametrize("curve", [STEP, Curve(threshold=1, at_threshold=0), Curve(threshold=1)])
def test_a_step_is_one_however_it_is_written(curve):
    assert curve.least == 1 == curve.points(1).item() and curve.points(0.999).item() == 0
    history = months_of("qualification_rate", [0.79, 0.81] * 12, 50)
    made = scheme(Line("qualification_rate", 1, 0.8, curve), owner="sales")
    assert ("noise_decides", "qualification_rate") in codes(made, history)


# Simulation

@given(schemes_with_results(), st.floats(0, 1))
def test_a_bonus_lies_between_nothing_and_the_ceiling(case, charges):
    made, values = case
    history = pd.concat([months_of(line.kpi, [values[line.kpi]] * 3) for line in made.lines])
    paths = {line.key: np.full((4, 2), values[line.kpi]) for line in made.lines}
    seen = simulate(made, history, paths, charges, draws=20)
    for bonuses in (seen.months["bonus"].dropna(), seen.ahead["high"].dropna()):
        assert (bonuses * (1 + charges)).between(0, seen.ceiling * (1 + 1e-9)).all(), "whatever was set aside"


def test_the_ceiling_is_that_of_the_highest_cap_where_weights_are_set_aside():
    made = scheme(Line("leads", 0.8, 10, Curve(cap=1.2)), Line("cpl", 0.2, 10, Curve(cap=1.5)), bonus=100)
    history = pd.concat([months_of("leads", [math.nan]), months_of("cpl", [1.0])])
    found = simulate(made, history, charges=0.5)
    assert found.months["bonus"].item() == pytest.approx(150) and found.ceiling == pytest.approx(225)


def test_what_cannot_be_forecast_leaves_nothing_to_be_said_ahead():
    """Of 20 % of the weight alone nobody may conclude what the whole bonus will be."""
    made = scheme(Line("leads", 0.2, 10), Line("cpql", 0.8, 5))
    history = pd.concat([months_of("leads", [11.0] * 12), months_of("cpql", [9.0] * 12)])
    found = simulate(made, history, {"leads": np.full((50, 3), 12.0)})
    assert found.ahead["set_aside"].tolist() == pytest.approx([0.8] * 3) and found.whole_ahead.empty
    assert math.isnan(found.expected) and found.ahead[["mean", "low", "high", "chance"]].isna().all(axis=None)
    assert found.lines.at["leads", "chance"] == 1


def test_what_would_have_been_paid():
    """Thirty months, of which the last 24 count: 12 at 90 %, 12 at the cap: 24 x mean(.9, 1.2) x 30 000, by hand."""
    values = [10.0] * 6 + [450.0] * 12 + [900.0] * 12
    found = simulate(scheme(Line("leads", 1, 500)), months_of("leads", values, start="2024-05-01"), charges=0.3)
    assert len(found.months) == 24
    assert found.paid == pytest.approx(12 * 27_000 + 12 * 36_000)
    assert found.cost == pytest.approx(1.3 * found.paid) and found.ceiling == pytest.approx(1.3 * 36_000)
    assert found.lines.loc["leads", ["reached", "known"]].tolist() == [12, 24]
    assert math.isnan(found.expected) and found.ahead.empty


def test_a_month_without_a_result_sets_the_weight_aside():
    history = pd.concat([months_of("leads", [500.0] * 8), months_of("cpl", [2000.0] * 7 + [math.nan])])
    found = simulate(scheme(Line("leads", 0.5, 500), Line("cpl", 0.5, 1000)), history).months
    assert found["set_aside"].tolist() == [0] * 7 + [0.5]
    assert found["bonus"].tolist() == pytest.approx([15_000] * 7 + [30_000])


def test_the_draws_give_chance_and_cost_ahead():
    """Of four draws two reach the target of 100: 150 (capped at 120) and 100; 90 is paid in part, 50 not at all."""
    paths = {"leads": np.array([[150.0], [100.0], [90.0], [50.0]])}
    found = simulate(scheme(Line("leads", 1, 100), bonus=1000), months_of("leads", [100.0] * 8), paths)
    assert found.ahead["chance"].item() == 0.5 and found.lines.loc["leads", "chance"] == 0.5
    assert found.expected == pytest.approx(1000 * (1.2 + 1 + 0.9 + 0) / 4)
    assert found.ahead["low"].item() <= found.ahead["median"].item() <= found.ahead["high"].item()


def test_luck_of_the_whole_bonus():
    """A result at its target is a toss of a coin; one far above it is none; a scheme of steps swings, by hand, by half.
    """
    at_target = months_of("qualification_rate", [0.8] * 24, 50)
    whole = scheme(Line("qualification_rate", 1, 0.8, STEP), owner="sales", bonus=1000)
    found = simulate(whole, at_target).months
    assert found["luck"].mean() == pytest.approx(0.5, abs=0.02) and found["swing"].mean() == pytest.approx(500, abs=5)
    safe = simulate(whole, at_target.assign(value=0.97, denominator=500.0)).months
    assert safe["luck"].max() == 0 and safe["swing"].max() == 0
    assert simulate(scheme(Line("leads", 1, 5)), months_of("leads", [5.0] * 3)).months["luck"].isna().all()


def test_the_same_history_gives_the_same_simulation_whatever_its_order():
    history = pd.concat([months_of("leads", list(range(400, 424))), months_of("cpl", list(range(900, 924)))])
    made = scheme(Line("leads", 0.5, 410), Line("cpl", 0.5, 910))
    one, two = simulate(made, history), simulate(made, history.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(one.months, two.months, check_freq=False)
    pd.testing.assert_frame_equal(one.lines, two.lines)


# Faults

def codes(made, history=None, paths=None):
    seen = None if history is None else simulate(made, history, paths)
    return [(fault.code, fault.line) for fault in find_faults(made, seen)]


def test_a_sound_scheme_has_no_faults():
    rng = np.random.default_rng(1)
    history = pd.concat([
        months_of("qualification_rate", rng.binomial(900, 0.82, 24) / 900, 900),
        months_of("close_rate", [*[0.35] * 12, *[0.27] * 12], 700),
    ])
    made = scheme(Line("qualification_rate", 0.5, 0.82), Line("close_rate", 0.5, 0.3), owner="sales")
    assert codes(made, history) == []


def test_each_fault_is_found_and_said():
    reached = months_of("leads", [600.0, 640.0] * 12)
    cases = {
        "weights": (scheme(Line("leads", 0.7, 500), Line("cpql", 0.2, 9)), None),
        "not_owned": (scheme(Line("close_rate", 1, 0.3)), None),
        "shared": (scheme(Line("aov", 1, 3000)), None),
        "metric": (scheme(Line("revenue", 1, 1e6)), None),
        "gaming": (scheme(Line("leads", 1, 500)), None),
        "no_result": (scheme(Line("leads", 1, math.nan)), reached.assign(value=math.nan, goal=500.0)),
        "no_goal": (scheme(Line("leads", 1, math.nan)), reached),
        "no_way": (scheme(Line("leads", 1, math.nan, base=600)), reached.assign(goal=500.0)),
        "unreachable": (scheme(Line("leads", 1, 900)), reached),
        "always_reached": (scheme(Line("leads", 1, 500)), reached),
        "noise_decides": (scheme(Line("qualification_rate", 1, 0.8, STEP), owner="sales"),
                          months_of("qualification_rate", [0.79, 0.81] * 12, 50)),
    }
    assert tuple(sorted(cases, key=CODES.index)) == CODES
    for code, (made, history) in cases.items():
        seen = None if history is None else simulate(made, history)
        faults = {fault.code: fault for fault in find_faults(made, seen)}
        assert code in faults
        found, step = describe_fault(made, faults[code])
        assert found and step and "{" not in found + step


def test_leads_need_a_counterweight_and_get_those_first_that_the_owner_moves():
    alone = next(fault for fault in find_faults(scheme(Line("leads", 1, 500))) if fault.code == "gaming")
    assert alone.kpis == ("cpql", "qualified_leads", "qualification_rate")
    beside = scheme(Line("leads", 1, 500), Line("qualification_rate", 0, 0.8))
    assert codes(beside) == []
    assert describe_note("watched") == "shown, not paid"


def test_counterweights_are_kpis_of_the_catalogue():
    assert {key for pair in COUNTERWEIGHTS.items() for key in (pair[0], *pair[1])} <= set(KPIS)
    assert not any(key in others for key, others in COUNTERWEIGHTS.items())


def test_a_forecast_counts_more_than_what_was():
    reached, made = months_of("leads", [600.0, 640.0] * 12), scheme(Line("leads", 1, 500), Line("cpql", 0, 900))
    falling = {"leads": np.full((100, 3), 300.0)}
    assert ("always_reached", "leads") in codes(made, reached)
    assert ("unreachable", "leads") in codes(made, reached, falling)
    assert codes(made, reached[:6]) == [], "half a year proves nothing"


def test_noise_that_can_only_move_a_little_decides_nothing():
    lines = (Line("qualification_rate", 0.05, 0.8, STEP), Line("close_rate", 0.95, 0.3))
    small, large = ("qualification_rate", [0.79, 0.81] * 12, 50), ("close_rate", [0.2, 0.4] * 12, 9000)
    history = pd.concat([months_of(*small), months_of(*large)])
    assert chance_by_noise(lines[0], history[:24]).mean() > 0.25, "noise does decide over that line"
    assert codes(scheme(*lines, owner="sales"), history) == []


# Files

CSV = """owner,bonus,kpi,weight,target,base,curve,threshold,cap
marketing,30000,leads,60 %,500,,linear,80 %,120 %
Маркетинг,,Cost per lead (CPL),0.4,1000,1500,step,,
sales,20 000,qualification_rate,100 %,80 %,,,no,no
"""
YAML = """
schemes:
- owner: marketing
  bonus: 30000
  kpis:
  - {kpi: leads, weight: 60 %, target: 500, curve: linear, threshold: 80 %, cap: 120 %}
  - kpi: cpl
    weight: 0.4
    target: 1000
    base: 1500
    curve: step
- owner: sales
  bonus: 20 000
  kpis:
  - {kpi: qualification_rate, weight: 100 %, target: 80 %, threshold: 'no', cap: 'no'}
"""


@pytest.mark.parametrize(("name", "text"), [
    ("schemes.csv", CSV), ("schemes.csv", CSV.replace(",", ";")), ("schemes.csv", "\ufeff" + CSV.replace("\n", "\r\n")),
    ("schemes.yaml", YAML), ("schemes.yml", YAML.replace("schemes:\n", "")),
])
def test_schemes_are_read(tmp_path, name, text):
    (tmp_path / name).write_bytes(text.encode())
    marketing, sales = read_schemes(tmp_path / name)
    assert marketing == Scheme("marketing", 30_000, (
        Line("leads", 0.6, 500, marketing.lines[0].curve, marketing.lines[0].base),
        Line("cpl", 0.4, 1000, marketing.lines[1].curve, 1500),
    ))
    first, second, third = (line.curve for line in (*marketing.lines, *sales.lines))
    assert (first.shape, first.threshold, first.cap) == ("linear", 0.8, 1.2)
    assert (second.shape, second.threshold) == ("step", 1)
    assert (third.threshold, third.cap) == (0, math.inf) and sales.bonus == 20_000


@pytest.mark.parametrize(("column", "value", "words"), [
    ("owner", "boss", "there is no owner 'boss'"),
    ("kpi", "leeds", "there is no KPI 'leeds'. Did you mean leads?"),
    ("kpi", "missed_calls", "missed_calls is moved by sales, not by marketing. What marketing moves:"),
    ("kpi", "spend", "neither more nor less"),
    ("weight", "60", "weight = '60': a weight is a share between 0 and 1. Write it as 0.4 or 40 %."),
    ("weight", "", "weight is empty"),
    ("weight", "nan", "weight = 'nan' is not a number"),
    ("target", "1,200", "target = '1,200' is not a number"),
    ("target", "٥٠٠", "is not a number"),
    ("target", "80 %", "leads is not a share"),
    ("bonus", "-5", "below zero"),
    ("curve", "round", "curve = 'round' is not known"),
    ("threshold", "130 %", "does not rise"),
    ("cap", "120", "cap = '120' would be 12000 %. Write it as 1.2 or 120 %."),
    ("at_cap", "150", "at_cap = '150' would be"),
    ("scope", "vk_add", "there is no channel 'vk_add'. Did you mean vk_ads?"),
    ("scope", "=1+1", "there is no channel '=1+1'"),
    ("base", "600", "the base must be worse than the target"),
])
def test_a_wrong_row_is_named_with_its_line(column, value, words):
    row = {"owner": "marketing", "bonus": "30000", "kpi": "leads", "weight": "100 %", "target": "500"}
    sound = {**row, "owner": "sales", "kpi": "close_rate", "target": "0.3"}
    target = {"target": "0.5"} if value == "missed_calls" else {}
    with pytest.raises(KitError) as caught:
        check_schemes([sound, {**row, **target, column: value}], channels=["own_channel"])
    assert str(caught.value).startswith("schemes.csv, line 3: ") and words in str(caught.value)


def test_what_is_wrong_with_a_whole_scheme_is_said_with_the_file():
    row = {"owner": "marketing", "bonus": "", "kpi": "leads", "weight": "90 %", "target": "500"}
    with pytest.raises(KitError, match=r"schemes.csv: the bonus of marketing is not said"):
        check_schemes([row])
    with pytest.raises(KitError, match=r"schemes.csv, marketing: the weights add up to 90"):
        check_schemes([{**row, "bonus": "1"}])
    with pytest.raises(KitError, match="line 3: leads stands in it twice"):
        check_schemes([{**row, "bonus": "1"}, row])
    with pytest.raises(KitError, match="line 3: the bonus of marketing is 2 here and another above"):
        check_schemes([{**row, "bonus": "1"}, {**row, "bonus": "2", "kpi": "cpl"}])


@pytest.mark.parametrize(("name", "text", "words"), [
    ("a.yaml", "a: [1", "line 1: it is no YAML"),
    ("a.yaml", "just words", "it is no list of schemes"),
    ("a.yaml", "- [1, 2]", "line 1: this is no scheme"),
    ("a.yaml", "- owner: [1]", "line 1: owner holds more than one value"),
    ("a.yaml", "- !!python/object/apply:os.system ['x']", "this is no scheme"),
    ("a.yaml", "[" * 50_000, "it is no YAML"),
    ("a.yaml", "- &a {owner: x, kpis: [" + "{kpi: a}," * 900 + "]}\n" + "- *a\n" * 5000, "too large"),
    ("a.yaml", "- &a {owner: x, kpis: [*a]}", "no heading kpi"),
    ("a.csv", "", "no heading owner"),
    ("a.csv", "owner,kpi\nmarketing,leads\n", "no heading weight. "),
    ("a.csv", "owner,kpi,weight,targt\n", "the heading 'targt' is not known. Did you mean target"),
    ("a.csv", "\x00", "no heading owner"),
    ("a.csv", "owner,kpi,weight,bonus\nmarketing,leads,1,2,,more\n", "line 2: the row has more cells than there are"),
    ("missing.csv", None, "cannot be opened"),
])
def test_files_that_are_no_schemes(tmp_path, name, text, words):
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(KitError, match=words):
        read_schemes(tmp_path / name)
    (tmp_path / name).write_bytes(b"owner\xff")
    with pytest.raises(KitError, match="UTF-8"):
        read_schemes(tmp_path / name)


@given(st.dictionaries(st.sampled_from(["owner", "bonus", "kpi", "weight", "target", "base", "curve", "cap", "x"]),
                       st.text(max_size=12) | st.sampled_from(["leads", "marketing", "100 %", "1e999", "-1"])))
def test_no_row_does_harm(row):
    try:
        check_schemes([{"owner": "marketing", "kpi": "leads", "weight": "1", "target": "5", "bonus": "1", **row}])
    except KitError as error:
        assert str(error)


# Saving

OWN = """Ответственный;bonus;kpi;weight;target;note;at_cap
marketing;30000;Лиды;1;500;agreed on 1 May;
sales;20 000;qualification_rate;60 %;80 %;<b>;1.5
sales;;answered_in_time;40 %;;;
"""


def test_only_the_owners_rows_are_written_anew(tmp_path):
    path = tmp_path / "pay.csv"
    path.write_text(OWN, encoding="utf-8")
    before = read_schemes(path)
    lines = (Line("leads", 0.7, math.nan), Line("cpql", 0.3, 1234.5, Curve("linear", 0.0, math.inf), 2000.0))
    assert save_scheme(path, Scheme("marketing", 40_000, lines)) == path.read_bytes()
    after = read_schemes(path)
    assert after[1] == before[1]
    assert [line.key for line in after[0].lines] == ["leads", "cpql"] and math.isnan(after[0].lines[0].target)
    assert after[0].lines[1] == lines[1] and after[0].bonus == 40_000
    rows = list(csv.DictReader(path.open(encoding="utf-8"), delimiter=";"))
    assert [row["note"] for row in rows] == ["agreed on 1 May", "", "<b>", ""], "columns of one's own are kept"
    assert [row["bonus"] for row in rows][2] == "20 000", "as it was written"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_spreadsheet_wrote_stays_in_its_dialect(tmp_path):
    path = tmp_path / "pay.csv"
    path.write_bytes(b"\xef\xbb\xbf" + OWN.replace("\n", "\r\n").encode())
    save_scheme(path, scheme(Line("leads", 1, 700)))
    held = path.read_bytes()
    assert held.startswith(b"\xef\xbb\xbfowner;bonus;") and held.count(b"\r\n") == held.count(b"\n") == 4
    assert b"\r\nsales;20 000;" in held and read_schemes(path)[0].lines[0].target == 700


def test_what_others_changed_in_the_meantime_is_not_written_over(tmp_path):
    path, made = tmp_path / "pay.csv", scheme(Line("leads", 1, 500))
    held = save_scheme(path, made, b"")
    path.write_bytes(held.replace(b"500", b"700"))
    with pytest.raises(KitError, match="was changed since it was read"):
        save_scheme(path, made, held)
    assert read_schemes(path)[0].lines[0].target == 700
    with pytest.raises(KitError, match="the scheme holds no KPI"):
        save_scheme(path, scheme())


def test_a_link_is_followed_and_a_failure_leaves_nothing(tmp_path, monkeypatch):
    real, link, foreign = tmp_path / "real.csv", tmp_path / "pay.csv", tmp_path / "pay.tmp"
    foreign.write_text("my notes")
    save_scheme(real, scheme(Line("leads", 1, 500)))
    real.chmod(0o664)
    link.symlink_to(real)
    save_scheme(link, scheme(Line("leads", 1, 600)))
    assert link.is_symlink() and read_schemes(real)[0].lines[0].target == 600 and real.stat().st_mode & 0o777 == 0o664

    def fail(*_args):
        raise OSError("disk full")

    monkeypatch.setattr("kpi_helpers.saving.os.fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        save_scheme(link, scheme(Line("leads", 1, 900)))
    assert sorted(tmp_path.iterdir()) == sorted([real, link, foreign]) and foreign.read_text() == "my notes"
    assert read_schemes(real)[0].lines[0].target == 600


def test_a_file_is_begun_and_a_wrong_scheme_is_not_written(tmp_path):
    path, sound = tmp_path / "pay.csv", scheme(Line("leads", 1, 500))
    save_scheme(path, sound)
    text = path.read_text(encoding="utf-8")
    for wrong in (scheme(Line("leads", 0.9, 500)), scheme(Line("close_rate", 1, 0.3))):
        with pytest.raises(KitError):
            save_scheme(path, wrong)
    with pytest.raises(KitError, match="saved as CSV"):
        save_scheme(tmp_path / "pay.yml", sound)
    assert path.read_text(encoding="utf-8") == text and list(tmp_path.iterdir()) == [path]


@given(schemes_with_results(), st.floats(0, 1e9))
def test_what_is_written_is_read_back(case, bonus):
    made = replace(case[0], bonus=bonus)
    written = check_schemes(rows_of(made))
    assert [replace(line, base=0.0, curve=Curve()) for line in written[0].lines] == [
        replace(line, base=0.0, curve=Curve()) for line in made.lines
    ]
    for old, new in zip(made.lines, written[0].lines, strict=True):
        reached = [0.0, 0.3, 0.79, 0.9, 1.0, 1.1, 1.7, 2.5]
        assert old.curve.points(reached).tolist() == new.curve.points(reached).tolist()
    assert written[0].bonus == bonus
