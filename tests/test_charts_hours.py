"""The heat map of the week: colours, numbers, frames, weekdays in the reader's language."""

from datetime import time

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from kpi_helpers.charts.hours import NONE_BAD, plot_hours
from kpi_helpers.company import WEEKDAYS, WorkingHours
from kpi_helpers.language import use_language
from kpi_helpers.palette import PAPER, STATUSES


def week(**cells: tuple[int, int, int]) -> pd.DataFrame:
    """A week with (hour, judged, bad) on some days."""
    judged = pd.DataFrame(0.0, index=list(WEEKDAYS), columns=range(24))
    good = judged.copy()
    for day, (hour, number, bad) in cells.items():
        judged.loc[day, hour], good.loc[day, hour] = number, number - bad
    return pd.concat({"came": judged, "judged": judged, "good": good}, axis=1)


def cells(ax: Axes) -> dict[tuple[str, int], str]:
    """The colours of the boxes of the week, by day and hour."""
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_width() == 0.88]
    placed = {(round(box.get_y() + 0.42, 3), round(box.get_x() - 0.06, 3)): box for box in boxes}
    return {(WEEKDAYS[int(day)], int(hour)): to_hex(box.get_facecolor())
            for (day, hour), box in placed.items() if day <= 6}  # fmt: skip


def frames(ax: Axes) -> list[tuple[float, ...]]:
    """Left, top, right and bottom of the frames over the week."""
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle) and not patch.get_fill()]
    return [(box.get_x(), box.get_y(), box.get_x() + box.get_width(), box.get_y() + box.get_height())
            for box in boxes if box.get_y() < 6]  # fmt: skip


def numbers(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_position() and text.get_text().isdigit()]


def test_colour_is_the_share_and_the_number_how_many() -> None:
    ax = plot_hours(week(mon=(9, 10, 0), tue=(10, 10, 2), wed=(11, 10, 5), thu=(12, 10, 10), fri=(13, 2, 2)))
    found = cells(ax)
    assert set(found) == {("mon", 9), ("tue", 10), ("wed", 11), ("thu", 12), ("fri", 13)}
    assert found["mon", 9] == NONE_BAD and found["fri", 13] == PAPER
    assert found["wed", 11] == found["thu", 12] == STATUSES["missed"].colour.lower()
    assert found["tue", 10] not in (found["mon", 9], found["wed", 11])
    assert sorted(numbers(ax)) == ["10", "2", "2", "5"]


def test_numbers_that_do_not_fit_are_left_out_of_all_cells() -> None:
    assert numbers(plot_hours(week(mon=(9, 2000, 1000), tue=(9, 20, 3)))) == []


def test_hours_worked_in_are_framed_day_by_day_where_days_are_apart() -> None:
    empty = week()
    assert frames(plot_hours(empty, WorkingHours())) == [(9, -0.5, 18, 4.5)]
    late = WorkingHours(("mon", "wed", "thu", "sun"), time(8, 30), time(18, 1))
    assert frames(plot_hours(empty, late)) == [(8, -0.5, 19, 0.5), (8, 1.5, 19, 3.5), (8, 5.5, 19, 6.5)]
    assert frames(plot_hours(empty)) == []


@pytest.mark.parametrize(("lang", "days", "key"), [
    ("en", ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"], "not taken"),
    ("ru", ["пн", "вт", "ср", "чт", "пт", "сб", "вс"], "пропущено"),
])
def test_it_speaks_the_reader_s_language(lang: str, days: list[str], key: str) -> None:
    use_language(lang)
    ax = plot_hours(week(mon=(9, 10, 1)), WorkingHours(), "calls")
    assert [label.get_text() for label in ax.get_yticklabels()] == days
    assert key in [text.get_text() for text in ax.texts]


def test_axes_given_are_drawn_on() -> None:
    ax = Figure(figsize=(8, 4), layout="constrained").add_subplot()
    assert plot_hours(week(mon=(9, 10, 1)), ax=ax, finding="left one") is ax
