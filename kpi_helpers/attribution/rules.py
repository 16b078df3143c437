"""The rules: how much of one lead or order each of its touches is given, in whole parts of a whole number.

A rule takes touches with `record` (the lead or order), `at` and `channel`. Touches of one moment have no order among
them: what they are given together is shared evenly, so that neither the order of the rows nor the alphabet decides.
"""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

DIRECT = "direct"  # the channel of visits that no campaign and no other site sent
Parts = tuple[pd.Series, pd.Series]  # parts, of how many


def _first(touches: pd.DataFrame) -> Parts:
    return _shared(touches, touches["at"] == touches["at"].groupby(touches["record"]).transform("min"))


def _last(touches: pd.DataFrame) -> Parts:
    return _shared(touches, touches["at"] == touches["at"].groupby(touches["record"]).transform("max"))


def _last_non_direct(touches: pd.DataFrame) -> Parts:
    """The last touch that is not direct; the last one where all are."""
    fits = touches["channel"] != DIRECT
    fits |= ~fits.groupby(touches["record"]).transform("any")
    last = touches["at"].where(fits).groupby(touches["record"]).transform("max")
    return _shared(touches, fits & (touches["at"] == last))


def _linear(touches: pd.DataFrame) -> Parts:
    return _shared(touches, pd.Series(True, index=touches.index))


def _shared(touches: pd.DataFrame, chosen: pd.Series) -> Parts:
    """Evenly among the chosen touches of a record."""
    return chosen.astype("int64"), chosen.groupby(touches["record"]).transform("sum").astype("int64")


def _position(touches: pd.DataFrame) -> Parts:
    """40 % to the first, 40 % to the last, 20 % to all between; of two half each, of one all."""
    record, moment = touches["record"], [touches["record"], touches["at"]]
    number = record.groupby(record).transform("size")
    place = touches.sort_values("at", kind="stable").groupby("record").cumcount().reindex(touches.index)
    at_end = (place == 0) | (place == number - 1)
    between = (number - 2).clip(lower=1)
    parts = pd.Series(1, index=touches.index).mask((number > 2) & at_end, 2 * between)
    together = parts.groupby(moment)
    return together.transform("sum"), number.mask(number > 2, 5 * between) * together.transform("size")


RULES: dict[str, Callable[[pd.DataFrame], Parts]] = {
    "first": _first, "last": _last, "last_non_direct": _last_non_direct, "linear": _linear, "position": _position,
}  # fmt: skip
