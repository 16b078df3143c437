"""Who moved what, in words a manager reads. Nobody is scolded: it is said whose lever it is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.causes import (
    MONTH_AGO,
    RATE,
    REAL,
    Causes,
    confirm_channels,
    confirmed_in,
    explain_leads,
    norm_of_leads,
    telling_month,
)
from kpi_helpers.labels import kpi_name, lower_first, write_change, write_difference, write_list, write_value
from kpi_helpers.language import N_, _
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY

Verdicts = Mapping[str, str]  # by KPI or node of a tree
_BROUGHT = {
    "marketing": N_("marketing brought {n}"), "sales": N_("sales brought {n}"), "service": N_("service brought {n}"),
    "shared": N_("together they brought {n}"),
}  # fmt: skip
_LOST = {
    "marketing": N_("marketing lost {n}"), "sales": N_("sales lost {n}"), "service": N_("service lost {n}"),
    "shared": N_("together they lost {n}"),
}  # fmt: skip


def owned_words(causes: Causes, currency: str = "") -> str:
    """ "Marketing brought 37.5, sales lost 22.5": what each owner moved, the largest first."""
    style = KPIS[causes.top].style
    words = []
    for owner, effect in causes.by_owner.items():
        size = write_difference(abs(effect), style, currency, short=style == "money").lstrip("+")
        if size != write_difference(0.0, style, currency, short=style == "money"):
            words.append(_((_BROUGHT if effect > 0 else _LOST)[str(owner)]).format(n=size))
    text = ", ".join(words) or _("nobody moved it")
    return text[:1].upper() + text[1:]


def verdicts_on(causes: Causes, card: pd.DataFrame) -> Verdicts:
    """Whether the top and its drivers really changed, by the company's scorecard, which knows no visits of people."""
    name = "change_verdict" if causes.months_ago == MONTH_AGO else "year_verdict"
    rows = card[(card["scope"] == COMPANY) & ~(card["kpi"].eq("visits") & causes.people)]
    return dict(zip(rows["kpi"], rows[name], strict=True))


def finding_words(causes: Causes, verdicts: Verdicts, currency: str = "") -> str:
    """Who moved what; where neither the top nor a driver really changed, that: nobody is named for chance."""
    found = {verdicts.get(key) for key in (causes.top, *causes.effects["driver"])}
    if "noise" in found and not found & set(REAL):
        return _("{kpi}: the change is within noise").format(kpi=kpi_name(causes.top))
    return owned_words(causes, currency)


def leads_sentence(month: Month, card: pd.DataFrame, *, brief: bool = False) -> str:
    """Who moved the qualified leads, for the headlines; "" where that is not known or nobody moved them.

    `brief` leaves out what they were and are.
    """
    evidence = confirm_channels(month, norm_of_leads(card))
    causes = explain_leads(month, confirmed_in(evidence), telling_month(card, RATE))
    if causes is None or not causes.effects["effect"].any():
        return ""
    who = owned_words(causes)
    return f"{kpi_name(causes.top)}: {lower_first(who)}." if brief else f"{change_words(causes, month)} {who}."


def change_words(causes: Causes, month: Month) -> str:
    """The KPI now and then, a sentence."""
    style, currency = KPIS[causes.top].style, month.currency
    now, then = (write_value(value, style, currency, short=style == "money") for value in (causes.after, causes.before))
    forms = {
        (True, True): _("{kpi}: {now}, a month ago {then} ({change})."),
        (True, False): _("{kpi}: {now}, a year ago {then} ({change})."),
        (False, True): _("{kpi}: {now}, in the same days a month ago {then} ({change})."),
        (False, False): _("{kpi}: {now}, in the same days a year ago {then} ({change})."),
    }
    form = forms[month.first_days is None, causes.months_ago == MONTH_AGO]
    change = write_difference(causes.change, style)
    if style == "money":
        change = write_change(causes.after, causes.before, style)
    return form.format(kpi=kpi_name(causes.top), now=now, then=then, change=change)


def noise_words(causes: Causes, verdicts: Verdicts) -> str:
    """The drivers of the catalogue whose change is no larger than what their months usually do; "" for none."""
    drivers = causes.effects["driver"].drop_duplicates()
    names = [lower_first(kpi_name(key)) for key in drivers if key in KPIS and verdicts.get(key) == "noise"]
    return _("Within noise: {names}.").format(names=write_list(names)) if names else ""
