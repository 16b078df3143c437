"""What the visits of paid channels are worth: empty channels named and priced, or said not to be found."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.comparisons import PaidTraffic, judge_paid_traffic
from kpi_helpers.labels import channel_name, write_list, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.monthly import Month
from kpi_helpers.palette import STATUSES
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column
from kpi_helpers.tables.fragments import piece

STATES = {"empty": ("missed", N_("empty")), "sound": ("met", N_("not empty")),
          "unproven": ("not_enough", N_("not enough data"))}  # fmt: skip
UNPROVEN = {
    "alone": N_("There is no other channel to compare with: {channels}."),
    "untold": N_("Results without a channel in the CRM may be theirs, so that it cannot be told: {channels}."),
    "few": N_("Too few visits to tell: {channels}."),
}
_PARAGRAPH = Markup('<div class="kpi"><p>{}</p></div>\n')


def add_paid_traffic(section: Section, month: Month) -> None:
    """A sentence for each empty channel with its price, and the paid channels as a table; nothing where none is."""
    paid = judge_paid_traffic(month)
    if paid is None:
        return
    for sentence in paid_sentences(paid, month.currency):
        section.html(_PARAGRAPH.format(sentence))
    _table(section, paid)


def price_empty(paid: PaidTraffic, currency: str) -> list[str]:
    """Each empty channel with its price, the dearest first: a sentence each."""
    return [_price(paid, _said(paid, channel, row, currency)) for channel, row in paid.empty.iterrows()]


def paid_sentences(paid: PaidTraffic, currency: str) -> list[str]:
    """What each empty channel cost and what of its visits came; or that none is empty, and of which it is not known."""
    if len(paid.empty):
        return [_empty_words(paid, channel, row, currency) for channel, row in paid.empty.iterrows()]
    of_why = {why: [channel_name(name) for name in rows.index] for why, rows in paid.channels.groupby("why")}
    told = [_(text).format(channels=write_list(of_why[why])) for why, text in UNPROVEN.items() if why in of_why]
    if not told:
        return [_("No empty channel found: the visits of every paid channel bring results.")]
    return [" ".join([_("No empty channel found."), *told])]


def _empty_words(paid: PaidTraffic, channel: Any, row: pd.Series, currency: str) -> str:
    said = _said(paid, channel, row, currency)
    if paid.result == "orders":
        came = _("Orders in {months}: {n}. In the other channels as many visits bring about {expected}.")
        return " ".join([_price(paid, said), came.format(**said)])
    others = _("In the other channels as many visits bring about {expected} qualified leads.")
    return " ".join([_price(paid, said), _leads_words(row, said), others.format(**said)])


def _said(paid: PaidTraffic, channel: Any, row: pd.Series, currency: str) -> dict[str, str]:
    """What the sentences about an empty channel name, written out."""
    return {
        "channel": channel_name(channel), "spend": write_value(row["spend"], "money", currency),
        "visits": write_value(row["people"], "count"), "months": _window(paid.months),
        "n": write_value(row["result"], "count"), "leads": write_value(row["leads"], "count"),
        "expected": write_value(round(row["people"] * row["share_others"]), "count"),
    }  # fmt: skip


def _price(paid: PaidTraffic, said: dict[str, str]) -> str:
    if paid.result == "orders":
        return _("{channel}: {spend} bought visits that never buy (visits of people: {visits}).").format(**said)
    return _("{channel}: {spend} bought visits that never qualify (visits of people: {visits}).").format(**said)


def _leads_words(row: pd.Series, said: dict[str, str]) -> str:
    """How many of the channel's leads qualified."""
    leads = 0 if pd.isna(row["leads"]) else int(row["leads"])
    if not leads:
        return _("No lead came in {months}.").format(**said)
    none = ngettext(
        "Its {leads} lead of {months} did not qualify.", "Of its {leads} leads of {months} not one qualified.", leads
    )
    some = ngettext("{n} of {leads} lead of {months} qualified.", "{n} of {leads} leads of {months} qualified.", leads)
    return (some if row["result"] else none).format(**said)


def _window(months: int) -> str:
    return _("the last {n} months").format(n=months) if months > 1 else _("this month")


def _table(section: Section, paid: PaidTraffic) -> None:
    rows, qualify = paid.channels, paid.result == "qualified_leads"
    columns = [
        Column(_("Channel")), Column(_("Ad spend"), "money"), Column(_("Visits of people"), "count"),
        Column(_("Cost of such a visit"), "money"),
        Column(_("Visits that qualify") if qualify else _("Visits that buy"), "share"),
        Column(_("In other channels"), "share"), Column(_("Empty?")),
    ]  # fmt: skip
    cells = [[channel_name(name), row["spend"], row["people"], _per_visit(row["spend"], row["people"]), row["share"],
              row["share_others"], _state(row)] for name, row in rows.iterrows()]  # fmt: skip
    spend, people = rows["spend"].sum(), rows["people"].sum()
    total = [_("Together"), spend, people, _per_visit(spend, people), "", "", ""]
    if priced := bool(rows["wasted"].notna().any()):
        columns.append(Column(_("Spent in vain"), "money"))
        cells = [[*cell, price] for cell, price in zip(cells, rows["wasted"], strict=True)]
        total.append(rows["wasted"].sum())
    section.table(columns, cells, total=total, caption=_("What the visits of paid channels are worth"),
                  note=_note(paid, priced))  # fmt: skip


def _per_visit(spend: float, people: float) -> float | None:
    return spend / people if people else None


def _state(row: pd.Series) -> Markup:
    status, word = STATES[str(row["state"])]
    word = N_("nothing to compare with") if row["why"] == "alone" else word
    return piece("status.html", key=status, shape=STATUSES[status].shape, word=_(word))


def _note(paid: PaidTraffic, priced: bool) -> str:
    words = [
        _(
            "Shares of {months}. A channel is called empty where its share is proven lower than that of the other "
            "channels and surely less than a quarter of theirs, and it sells no more than that either."
        ).format(months=_window(paid.months))
    ]
    if priced:
        words.append(
            _("Spent in vain: all spend of an empty channel; of the others the part that robots have in their visits.")
        )
    if paid.channels["robot_visits"].isna().any():
        words.append(_("Where robots are not known, only empty channels are priced."))
    return " ".join(words)
