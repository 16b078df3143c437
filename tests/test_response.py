"""The history behind the response curves, the curves against what was planted in the samples, and what they advise."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sample.generator import northlight_world as northlight
from data.sample.generator import severny_svet_planted as severny_svet
from data.sample.generator.laws import weekday_factor
from kpi_helpers import read_exports
from kpi_helpers.budget import Curves, Response, curve_points, what_if
from kpi_helpers.charts.response import BAND, DASHED, move_plan, plot_response
from kpi_helpers.exports import Exports
from kpi_helpers.response import (
    AS_SEEN,
    BEYOND,
    DAYS,
    FAR,
    MONTH,
    Spending,
    Weeks,
    advise,
    best_within,
    fit_weeks,
    keep_total,
    limits_of,
    next_returns,
    nudge,
)
from tests.frames import table
from tests.small_company import daily_exports

YEAR = 365
WORLDS: dict[str, tuple[Any, Any]] = {
    "severny_svet": (severny_svet, severny_svet.WEEKDAYS_VISITS), "northlight": (northlight, northlight.WEEKDAYS),
}  # fmt: skip


@cache
def spending(company: str) -> Spending:
    return Spending(read_exports(SAMPLE / company))


@cache
def curves_of(company: str, result: str = "visits") -> tuple[Weeks, Curves]:
    weeks = spending(company).weeks(result)
    return weeks, fit_weeks(weeks, draws=60)


# Weeks


def test_weeks_are_whole_and_counted_back_from_the_last_day(tmp_path: Path) -> None:
    weeks = Spending(daily_exports(tmp_path, "2026-01-01", "2026-02-28")).weeks("leads")
    assert (str(weeks.first), str(weeks.last), len(weeks)) == ("2026-01-04", "2026-02-28", 8)
    direct = weeks.table[weeks.table["channel"] == "yandex_direct"]
    assert direct["outcome"].tolist() == [7] * 8
    assert direct["spend"].tolist() == [700] * 8


def test_a_day_without_leads_had_none_and_a_day_without_spend_of_an_account_is_unknown(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2026-01-05", "2026-02-15")
    vk = Spending(exports).weeks("leads").table.query("channel == 'vk_ads'")
    assert vk["outcome"].tolist() == [5] * 6
    ads = exports.tables["ads"]
    exports.tables["ads"] = ads[ads["date"] != "2026-01-14"]
    left = Spending(exports).weeks("leads").table.query("channel == 'yandex_direct'")["spend"]
    assert left.isna().tolist() == [False, True, False, False, False, False]


def test_rows_that_speak_of_several_days_leave_the_days_between_unknown(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2026-01-05", "2026-02-15")
    leads = exports.tables["leads"].assign(since=pd.NaT)
    leads.loc[leads.index[:1], "since"] = pd.Timestamp("2026-01-01")
    exports.tables["leads"] = leads[leads["created_at"].dt.day != 20]
    outcome = Spending(exports).weeks("leads").table.query("channel == 'yandex_direct'")["outcome"]
    assert outcome.isna().sum() >= 1


def with_traffic(exports: Exports, days: pd.DatetimeIndex, robots_since: str, burst: str) -> Exports:
    """100 visits a day from Direct, 20 of them robots; 90 on the day of the burst; robots are told since a day."""
    robots = np.where(days == burst, 90.0, 20.0)
    exports.tables["traffic"] = table(
        "traffic", date=list(days), channel=["yandex_direct"] * len(days), visits=[100.0] * len(days),
        robot_visits=list(np.where(days >= robots_since, robots, np.nan)),
    )  # fmt: skip
    return exports


def test_visits_are_those_of_people(tmp_path: Path) -> None:
    """Robots are taken off by their number, before they were told by their share; a burst is left out."""
    exports = daily_exports(tmp_path, "2026-01-05", "2026-03-29")
    days = pd.date_range("2026-01-05", "2026-03-29").drop(pd.Timestamp("2026-01-28"))
    made = Spending(with_traffic(exports, days, "2026-02-16", "2026-03-11"))
    assert "visits" in made.results
    weeks = made.weeks("visits")
    direct = weeks.table.query("channel == 'yandex_direct'").set_index("date")["outcome"]
    lost = [str(day.date()) for day in direct.index[direct.isna()]]
    assert lost == ["2026-01-26", "2026-03-09"]
    assert direct.dropna().to_numpy() == pytest.approx(7 * 80)
    said = " ".join(weeks.left_out)
    assert "1 day" in said and "11 March 2026" in said and "since 16 February 2026" in said


def test_weeks_whose_leads_wait_for_a_verdict_are_left_out(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2026-01-05", "2026-03-29")
    leads = exports.tables["leads"]
    late = leads["created_at"].dt.tz_localize(None) >= "2026-03-18"
    exports.tables["leads"] = leads.assign(qualified=leads["qualified"].mask(late))
    weeks = Spending(exports).weeks("qualified_leads")
    assert str(weeks.last) == "2026-03-15" and "15 March 2026" in weeks.left_out[0]
    assert str(Spending(exports).weeks("leads").last) == "2026-03-29"


def test_without_spend_by_day_there_is_no_result(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2026-01-05", "2026-03-29")
    exports.tables["ads"] = exports.tables["ads"].assign(spend=0.0)
    assert Spending(exports).results == [] == Spending(exports).channels


def test_leads_that_end_before_the_spend_begins_are_no_result(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2026-01-05", "2026-03-29")
    leads, ads = exports.tables["leads"], exports.tables["ads"]
    exports.tables["leads"] = leads[leads["created_at"].dt.tz_localize(None) < "2026-01-20"]
    exports.tables["ads"] = ads[ads["date"] >= "2026-03-01"]
    made = Spending(exports)
    assert made.channels and made.results == []


def test_worth_is_margin_per_unit_of_the_last_year() -> None:
    made = spending("severny_svet")
    orders = made.exports.tables["orders"]
    days = orders["ordered_at"].dt.tz_localize(None)
    mine = orders[(orders["channel"] == "vk_ads") & (days >= "2025-11-02") & (days < "2026-11-01")]
    assert made.worth("orders")["vk_ads"] == pytest.approx(mine["margin"].sum() / len(mine), rel=1e-6)
    assert made.worth("margin").dropna().to_numpy() == pytest.approx(1.0)


def test_a_lead_is_worth_what_its_own_orders_bring() -> None:
    """Orders of people who never were a lead are no worth of leads."""
    made = spending("severny_svet")
    orders, leads = made.exports.tables["orders"], made.exports.tables["leads"]
    days, came = orders["ordered_at"].dt.tz_localize(None), leads["created_at"].dt.tz_localize(None)
    year = (days >= "2025-11-02") & (days < "2026-11-01")
    mine = orders[(orders["channel"] == "vk_ads") & year & orders["lead_id"].notna()]
    number = ((leads["channel"] == "vk_ads") & (came >= "2025-11-02")).sum()
    assert made.worth("leads")["vk_ads"] == pytest.approx(mine["margin"].sum() / number, rel=1e-6)
    everything = orders.loc[year & (orders["channel"] == "vk_ads"), "margin"].sum()
    assert made.worth("leads")["vk_ads"] < 0.6 * everything / number


def test_an_unknown_margin_is_not_zero() -> None:
    made = Spending(read_exports(SAMPLE / "severny_svet"))
    orders = made.exports.tables["orders"]
    some = orders["channel"].eq("vk_ads") & (np.arange(len(orders)) % 2 == 0)
    made.exports.tables["orders"] = orders.assign(margin=orders["margin"].mask(some))
    assert made.worth("orders").isna().to_dict() == {"partner_network": False, "vk_ads": True, "yandex_direct": False}
    made.exports.tables["orders"] = orders.assign(lead_id=None)
    assert made.worth("qualified_leads").isna().all() and made.worth("orders").notna().all()


# What was planted


@pytest.mark.parametrize("company", WORLDS)
def test_the_planted_curves_lie_in_the_band_over_what_was_spent(company: str) -> None:
    """The curve times the mean of season and weekday over the last year: out of the band by 2 % at most, and within it
    in 85 of 100 places at least (each interval is of 95 %, and each channel has one history)."""
    world, weekdays = WORLDS[company]
    demand = (world.SEASON.demand() * weekday_factor(weekdays))[-YEAR:].mean()
    _weeks, curves = curves_of(company)
    assert sorted(curves.spends.index) == sorted(world.PAID)
    points = curve_points(curves, 41)
    points = points[~points["extrapolated"].astype(bool)]
    ends = points.groupby(["channel", "spend"]).agg(low=("outcome_low", "min"), high=("outcome_high", "max"))
    true = np.array([7 * world.PAID[channel].curve.visits(np.array([spend / 7]))[0] * demand
                     for channel, spend in ends.index])  # fmt: skip
    beyond = np.maximum(ends["low"] / true - 1, 1 - ends["high"] / true).to_numpy()
    assert beyond.max() <= 0.02
    assert (beyond <= 0).mean() >= 0.85
    assert ((ends["high"] - ends["low"]) / true).median() < 0.25, "a band as wide as the paper holds everything"


def test_money_that_buys_nothing_has_no_curve_of_qualified_leads() -> None:
    weeks, curves = curves_of("severny_svet", "qualified_leads")
    refused = curves.checks.set_index("channel")["refusal"]
    assert refused["partner_network"] == "no_response" and refused["yandex_direct"] == ""
    assert weeks.table.query("channel == 'partner_network'")["outcome"].sum() == 0


# What if

KNOWN = pd.DataFrame({"today": [100.0, 100.0, 60.0], "least": 20.0, "most": 300.0}, index=["a", "b", "c"])


def known_curves(levels: dict[str, float], exponents: dict[str, tuple[float, float]]) -> Curves:
    """Power curves of two forms that are told apart by their exponents alone."""
    responses = [
        Response(channel, form, 100.0, np.full(3, level), np.full((3, 1), exponents[channel][place]), np.zeros(3),
                 pd.Series(dtype=float), 1.0)
        for channel, level in levels.items() for place, form in enumerate(("power", "twin"))
    ]  # fmt: skip
    checks = pd.DataFrame({"channel": list(levels), "refusal": ""})
    return Curves(tuple(responses), checks, KNOWN.loc[list(levels)], 7)


@pytest.fixture
def twin(monkeypatch: pytest.MonkeyPatch) -> None:
    from kpi_helpers.budget.forms import FORMS

    monkeypatch.setitem(FORMS, "twin", FORMS["power"])


@pytest.mark.usefixtures("twin")
def test_advice_is_what_all_forms_say() -> None:
    curves = known_curves({"a": 10, "b": 40}, {"a": (0.5, 0.4), "b": (0.5, 0.6)})
    best = best_within(curves, 200, limits_of(curves, AS_SEEN))
    advice = advise(curves, best)
    assert advice.directions == {"a": "take", "b": "give"} and advice.is_real
    assert sum(advice.split.values()) == pytest.approx(200)
    gains = what_if(curves, advice.split).set_index("form")["change"].dropna()
    assert (advice.low, advice.high) == pytest.approx((gains.min(), gains.max()))


@pytest.mark.usefixtures("twin")
def test_forms_that_point_both_ways_are_said_to_disagree() -> None:
    curves = known_curves({"a": 30, "b": 30}, {"a": (0.3, 0.7), "b": (0.7, 0.3)})
    advice = advise(curves, best_within(curves, 200, limits_of(curves, AS_SEEN)))
    assert set(advice.directions.values()) == {"differ"} and not advice.is_real
    even = known_curves({"a": 30, "b": 30}, {"a": (0.5, 0.5), "b": (0.5, 0.5)})
    still = advise(even, best_within(even, 200, limits_of(even, AS_SEEN)))
    assert set(still.directions.values()) == {"stay"}


def test_limits_keep_to_what_was_seen_and_hold_today() -> None:
    curves = known_curves({"a": 1, "c": 1}, {"a": (0.5, 0.5), "c": (0.5, 0.5)})
    bounds = {reach: limits_of(curves, reach).to_numpy().tolist() for reach in (0.2, 0.9, AS_SEEN, BEYOND)}
    assert bounds[0.2] == [[80, 120], [48, 72]] and bounds[0.9] == [[20, 190], [20, 114]]
    assert bounds[AS_SEEN] == [[20, 300]] * 2 and bounds[BEYOND] == [[0, 300 * FAR]] * 2


@settings(max_examples=200)
@given(
    parts=st.lists(st.floats(0, 1), min_size=2, max_size=5), moved=st.integers(0, 1), wanted=st.floats(0, 1),
    ends=st.lists(st.tuples(st.floats(0, 100), st.floats(100, 1e6)), min_size=5, max_size=5),
)  # fmt: skip
def test_moving_one_keeps_the_total_and_the_bounds(
    parts: list[float], moved: int, wanted: float, ends: list[tuple[float, float]]
) -> None:
    names = "abcde"[: len(parts)]
    limits = pd.DataFrame(ends[: len(parts)], index=list(names), columns=["least", "most"])
    spends = {name: low + part * (high - low) for name, part, (low, high) in zip(names, parts, ends, strict=False)}
    low, high = ends[moved]
    found = keep_total(spends, names[moved], low + wanted * (high - low), limits)
    assert sum(found.values()) == pytest.approx(sum(spends.values()))
    for name, spend in found.items():
        assert limits.at[name, "least"] - 1e-6 <= spend <= limits.at[name, "most"] + 1e-6


def test_moving_goes_as_far_as_the_others_can_follow() -> None:
    limits = pd.DataFrame({"least": [0.0, 50.0, 90.0], "most": 400.0}, index=["a", "b", "c"])
    spends = {"a": 100.0, "b": 100.0, "c": 100.0}
    assert keep_total(spends, "a", 130, limits) == pytest.approx({"a": 130, "b": 75, "c": 95})
    assert keep_total(spends, "a", 300, limits) == pytest.approx({"a": 160, "b": 50, "c": 90})


@pytest.mark.usefixtures("twin")
def test_the_next_money_is_a_round_sum_and_its_profit_follows_from_the_worth() -> None:
    curves = known_curves({"a": 10, "c": 20}, {"a": (0.5, 0.4), "c": (0.5, 0.5)})
    assert nudge(curves) == 10  # a sixth of 60 a week is 43 a month
    rows = next_returns(curves, pd.Series({"a": 30.0})).set_index("channel")
    slopes = [10 * share / 100 for share in (0.5, 0.4)]
    assert rows.at["a", "brings"] == pytest.approx(10 * np.mean(slopes))
    assert (rows.at["a", "brings_low"], rows.at["a", "brings_high"]) == pytest.approx((10 * slopes[1], 10 * slopes[0]))
    assert rows.at["a", "profit"] == pytest.approx(30 * 10 * np.mean(slopes) - 10)
    assert rows.at["a", "spend"] == pytest.approx(100 * MONTH) and np.isnan(rows.at["c", "profit"])
    assert pytest.approx(365.25) == MONTH * DAYS * 12


# The chart


def drawn(names: tuple[str, ...] = ("a", "c")) -> Any:
    curves = known_curves(dict.fromkeys(("a", "c"), 10.0), dict.fromkeys(("a", "c"), (0.5, 0.4)))
    points, spends = curve_points(curves, 61), curves.spends
    renamed = dict(zip(("a", "c"), names, strict=True))
    return plot_response(points.replace({"channel": renamed}), spends.rename(index=renamed), finding="It *rises* $a$",
                         subtitle="said", names={"power": "one", "twin": "two"}, currency="RUB")  # fmt: skip


@pytest.mark.usefixtures("twin")
def test_lines_are_solid_where_money_was_spent_and_dashed_beyond() -> None:
    panel = drawn().child_axes[0]
    solid = [line for line in panel.lines if line.get_linestyle() == "-" and len(line.get_xdata()) > 2]
    assert len(solid) == 2
    for line in solid:
        assert min(line.get_xdata()) >= 20 and max(line.get_xdata()) <= 300
    dashed = [line for line in panel.lines if line.get_linestyle() == "--"]
    assert len(dashed) == 2 and max(dashed[0].get_xdata()) == 450
    assert dashed[0]._unscaled_dash_pattern == DASHED
    assert any(band.get_facecolor()[0].tolist()[:3] == pytest.approx([0xD9 / 255, 0xEA / 255, 0xF5 / 255])
               for band in panel.collections), BAND  # fmt: skip


@pytest.mark.usefixtures("twin")
def test_the_dot_is_today_and_the_ring_moves_along_the_curve() -> None:
    ax = drawn()
    panel = ax.child_axes[0]
    dot, ring = [line for line in panel.lines if line.get_marker() == "o"]
    assert dot.get_xdata() == [100] and dot.get_ydata() == pytest.approx([10.0], rel=1e-3)
    assert ring.get_xdata() == [100]
    assert move_plan(ax, {"a": 225.0, "c": 60.0})
    assert ring.get_xdata() == [225]
    assert ring.get_ydata()[0] == pytest.approx(np.mean([10 * 2.25**0.5, 10 * 2.25**0.4]), rel=1e-3)
    assert dot.get_xdata() == [100]


@pytest.mark.usefixtures("twin")
def test_names_of_channels_are_drawn_as_they_are() -> None:
    panels = drawn(("$\\frac{1}{2}$", "б" * 60)).child_axes
    titles = [panel.get_title(loc="left") for panel in panels]
    assert titles[0] == "$\\frac{1}{2}$" and len(titles[1]) <= 25
    assert not any(panel._left_title.get_parse_math() for panel in panels)
