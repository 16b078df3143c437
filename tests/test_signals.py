import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from benchmarks.signals import PLANTED, QUIET, count_months, count_textbook, count_weeks, false_alarms
from kpi_helpers import kpis, trends
from kpi_helpers.catalogue import KPIS
from kpi_helpers.signal_words import limits_sentence, norm_sentence, signal_words
from kpi_helpers.signals import (
    CONFIDENCE,
    EVERY_RULE,
    LEAST,
    RANGE_OF_MEAN,
    find_signals,
    judge_norm,
    process_chart,
    process_limits,
    share_limits,
)

NIST = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]  # flow rates, e-Handbook 6.3.2.2
STEADY = [100.0, 104, 98, 103, 99, 102, 97, 101, 105, 100, 99, 103]
TWO_YEARS = [*STEADY, 109, 111, 106, 114, 108, 108, 106, 113, 113, 109, 106, 113]


def series(values, start="2024-11-01"):
    return pd.Series(values, pd.date_range(start, periods=len(values), freq="MS", unit="us"), dtype="float64")


def rules(values, **more):
    return find_signals(series(values), **more)["rule"].tolist()


# Limits


def test_limits_are_those_of_the_nist_handbook():
    limits = process_limits(NIST)
    assert limits.low == pytest.approx(45.8159, abs=1e-4) and limits.high == pytest.approx(55.8041, abs=1e-4)
    assert limits.range_limit == pytest.approx(3.268 * 1.8778, abs=1e-3)
    assert RANGE_OF_MEAN == trends.RANGE_LIMIT


def test_an_outlier_does_not_widen_the_limits():
    """Medians by hand; the ranges are 4, 6, 5, 4, 3, 5, 4, 4, 5, 1, 204 and 197."""
    limits = process_limits([*STEADY[:11], 303, 106])
    assert limits.method == "median"
    assert limits.centre == 101 and limits.high == pytest.approx(101 + 3 / 0.954 * 4.5)
    assert process_limits(STEADY).method == "mean"


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40), st.floats(0.5, 100), st.floats(-1e4, 1e4))
def test_limits_move_and_stretch_with_the_values(values, times, more):
    """What is measured in kopecks or from another zero has the same signals."""
    before, after = process_limits(values), process_limits([value * times + more for value in values])
    if before.method == after.method:  # at the edge between the two methods rounding may choose the other
        for name in ("low", "centre", "high"):
            assert getattr(after, name) == pytest.approx(getattr(before, name) * times + more, rel=1e-6, abs=1e-3)


def test_too_few_values_have_no_limits():
    assert math.isnan(process_limits([math.nan, 3]).high)
    assert math.isnan(process_limits([]).centre)


@given(st.lists(st.integers(20, 80), min_size=10, max_size=30))
def test_shares_of_equal_denominators_have_the_limits_of_values(hits):
    """Laney's p' is XmR where all denominators are alike, as long as the months differ more than by chance."""
    shares = [hit / 100 for hit in hits]
    plain, prime = process_limits(shares), share_limits(shares, [100] * len(hits), 100)
    smooth = (sum(hits) + 0.5) / (100 * len(hits) + 1)
    chance = math.sqrt(smooth * (1 - smooth) / 100)
    assert (prime.centre, prime.method) == (pytest.approx(plain.centre), plain.method)
    assert prime.spread == pytest.approx(max(plain.spread, chance))
    assert prime.high == pytest.approx(min(prime.centre + 3 * prime.spread, 1))


def test_few_cases_have_wide_limits():
    shares, trials = [0.8, 0.79, 0.81] * 4, [200] * 12
    few, many = share_limits(shares, trials, 10), share_limits(shares, trials, 1000)
    assert many.high - many.centre == pytest.approx(3 * math.sqrt(0.16 / 1000), rel=0.01)
    assert few.centre - few.low == pytest.approx(10 * (many.centre - many.low)) and few.high == 1
    assert share_limits([1.0] * 12, [8] * 12, 8).low < 1, "all so far is no proof of all for ever"


# Rules


def test_a_month_is_judged_by_the_months_before_it():
    found = find_signals(series([*STEADY[:10], 300, 100, 101]))
    assert found["rule"].tolist() == [""] * 10 + ["beyond", "", ""]
    assert found["side"].iloc[10] == "above"
    assert found["high"].notna().tolist() == [False] * 10 + [True] * 3
    limits = process_limits(STEADY[:10])
    assert found["high"].iloc[10] == pytest.approx(limits.high)
    assert found["high"].iloc[11] == pytest.approx(limits.high), "what was beyond its limits does not widen them"


def test_two_months_beyond_are_a_new_level_that_is_not_called_news_again():
    up = [value + 60 for value in STEADY]
    found = find_signals(series([*STEADY, *up, 400]))
    assert found["rule"].tolist() == [""] * 12 + ["beyond"] * 2 + [""] * 10 + ["beyond"]
    assert found["high"].iloc[14:21].isna().all() and found["centre"].iloc[-1] == pytest.approx(np.mean(up))


def test_eight_in_a_row_on_one_side():
    low = [98.5, 99, 98, 99.5, 98, 99, 98.5, 99]
    assert rules([*STEADY, *low])[-9:] == [""] * 8 + ["run_of_8"]
    assert rules([*STEADY, *low[:7], 104])[-8:] == [""] * 8
    assert find_signals(series([*STEADY, *low]))["side"].iloc[-1] == "below"
    assert rules([*STEADY, *low], rules=("beyond",)) == [""] * 20


def test_three_of_four_near_the_limit_only_where_asked():
    limits = process_limits(STEADY)
    near = limits.centre + 2 * limits.spread
    values = [*STEADY, near, 101, near + 0.1, near]
    assert rules(values, rules=EVERY_RULE)[-1] == "3_of_4"
    assert rules(values)[-1] == ""
    with pytest.raises(ValueError, match="2_of_3"):
        rules(values, rules=("2_of_3",))


def test_missing_months_are_passed_over():
    gaps = [*STEADY[:5], math.nan, math.nan, *STEADY[5:10], math.nan, 300]
    found = find_signals(series(gaps))
    assert found["rule"].tolist() == [""] * 13 + ["beyond"]
    assert found["high"].iloc[12] != found["high"].iloc[12], "a missing month is not judged"
    assert find_signals(series([])).empty


def test_a_series_that_never_moved_is_not_judged():
    assert rules([2.0] * 12 + [3]) == [""] * 13


def test_seasons_are_no_signals_and_last_years_outlier_is_no_measure():
    shape = [100, 90, 80, 70, 60, 70, 80, 90, 100, 150, 220, 200]
    wobble = np.random.default_rng(4).normal(1, 0.03, 40)
    years = np.array((shape * 4)[:40]) * wobble * np.repeat([1, 1.2, 1.44, 1.728], 12)[:40]
    assert set(rules(years, season=12)) == {""}
    assert set(rules(years)) != {""}
    years[25] *= 4
    found = find_signals(series(years), season=12)
    assert found["rule"].iloc[25] == "beyond" and (found["rule"] != "").sum() == 1
    assert math.isnan(found["high"].iloc[37])
    years[30] = 0
    assert find_signals(series(years), season=12)["side"].iloc[30] == "below"


NUMBERS = st.one_of(st.floats(-1e9, 1e9), st.sampled_from([math.nan, 0.0]))


@settings(max_examples=50)
@given(st.lists(NUMBERS, max_size=40), st.sampled_from([0, 12]))
def test_later_months_change_no_verdict_and_a_signal_lies_outside_its_limits(values, season):
    found = find_signals(series(values), season=season)
    shorter = find_signals(series(values[:-1]), season=season)
    pd.testing.assert_frame_equal(found.iloc[: len(shorter)], shorter, check_freq=False)
    beyond = found[found["rule"] == "beyond"]
    assert ((beyond["value"] > beyond["high"]) | (beyond["value"] < beyond["low"])).all()
    assert (found["high"].isna() | (found["low"] <= found["high"])).all()


# KPIs


def points(values, trials=math.nan):
    frame = series(values).to_frame("value").assign(denominator=trials)
    return frame.assign(numerator=frame["value"] * frame["denominator"])


def test_each_kind_of_kpi_is_judged_in_its_way():
    assert process_chart(KPIS["qualification_rate"], points([0.8, 0.7, 0.75] * 4, 100)).method == "shares"
    assert process_chart(KPIS["conversion_rate"], points([0.8, 1.7, 0.75] * 4, 100)).method == "values"
    assert process_chart(KPIS["cpl"], points(STEADY)).method == "values"
    assert process_chart(KPIS["leads"], points(TWO_YEARS)).method == "year_ago"
    assert process_chart(KPIS["visitors"], points(TWO_YEARS)).method == "year_ago"
    assert process_chart(KPIS["nps"], points(STEADY, 50)).method == "values"
    late = process_chart(KPIS["leads"], points(TWO_YEARS[:22]))
    assert (late.method, late.reason) == ("none", "too_short")
    assert process_chart(KPIS["leads"], points(STEADY * 2)).reason == "nothing_to_compare"
    assert process_chart(KPIS["repeat_rate"], points([0.1, 0.2] * 10, 100)).reason == "overlapping"


def test_a_range_does_not_reach_below_zero_where_nothing_does():
    values = [5.0, 1, 9, 2, 8, 1, 9, 3, 7, 2, 9, 1]
    assert process_chart(KPIS["cpl"], points(values)).months["low"].iloc[-1] == 0
    assert process_chart(KPIS["nps"], points(values)).months["low"].iloc[-1] < 0


# Norms


def test_norm_of_eighty_percent():
    """Wilson's interval: 39 of 50 is .648 to .872, so that neither side of 80 % is proved."""
    assert judge_norm(39, 50, 0.8) == "not_enough"
    assert (judge_norm(48, 50, 0.8), judge_norm(30, 50, 0.8)) == ("met", "below")
    assert CONFIDENCE == kpis.CONFIDENCE


@pytest.mark.parametrize(("hits", "trials", "low", "high"), [
    (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
])
def test_verdicts_turn_at_the_published_bounds(hits, trials, low, high):
    """Newcombe 1998, Statist. Med. 17:857, table I."""
    inside, outside = (low + 1e-4, high - 1e-4), (max(low - 1e-4, 0), high + 1e-4)
    assert [judge_norm(hits, trials, norm) for norm in inside] == ["not_enough"] * 2
    assert [judge_norm(hits, trials, norm) for norm in outside] == ["met", "below"]


@given(st.integers(1, 500), st.data())
def test_a_ceiling_is_the_norm_of_what_is_left(trials, data):
    hits, norm = data.draw(st.integers(0, trials)), data.draw(st.floats(0.01, 0.99))
    low, high = proportion_confint(hits, trials, method="wilson")
    verdict = judge_norm(hits, trials, norm, "lower")
    if min(abs(low - norm), abs(high - norm)) > 1e-9:
        assert verdict == ("met" if high < norm else "below" if low > norm else "not_enough")
        assert verdict == judge_norm(trials - hits, trials, 1 - norm)


def test_a_norm_that_cannot_be_judged():
    assert judge_norm(0, 0, 0.8) == judge_norm(math.nan, 50, 0.8) == judge_norm(9, 3, 0.8) == "not_enough"
    assert judge_norm(50, 50, 1.0) == "not_enough", "all of 50 do not prove all for ever"
    assert judge_norm(49, 50, 1.0) == "below"
    with pytest.raises(ValueError, match="neither"):
        judge_norm(1, 2, 0.5, "neither")


# What the sample hides


@pytest.fixture(scope="module")
def sample():
    return count_months()


def test_planted_events_are_those_of_the_simulation(sample_dir):
    truth = json.loads((sample_dir / "truth.json").read_text(encoding="utf-8"))["severny_svet"]["planted"]
    months = {event.name: event.first for event in PLANTED}
    assert truth["empty_traffic"]["from"].startswith(months["empty traffic begins"])
    assert truth["robot_burst"]["first"].startswith(months["robots"])
    assert truth["qualification"]["falls_on"].startswith(months["qualification falls"])


@pytest.mark.parametrize(("kpi", "month"), [
    ("bounce_rate", "2025-09-01"), ("page_depth", "2025-09-01"), ("cpm", "2025-09-01"), ("bounce_rate", "2026-10-01"),
    ("page_depth", "2026-10-01"), ("visits", "2026-10-01"), ("qualification_rate", "2026-09-01"),
    ("qualification_rate", "2026-10-01"),
])
def test_planted_events_are_found_in_their_first_month(sample, kpi, month):
    assert (kpi, pd.Timestamp(month)) in {(one.kpi, one.period) for one in sample.signals if one.event}


def test_every_planted_event_is_found_with_few_false_alarms(sample):
    assert sample.events == {event.name for event in PLANTED}
    assert sample.judged > 600
    assert len(sample.false) <= 0.02 * sample.judged
    textbook = count_textbook()
    assert len(textbook.false) > 5 * len(sample.false), "a season is not a signal"


def test_weeks_find_what_happened_in_them():
    weeks = count_weeks()
    assert {"empty traffic begins", "robots", "qualification falls", "counter missing"} <= weeks.events
    assert len(weeks.false) <= 0.02 * weeks.judged


@pytest.mark.parametrize("kind", QUIET)
def test_false_alarms_where_nothing_happens(kind):
    assert 0 < false_alarms(kind, 80) < 0.035


# Against the verdict on a change


@given(st.lists(st.floats(50, 150), min_size=LEAST, max_size=20), st.floats(0, 400))
def test_a_signal_right_after_an_ordinary_month_is_a_change_to_the_same_side(history, now):
    values = [*history, now]
    found = find_signals(series(values))
    if found["rule"].iloc[-1] != "beyond" or found["rule"].iloc[-2] or found["high"].isna().iloc[-2]:
        return
    was, here = ({"value": value, "low": math.nan, "high": math.nan} for value in values[-2:])
    verdict = trends.judge_change(KPIS["leads"], here, was, history)
    assert verdict in (("better", "noise") if found["side"].iloc[-1] == "above" else ("worse", "noise"))


# Words


def test_words_of_signals():
    found = find_signals(series([*STEADY, 300, 101]))
    assert signal_words(found)[-2:] == ["signal: unusually high", ""]


def test_every_rule_and_every_way_has_words():
    sides = [(rule, side) for rule in EVERY_RULE for side in ("above", "below")]
    words = signal_words(pd.DataFrame(sides, columns=["rule", "side"]))
    assert len(set(words)) == len(sides) and all(words)
    charts = [
        process_chart(KPIS["qualification_rate"], points([0.8, 0.7, 0.75] * 4, 100)),
        process_chart(KPIS["cpl"], points(STEADY)), process_chart(KPIS["leads"], points(TWO_YEARS)),
        process_chart(KPIS["leads"], points(STEADY * 2)),
        process_chart(KPIS["leads"], points(STEADY)), process_chart(KPIS["repeat_rate"], points([0.1] * 12, 100)),
    ]  # fmt: skip
    assert len({limits_sentence(chart) for chart in charts}) == 6


def test_words_of_norms():
    row = KPIS["qualification_rate"]
    assert norm_sentence(row, 39, 50, 0.8) == "Not enough data to judge the norm of 80.0%: 39 of 50 (78.0%)."
    assert norm_sentence(row, 480, 500, 0.8) == "The norm of 80.0% is met: 480 of 500 (96.0%)."
    assert norm_sentence(row, 300, 500, 0.8) == "The norm of 80.0% is not met: 300 of 500 (60.0%)."
