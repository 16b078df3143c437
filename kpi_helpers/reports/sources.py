"""Where results come from: what the platforms claim beside the company's books, and what each rule credits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from kpi_helpers.attribution.claims import ALL
from kpi_helpers.charts.deals import plot_credit
from kpi_helpers.claimed import LEAST, MONTHS, Credit, claims_of, count_touched, credit_of
from kpi_helpers.labels import channel_name, is_missing, write_difference, write_period, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.monthly import Month
from kpi_helpers.reports.by_channel import SMALL_PRINT
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column
from kpi_helpers.terms import TABLES, UNKNOWN

RULE_NAMES = {"first": N_("First touch"), "position": N_("Position-based"), "linear": N_("Linear"),
              "last": N_("Last touch"), "last_non_direct": N_("Last touch that is not direct")}  # fmt: skip
NAMED = {
    "first": N_("In {share} of the cases with touches it is that of the first touch."),
    "last": N_("In {share} of the cases with touches it is that of the last touch."),
    "last_non_direct": N_("In {share} of the cases with touches it is that of the last touch that was not direct."),
}
VERDICTS = {
    "more_than_all": N_("more than there were at all"), "more_than_own": N_("more than recorded for it"),
    "fits": N_("no contradiction"), "no_claims": "", "no_records": N_("nothing recorded"),
}  # fmt: skip
WORST_FIRST = ("more_than_all", "more_than_own", "no_records", "fits", "no_claims")
Rows = dict[str, dict[Any, Any]]  # by channel
SHARED = 0.02  # a share that moves by less is no finding


def show_sources(month: Month, card: pd.DataFrame) -> Section | None:
    """The platforms' claims beside the company's own count, and the rules of attribution side by side.

    None where there is nothing to hold against each other. `card` is not asked.
    """
    claims, credits, touched = claims_of(month), credit_of(month), count_touched(month)
    if claims is None and not credits and touched != 0:
        return None
    section = Section("sources", _("Who is credited: platforms and your own books"), currency=month.currency)
    section.lead = _named_words(credits)
    if claims is not None:
        _show_claims(section, claims)
    for credit in credits:
        _show_credit(section, month, credit)
    return section if credits else _say_untold(section, touched)


def _say_untold(section: Section, touched: int | None) -> Section:
    """Why no rule of attribution can be held against another: only a fault in the touches is worth a notice."""
    if touched == 0:
        return section.notice(_("Touches are exported, but none of them belongs to a lead or an order."),
                              _("Check that they carry the numbers that the CRM and the shop use."))  # fmt: skip
    if touched is None:
        add = _("Add {export}.").format(export=_(TABLES["touches"].source))
        said = f"{_('What other rules of attribution would credit is not known without touches.')} {add}"
    else:
        text = _("Rules of attribution are not compared: fewer than {least} leads or orders of 12 months have touches.")
        said = text.format(least=LEAST)
    return section.html(SMALL_PRINT.format(said))


def _named_words(credits: list[Credit]) -> str:
    """By which rule the exports credit a channel, as far as the touches tell."""
    text = _("Each lead and each order is credited whole to one channel, the one that the CRM or the shop wrote down.")
    rule, share = next((credit.named for credit in credits if credit.named[0]), ("", 0.0))
    return f"{text} {_(NAMED[rule]).format(share=write_value(share, 'share', short=True))}" if rule else text


def _show_claims(section: Section, claims: pd.DataFrame) -> None:
    """The claiming channels, and all there was as the last row; columns that nothing fills are left out."""
    rows: Rows = {str(row["channel"]): row for row in claims.to_dict("records")}
    claiming = {channel: row for channel, row in rows.items() if channel != ALL
                and not (is_missing(row["conversions"]) and is_missing(row["revenue"]))}  # fmt: skip
    numbers = {
        "conversions": Column(_("Claimed conversions"), "count"), "leads": Column(_("Leads recorded"), "count"),
        "orders": Column(_("Orders without a lead of the month"), "count"),
        "conversions_ratio": Column(_("Claimed of recorded"), "share"),
        "revenue": Column(_("Claimed revenue"), "money"), "revenue_recorded": Column(_("Revenue recorded"), "money"),
    }  # fmt: skip
    used = [name for name in numbers if claims[name].notna().any()]
    columns = [Column(_("Channel")), *(numbers[name] for name in used), Column(_("What it says"))]
    section.table(
        columns,
        [[channel_name(channel), *(row[name] for name in used), _verdict(row)] for channel, row in claiming.items()],
        caption=_claims_words(rows[ALL], claiming),
        note=_claims_note(rows.get(UNKNOWN)),
        total=[_("Company"), *(rows[ALL][name] for name in used), _verdict(rows[ALL])],
    )


def _verdict(row: Mapping[Any, Any]) -> str:
    """What is said of a row: the worse of its two verdicts."""
    found = {row["conversions_verdict"], row["revenue_verdict"]}
    worst = next((verdict for verdict in WORST_FIRST if verdict in found), "")
    return _(VERDICTS[worst]) if VERDICTS.get(worst) else ""


def _claims_words(whole: Mapping[Any, Any], claiming: Rows) -> str:
    """The finding: more claimed than there was at all, more than is recorded for a channel, or no contradiction."""
    over = {channel: row["conversions_excess"] for channel, row in claiming.items() if row["conversions_excess"] > 0}
    if whole["conversions_excess"] > 0:
        row = whole
        said = _("The platforms claim {claimed} conversions, the books hold {recorded} leads and orders: at least "
                 "{excess} are counted twice or are not there")  # fmt: skip
    elif over:
        channel = max(over, key=lambda name: over[name])
        row = {**claiming[channel], "channel": channel_name(channel)}
        said = _("{channel} claims {claimed} conversions, {recorded} are recorded for it")
    else:
        return _("What the platforms claim does not exceed what is recorded")
    names = {"claimed": row["conversions"], "recorded": row["recorded"], "excess": row["conversions_excess"]}
    written = {name: write_value(value, "count") for name, value in names.items()}
    return said.format(channel=row["channel"], **written)


def _recorded(row: Mapping[Any, Any]) -> float:
    return float(sum(row[name] for name in ("leads", "orders") if not is_missing(row[name])))


def _claims_note(unknown: Mapping[Any, Any] | None) -> str:
    """How to read the claims, with the records of which no channel is known."""
    text = _("Platforms count on the day of the click or the view, and each as if it were alone: one sale may be "
             "claimed by two. Where nothing contradicts, a double count is still possible; only an experiment "
             "tells.")  # fmt: skip
    lost = int(_recorded(unknown)) if unknown else 0
    if not lost:
        return text
    said = ngettext("Of {n} recorded result the channel is not known.", "Of {n} recorded results the channel is not "
                    "known.", lost)  # fmt: skip
    return f"{text} {said.format(n=write_value(lost, 'count'))}"


def _show_credit(section: Section, month: Month, credit: Credit) -> None:
    """Shares by rule as a slope, and as a table with what changes from the first to the last touch."""
    shares = credit.shares.set_axis([channel_name(str(name)) for name in credit.shares.index])
    named = shares.set_axis([_(RULE_NAMES[rule]) for rule in shares.columns], axis=1)
    finding, subtitle = _credit_words(credit), _credit_subtitle(month, credit)
    section.chart(plot_credit(named, finding=finding, subtitle=subtitle), f"{finding}. {subtitle}")
    columns = [
        Column(_("Channel")),
        *(Column(name, "share") for name in map(str, named)),
        Column(_("Last against first"), "number"),
    ]
    apart = [write_difference(value, "share") for value in shares["last"] - shares["first"]]
    rows = [[name, *values, change] for (name, *values), change in zip(named.itertuples(), apart, strict=True)]
    note = _("The position-based rule gives 40% each to the first and the last touch and 20% to all between. No rule "
             "tells what would have come without the advertising: only an experiment does.")  # fmt: skip
    section.table(columns, rows, caption=_kind_words(credit), note=note)
    if credit.value is not None:
        money = credit.value.set_axis([_(RULE_NAMES[rule]) for rule in credit.value.columns], axis=1)
        section.sheet(_("Shares of the revenue"), columns[:-1],
                      [[channel_name(str(name)), *values] for name, *values in money.itertuples()])  # fmt: skip


def _kind_words(credit: Credit) -> str:
    return _("Shares of the leads by rule") if credit.kind == "leads" else _("Shares of the orders by rule")


def _credit_words(credit: Credit) -> str:
    """The channel whose share the rule changes most."""
    moved = credit.moved
    if moved.empty or abs(moved.iloc[0]) < SHARED:
        return _("First and last touch credit the channels alike")
    channel = str(moved.index[0])
    first, last = (write_value(credit.shares.at[channel, rule], "share", short=True) for rule in ("first", "last"))
    said = (_("{channel}: {first} of the leads by the first touch, {last} by the last") if credit.kind == "leads" else
            _("{channel}: {first} of the orders by the first touch, {last} by the last"))  # fmt: skip
    return said.format(channel=channel_name(channel), first=first, last=last)


def _credit_subtitle(month: Month, credit: Credit) -> str:
    start = pd.Timestamp(month.start) - pd.DateOffset(months=MONTHS - 1)
    words = (_("Share of {n} leads with touches (of {all}) by rule of attribution; {period}") if credit.kind == "leads"
             else _("Share of {n} orders with touches (of {all}) by rule of attribution; {period}"))  # fmt: skip
    return words.format(n=write_value(credit.records, "count"), all=write_value(credit.all, "count"),
                        period=write_period(start.date(), month.end))  # fmt: skip
