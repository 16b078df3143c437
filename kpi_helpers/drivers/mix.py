"""A change split over channels: more or less of all, a shift between channels, or each channel better or worse."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

import pandas as pd

from kpi_helpers.amounts import round_to_sum
from kpi_helpers.drivers.exact import Unknown, as_fraction
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.labels import channel_name
from kpi_helpers.language import _

EFFECTS = ("volume", "mix", "rate")
Parts = dict[str, tuple[Fraction, Fraction]]  # channel -> (below, above), such as leads and those of them qualified
State = tuple[Fraction, dict[str, Fraction], dict[str, Fraction]]  # the volume, each channel's share of it, its rate


def split_mix(
    before: pd.DataFrame, after: pd.DataFrame, above: str, below: str, of: Literal["sum", "rate"] = "sum"
) -> pd.DataFrame:
    """The volume, mix and rate effect of each channel on the sum of `above`, or on the rate `above / below` of all.

    `before` and `after` have a row for each channel (the index) with two columns: `below` (leads: the volume) and
    `above` (qualified leads). The result has a row for each channel and the columns of EFFECTS, in units of `above`, or
    as a share with `of="rate"` (there the volume effect is 0). All cells add up, in any order and to the last digit, to
    `attrs["change"]`.

    Sum = volume x share of the channel x rate of the channel: a Shapley split over these three, channel by channel.
    A channel's mix effect is held against the average rate: it is above zero where a channel better than average gains
    share, or a worse one loses some. So a rate that rises in every channel and falls in total (Simpson 1951, JRSS B
    13:238) shows rate effects above and mix effects below zero.

    A channel without a row had nothing; one that had nothing is given its rate of the other period. All cells are NaN
    where a value is missing, a channel has something above nothing, or the rate of an empty period is asked for:
    `attrs["reason"]` is then "no_values:<measure>" or "zero:<measure>". KitError for a volume below zero.
    Sources: Shapley 1953; Ang 2005, Energy Policy 33:867 (activity, structure and intensity effects).
    """
    if of not in ("sum", "rate"):
        raise KitError(_("there is no split of {name}.").format(name=repr(of)), did_you_mean(of, ("sum", "rate")))
    channels: list[str] = list(dict.fromkeys([*map(str, before.index), *map(str, after.index)]))
    try:
        then, now = (_parts(frame, channels, above, below) for frame in (before, after))
        cells = round_to_sum(_effects(_state(then, now, below, of), _state(now, then, below, of)))
        change, reason = math.fsum(cells.values()), ""
    except (Unknown, OverflowError) as error:
        cells, change = {}, math.nan
        reason = error.reason if isinstance(error, Unknown) else "too_large"
    rows = [[cells.get((channel, effect), math.nan) for effect in EFFECTS] for channel in channels]
    index = pd.Index(channels, dtype="str").rename(before.index.name or "channel")
    result = pd.DataFrame(rows, index=index, columns=list(EFFECTS), dtype="float64")
    result.attrs = {"change": change, "reason": reason}
    return result


def _parts(frame: pd.DataFrame, channels: list[str], above: str, below: str) -> Parts:
    """What each channel has below and above the line; Unknown for a value that is missing."""
    for name in (below, above):
        if name not in frame:
            raise KitError(_("there is no column {name}.").format(name=repr(name)), did_you_mean(name, map(str, frame)))
    if frame.index.has_duplicates:
        twice = channel_name(frame.index[frame.index.duplicated()][0])
        raise KitError(_("{channel} has two rows.").format(channel=twice), _("Sum them first."))
    rows = dict(zip(map(str, frame.index), zip(frame[below], frame[above], strict=True), strict=True))
    return {channel: _part(channel, rows.get(channel, (0, 0)), (below, above)) for channel in channels}


def _part(channel: str, row: tuple[float, float], names: tuple[str, str]) -> tuple[Fraction, Fraction]:
    volume, result = map(as_fraction, row)
    if volume is None or result is None:
        raise Unknown(f"no_values:{names[volume is not None]}")
    if volume < 0:
        raise KitError(_("{channel} has a volume below zero.").format(channel=channel_name(channel)))
    if volume == 0 and result != 0:
        raise Unknown(f"zero:{names[0]}")
    return volume, result


def _state(parts: Parts, other: Parts, below: str, of: str) -> State:
    """Volume, shares and rates; where there is nothing, shares and rates are those of the other period."""
    volume = sum((part[0] for part in parts.values()), Fraction(0))
    if of == "rate" and volume == 0:
        raise Unknown(f"zero:{below}")
    weighed = parts if volume else other
    whole = sum((part[0] for part in weighed.values()), Fraction(0))
    shares = {channel: part[0] / whole if whole else Fraction(0) for channel, part in weighed.items()}
    rates = {channel: _rate(part, other[channel]) for channel, part in parts.items()}
    return Fraction(1) if of == "rate" else volume, shares, rates


def _rate(*periods: tuple[Fraction, Fraction]) -> Fraction:
    """The rate of the first period that has one; 0 where there is none."""
    return next((above / below for below, above in periods if below), Fraction(0))


def _effects(before: State, after: State) -> dict[tuple[str, str], Fraction]:
    """The Shapley effects of volume, share and rate, for each channel."""
    (size, share, rate), (new_size, new_share, new_rate) = before, after
    average = (_average(share, rate), _average(new_share, new_rate))
    effects = {}
    for channel in share:
        sizes, shares = (size, new_size), (share[channel], new_share[channel])
        rates = (rate[channel], new_rate[channel])
        effects[channel, "volume"] = (new_size - size) * _mean_product(shares, rates)
        apart = _mean_product(sizes, rates) - _mean_product(sizes, average)
        effects[channel, "mix"] = (shares[1] - shares[0]) * apart
        effects[channel, "rate"] = (rates[1] - rates[0]) * _mean_product(sizes, shares)
    return effects


def _mean_product(one: tuple[Fraction, Fraction], other: tuple[Fraction, Fraction]) -> Fraction:
    """The mean of the product of two drivers over the orders in which a third one can move."""
    return (one[0] * other[0] + one[1] * other[1]) / 3 + (one[0] * other[1] + one[1] * other[0]) / 6


def _average(shares: Mapping[str, Fraction], rates: Mapping[str, Fraction]) -> Fraction:
    return sum((shares[channel] * rates[channel] for channel in shares), Fraction(0))
