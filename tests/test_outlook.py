"""What is to come: totals path by path, finished months, the month under way, channels, and what cannot be told."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_helpers.catalogue import KPIS
from kpi_helpers.forecast import Forecast, forecast_kpi
from kpi_helpers.history import COMPANY, History
from kpi_helpers.language import use_language
from kpi_helpers.outlook import Outlook, look_ahead, measure_month
from kpi_helpers.outlook_words import forecast_words, pace_words, rounded, write_chance
from kpi_helpers.pace import Pace, measure_pace
from tests.small_company import daily_exports, leads_between

PAST = pd.date_range("2026-01-01", periods=3, freq="MS").as_unit("us")
AHEAD = pd.date_range("2026-04-01", periods=2, freq="MS").as_unit("us")
JANUARY, FEBRUARY, MARCH = PAST
APRIL, MAY = AHEAD


def made_forecast(paths: Sequence[Sequence[float]]) -> Forecast:
    nothing = pd.Series(np.nan, AHEAD)
    drawn = np.array(paths, dtype=float).reshape(-1, len(AHEAD))
    return Forecast(AHEAD, nothing, nothing, nothing, drawn, "ets", "better")


def made_pace(draws: Sequence[float]) -> Pace:
    """The pace of April, in which ten leads a day came for ten days, with these landings."""
    days = pd.Series(10.0, pd.date_range("2026-04-01", "2026-04-10"))
    pace = measure_pace(days, APRIL.date())
    return Pace(**{**vars(pace), "draws": np.array(draws, dtype=float)})


def outlook(
    paths: Sequence[Sequence[float]], pace: Pace | None = None, key: str = "leads", known: Any = (10, 20, 30)
) -> Outlook:
    return Outlook(KPIS[key], pd.Series(np.array(known, dtype=float), PAST), pace, made_forecast(paths))


PATHS = [[5, 1], [6, 4], [7, 3], [8, 2]]


# Totals and chances


def test_a_total_is_the_sum_path_by_path() -> None:
    ahead = outlook(PATHS)
    assert ahead.total([MARCH, APRIL, MAY]).tolist() == [36, 40, 40, 40]
    assert ahead.total([APRIL]).tolist() == [5, 6, 7, 8]
    assert ahead.total(PAST).tolist() == [60]
    assert ahead.chance_of_total(40, [MARCH, APRIL, MAY]) == 0.75
    assert ahead.chance_of_total(7, [APRIL]) == 0.5


def test_where_lower_is_better_the_chance_is_that_of_staying_below() -> None:
    dear = outlook(PATHS, key="cpl")
    assert dear.chance(6, APRIL) == 0.5 and dear.chance(4, APRIL) == 0
    assert (dear.chance(20, JANUARY), dear.chance(5, JANUARY)) == (1, 0)


def test_a_month_that_is_over_is_reached_or_not() -> None:
    ahead = outlook(PATHS)
    assert [ahead.chance(target, FEBRUARY) for target in (19, 20, 21)] == [1, 1, 0]
    assert [ahead.chance_of_total(target, PAST) for target in (60, 61)] == [1, 0]


def test_what_is_not_known_has_no_chance() -> None:
    gap = outlook(PATHS, known=(10, np.nan, 30))
    assert np.isnan(gap.chance(1, FEBRUARY)) and np.isnan(gap.chance_of_total(1, [FEBRUARY, MARCH, APRIL]))
    assert gap.chance_of_total(35, [MARCH, APRIL]) == 1
    assert len(gap.total([FEBRUARY, APRIL])) == 0
    beyond = pd.Timestamp("2026-06-01")
    assert np.isnan(gap.chance(1, beyond)) and len(gap.total([APRIL, beyond])) == 0
    assert np.isnan(gap.chance(np.nan, APRIL)) and np.isnan(gap.chance_of_total(np.nan, [APRIL]))


def test_nothing_is_said_without_paths() -> None:
    none = Outlook(KPIS["leads"], pd.Series([10.0], [MARCH]), None, made_forecast([]))
    assert none.paths.empty and np.isnan(none.chance(1, APRIL))
    assert none.fan.middle.isna().all() and list(none.fan.months) == list(AHEAD)


# The month under way


def test_the_month_under_way_holds_its_landings_in_the_order_of_the_forecast() -> None:
    landings = [100, 101, 102, 103, 104, 105, 106, 107]
    ahead = outlook([[7, 30], [5, 10], [8, 40], [6, 20]], made_pace(landings))
    april, may = ahead.paths[APRIL], ahead.paths[MAY]
    assert april.rank().tolist() == may.rank().tolist() == [3, 1, 4, 2]
    assert sorted(april) == np.quantile(landings, [0.125, 0.375, 0.625, 0.875]).tolist()
    assert may.tolist() == [30, 10, 40, 20]
    assert ahead.total([APRIL, MAY]).tolist() == (april + may).tolist()


def test_many_landings_keep_their_quantiles() -> None:
    random = np.random.default_rng(1)
    pace = made_pace(list(random.gamma(5, 20, 1000)))
    ahead = outlook(random.normal(50, 10, (800, 2)).tolist(), pace)
    shares = [0.1, 0.25, 0.5, 0.75, 0.9]
    assert np.quantile(ahead.paths[APRIL], shares) == pytest.approx(np.quantile(pace.draws, shares), rel=0.01)
    low, high = np.quantile(ahead.paths[APRIL], [0.1, 0.9])
    assert (ahead.fan.low[APRIL], ahead.fan.high[APRIL]) == (round(low), round(high))


def test_a_pace_alone_speaks_of_its_month_only() -> None:
    ahead = Outlook(KPIS["leads"], pd.Series([10.0], [MARCH]), made_pace([100, 110, 120]), made_forecast([]))
    assert ahead.chance(110, APRIL) == pytest.approx(2 / 3)
    assert np.isnan(ahead.chance(1, MAY)) and ahead.fan.middle[APRIL] == 110 and np.isnan(ahead.fan.middle[MAY])


def test_a_pace_without_landings_leaves_the_forecast() -> None:
    assert outlook(PATHS, made_pace([])).paths[APRIL].tolist() == [5, 6, 7, 8]


# From exports


@pytest.fixture(scope="module")
def under_way(tmp_path_factory: pytest.TempPathFactory) -> History:
    return History(daily_exports(tmp_path_factory.mktemp("daily"), "2025-01-01", "2026-03-10"))


@pytest.mark.parametrize("scope", [COMPANY, "vk_ads", "yandex_direct"])
def test_the_outlook_of_a_company_and_its_channels(under_way: History, scope: str) -> None:
    until = pd.Timestamp("2026-06-01")
    ahead = look_ahead(under_way, "leads", scope, until, 40.0)
    assert ahead.history.index[-1] == FEBRUARY and list(ahead.forecast.months) == [MARCH, APRIL, MAY, until]
    assert ahead.history[FEBRUARY] == leads_between("2026-02-01", "2026-02-28", scope)
    assert ahead.pace is not None and ahead.pace.month == MARCH
    done = leads_between("2026-03-01", "2026-03-10", scope)
    assert ahead.pace.done == done and ahead.chance(done, MARCH) == 1
    assert ahead.fan.low[MARCH] <= leads_between("2026-03-01", "2026-03-31", scope) <= ahead.fan.high[MARCH]
    assert ahead.paths[MARCH].min() >= done
    assert ahead.total([FEBRUARY, MARCH, APRIL]).tolist() == pytest.approx(
        (ahead.history[FEBRUARY] + ahead.paths[MARCH] + ahead.paths[APRIL]).tolist()
    )


def test_a_ratio_s_month_is_the_sum_over_the_sum(under_way: History) -> None:
    pace = measure_month(under_way, "cpl", COMPANY, 90.0)
    leads, direct = leads_between("2026-03-01", "2026-03-10"), 10 * 100.0
    assert pace is not None and pace.done == pytest.approx((direct + 50.0 * (leads - 10)) / leads)
    assert measure_month(under_way, "visitors", COMPANY) is None
    assert measure_month(under_way, "repeat_rate", COMPANY) is None


def test_the_same_exports_give_the_same_paths(under_way: History, tmp_path: Path) -> None:
    until = pd.Timestamp("2026-05-01")
    first = look_ahead(under_way, "leads", "vk_ads", until)
    again = look_ahead(History(daily_exports(tmp_path, "2025-01-01", "2026-03-10")), "leads", "vk_ads", until)
    assert first.paths.to_numpy().tobytes() == again.paths.to_numpy().tobytes()


def test_a_month_nobody_knows_is_no_zero(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2025-01-01", "2026-03-31")
    ads = exports.tables["ads"]
    exports.tables["ads"] = ads[~ads["date"].between("2026-02-01", "2026-02-28")].reset_index(drop=True)
    history = History(exports)
    ahead = look_ahead(history, "spend", COMPANY, MAY)
    assert ahead.pace is None and np.isnan(ahead.history[FEBRUARY]) and ahead.history[MARCH] > 0
    assert np.isnan(ahead.chance(1, FEBRUARY)) and np.isnan(ahead.chance_of_total(1, [FEBRUARY, MARCH]))
    usual = 31 * 100 + 22 * 50
    assert ahead.forecast.low.min() > usual / 2, "an outage is no month without spend"


def test_without_a_whole_month_there_is_a_pace_and_no_forecast(tmp_path: Path) -> None:
    history = History(daily_exports(tmp_path, "2026-03-01", "2026-03-10"))
    ahead = look_ahead(history, "leads", COMPANY, MAY)
    assert ahead.forecast.reason == "too_short" and ahead.pace is not None and ahead.pace.done == 17
    assert list(ahead.forecast.months) == [MARCH, APRIL, MAY]
    assert ahead.history.isna().all() and np.isnan(ahead.chance(5, MAY))


def test_the_forecast_is_of_finished_months_only(under_way: History) -> None:
    sums = under_way.finished("leads", COMPANY)
    assert sums.index[-1] == FEBRUARY and sums["leads"].tolist()[-1] == leads_between("2026-02-01", "2026-02-28")
    ahead = look_ahead(under_way, "leads", COMPANY, APRIL)
    assert ahead.forecast.paths.tobytes() == forecast_kpi(sums, "leads", 2).paths.tobytes()


# Words


def test_chances_are_not_given_as_certainties() -> None:
    assert [write_chance(chance) for chance in (0, 0.004, 0.01, 0.586, 0.99, 0.995, 1)] == [
        "< 1%", "< 1%", "1%", "59%", "99%", "> 99%", "> 99%",
    ]  # fmt: skip
    assert write_chance(np.nan) == "—"
    assert [rounded(value) for value in (1234.5, 0, 0.012345, -98765)] == [1230, 0, 0.0123, -98800]
    assert np.isnan(rounded(np.nan))


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("reason", ["better", "not_better", "untested", "no_season", "rolling", "too_short", "stale"])
def test_every_way_to_forecast_has_its_words(lang: str, reason: str) -> None:
    use_language(lang)
    nothing = pd.Series(np.nan, AHEAD)
    tested = Forecast(AHEAD, nothing, nothing, nothing, np.empty((0, 2)), "ets", reason, 0.75, 8)  # type: ignore[arg-type]
    untested = Forecast(AHEAD, nothing, nothing, nothing, np.empty((0, 2)), "ets", reason)  # type: ignore[arg-type]
    assert len(forecast_words(untested)) == 1 and len(forecast_words(tested)) == 2
    assert "75" in forecast_words(tested)[1] and "8" in forecast_words(tested)[1]
    assert pace_words(None) == []
    use_language("en")
