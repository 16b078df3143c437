"""The view that plans a test, driven without a browser."""

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from composed import SAMPLE

from kpi_helpers import plan_test, read_exports
from kpi_helpers.beliefs.planning import Plan, base_of
from kpi_helpers.charts.planning import move_detectable, plot_detectable
from kpi_helpers.exports import Exports
from kpi_helpers.history import History
from kpi_helpers.labels import write_value
from kpi_helpers.language import use_language
from kpi_helpers.widgets.view import STILL_TYPE
from tests.folders import copy_files
from tests.test_widgets import WIDGET_TYPE


@cache
def exports_of(company: str) -> Exports:
    return read_exports(SAMPLE / company)


@cache
def northlight() -> History:
    return History(exports_of("northlight"))


def planned(view: Any) -> Plan:
    base = base_of(northlight(), view.kpi.value, view.scope.value, view.months.value)
    return Plan(base, view.hoped.value, view.power.value, view.apart.value)


def counts(plan: Plan) -> list[str]:
    return [write_value(number, "count") for number in plan.groups()]


def test_trials_and_weeks_are_those_of_the_company() -> None:
    view = plan_test(exports_of("northlight"))
    plan = planned(view)
    assert plan.base.share < plan.hoped < 1.3 * plan.base.share
    for words in [*counts(plan), write_value(plan.base.hits, "count"), write_value(plan.base.share, "share")]:
        assert words in view.words.value and words in view.still()
    assert f"about {-int(-plan.weeks() // 1)} weeks" in view.words.value
    assert "4 weeks are too short" in view.picture.widget.value and "<img" in view.still()


def test_a_larger_hope_is_found_sooner() -> None:
    view = plan_test(exports_of("northlight"))
    before = planned(view)
    view.hoped.number.value = 100 * before.base.share * 2
    after = planned(view)
    assert after.hoped == pytest.approx(before.base.share * 2, rel=1e-3) and after.weeks() < before.weeks()
    assert all(words in view.words.value for words in counts(after))


def test_weeks_are_turned_into_the_share_that_is_found() -> None:
    view = plan_test(exports_of("northlight"))
    for weeks in (2, 52):
        view.weeks.value = weeks
        low, high = planned(view).found_in(weeks)
        assert f"from {write_value(high, 'share')} are found" in view.words.value or low != low
        assert f"{weeks} weeks are too short" in view.picture.widget.value
    view.hoped.number.value = 100 * planned(view).base.share * 3
    assert "52 weeks are enough" in view.picture.widget.value and "52 weeks are enough" in view.still()


def test_a_holdout_and_more_power_need_more() -> None:
    view = plan_test(exports_of("northlight"))
    halves = planned(view).weeks()
    view.apart.value = 0.1
    assert planned(view).weeks() > 2 * halves and all(words in view.words.value for words in counts(planned(view)))
    view.power.value = 0.9
    assert "a chance of 90%" in view.words.value


def test_what_spoils_a_test_is_said() -> None:
    view = plan_test(exports_of("northlight"))
    assert "(visits) are not people" in view.words.value and "stops at the first difference" in view.words.value
    assert "Holm" not in view.words.value
    view.tests.value = 5
    assert "5 tests at once" in view.words.value and "is 23%" in view.words.value and "Holm" in view.words.value
    view.kpi.value = "qualification_rate"
    assert "are not people" not in view.words.value and "may still wait for a verdict" in view.words.value


def test_the_share_of_today_cannot_be_hoped_for_and_the_rest_recovers() -> None:
    view = plan_test(exports_of("northlight"))
    share, hoped = planned(view).base.share, view.hoped.value
    view._base.cache_clear()
    view.hoped.number.value = 0.0
    assert "must be above 0% and below 100%" in view.words.value and "<img" not in view.still()
    view.hoped.number.value = 100 * hoped
    assert "<img" in view.still() and share < hoped


def test_where_less_is_better_less_is_hoped_for() -> None:
    view = plan_test(exports_of("northlight"))
    for key, better in (("bounce_rate", "lower"), ("visit_to_lead", "higher")):
        view.kpi.value = key
        plan = planned(view)
        assert (plan.hoped < plan.base.share) == (better == "lower"), key
        assert plan.hoped == pytest.approx(plan.base.share * (1 / 1.2 if better == "lower" else 1.2), rel=5e-3)
    assert all(words in view.words.value for words in counts(planned(view)))


def test_every_channel_gets_an_answer() -> None:
    view = plan_test(exports_of("northlight"))
    assert len(view.kpi.options) > 5
    for _name, key in view.kpi.options[1:3]:
        view.kpi.value = key
        for _channel, scope in view.scope.options:
            view.scope.value = scope
            assert "now:" in view.words.value or "not known here" in view.words.value, (key, scope)


def test_a_company_without_shares_is_told_so(tmp_path: Path) -> None:
    copy_files(SAMPLE / "northlight", tmp_path, ["costs.csv", "company.toml"])
    view = plan_test(read_exports(tmp_path))
    assert "No share can be tested" in view.still() and WIDGET_TYPE in view._repr_mimebundle_()


def test_without_dated_rows_the_view_says_so(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("a,b\n1,2\n", "utf-8")
    view = plan_test(read_exports(tmp_path, currency="USD"))
    assert "Add exports" in view.still() and "<img" not in view.still()


def test_answers_come_in_russian() -> None:
    use_language("ru")
    view = plan_test(exports_of("severny_svet"))
    use_language("en")
    view.weeks.value = 6
    assert "6 недель" in view.picture.widget.value and "weeks" not in view._repr_mimebundle_()[STILL_TYPE]


def curve() -> pd.DataFrame:
    return pd.DataFrame({"low": [float("nan"), 0.02, 0.06], "high": [0.5, 0.2, 0.14]}, index=pd.Index([1, 4, 13]))


def test_the_chart_marks_what_so_many_weeks_find() -> None:
    ax = plot_detectable(curve(), 0.1, 0.15, 4)
    (dots,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert [list(map(float, axis)) for axis in dots.get_data()] == [[4, 4], [0.02, 0.2]]
    assert move_detectable(ax, 0.12, 13)
    assert [list(map(float, axis)) for axis in dots.get_data()] == [[13, 13], [0.06, 0.14]]
    assert "0.12" not in "".join(text.get_text() for text in ax.texts)  # shares are written in percent
    assert any("12.0%" in text.get_text() for text in ax.texts)


@pytest.mark.parametrize(("hoped", "weeks"), [(0.9, 4), (0.12, 30)])
def test_what_leaves_the_paper_is_drawn_anew(hoped: float, weeks: int) -> None:
    ax = plot_detectable(curve(), 0.1, 0.15, 4)
    assert not move_detectable(ax, hoped, weeks)
    assert plot_detectable(curve(), 0.1, hoped, min(weeks, 13)).get_ylim()[1] >= hoped
