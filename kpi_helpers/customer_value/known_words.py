"""What is known of the customers, in words: who of them is new, whose channel and whose margin an export names."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kpi_helpers.company import FILE as SETTINGS
from kpi_helpers.customer_value.groups import Customers
from kpi_helpers.customers import Newness
from kpi_helpers.labels import write_date, write_days, write_value
from kpi_helpers.language import _
from kpi_helpers.terms import UNKNOWN

MUCH_UNKNOWN = 0.02  # of the customers


def base_words(newness: Newness) -> str:
    """From which day on customers are known, in small print; "" where `newness_words` say it aloud."""
    if newness.reason in ("old_base", "too_short"):
        return ""
    if newness.since:
        return _since_words(newness.since)
    words = _("A customer is new with the first order in the exports, which begin on {day}.").format(
        day=write_date(newness.first)
    )
    if newness.reason == "told":
        return words
    return f"{words} {_('Where the company is older, some of them are not new, and the CAC is too low.')}"


def newness_words(newness: Newness) -> tuple[str, str]:
    """That old customers are among the new ones and left out, or may be, and what to do; "" where nothing is to say."""
    begin = write_date(newness.first)
    if newness.reason == "too_short":
        words = _("The exports begin on {day}: who bought before is taken for new, and the CAC may be too low.")
        step = _("Export the orders from further back; if the company began then, set customers.since in {file}.")
        return words.format(day=begin), step.format(file=SETTINGS)
    if newness.reason != "old_base" or newness.since is None:
        return "", ""
    found = _(
        "The exports begin on {day} with old customers among the new: {n} seemed new in the first {days}, {later} in "
        "as many days later."
    )
    found = found.format(day=begin, n=write_value(newness.at_first, "count"), days=write_days(newness.days),
                         later=write_value(newness.later, "count"))  # fmt: skip
    low = _("Before that the CAC is too low, and it may still be a little too low after it.")
    step = _("Export the orders from further back, or set customers.since in {file}.").format(file=SETTINGS)
    return f"{found} {_since_words(newness.since)} {low}", step


def _since_words(since: date) -> str:
    return _(
        "What follows is of customers who first bought on {since} or later, and the CAC of the months since then."
    ).format(since=write_date(since))


def nobody_words(orders: pd.DataFrame) -> tuple[str, str]:
    """Why the orders know no customers, and what to do."""
    if orders["customer_id"].isna().all():
        return (_("The orders name no customers: who came back cannot be told."),
                _("Export them again with a column that tells customers apart."))  # fmt: skip
    return (_("The orders of known customers are all refunds: nobody has bought."),
            _("Export the orders themselves too."))  # fmt: skip


def too_late_words() -> str:
    """That no customer is known to be new."""
    return _("The exports are too short to tell new customers from old ones: no value and no CAC can be said.")


def margin_words(customers: Customers) -> str:
    """How many orders have no margin, and what stands for it; "" where all have one or none has."""
    if not customers.lacking or customers.lacking >= len(customers.orders):
        return ""
    form = _("{part} of {all} orders have no margin: it is taken at the margin of their channel.")
    if customers.money == "revenue":
        form = _("{part} of {all} orders have no margin, too many to speak of margins: revenue is shown.")
    return form.format(part=write_value(customers.lacking, "count"), all=write_value(len(customers.orders), "count"))


def unknown_words(customers: Customers) -> str:
    """How many customers came by a channel that no export names, where that makes the costs of channels too high."""
    unknown, everybody = int((customers.purchases["channel"] == UNKNOWN).sum()), len(customers.purchases)
    if unknown < MUCH_UNKNOWN * everybody:
        return ""
    return _("The channel of {part} of {all} customers is not known: the CAC of channels may be lower.").format(
        part=write_value(unknown, "count"), all=write_value(everybody, "count")
    )
