"""The hours of the week in which requests are served worst, where the numbers carry it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from kpi_helpers.company import WEEKDAYS, WorkingHours
from kpi_helpers.service.levels import by_weekday
from kpi_helpers.service.luck import Place, chances_by_day

FEW = 10  # served in these hours: fewer say nothing of them
LUCK = 0.05  # chance that any hours look so bad by luck alone


@dataclass(frozen=True)
class WorstHours:
    """Days of the week, from one whole hour to another: the bad ones of the judged ones, there and at other times."""

    days: tuple[str, ...]
    start: int
    end: int
    bad: int
    judged: int
    bad_else: int
    judged_else: int


def worst_hours(days: pd.DataFrame, hours: WorkingHours) -> WorstHours | None:
    """The hours of the week that are served worse than the others, or None where that may be luck.

    `days` is what `by_hour` returns. Looked at are each day of the week, the days off and all days, whole and by parts:
    before opening, the two halves of the working hours, their first and last hour, after closing. Of those that fewer
    than one period in twenty would show by luck, the least likely one; of those as likely the smaller one. The luck of
    single requests (hypergeometric test, corrected for the number of places looked at) and that of whole days
    (`chances_by_day`) are each ruled out: one bad Friday is no pattern of Fridays.
    """
    from scipy.stats import hypergeom

    week = by_weekday(days)
    judged, good = pd.DataFrame(week["judged"]), pd.DataFrame(week["good"])
    bad = judged - good
    all_judged, all_bad = (float(frame.to_numpy().sum()) for frame in (judged, bad))
    places = [place for place in _places(hours) if FEW <= _sum(judged, *place) < all_judged]
    chances = {
        place: float(hypergeom.sf(_sum(bad, *place) - 1, all_judged, all_bad, _sum(judged, *place))) for place in places
    }
    unlikely = {place for place, chance in chances.items() if chance * len(places) <= LUCK}
    lucky_days = dict(zip(places, chances_by_day(days, places), strict=True)) if unlikely else {}
    lasting = [place for place, luck in lucky_days.items() if place in unlikely and luck <= LUCK]
    worst = min(lasting, key=lambda place: chances[place], default=None)
    if worst is None:
        return None
    inside_bad, inside = _sum(bad, *worst), _sum(judged, *worst)
    return WorstHours(*worst, *map(int, (inside_bad, inside, all_bad - inside_bad, all_judged - inside)))


def _places(hours: WorkingHours) -> Iterator[Place]:
    opens, closes = hours.opens.hour, hours.closes.hour + bool(hours.closes.minute or hours.closes.second)
    middle = (opens + closes) // 2
    parts = [(opens, opens + 1), (closes - 1, closes), (opens, middle), (middle, closes), (0, opens), (closes, 24),
             (closes - 1, 24), (0, 24)]  # fmt: skip
    off = tuple(day for day in WEEKDAYS if day not in hours.days)
    weeks = [*((day,) for day in WEEKDAYS), WEEKDAYS, *([off] if len(off) > 1 else [])]
    for days in weeks:
        yield from ((days, start, end) for start, end in dict.fromkeys(parts) if start < end)


def _sum(cells: pd.DataFrame, days: tuple[str, ...], start: int, end: int) -> float:
    return float(cells.to_numpy(dtype=float)[cells.index.isin(days)][:, start:end].sum())
