"""Customers in words: who they are, who buys again and how soon, what is expected of them, and why nothing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kpi_helpers.customer_value.groups import DEAL, EVERYBODY, SHOP, Group
from kpi_helpers.customer_value.worth import Paths
from kpi_helpers.customers import Lifetime, SecondPurchase, describe_second_purchase, expect_customers
from kpi_helpers.labels import (
    NO_VALUE,
    channel_name,
    is_missing,
    lower_first,
    write_days,
    write_interval,
    write_list,
    write_value,
)
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.outlook_words import rounded

KINDS = {SHOP: N_("Customers without a deal"), DEAL: N_("Customers won by a deal")}
# The same inside a sentence; in Russian in the genitive.
WHO = {"": N_("known customers"), SHOP: N_("customers without a deal"), DEAL: N_("customers won by a deal")}
REASONS = {
    "too_few_customers": N_("there are fewer than 100 of them"),
    "too_short": N_("their history is shorter than half a year"),
    "no_repeat": N_("nobody has bought on a second day"),
    "too_few_repeaters": N_("fewer than 30 of them have bought on a second day"),
    "not_converged": N_("the purchase model finds no clear answer"),
    "one_value": N_("all of their purchases cost the same"),
    "correlated": N_("who buys more often spends another amount each time, which the model does not know"),
    "no_mean": N_("a few of them spend so much that their mean has no bound"),
}
# The same where it is the value of purchases that the model does not know.
VALUE_REASONS = {
    **REASONS,
    "too_few_repeaters": N_("fewer than 30 of them have a later day whose purchases were kept"),
}
SOON, YEAR = 90, 365  # days within which a second purchase is spoken of


def group_name(group: Group) -> str:
    """All customers, a kind, a channel, or the year of the first purchase."""
    column, value = group
    if column == EVERYBODY:
        return _("All customers")
    if column == "kind":
        return _(KINDS[value])
    return channel_name(value) if column == "channel" else _("First purchase in {year}").format(year=int(value))


def second_words(second: SecondPurchase, kind: str = "") -> str:
    """How soon customers (of a kind) buy a second time; those who had too little time for it are allowed for."""
    who = _(WHO[kind])
    if second.reason == "no_customers":
        return ""
    if second.reason == "no_repeat":
        return _("Of {n} {who} nobody has bought on a second day yet.").format(
            n=write_value(second.customers, "count"), who=who
        )
    parts = [
        _("{share} within {days}").format(days=write_days(days), share=share_words(*second.share_within(days)))
        for days in (SOON, YEAR) if days <= second.observed
    ]  # fmt: skip
    within = _("Second purchase of {who}: {parts}.").format(who=who, parts=write_list(parts)) if parts else ""
    if second.reason:
        return f"{within} {_('Fewer than half have made it: the median time is not reached.')}".strip()
    ends = write_interval(second.low, second.high, "count")
    half = _("Half of them have made it after {days}{interval}.").format(
        days=write_days(round(second.median)), interval=f" ({ends})" if ends else ""
    )
    return f"{within} {half}".strip()


def share_words(share: float, low: float, high: float) -> str:
    """A share with its interval: "8.1% (7.4–8.9%)"."""
    ends = write_interval(low, high, "share")
    return write_value(share, "share") + (f" ({ends})" if ends else "")


def ahead_words(
    kinds: Sequence[str], lifetimes: dict[str, Lifetime], currency: str, months: int, rate: float
) -> list[str]:
    """Second purchase and what is expected, of customers of these kinds: a paragraph each."""
    said, alone = [], len(lifetimes) == 1
    for kind in kinds:
        lifetime = lifetimes[kind]
        second = second_words(describe_second_purchase(lifetime.purchases), "" if alone else kind)
        expected = expected_words(kind, lifetime, currency, months, rate, alone=alone)
        said.append(" ".join(expected if lifetime.models[0].reason == "no_repeat" else [second, *expected]))
    return said


def expected_words(
    kind: str, lifetime: Lifetime, currency: str, months: int, rate: float, *, alone: bool = False
) -> list[str]:
    """What is expected of the customers of a kind, or why nothing is; `alone`: there is no other kind."""
    who, reason = _(WHO["" if alone else kind]), lifetime.models[0].reason
    if reason:
        form = _("Of {n} {who} no purchases are foreseen: {reason}.")
        return [form.format(n=write_value(len(lifetime.purchases), "count"), who=who, reason=_(REASONS[reason]))]
    found = expect_customers(lifetime, months, rate)
    ahead = ngettext(
        "In the next {n} month {days} purchases are expected of all {all} {who}",
        "In the next {n} months {days} purchases are expected of all {all} {who}",
        months,
    ).format(
        n=months, all=write_value(len(found), "count"), who=who,
        days=write_value(round(rounded(found["expected_purchases"].sum())), "count"),
    )  # fmt: skip
    return [alive_words(lifetime, who, found["p_alive"]), f"{ahead}{_money_words(lifetime, currency, rate, found)}"]


def alive_words(lifetime: Lifetime, who: str, p_alive: pd.Series) -> str:
    """How many of those who have bought again still buy: of the others the model cannot say it."""
    again = (lifetime.purchases["frequency"] > 0).to_numpy()
    return _("Of {n} {who} who have bought again, about {alive} ({share}) still buy, by the model.").format(
        n=write_value(again.sum(), "count"), who=who,
        alive=write_value(round(rounded(p_alive[again].sum())), "count"),
        share=write_value(p_alive[again].mean(), "share", short=True),
    )  # fmt: skip


def _money_words(lifetime: Lifetime, currency: str, rate: float, found: pd.DataFrame) -> str:
    """For how much they are expected to buy, the end of a sentence."""
    if lifetime.reason:
        return _("; for how much is not known: {reason}.").format(reason=_(VALUE_REASONS[lifetime.reason]))
    money = write_value(rounded(found["clv"].sum()), "money", currency, short=True)
    form = _(": {money} of margin, discounted at {rate} a year.")
    if lifetime.of == "revenue":
        form = _(": {money} of revenue, discounted at {rate} a year; no margin is known.")
    return form.format(money=money, rate=write_value(rate, "share", short=True))


def payback_words(row: pd.Series) -> str:
    """When the margin of a customer has covered the cost of one, in a cell."""
    if not is_missing(months := row["payback_months"]):
        return (
            _("first purchase")
            if months == 0
            else ngettext("{n} month", "{n} months", int(months)).format(n=int(months))
        )
    if row["reason"] == "few":
        return _("not enough data")
    if row["reason"] != "not_yet":
        return NO_VALUE
    return ngettext("not in {n} month", "not in {n} months", int(row["seen"])).format(n=int(row["seen"]))


def _unmodelled_words(lifetime: Lifetime) -> str:
    """Why a kind has no model of purchases or of their value; "" where it has both, or nobody has bought again."""
    purchases, values = (model.reason for model in lifetime.models)
    if purchases:
        return "" if purchases == "no_repeat" else _(REASONS[purchases])
    return _(VALUE_REASONS[values]) if values else ""


def single_words(paths: Paths, place: int, lifetimes: Mapping[str, Lifetime], *, seen: bool = False) -> str:
    """Whose value is not known, or added as nothing, in the worth of a group; "" where all have a model.

    `seen`: what customers have brought stands for the value, so that nothing is lacking but a model.
    """
    everybody, modelled, single = (int(counts[place]) for counts in (paths.customers, paths.modelled, paths.single))
    if unknown := everybody - modelled - single:
        why = [f"{lower_first(_(KINDS[kind]))}: {reason}" for kind, lifetime in lifetimes.items()
               if (reason := _unmodelled_words(lifetime))]  # fmt: skip
        form = _("{part} of {all} customers have no model ({why}).")
        told = form.format(part=write_value(unknown, "count"), all=write_value(everybody, "count"), why="; ".join(why))
        if seen:
            so_far = _("The value is therefore what customers have brought, each month of their age by those who have "
                       "reached it, not a forecast.")  # fmt: skip
            return f"{told} {so_far}"
        lacking = _("No LTV is said: fewer than 30 customers are old enough to have shown it.")
        return f"{told} {lacking} {_('Export orders from further back, or choose a shorter time.')}"
    if not single or not modelled:
        return ""
    form = _("Nothing more is expected of {part} of {all} customers: none like them has bought again.")
    return form.format(part=write_value(single, "count"), all=write_value(everybody, "count"))


def parameter_words(lifetime: Lifetime, parameters: pd.DataFrame) -> str:
    """The parameters of the models in small print, with their intervals where they are known."""

    def written(names: Sequence[str]) -> str:
        rows = parameters.set_index("parameter").loc[list(names)]
        return ", ".join(f"{name} {_number(row['value'])}{_ends(row)}" for name, row in rows.iterrows())

    buying, spending = lifetime.models
    words = []
    if not buying.reason:
        words.append(_("BG/NBD (weeks): {parameters}.").format(parameters=written(("r", "alpha", "a", "b"))))
    if not spending.reason:
        words.append(_("Gamma-Gamma: {parameters}.").format(parameters=written(("p", "q", "gamma"))))
    at_edge = [*buying.at_edge, *spending.at_edge]
    if at_edge:
        words.append(_("Not determined by the data: {names}.").format(names=", ".join(at_edge)))
    return " ".join(words)


def _number(value: float) -> str:
    number = float(f"{value:.3g}")
    return write_value(number, "ratio" if abs(number) < 100 else "count")


def _ends(row: pd.Series) -> str:
    if is_missing(row["low"]):
        return ""
    return f" ({_number(row['low'])}–{_number(row['high'])})"
