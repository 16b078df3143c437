"""The small print of a return: what is counted where, by which rule, and what is not known."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.folders import CAMPAIGNS
from kpi_helpers.labels import channel_name, is_missing, write_list
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.past import COMPANY
from kpi_helpers.returns.rating import WHOLE
from kpi_helpers.returns.words import MOST_NAMED, money_words, rows_of, scope_words, share_words, with_more


def shared_words(company: pd.DataFrame, channels: pd.DataFrame, own_costs: float, currency: str) -> str:
    """What part of the other marketing costs names none of the `channels`; "" where there are none."""
    rows = [row for row in rows_of(company) if row["scope"] == COMPANY]
    if not rows or is_missing(rows[0]["marketing_cost"]):
        return _("Other marketing costs are not known: only advertising is counted.") if len(channels) else ""
    shared = rows[0]["marketing_cost"] - rows[0]["spend"] - own_costs
    if not shared > 0:
        return ""
    words = _("{amount} of other costs belong to no channel with advertising (salaries and the like): they are not "
              "shared out, they count for the company alone.")  # fmt: skip
    return words.format(amount=money_words(shared, currency))


def unclaimed_words(table: pd.DataFrame) -> str:
    """How much of the revenue names no channel, and what is made of it; "" where that is little."""
    share = float(table["unclaimed"].max()) if len(table) else 0.0
    if share < 1 - WHOLE:
        return ""
    words = _("{share} of the revenue names no channel. A channel is said not to pay only where its part of that (by "
              "its share of the sales or of the spend, whichever is more) would not cover the cost "
              "either.")  # fmt: skip
    return words.format(share=share_words(share))


def campaign_note(table: pd.DataFrame, from_deals: bool) -> str:
    """What the revenue of campaigns is, and how much of it is told."""
    base = _("Revenue of a campaign: deals won, with the amounts of the CRM.") if from_deals else _(
        "Revenue of a campaign: orders whose lead names it.")  # fmt: skip
    named = table.drop_duplicates("channel").set_index("channel")["named"].dropna() if len(table) else pd.Series()
    if len(named) and (named >= WHOLE).all():
        return base
    parts = [f"{channel_name(channel)} {share_words(share, short=True)}" for channel, share in named.items()]
    least = _("Other revenue names none, so that a campaign brought at least this much, and a loss cannot be proven.")
    share = _("Share of revenue that names its campaign: {parts}.").format(parts=write_list(parts)) if parts else ""
    return " ".join(filter(None, (base, least, share)))


def pays_words() -> str:
    """When a channel pays."""
    return _("A channel pays while the margin in its revenue is above the break-even margin.")


def open_words() -> str:
    """What OPEN and AHEAD mean."""
    return _("Deals open: the leads of this time are still to bring more than a tenth of the revenue; not judged, not "
             "ranked. Pays already: what these very leads have brought so far covers the cost.")  # fmt: skip


def ways_words(table: pd.DataFrame) -> str:
    """What the ways to call a return leave out, and whose costs the last of them counts."""
    said = _("Revenue is not profit: ROAS and ROI on revenue count no cost of goods.")
    if not (table["marketing_cost"] > table["spend"]).any() or COMPANY not in set(table["scope"]):
        return said
    return said + " " + _("ROI with own costs: in the company's row with all marketing costs.")


def rule_words(credited: str) -> str:
    """Which rule credits the channels."""
    words = {"last": N_("Each sale counts for the channel that was written down with it: nearly always that of the "
                        "last touch."),
             "first": N_("Each sale counts for the channel that was written down with it: nearly always that of the "
                         "first touch."),
             "": N_("Each sale counts for the one channel that the shop or the CRM wrote down with it.")}  # fmt: skip
    return _(words[credited])


def months_words(table: pd.DataFrame, asked: int) -> str:
    """How many of the months asked for are summed, where that is not all of them; of whom fewer than of the others."""
    most = int(table["months"].max()) if len(table) else asked
    fewer = [f"{scope_words(row['scope'])} ({row['months']})" for row in rows_of(table) if row["months"] < most]
    said = []
    if most < asked:
        words = ngettext("Summed: {n} month of {asked}, of which both ad spend and revenue are known.",
                         "Summed: {n} months of {asked}, of which both ad spend and revenue are known.",
                         most)  # fmt: skip
        said.append(words.format(n=most, asked=asked))
    if fewer:
        said.append(_("Fewer months are known of: {names}.").format(names=with_more(fewer[:MOST_NAMED], len(fewer))))
    return " ".join(said)


def credits_words(credits: pd.Series, currency: str) -> tuple[str, str]:
    """Who gave back more than it took, and what that means."""
    names = [f"{scope_words(str(scope))} ({money_words(amount, currency)})" for scope, amount in credits.items()]
    return (_("More came back from the ad accounts than was spent (credits): {names}.").format(
        names=with_more(names[:MOST_NAMED], len(names))), _("No return is counted on it."))  # fmt: skip


def no_campaigns_words() -> tuple[str, str]:
    """Nothing is known of what campaigns sold, and the next step."""
    return (_("What each campaign sold is not known: no sale names a campaign."),
            _("Fill utm_campaign in the CRM, under the name that the campaign has in the ad account."))  # fmt: skip


def tags_words(tags: pd.Series, currency: str) -> tuple[str, str]:
    """The names of campaigns that the ad accounts do not know, with their revenue, and the next step."""
    shown = [f"{tag} ({money_words(revenue, currency)})" for tag, revenue in tags.head(MOST_NAMED).items()]
    more = len(tags) - len(shown)
    if more > 0:
        shown.append(ngettext("{n} more", "{n} more", more).format(n=more))
    return (_("Leads name campaigns that the ad accounts do not have: {tags}.").format(tags=write_list(shown)),
            _("Give a campaign the same name in the ad account and in utm_campaign, or say in {file} which is which.")
            .format(file=CAMPAIGNS))  # fmt: skip
