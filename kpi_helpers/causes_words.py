"""Who moved what, in words a manager reads. Nobody is scolded: it is said whose lever it is."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.causes import (
    MONTH_AGO,
    RATE,
    TOP,
    Causes,
    Unexplained,
    confirmed_in,
    evidence_for,
    explain_leads,
    telling_month,
)
from kpi_helpers.labels import (
    NO_VALUE,
    kpi_name,
    lower_first,
    owner_name,
    upper_first,
    write_change,
    write_difference,
    write_list,
    write_value,
)
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.monthly import Month

_BROUGHT = {
    "marketing": N_("marketing brought {n}"), "sales": N_("sales brought {n}"), "service": N_("service brought {n}"),
}  # fmt: skip
_LOST = {"marketing": N_("marketing lost {n}"), "sales": N_("sales lost {n}"), "service": N_("service lost {n}")}

UNSURE = {
    "noise": N_("within noise"), "not_enough": N_("not enough data"), "too_early": N_("too early to tell"),
    "not_compared": N_("not compared"),
}  # fmt: skip


def owned_words(causes: Causes, currency: str = "") -> str:
    """ "Sales lost 22.5, marketing brought 37.5 (within noise)": what each owner moved, the largest first.

    Of what should be low, or is shared, the difference alone is told: "marketing: +₽52".
    """
    words = []
    for owner, effect in causes.by_owner.items():
        size = _size(abs(effect), causes, currency).lstrip("+")
        if size != _size(0.0, causes, currency):
            said = _owner_words(str(owner), effect, size, causes, currency)
            verdict = causes.unproven_owners.get(str(owner))
            words.append(f"{said} ({_(UNSURE[verdict])})" if verdict else said)
    text = ", ".join(words) or _("nothing moved it")
    return upper_first(text)


def _owner_words(owner: str, effect: float, size: str, causes: Causes, currency: str) -> str:
    if causes.top.better == "higher" and owner in _BROUGHT:
        return _((_BROUGHT if effect > 0 else _LOST)[owner]).format(n=size)
    who = _("a shared matter") if owner == "shared" else owner_name(owner)
    return f"{who}: {_size(effect, causes, currency)}"


def _size(effect: float, causes: Causes, currency: str) -> str:
    style = causes.top.style
    return write_difference(effect, style, currency, short=style == "money")


def finding_words(causes: Causes, currency: str = "") -> str:
    """Who moved what; where neither the top nor a driver really changed, that: nobody is named for chance."""
    if causes.within_noise and "too_early" not in causes.verdicts.values():
        return _("{kpi}: the change is within noise").format(kpi=_name(causes))
    if causes.within_noise or causes.unripe:
        return _("{kpi}: too many leads have no verdict yet to say who moved them").format(kpi=_name(causes))
    return owned_words(causes, currency)


def leads_sentence(month: Month, card: pd.DataFrame, *, brief: bool = False) -> str:
    """Who moved the qualified leads, for the headlines; "" where that cannot be told or is a matter of chance.

    `brief` leaves out what they were and are.
    """
    ago = telling_month(card, RATE, TOP)
    try:
        causes = explain_leads(month, confirmed_in(evidence_for(month, card, ago)), ago, card)
    except Unexplained:
        return ""
    if causes.within_noise or causes.unripe or not causes.effects["effect"].any():
        return ""
    who = owned_words(causes)
    return f"{kpi_name(TOP)}: {lower_first(who)}." if brief else f"{change_words(causes, month)} {who}."


def change_words(causes: Causes, month: Month) -> str:
    """The KPI now and then, a sentence."""
    style, currency = causes.top.style, month.currency
    now, then = (write_value(value, style, currency, short=style == "money") for value in (causes.after, causes.before))
    forms = {
        (True, True): _("{kpi}: {now}, a month ago {then} ({change})."),
        (True, False): _("{kpi}: {now}, a year ago {then} ({change})."),
        (False, True): _("{kpi}: {now}, in the same days a month ago {then} ({change})."),
        (False, False): _("{kpi}: {now}, in the same days a year ago {then} ({change})."),
    }
    form = forms[month.first_days is None, causes.months_ago == MONTH_AGO]
    in_percent = write_change(causes.after, causes.before, style) if style == "money" else NO_VALUE
    change = _size(causes.change, causes, currency) if in_percent == NO_VALUE else in_percent
    return form.format(kpi=_name(causes), now=now, then=then, change=change)


def noise_words(causes: Causes) -> str:
    """The drivers whose change is no larger than what their months usually do; "" for none."""
    drivers = causes.effects["driver"].drop_duplicates()
    names = [lower_first(causes.names.get(key) or kpi_name(key))
             for key in drivers if causes.verdicts.get(key) == "noise"]  # fmt: skip
    return _("Within noise: {names}.").format(names=write_list(names)) if names else ""


def open_words(causes: Causes) -> str:
    """How many leads have no verdict yet; "" for none."""
    now, then = causes.open_leads
    if not now and not then:
        return ""
    said = ngettext(
        "{n} lead has no verdict yet and counts as not qualified (in the month compared with: {m}).",
        "{n} leads have no verdict yet and count as not qualified (in the month compared with: {m}).", now,
    )  # fmt: skip
    return said.format(n=write_value(now, "count"), m=write_value(then, "count"))


def _name(causes: Causes) -> str:
    return kpi_name(causes.top.key) if causes.top.key in KPIS else _(causes.top.name)
