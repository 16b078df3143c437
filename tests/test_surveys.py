import math
import random
from datetime import date

import numpy as np
import pandas as pd
import pytest
from frames import table
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.stats.proportion import confint_proportions_2indep

from kpi_helpers.differences import sample_size
from kpi_helpers.errors import KitError
from kpi_helpers.kpis import nps_interval, proportion_interval
from kpi_helpers.surveys import answers_needed, compare_pairs, compare_waves, describe_survey, effective_size, rake
from kpi_helpers.surveys.answers import MEASURES

DAYS = ["2026-01-15", "2026-02-20", "2026-05-05", "2026-11-30"]
flag = st.sampled_from([True, False, None])
answer = st.tuples(st.sampled_from(DAYS), st.sampled_from(["target", "other", None]), flag, flag,
                   st.sampled_from([None, *range(11)]), st.sampled_from([None, 1, 2, 3, 4, 5]))  # fmt: skip
weight = st.floats(0.1, 20)
NAMES = ["answered_at", "segment", "aware_unaided", "aware_aided", "recommend", "satisfied"]


def survey(rows, weights=None):
    columns = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
    answers = table("survey", **columns)
    return answers if weights is None else answers.assign(weight=[float(one) for one in weights])


def one(answers, measure, population="all"):
    found = describe_survey(answers).set_index(["population", "measure"])
    return found.loc[(population, measure)]


def scores(promoters, passives, detractors, day="2026-01-15", **columns):
    marks = [10.0] * promoters + [8.0] * passives + [3.0] * detractors
    return table("survey", recommend=marks, answered_at=[day] * len(marks), **columns)


# Published values


def test_nps_of_250_promoters_and_75_detractors_of_1000():
    """17.5 ± 3.36: 1.96 * 100 * sqrt((.25 + .075 - .175^2) / 1000)."""
    nps = one(scores(250, 675, 75), "nps")
    assert nps["value"] == pytest.approx(17.5)
    assert [round(nps["high"] - 17.5, 2), round(17.5 - nps["low"], 2)] == [3.36, 3.36]


def test_wilsons_interval_as_published():
    """Newcombe 1998, Statist. Med. 17:857, table I: 81 of 263 gives .2553 to .3662."""
    aided = one(table("survey", aware_aided=[True] * 81 + [False] * 182), "awareness_aided")
    assert [round(aided["low"], 4), round(aided["high"], 4)] == [0.2553, 0.3662]


def test_three_rounds_of_proportional_fitting_as_published():
    """The worked example of "Iterative proportional fitting" in the English Wikipedia: a table after three rounds."""
    start = [[40, 30, 20, 10], [35, 50, 100, 75], [30, 80, 70, 120], [20, 30, 40, 50]]
    cells = pd.DataFrame(start, index=["r0", "r1", "r2", "r3"], columns=["c0", "c1", "c2", "c3"], dtype=float)
    cells = cells.rename_axis("row").melt(var_name="column", value_name="weight", ignore_index=False).reset_index()
    margins = {"row": {"r0": 0.15, "r1": 0.3, "r2": 0.4, "r3": 0.15},
               "column": {"c0": 0.2, "c1": 0.3, "c2": 0.4, "c3": 0.1}}  # fmt: skip
    found = rake(cells, margins, rounds=3)
    assert (found.weights.to_numpy().reshape(4, 4).T * 1000 / 16).round(2).tolist() == [
        [64.61, 46.28, 35.42, 3.83], [49.95, 68.15, 156.49, 25.37],
        [56.70, 144.40, 145.06, 53.76], [28.74, 41.18, 63.03, 17.03],
    ]  # fmt: skip
    assert not found.converged and found.rounds == 3 and found.gap == pytest.approx(1.3e-4, abs=1e-5)
    whole = rake(cells, margins)
    assert whole.converged and whole.gap <= 1e-6


# What the answers say


@settings(max_examples=30)
@given(st.lists(answer, max_size=40), st.sampled_from(["all", "target"]))
def test_without_weights_shares_are_counts_and_intervals_those_of_the_kpis(rows, population):
    answers = survey(rows)
    assume(population == "all" and rows or answers["segment"].notna().any())
    part = answers if population == "all" else answers[answers["segment"] == "target"]
    for measure, column, good in [("awareness_unaided", "aware_unaided", 1), ("awareness_aided", "aware_aided", 1),
                                  ("csat", "satisfied", 4)]:  # fmt: skip
        said = part[column].dropna().astype(float)
        found = one(answers, measure, population)
        assert found["answers"] == len(said)
        if len(said):
            low, high = proportion_interval(pd.Series([float((said >= good).sum())]), pd.Series([float(len(said))]))
            assert found["value"] == pytest.approx((said >= good).mean())
            assert [found["low"], found["high"]] == pytest.approx([low.item(), high.item()])
        else:
            assert math.isnan(found["value"]) and found["reason"] == "no_answers"
    said = part["recommend"].dropna()
    promoters, detractors = (said >= 9).sum(), (said <= 6).sum()
    if len(said):
        found = one(answers, "nps", population)
        bounds = nps_interval(*(pd.Series([float(n)]) for n in (promoters, detractors, len(said))))
        assert found["value"] == pytest.approx(100 * (promoters - detractors) / len(said))
        assert [found["low"], found["high"]] == pytest.approx([bound.item() for bound in bounds])


@settings(max_examples=20)
@given(st.lists(st.tuples(answer, weight), min_size=1, max_size=30), st.floats(1e-6, 1e6))
def test_only_the_ratios_of_weights_matter(pairs, scale):
    rows, weights = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    found = describe_survey(survey(rows, weights), "quarter")
    scaled = describe_survey(survey(rows, [scale * size for size in weights]), "quarter")
    pd.testing.assert_frame_equal(scaled, found, rtol=1e-9)
    equal = describe_survey(survey(rows, [scale] * len(rows)), "quarter")
    pd.testing.assert_frame_equal(equal, describe_survey(survey(rows), "quarter"), rtol=1e-9)


@settings(max_examples=20)
@given(st.lists(st.tuples(answer, weight), min_size=1, max_size=30), st.randoms(use_true_random=False),
       st.integers(0, 30))  # fmt: skip
def test_neither_the_order_of_answers_nor_cutting_the_file_in_two_changes_anything(pairs, chance: random.Random, cut):
    answers = survey([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    mixed = answers.iloc[chance.sample(range(len(answers)), len(answers))]
    parts = pd.concat([mixed.iloc[cut:], mixed.iloc[:cut]]).set_axis([0] * len(mixed))
    for every in ("", "month"):
        found = describe_survey(answers, every)
        pd.testing.assert_frame_equal(describe_survey(parts, every), found, rtol=1e-9)
    assert (found["effective"] <= found["answers"] + 1e-9).all()
    shares = found[found["measure"] != "nps"].dropna(subset=["value"])
    assert shares["value"].between(shares["low"] - 1e-12, shares["high"] + 1e-12).all()
    assert found["value"].between(-100, 100).sum() == found["value"].notna().sum()


@settings(max_examples=25)
@given(st.lists(st.tuples(answer, st.integers(0, 3)), min_size=1, max_size=20))
def test_a_weight_moves_a_share_as_repeated_answers_would(pairs):
    assume(any(times for _row, times in pairs))
    weighted = describe_survey(survey([row for row, _t in pairs], [times for _row, times in pairs]))
    repeated = describe_survey(survey([row for row, times in pairs for _copy in range(times)]))
    for population in ("all", "target"):
        there, here = (part.loc[part["population"] == population, "value"] for part in (weighted, repeated))
        if len(here):
            np.testing.assert_allclose(there, here, atol=1e-9)


def test_the_target_audience_stands_beside_all():
    answers = table("survey", segment=["target", "other", "target", None], aware_aided=[True, False, True, False])
    assert one(answers, "awareness_aided")["value"] == 0.5
    assert one(answers, "awareness_aided", "target")["value"] == 1
    nobody = describe_survey(answers.assign(segment=None))
    assert set(nobody["population"]) == {"all"} and set(nobody["measure"]) == set(MEASURES)


def test_where_all_agree_there_is_still_an_interval():
    nps = one(scores(300, 0, 0), "nps")
    assert nps["value"] == 100 and 97 < nps["low"] < 100 and nps["high"] == 100


def test_unequal_weights_widen_the_interval():
    marks = [True, False] * 50
    even = one(table("survey", aware_aided=marks), "awareness_aided")
    uneven = one(table("survey", aware_aided=marks).assign(weight=[1.0, 1.0, 5.0, 5.0] * 25), "awareness_aided")
    assert uneven["effective"] == pytest.approx(100 * 9 / 13) == effective_size(pd.Series([1.0, 5.0] * 50))
    assert uneven["high"] - uneven["low"] > even["high"] - even["low"]
    assert uneven["value"] == pytest.approx(even["value"]) == 0.5


@pytest.mark.parametrize("bad", [[1.0, -1.0], [1.0, None], [1.0, math.inf], [1.0, "heavy"], [0.0, 0.0]])
def test_weights_that_are_none_are_refused(bad):
    answers = table("survey", aware_aided=[True, False]).assign(weight=bad)
    with pytest.raises(KitError, match="weight"):
        describe_survey(answers)


def test_an_empty_column_of_weights_is_no_weights_and_waves_are_cut_by_known_spans():
    answers = scores(3, 2, 1)
    pd.testing.assert_frame_equal(describe_survey(answers.assign(weight=None)), describe_survey(answers))
    with pytest.raises(KitError, match="Did you mean month"):
        describe_survey(answers, "mont")
    assert describe_survey(answers.iloc[:0], "month").empty


# Raking


@settings(max_examples=12)
@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), weight), max_size=30),
       st.floats(0.1, 0.9), st.floats(0.1, 0.8))  # fmt: skip
def test_raked_weights_have_the_margins(people, first, second):
    people = [*[(sex, age, 1.0) for sex in "ab" for age in "xyz"], *people]  # nobody is missing: it converges
    answers = pd.DataFrame(people, columns=["sex", "age", "weight"])
    margins = {"sex": {"a": first, "b": 1 - first},
               "age": {"x": second, "y": (1 - second) / 2, "z": (1 - second) / 2}}  # fmt: skip
    found = rake(answers, margins)
    assert found.converged and found.left_out == 0
    assert found.weights.mean() == pytest.approx(1)
    for trait, shares in margins.items():
        sums = found.weights.groupby(answers[trait]).sum() / found.weights.sum()
        assert sums.to_dict() == pytest.approx(shares, abs=2e-6)
    mixed = answers.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(rake(mixed, margins).weights.sort_index(), found.weights, rtol=1e-9)


def test_margins_that_no_weights_can_have_do_not_converge_and_it_is_said():
    answers = pd.DataFrame({"sex": ["f", "f", "m"], "age": ["old", "old", "young"]})
    found = rake(answers, {"sex": {"f": 0.5, "m": 0.5}, "age": {"old": 0.8, "young": 0.2}})
    assert not found.converged and found.gap == pytest.approx(0.3)


def test_who_lacks_a_trait_is_left_out_of_the_weights():
    answers = pd.DataFrame({"sex": ["f", "f", "m", None]})
    found = rake(answers, {"sex": {"f": 0.5, "m": 0.5}})
    assert found.left_out == 1 and found.weights.isna().tolist() == [False, False, False, True]
    assert found.weights.sum() == pytest.approx(3) and found.effective == pytest.approx(9 / (2 * 0.75**2 + 1.5**2))


@pytest.mark.parametrize(("margins", "said"), [
    ({"sx": {"f": 1.0}}, "Did you mean sex"), ({"sex": {"f": 0.5, "m": 0.4}}, "add up to 1"),
    ({"sex": {"f": 1.0}}, "no share in the population"), ({"sex": {"f": 0.5, "m": 0.3, "x": 0.2}}, "nobody has"),
    ({"sex": {"f": math.nan, "m": 1.0}}, "add up to 1"),
])  # fmt: skip
def test_margins_that_do_not_fit_the_answers_are_refused(margins, said):
    with pytest.raises(KitError, match=said):
        rake(pd.DataFrame({"sex": ["f", "m"]}), margins)


# Waves


def waves(*awares):
    parts = [table("survey", answered_at=[f"2026-{month:02}-10"] * of, aware_aided=[who < know for who in range(of)])
             for month, (know, of) in enumerate(awares, 1)]  # fmt: skip
    compared = compare_waves(describe_survey(pd.concat(parts, ignore_index=True), "month"))
    return compared[compared["measure"] == "awareness_aided"].reset_index(drop=True)


@settings(max_examples=40)
@given(*[st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))] * 2)
def test_waves_of_a_share_are_compared_by_newcombes_interval(before, now):
    found = waves(before, now).iloc[0]
    low, high = confint_proportions_2indep(*now, *before, method="newcomb")
    assert [found["low"], found["high"]] == pytest.approx([low, high])
    assume(min(abs(low), abs(high)) > 1e-6)
    expected = "higher" if low > 0 else "lower" if high < 0 else "within_noise"
    assert found["verdict"] in (expected, "not_enough")
    assert (found["p_value"] < 0.05) == (low > 0 or high < 0)


def test_several_waves_are_adjusted_and_it_is_said():
    """By wave: its questions and groups are read together, those of other waves were judged in their own time."""
    alone, later = waves((48, 80), (56, 70)), waves((48, 80), *[(56, 70)] * 7)
    assert (alone.loc[0, "verdict"], alone.loc[0, "family"]) == ("higher", 1)
    assert later.loc[0].tolist() == alone.loc[0].tolist()
    parts = [table("survey", answered_at=[day] * of, aware_aided=[who < know for who in range(of)],
                   aware_unaided=[who < 7 for who in range(of)], recommend=[9.0] * of, satisfied=[5.0] * of,
                   segment=["target"] * of)
             for day, know, of in (("2026-01-10", 48, 80), ("2026-02-10", 56, 70))]  # fmt: skip
    among = compare_waves(describe_survey(pd.concat(parts, ignore_index=True), "month"))
    aided = among[among["measure"] == "awareness_aided"].iloc[0]
    assert aided[["verdict", "reason", "family"]].tolist() == ["within_noise", "many_comparisons", 8]
    assert aided["p_adjusted"] == pytest.approx(8 * alone.loc[0, "p_value"])


def test_waves_of_the_nps():
    first, second = scores(250, 675, 75), scores(400, 500, 100, day="2026-02-15")
    found = compare_waves(describe_survey(pd.concat([first, second]), "month")).iloc[0]
    half = 196 * math.sqrt((0.325 - 0.175**2 + 0.5 - 0.3**2) / 1000)
    assert [found["difference"], found["verdict"]] == [pytest.approx(12.5), "higher"]
    assert [found["low"], found["high"]] == pytest.approx([12.5 - half, 12.5 + half], abs=1e-3)
    assert found["p_value"] == pytest.approx(2 * norm.sf(12.5 / (half / 1.96)), rel=1e-3)


def test_equal_audiences_are_called_different_about_once_in_twenty():
    """NPS of two waves of 60 from one population, 1 000 times."""
    chance = np.random.default_rng(3)
    drawn = chance.multinomial(60, [0.45, 0.35, 0.2], size=(1000, 2))
    now, then = ({"favourable": drawn[:, wave, 0] / 60, "unfavourable": drawn[:, wave, 2] / 60} for wave in (1, 0))
    pairs = pd.DataFrame({"wave": range(1000), "before": -1, "population": "all", "measure": "nps", **now,
                          "effective": 60.0, "effective_before": 60.0,
                          **{f"{name}_before": shares for name, shares in then.items()}})  # fmt: skip
    pairs["value"] = 100 * (pairs["favourable"] - pairs["unfavourable"])
    pairs["value_before"] = 100 * (pairs["favourable_before"] - pairs["unfavourable_before"])
    different = (compare_pairs(pairs)["verdict"] != "within_noise").mean()
    assert 0.03 < different < 0.065


def test_a_wave_that_did_not_ask_is_passed_over_and_few_answers_are_not_enough():
    first, third = scores(1, 0, 0), scores(0, 0, 1, day="2026-03-15")
    between = table("survey", answered_at=["2026-02-15"], aware_aided=[True])
    found = compare_waves(describe_survey(pd.concat([first, between, third]), "month"))
    assert found[["measure", "verdict"]].to_numpy().tolist() == [["nps", "not_enough"]]
    assert found.loc[0, "before"] == pd.Timestamp("2026-01-01")
    assert compare_waves(describe_survey(first)).empty


def test_waves_may_begin_on_days_of_their_own():
    moments = ["2026-03-24 23:59", "2026-03-25 00:00", "2026-04-05 12:00", "2026-09-01 00:00"]
    answers = table("survey", answered_at=moments, aware_aided=[True, True, False, True])
    found = describe_survey(answers, starts=[date(2026, 9, 1), date(2026, 3, 25)])
    aided = found[found["measure"] == "awareness_aided"]
    assert aided["wave"].dt.strftime("%m-%d").tolist() == ["03-25", "09-01"] and aided["answers"].tolist() == [2, 1]


def test_two_waves_chosen_by_hand_are_compared_as_neighbours_are():
    both = pd.concat([scores(50, 20, 30, "2026-01-05"), scores(30, 20, 50, "2026-04-05")])
    found = describe_survey(both, "quarter")
    then, now = (row for _place, row in found[found["measure"] == "nps"].iterrows())
    past = {f"{name}_before": then[name] for name in ("value", "favourable", "unfavourable", "effective")}
    pair = compare_pairs(pd.DataFrame([{**now, "before": then["wave"], **past}]))
    pd.testing.assert_frame_equal(pair, compare_waves(found).query("measure == 'nps'").reset_index(drop=True),
                                  check_dtype=False)  # fmt: skip
    assert compare_pairs(found.iloc[:0]).empty


@pytest.mark.parametrize(("share", "rise"), [(0.5, 0.05), (0.1, 0.05), (0.85, 0.05)])
def test_two_waves_of_the_size_planned_show_the_rise_in_four_cases_of_five(share, rise):
    """Against the other formula (test planning of `differences`) and by simulation."""
    number = answers_needed(share, math.nan, rise)
    assert number == pytest.approx(sample_size(share, share + rise)[0], rel=0.04)
    rng = np.random.default_rng(7)
    then, now = rng.binomial(number, share, 4000), rng.binomial(number, share + rise, 4000)
    low, _high = confint_proportions_2indep(now, number, then, number, method="newcomb")
    assert (low > 0).mean() == pytest.approx(0.8, abs=0.025)


def test_the_next_wave_against_one_that_is_over():
    alone = answers_needed(0.5, math.nan, 0.05)
    assert answers_needed(0.5, math.nan, 0.05, before=alone) == pytest.approx(alone, abs=2)
    assert answers_needed(0.5, math.nan, 0.05, before=100 * alone) < 0.6 * alone
    assert answers_needed(0.5, math.nan, 0.05, before=alone / 3) == math.inf
    assert math.isnan(answers_needed(0.97, math.nan, 0.05)) and math.isnan(answers_needed(0.5, 0.48, 0.05))
    assert answers_needed(0.5, 0.2, 0.05) > answers_needed(0.5, math.nan, 0.05)  # two sides spread more than one
