"""Two channels held together: what they convert each and both, and months in which both go against each of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd
from markupsafe import Markup

from kpi_helpers.labels import (
    channel_name,
    kpi_name,
    lower_first,
    measure_name,
    month_name,
    upper_first,
    write_rate,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.lessons.figures import Figures, Lacking, compute
from kpi_helpers.tables import Column, data_table

ACTIONS = ("actions", "orders")  # what visits are converted to
LEAST = 8  # actions of a channel in a month
RISE = 1.01  # times the rate before, or as much below it
FALL = 0.985  # times the rate of both before, or as much above it
SLIDE = 0.9  # times the rate before: each channel converts clearly less
STEADY = 0.02  # of all visits: the mix hardly moves


@dataclass(frozen=True)
class Part:
    """A channel's month: its visits and how many actions they led to."""

    channel: str
    actions: float
    visits: float

    @property
    def rate(self) -> float:
        return self.actions / self.visits

    @property
    def name(self) -> str:
        return channel_name(self.channel)


@dataclass(frozen=True)
class Mix:
    """Two channels in a month: `strong` converts more than `weak`; `action` is the measure that is counted."""

    month: pd.Timestamp
    action: str
    strong: Part
    weak: Part

    @property
    def actions(self) -> float:
        return self.strong.actions + self.weak.actions

    @property
    def visits(self) -> float:
        return self.strong.visits + self.weak.visits

    @property
    def rate(self) -> float:
        """The conversion of both together: all actions over all visits."""
        return compute("conversion_rate", actions=self.actions, visits=self.visits)

    @property
    def weak_share(self) -> float:
        return self.weak.visits / self.visits

    @property
    def contrast(self) -> float:
        return self.strong.rate / self.weak.rate

    @property
    def in_month(self) -> str:
        return month_name(self.month, heading=False)

    @property
    def parts(self) -> dict[str, list[float]]:
        """The figures from which a misconception computes."""
        both = (self.strong, self.weak)
        return {"above": [part.actions for part in both], "below": [part.visits for part in both]}

    def with_share(self, share: float) -> float:
        """The conversion of both if `share` of the visits were the weak channel's and each rate stayed."""
        return share * self.weak.rate + (1 - share) * self.strong.rate


@dataclass(frozen=True)
class Turn:
    """Two months of the same two channels."""

    before: Mix
    after: Mix

    @property
    def times(self) -> float:
        """The later rate of both over the earlier one."""
        return (self.after.actions / self.after.visits) / (self.before.actions / self.before.visits)

    @property
    def falls(self) -> bool:
        """Whether both together convert less than before."""
        return self.times < 1

    @property
    def strength(self) -> float:
        """How far the rate of both went, either way; the same for a rate doubled and one halved."""
        return abs(math.log(self.times))

    @property
    def is_real(self) -> bool:
        """Whether each channel goes clearly one way, and both together the other way."""
        pairs = ((self.before.strong, self.after.strong), (self.before.weak, self.after.weak))
        each = [then.rate / now.rate if self.falls else now.rate / then.rate for then, now in pairs]
        told = all(write_rate(then.rate) != write_rate(now.rate) for then, now in pairs)
        return told and max(each) < 1 / RISE and self.strength > -math.log(FALL)

    @property
    def is_slide(self) -> bool:
        """Whether each channel converts clearly less and the mix hardly moved."""
        pairs = ((self.before.strong, self.after.strong), (self.before.weak, self.after.weak))
        steady = abs(self.after.weak_share - self.before.weak_share) < STEADY
        return steady and all(now.rate < SLIDE * then.rate for then, now in pairs)


def list_mixes(figures: Figures, action: str) -> list[Mix]:
    """Every two channels in every month that has visits and enough actions of both."""
    found = []
    for month in figures.months:
        parts = [part for part in _parts(figures, month, action) if part.actions >= LEAST]
        for pair in combinations(parts, 2):
            weak, strong = sorted(pair, key=lambda part: part.rate)
            found.append(Mix(month, action, strong, weak))
    return found


def _parts(figures: Figures, month: pd.Timestamp, action: str) -> list[Part]:
    found = []
    for channel in figures.named_channels:
        sums = figures.sums(month, channel)
        if sums.get("visits", 0) > sums.get(action, 0) > 0:
            found.append(Part(channel, sums[action], sums["visits"]))
    return found


def list_turns(mixes: Sequence[Mix]) -> list[Turn]:
    """The turns among the mixes in which both together convert less though each converts more, the strongest first."""
    return [turn for turn in _pairs(mixes) if turn.is_real and turn.falls]


def list_mirrors(mixes: Sequence[Mix]) -> list[Turn]:
    """The turns the other way round: both together convert more though each converts less, the strongest first."""
    return [turn for turn in _pairs(mixes)[::-1] if turn.is_real and not turn.falls]


def list_slides(mixes: Sequence[Mix]) -> list[Turn]:
    """Pairs of months in which each channel and so both converted less, the one that falls most first."""
    return [turn for turn in _pairs(mixes) if turn.is_slide]


def _pairs(mixes: Sequence[Mix]) -> list[Turn]:
    """All pairs of months of the same two channels, the one that falls most first."""
    same: dict[tuple[str, str], list[Mix]] = {}
    for mix in mixes:
        same.setdefault((mix.strong.channel, mix.weak.channel), []).append(mix)
    turns = (Turn(before, after) for months in same.values() for before, after in combinations(months, 2))
    return sorted(turns, key=lambda turn: turn.times)


def find_turns(figures: Figures) -> tuple[list[Turn], list[Mix]]:
    """The turns and all mixes of the kind of action that shows the strongest turn; Lacking where none shows any."""
    mixes = [list_mixes(figures, action) for action in ACTIONS]
    found = [(turns, same) for same in mixes if (turns := list_turns(same))]
    if not found:
        raise Lacking(_("in no two months do two channels both convert more while both together convert less."))
    return max(found, key=lambda kind: kind[0][0].strength)


def conversion_name(action: str) -> str:
    """The name of the conversion: to the target action, or to an order."""
    return _("Conversion to an order") if action == "orders" else kpi_name("conversion_rate")


def actions_name(action: str) -> str:
    """What is counted, at the head of a column."""
    return upper_first(measure_name(action))


def write_count(number: float) -> str:
    """A number of visits, actions or people."""
    return write_value(number, "count")


# The table


def table_of_both(turn: Turn) -> Markup:
    """Each channel and both, the earlier month above the later one."""
    lines: list[tuple[Part | Mix, Part | Mix]] = [*channels_of(turn), (turn.before, turn.after)]
    names = [turn.after.strong.name, turn.after.weak.name, _("Both channels")]
    rows = [
        [name, month_name(mix.month), write_count(part.visits), write_count(part.actions), write_rate(part.rate)]
        for name, months in zip(names, lines, strict=True)
        for mix, part in zip((turn.before, turn.after), months, strict=True)
    ]
    heads = [_("Channel"), _("Month"), kpi_name("visits"), actions_name(turn.after.action), _("Conversion")]
    columns = [Column(head, "number" if place > 1 else "text") for place, head in enumerate(heads)]
    return Markup(data_table(columns, rows, caption=caption_of(turn.after.action)))


def channels_of(turn: Turn) -> list[tuple[Part, Part]]:
    """Each channel before and after."""
    return [(turn.before.strong, turn.after.strong), (turn.before.weak, turn.after.weak)]


def caption_of(action: str) -> str:
    """What a table of conversions shows."""
    return _("{conversion}: {actions} / visits").format(
        conversion=conversion_name(action), actions=lower_first(actions_name(action))
    )
