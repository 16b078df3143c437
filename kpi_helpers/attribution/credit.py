"""The credit of each channel by each rule: parts that add up to what there was, to the last digit."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
import pandas as pd

from kpi_helpers.amounts import round_to_sum
from kpi_helpers.attribution.rules import RULES, Parts
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _
from kpi_helpers.terms import UNKNOWN

COLUMNS = ["rule", "channel", "records", "value"]
RECORDED = "recorded"  # the channel that the CRM or the shop wrote down itself
Credit = tuple[Fraction, Fraction]  # records, money
NOTHING: Credit = (Fraction(0), Fraction(0))
_DAY = 86_400  # seconds
_LARGEST = 1e15  # money beyond it is a slip of the file


def attribute(
    records: pd.DataFrame, touches: pd.DataFrame, key: str = "lead_id", at: str = "created_at", value: str = "",
    rules: Iterable[str] = tuple(RULES), days: float = math.inf,
) -> pd.DataFrame:  # fmt: skip
    """What each channel is credited with by each rule: a row per rule and channel, COLUMNS.

    `records` are leads or orders: `key` names each, `at` says when, `value` is the column with their money (none: "").
    `touches` are visits, calls … before them: `key`, `channel` and `at`; a touch counts for its record if it came no
    later, and at most `days` before. Touches without a time or of unknown records are left out, repeated rows count
    once; where the records give days without hours, touches of the same day count. A record without touches goes to
    the channel "unknown", in every rule. Where the records have a `channel` of their own, it stands beside the rules
    as "recorded".

    `records` and `value` are fractions of leads and money. By each rule they add up, in any order and without rounding,
    to what there was; money that is missing or above 1e15 is left out of the sum. `value` is NaN where no column is
    named or none has money. KitError for an unknown rule, a missing column, a record that stands twice or has no time.

    >>> orders = pd.DataFrame({"order_id": ["1"], "ordered_at": pd.to_datetime(["2026-10-09"]), "revenue": [100.0]})
    >>> days = pd.to_datetime(["2026-10-01", "2026-10-05", "2026-10-06", "2026-10-09"])
    >>> seen = pd.DataFrame({"order_id": "1", "at": days, "channel": ["vk_ads", "email", "social", "direct"]})
    >>> credit = attribute(orders, seen, "order_id", "ordered_at", "revenue", ["position", "last_non_direct"])
    >>> credit.pivot(index="rule", columns="channel", values="value").round(2).to_dict("index")["position"]
    {'direct': 40.0, 'email': 10.0, 'social': 10.0, 'vk_ads': 40.0}
    """
    wanted = list(dict.fromkeys(rules))
    if strange := next((rule for rule in wanted if rule not in RULES), None):
        raise KitError(_("there is no rule {name}.").format(name=repr(strange)), did_you_mean(strange, RULES))
    _check(records, touches, key, at, value)
    if records.empty:
        return pd.DataFrame(columns=COLUMNS).astype({"records": "float64", "value": "float64"})
    money, unit = _money(records, value)
    own = pd.DataFrame({"key": records[key].astype("str"), "until": _until(records[at])}).reset_index(drop=True)
    counted = _touches_of(own.assign(record=own.index), touches, key, days)
    credit = {rule: _credit(counted, RULES[rule](counted), money, unit) for rule in wanted}
    if "channel" in records:
        named = pd.DataFrame({"record": own.index, "channel": _channels(records).to_numpy()})
        credit[RECORDED] = _credit(named, RULES["linear"](named), money, unit)
    channels = sorted({channel for found in credit.values() for channel in found})
    rows = [row for rule, found in credit.items() for row in _rows(rule, found, channels, bool(money))]
    return pd.DataFrame(rows, columns=COLUMNS).astype({"records": "float64", "value": "float64"})


def _check(records: pd.DataFrame, touches: pd.DataFrame, key: str, at: str, value: str) -> None:
    for table, names in ((records, [key, at, *filter(None, [value])]), (touches, [key, "channel", "at"])):
        if missing := [name for name in names if name not in table]:
            raise KitError(_("there is no column {name}.").format(name=", ".join(missing)))
    if records[key].isna().any() or records[key].duplicated().any():
        raise KitError(_("a lead or an order has no number of its own, or stands twice: it would be credited twice."))
    if records[at].isna().any():
        raise KitError(_("a lead or an order has no time: touches before it cannot be told from those after."))
    if len(records) and len(touches) and (records[at].dt.tz is None) != (touches["at"].dt.tz is None):
        raise KitError(_("the times of the touches and of what they led to cannot be compared: one has no time zone."))


def _until(times: pd.Series) -> pd.Series:
    """Where days are given without hours, a touch of the same day came before."""
    whole_days = bool((times == times.dt.normalize()).all())
    return times + pd.Timedelta(days=1) - pd.Timedelta(microseconds=1) if whole_days else times


def _money(records: pd.DataFrame, value: str) -> tuple[dict[int, int], int]:
    """The money of each record by its place, in whole units, and how many units make one: 0.1 is a tenth, exactly."""
    if not value:
        return {}, 1
    amounts = pd.to_numeric(records[value], errors="coerce").to_numpy(dtype="float64", na_value=np.nan).tolist()
    exact = {place: Fraction(repr(amount)) for place, amount in enumerate(amounts) if abs(amount) <= _LARGEST}
    unit = math.lcm(*{amount.denominator for amount in exact.values()})
    return {place: int(amount * unit) for place, amount in exact.items()}, unit


def _touches_of(own: pd.DataFrame, touches: pd.DataFrame, key: str, days: float) -> pd.DataFrame:
    """The touches that count: `record` (its place), `at`, `channel`; records without any have one, of no channel."""
    seen = pd.DataFrame({"key": touches[key], "at": touches["at"], "channel": _channels(touches)}).drop_duplicates()
    seen = seen.dropna(subset=["key", "at"]).astype({"key": "str", "at": own["until"].dtype})
    met = seen.merge(own, on="key", how="inner")
    before = (met["until"] - met["at"]).dt.total_seconds()
    met = met[before.between(0, days * _DAY)]
    alone = own[~own["record"].isin(met["record"])].rename(columns={"until": "at"}).assign(channel=UNKNOWN)
    columns = ["record", "at", "channel"]
    return pd.concat([met[columns], alone[columns]], ignore_index=True) if len(met) else alone[columns]


def _channels(rows: pd.DataFrame) -> pd.Series:
    return rows["channel"].astype("object").replace("", None).fillna(UNKNOWN)


def _credit(counted: pd.DataFrame, given: Parts, money: dict[int, int], unit: int) -> dict[str, Credit]:
    """By channel: records and money. Parts of the same whole are added as whole numbers: fractions are slow."""
    records: Counter[tuple[str, int]] = Counter()
    units: Counter[tuple[str, int]] = Counter()
    rows = (counted["record"], counted["channel"], *given)
    for record, channel, part, whole in zip(*(column.tolist() for column in rows), strict=True):
        records[channel, whole] += part
        units[channel, whole] += part * money.get(record, 0)
    credit: dict[str, Credit] = {}
    for (channel, whole), part in records.items():
        earlier = credit.get(channel, NOTHING)
        amount = Fraction(units[channel, whole], whole * unit)
        credit[channel] = (earlier[0] + Fraction(part, whole), earlier[1] + amount)
    return {channel: sums for channel, sums in credit.items() if sums != NOTHING}


def _rows(rule: str, credit: dict[str, Credit], channels: list[str],
          has_money: bool) -> list[tuple[str, str, float, float]]:  # fmt: skip
    records = round_to_sum({channel: credit.get(channel, NOTHING)[0] for channel in channels})
    value = round_to_sum({channel: credit.get(channel, NOTHING)[1] for channel in channels})
    return [(rule, channel, records[channel], value[channel] if has_money else math.nan) for channel in channels]
