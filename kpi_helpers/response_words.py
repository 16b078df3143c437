"""The sentences of moving money: what would change, what the curves agree on, why there is none, how to find out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pandas as pd

from kpi_helpers.budget import Curves, weeks_switched_off, weeks_to_settle
from kpi_helpers.budget.curves import ALL
from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import NO_VALUE, channel_name, is_missing, kpi_name, lower_first, write_list, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.response import AS_SEEN, BEYOND, MONTH, MOVED, OF_ORDERS, Advice, nudge

FORMS = {
    "logistic": N_("a sharp ceiling (logistic)"), "hill": N_("a gradual ceiling (Hill)"),
    "power": N_("no ceiling (power)"),
}  # fmt: skip
PARTS = {0.1: N_("in a tenth of the places"), 0.25: N_("in a quarter of the places"), 0.5: N_("in half of the places")}
SHORT_TEST, LONGEST_TEST = 12, 52  # weeks
SAME = 0.005  # of the money together
DIRECTIONS = {
    "take": N_("take from it"), "give": N_("give to it"), "stay": N_("leave it"), "differ": N_("the curves disagree"),
}  # fmt: skip
_REFUSALS = {
    "zero_spend": (N_("nothing was spent in the last four weeks"), N_("There is no money to move.")),
    "too_short": (N_("{weeks} since the first spend, at least {least} are needed"), N_("Wait, or add older exports.")),
    "gaps": (N_("{unknown_share} of the weeks are not known"), N_("Add exports of the missing days.")),
    "hardly_varied": (
        N_("spend hardly varied: by {varied} around its mean"),
        N_("Vary it on purpose: two weeks a quarter more, two weeks a quarter less, by turns."),
    ),
    "follows_season": (
        N_("spend only went up and down with the season"), N_("Vary it against the season for some weeks."),
    ),
    "collinear": (N_("spend moved together with {moved_with}"), N_("Change one of the two alone for some weeks.")),
    "not_through_zero": (
        N_("the result comes without spend, too: {free_share} of what comes with it"),
        N_("See whether unpaid visits are counted in this channel."),
    ),
    "no_response": (
        N_("the result does not follow the spend"),
        N_("Only an experiment can tell: switch it off in some places for some weeks."),
    ),
    "nothing_came": (N_("money was spent, and nothing came"), N_("Ask what the money is spent for.")),
}  # fmt: skip


def result_name(result: str) -> str:
    """A result as a heading; visits are those of people."""
    return _("Visits of people") if result == "visits" else kpi_name(result)


def write_result(value: Any, result: str, currency: str, *, signed: bool = False) -> str:
    """An amount of a result with three significant digits or so, of either sign."""
    if is_missing(value):
        return NO_VALUE
    size = abs(float(value))
    if KPIS[result].style == "money":
        text, zero = write_value(size, "money", currency), write_value(0, "money", currency)
    elif size >= 100:
        text, zero = write_value(round(size), "count"), write_value(0, "count")
    else:
        style = "points" if size >= 10 else "ratio"
        text, zero = write_value(size, style), write_value(0, style)
    if text == zero:
        return text
    return ("−" if value < 0 else "+" if signed else "") + text


def write_span(low: float, high: float, result: str, currency: str, *, signed: bool = False) -> str:
    """An interval; with signs it is "from … to …"."""
    ends = [write_result(end, result, currency, signed=signed) for end in (low, high)]
    if signed or low < 0:
        return _("{low} to {high}").format(low=ends[0], high=ends[1])
    return "–".join(ends)


def verdict_words(low: float, high: float) -> str:
    """Whether all curves, noise included, expect more or less."""
    if low > 0:
        return _("more by every curve")
    return _("less by every curve") if high < 0 else _("within noise")


def change_words(expected: pd.DataFrame, result: str, currency: str) -> str:
    """What a split would change a month, by all forms; `expected` is what `budget.what_if` returns."""
    row = expected[expected["form"] == ALL].iloc[0]
    low, high = float(row["change_low"]) * MONTH, float(row["change_high"]) * MONTH
    if low == high == 0:
        return _("As today. Move a slider and see: what if?")
    words = _("What if: {result}, {span} a month ({verdict}).")
    span = write_span(low, high, result, currency, signed=True)
    return words.format(result=lower_first(result_name(result)), span=span, verdict=verdict_words(low, high))


def money_words(curves: Curves, spends: Mapping[str, float], currency: str) -> str:
    """How much money it is together, and whether that is today's."""
    today, now = float(curves.spends["today"].sum()) * MONTH, sum(spends.values()) * MONTH
    words = _("Spend together: {money} a month").format(money=write_value(now, "money", currency))
    if abs(now - today) <= SAME * today:
        return words + _(", as today.")
    change = write_result(now - today, "revenue", currency, signed=True)
    return words + _(", {change} against today.").format(change=change)


def beyond_words(expected: pd.DataFrame) -> str:
    """The channels that the split takes where no data are; "" where there is none."""
    beyond = expected["extrapolated"].iloc[0] if len(expected) else ()
    if not beyond:
        return ""
    names = write_list([channel_name(channel) for channel in beyond])
    return _("No week was like this before: {channels}. There the curves are a guess.").format(channels=names)


def finding_words(returns: pd.DataFrame, curves: Curves, result: str, currency: str) -> str:
    """Where the next money brings most, if noise and forms let it be told."""
    money = write_value(nudge(curves), "money", currency)
    rows = returns.sort_values("brings_low", ascending=False)
    first, others = rows.iloc[0], rows.iloc[1:]
    span = write_span(first["brings_low"], first["brings_high"], result, currency)
    named = {"money": money, "channel": channel_name(first["channel"]), "span": span, "result": result_name(result)}
    if others.empty:
        return _("{result}: the next {money} bring {span} in {channel}").format(**named)
    if first["brings_low"] > others["brings_high"].max():
        return _("{result}: the next {money} bring most in {channel}, {span}").format(**named)
    return _("{result}: where the next {money} bring most is within noise").format(**named)


def advice_words(advice: Advice, curves: Curves, result: str, currency: str) -> list[str]:
    """What the forms agree on, and what that would bring; of more or less money than today only the latter."""
    names = {key: write_list([channel_name(channel) for channel in advice.told(key)]) for key in DIRECTIONS}
    if len(advice.directions) < 2:
        return [_("Only {channel} has curves: there is nothing to move it to.").format(channel="".join(names.values()))]
    today, money = float(curves.spends["today"].sum()), sum(advice.split.values())
    named = {"result": lower_first(result_name(result)), "verdict": verdict_words(advice.low, advice.high),
             "span": write_span(advice.low * MONTH, advice.high * MONTH, result, currency, signed=True)}  # fmt: skip
    if abs(money / today - 1) > SAME:
        gain = _("The mean of the best splits of {money} a month, against today: {result}, {span} a month ({verdict}).")
        return [gain.format(money=write_value(money * MONTH, "money", currency), **named)]
    if set(advice.directions.values()) == {"stay"}:
        return [_("All curves say: leave the split as it is, within these bounds.")]
    agreed = _("All curves say: take from {take}, give to {give}.").format(**names)
    differ = _("The curves do not agree on: {channels}.").format(channels=names["differ"])
    said = [agreed if names["take"] and names["give"] else "", differ if names["differ"] else ""]
    if advice.low <= 0 <= advice.high:
        noise = _("Within noise: the mean of the best splits brings {span} a month ({result}). It may be nothing: do "
                  "not move much before an experiment.").format(**named)  # fmt: skip
        return [noise, *said]
    gain = _("The mean of their best splits: {result}, {span} a month ({verdict}).").format(**named)
    return [*said, gain]


def worth_words(advice: Advice, returns: pd.DataFrame, curves: Curves, currency: str) -> str:
    """Where the advice gives money to a channel whose next money would not come back; "" where it does not."""
    rows = returns.set_index("channel")
    lost = [channel for channel in advice.told("give") if rows["profit_high"].to_dict()[channel] < 0]
    if not lost:
        return ""
    words = _("But more of this is not more profit: at their usual margin the next {money} lose money in {channels}.")
    names = write_list([channel_name(channel) for channel in lost])
    return words.format(money=write_value(nudge(curves), "money", currency), channels=names)


def experiment_words(curves: Curves, split: Mapping[str, float], result: str, currency: str) -> list[str]:
    """The experiments that would settle it: by turns of weeks, and with a channel switched off in some places."""
    today = curves.spends["today"]
    moved = {channel: spend for channel, spend in split.items() if abs(spend / today[channel] - 1) >= MOVED}
    taken = min(moved, key=lambda channel: moved[channel] - today[channel], default=str(today.idxmax()))
    if not moved:
        return [_off_words(curves, taken, result, currency)]
    needed = weeks_to_settle(curves, moved)
    if not (_longest(needed)[0] <= LONGEST_TEST or _soonest_off(curves, taken)[1] <= LONGEST_TEST):
        words = _("No experiment of a year would show it: neither turns of weeks nor {channel} switched off in half of "
                  "the places. A longer one or a larger change would.")  # fmt: skip
        return [words.format(channel=channel_name(taken))]
    return [_turns_words(needed, result, currency), _off_words(curves, taken, result, currency)]


def _turns_words(needed: pd.DataFrame, result: str, currency: str) -> str:
    weeks, change = _longest(needed)
    if not weeks <= LONGEST_TEST:
        return _("By turns of weeks so small a difference would not be seen within a year: it drowns in the swings.")
    words = _(
        "{weeks} as today and as many with the new split, by turns drawn at random: a difference of {change} a week "
        "would be seen in 80 of 100 such tests."
    )
    return words.format(weeks=write_weeks(weeks), change=write_result(abs(change), result, currency))


def _off_words(curves: Curves, channel: str, result: str, currency: str) -> str:
    """Switched off in the smallest part of the places where it is soon seen."""
    part, weeks, change = _soonest_off(curves, channel)
    if not weeks <= LONGEST_TEST:
        words = _("Switching {channel} off in half of the places would not show within a year: a longer test would.")
        return words.format(channel=channel_name(channel))
    words = _(
        "Switch {channel} off {where}, {weeks}. If it brings what the curves say, less comes there: {result}, {change} "
        "a week. That would be seen in 80 of 100 such tests."
    )
    return words.format(channel=channel_name(channel), where=_(PARTS[part]), weeks=write_weeks(weeks),
                        change=write_result(change, result, currency),
                        result=lower_first(result_name(result)))  # fmt: skip


@lru_cache(maxsize=64)
def _soonest_off(curves: Curves, channel: str) -> tuple[float, float, float]:
    """The part of the places, the weeks, and the change a week."""
    for part in PARTS:
        weeks, change = _longest(weeks_switched_off(curves, channel, part))
        if weeks <= SHORT_TEST:
            break
    return part, weeks, change


def _longest(needed: pd.DataFrame) -> tuple[float, float]:
    """Weeks and change of the form that asks for most; NaN where one expects no change."""
    if needed.empty or needed["weeks"].isna().any():
        return math.nan, math.nan
    row = needed.sort_values("weeks").iloc[-1]
    return float(row["weeks"]), float(row["change"])


def write_weeks(weeks: float) -> str:
    number = round(weeks)
    return ngettext("{n} week", "{n} weeks", number).format(n=write_value(number, "count"))


def refusal_words(check: Mapping[str, Any], came: float) -> tuple[str, str]:
    """Why a channel has no curve, and what would help; `check` is a row of `Curves.checks`, `came` its whole result."""
    code = "nothing_came" if check["refusal"] == "no_response" and came == 0 else str(check["refusal"])
    found, step = _REFUSALS[code]
    shares = {name: write_value(check[name], "share", short=True) for name in ("unknown_share", "varied", "free_share")}
    told = {"weeks": write_weeks(0 if is_missing(check["weeks"]) else check["weeks"]), "least": 26,
            "moved_with": channel_name(check["moved_with"]), **shares}  # fmt: skip
    return _(found).format(**told), _(step)


def reach_words(reach: float) -> str:
    """How far a channel's money may move, as a choice."""
    if reach == AS_SEEN:
        return _("as far as was spent before")
    if reach == BEYOND:
        return _("also where no data are")
    return _("{share} more or less").format(share=write_value(reach, "share", short=True))


def caution_words(result: str) -> str:
    """What a result does not say; "" for those that say most."""
    if result == "visits":
        return _("Visits say nothing of quality: look at qualified leads or margin, too.")
    if result == "leads":
        return _("A lead is not yet a qualified one.")
    if result in OF_ORDERS:
        return _("Orders count on their own day: deals that take weeks blur what the spend brought.")
    return ""
