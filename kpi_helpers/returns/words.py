"""Return in words: what earns and what does not, and the trap of calling revenue profit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import channel_name, is_missing, kpi_name, lower_first, write_list, write_money, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.past import COMPANY
from kpi_helpers.returns.campaigns import SPLIT
from kpi_helpers.returns.money import ADVERTISING
from kpi_helpers.returns.rating import WHOLE

Row = dict[str, Any]
VERDICTS = {
    "earns": N_("earns"), "ads_only": N_("covers the ads alone"), "loses": N_("does not pay"),
    "unknown": N_("not known"),
}  # fmt: skip
OPEN = "open"  # deals that will bring more: not to be judged yet
AHEAD = "ahead"  # deals that will bring more, and the cost is covered already
WAYS = ("roas", "drr", "revenue_roi", "romi", "roi")
MOST_NAMED = 4


def scope_words(scope: str) -> str:
    """The name of a row of returns."""
    if SPLIT in scope:
        return scope.partition(SPLIT)[2]
    return {COMPANY: _("Company, all revenue"), ADVERTISING: _("All advertising")}.get(scope) or channel_name(scope)


def judged(row: Row, unripe: Collection[str]) -> str:
    """The verdict of a row; where deals of its channel (of the company: of any) will bring more: AHEAD if the margin
    covers the cost already, which more revenue does not change, else OPEN."""
    scope = str(row.get("channel") or row["scope"])
    is_open = bool(unripe) if scope in (COMPANY, ADVERTISING) else scope in unripe
    if not is_open or row["verdict"] == "unknown":
        return str(row["verdict"])
    return AHEAD if row["verdict"] == "earns" else OPEN


def verdict_words(verdict: str) -> str:
    """The word of a verdict, of AHEAD or of OPEN."""
    return _({OPEN: N_("deals open"), AHEAD: N_("pays already"), **VERDICTS}[verdict])


def finding_words(table: pd.DataFrame, unripe: Collection[str]) -> str:
    """Who does not pay, who covers the ads alone, who cannot be judged yet: the first that there is to say."""
    by: dict[str, list[Row]] = {}
    for row in rows_of(table):
        by.setdefault(judged(row, unripe), []).append(row)
    if "loses" in by:
        said = _("The margin does not cover the advertising: {names}").format(names=_needs(by["loses"]))
    elif "ads_only" in by:
        said = _("The margin covers the ads and not the other costs: {names}").format(names=_needs(by["ads_only"]))
    elif "earns" in by:
        alone = len(by["earns"]) == len(table)
        said = _("The margin covers the cost everywhere") if alone else _("The margin covers the cost: {names}").format(
            names=_needs(by["earns"]))  # fmt: skip
    elif AHEAD in by:
        said = _ahead(by.pop(AHEAD))
    elif OPEN in by:
        return _("Nothing can be judged yet: deals are still open")
    elif "named" in table:
        return _("No campaign is proven to pay: only a part of the revenue names its campaign")
    else:
        return _("Whether the advertising pays is not known")
    if AHEAD in by:
        said += "; " + lower_first(_ahead(by[AHEAD]))
    if OPEN in by:
        said += "; " + _("not judged, deals are open: {names}").format(names=_named([row["scope"] for row in by[OPEN]]))
    return said


def _ahead(rows: Sequence[Row]) -> str:
    return _("Already covered, with deals still open: {names}").format(names=_needs(rows))


def lead_words(company: pd.DataFrame, currency: str) -> str:
    """What the advertising cost and brought, and what is left after all marketing costs."""
    rows = {row["scope"]: row for row in rows_of(company)}
    said = [_advertising_words(rows[ADVERTISING], currency)] if ADVERTISING in rows else []
    whole = rows.get(COMPANY)
    if whole and not is_missing(whole["roi"]):
        words = _("With all marketing costs ({cost}) and all revenue the company's ROI is {roi}.")
        said.append(words.format(cost=_money(whole["marketing_cost"], currency), roi=_share(whole["roi"])))
    return " ".join(said)


def _advertising_words(row: Row, currency: str) -> str:
    amounts = {name: _money(row[name], currency) for name in ("spend", "revenue", "margin")}
    if is_missing(row["revenue"]):
        return ""
    if is_missing(row["margin"]):
        return _("Advertising cost {spend}; its channels sold for {revenue}. Whether it pays is not known without a "
                 "margin.").format(**amounts)  # fmt: skip
    left = row["margin"] - row["spend"]
    said = _("Advertising cost {spend}; its channels sold for {revenue} with a margin of {margin}.").format(**amounts)
    amount = _money(abs(left), currency)
    over = _("{amount} is left after the ads.") if left >= 0 else _("{amount} is lacking to cover the ads.")
    return f"{said} {over.format(amount=amount)}"


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
    return words.format(amount=_money(shared, currency))


def unclaimed_words(table: pd.DataFrame) -> str:
    """How much of the revenue names no channel, and what is made of it; "" where that is little."""
    share = float(table["unclaimed"].max()) if len(table) else 0.0
    if share < 1 - WHOLE:
        return ""
    words = _("{share} of the revenue names no channel. A channel is said not to pay only where its part of that would "
              "not cover the cost either.")  # fmt: skip
    return words.format(share=_share(share))


def trap_row(company: pd.DataFrame, channels: pd.DataFrame, unripe: Collection[str]) -> Row | None:
    """The row that shows the trap best: the largest channel that gains on revenue and loses on margin, else all
    advertising; None where there is none."""
    for row in rows_of(channels):
        if row["revenue_roi"] > 0 > row["romi"] and row["scope"] not in unripe:
            return row
    rows = [row for row in rows_of(company) if row["scope"] == ADVERTISING and not is_missing(row["drr"])]
    return rows[0] if rows else None


def trap_cells(row: Row) -> list[list[str]]:
    """The ways to call one return: what is said, how it is counted with its own numbers, the result."""

    def amount(name: str) -> str:
        return "?" if is_missing(row[name]) else write_money(row[name], "")

    ways = [key for key in WAYS if key != "roi" or row["marketing_cost"] > row["spend"]]
    return [
        [_("“The payback is {roi}”: {name}").format(roi=_share(row[key]), name=kpi_name(key))
         if key == "revenue_roi" else kpi_name(key), KPIS[key].formula.to_text(amount),
         _("n/a") if is_missing(row[key]) else write_value(row[key], KPIS[key].style)]
        for key in ways
    ]  # fmt: skip


def trap_words(row: Row, currency: str) -> str:
    """What the two kinds of ROI of one row mean."""
    if is_missing(row["romi"]):
        return _("“{roi}” counts no cost of goods. Without a margin nobody can say what is left: the answer is n/a and "
                 "not {roi}.").format(roi=_share(row["revenue_roi"]))  # fmt: skip
    said = _("The same money is called {roi} and {romi}. The first counts no cost of goods: of {revenue} of revenue "
             "{margin} is margin. The ads come back at a margin of {needed}; here it is {there}.")  # fmt: skip
    return said.format(
        roi=_share(row["revenue_roi"]), romi=_share(row["romi"]), revenue=_money(row["revenue"], currency),
        margin=_money(row["margin"], currency), needed=_share(row["drr"]), there=_share(row["margin_share"]),
    )  # fmt: skip


def campaign_note(table: pd.DataFrame, from_deals: bool) -> str:
    """What the revenue of campaigns is, and how much of it is told."""
    base = _("Revenue of a campaign: deals won, with the amounts of the CRM.") if from_deals else _(
        "Revenue of a campaign: orders whose lead names it.")  # fmt: skip
    named = table.drop_duplicates("channel").set_index("channel")["named"].dropna() if len(table) else pd.Series()
    if len(named) and (named >= WHOLE).all():
        return base
    parts = [f"{channel_name(channel)} {_share(share, short=True)}" for channel, share in named.items()]
    least = _("Other revenue names none, so that a campaign brought at least this much, and a loss cannot be proven.")
    share = _("Share of revenue that names its campaign: {parts}.").format(parts=write_list(parts)) if parts else ""
    return " ".join(filter(None, (base, least, share)))


def pays_words() -> str:
    """When a channel pays."""
    return _("A channel pays while the margin in its revenue is above the break-even margin.")


def open_words() -> str:
    """What OPEN means."""
    return _("Deals open: the leads of this time are still to bring more than a tenth of the revenue. Where the margin "
             "covers the cost already, that stands; the others are not judged, and none is ranked.")  # fmt: skip


def no_campaigns_words() -> tuple[str, str]:
    """Nothing is known of what campaigns sold, and the next step."""
    return (_("What each campaign sold is not known: no sale names a campaign."),
            _("Fill utm_campaign in the CRM, under the name that the campaign has in the ad account."))  # fmt: skip


def tags_words(tags: pd.Series, currency: str) -> tuple[str, str]:
    """The names of campaigns that the ad accounts do not know, with their revenue, and the next step."""
    shown = [f"{tag} ({_money(revenue, currency)})" for tag, revenue in tags.head(MOST_NAMED).items()]
    more = len(tags) - len(shown)
    if more > 0:
        shown.append(ngettext("{n} more", "{n} more", more).format(n=more))
    return (_("Leads name campaigns that the ad accounts do not have: {tags}.").format(tags=write_list(shown)),
            _("Give a campaign the same name in the ad account and in utm_campaign."))  # fmt: skip


def _needs(rows: Sequence[Row]) -> str:
    """Names with the margin that is needed and the one that is there."""
    words = [
        _("{name} (needs {needed}, has {there})").format(
            name=scope_words(row["scope"]), needed=_share(_needed(row)), there=_share(row["margin_share"]),
        )
        if not is_missing(row["drr"]) else scope_words(row["scope"])
        for row in rows[:MOST_NAMED]
    ]  # fmt: skip
    return _with_more(words, len(rows))


def _needed(row: Row) -> float:
    """The margin share at which the ads come back, or, where the ads are covered, all costs that are known."""
    return float(row["drr"] if row["verdict"] == "loses" or is_missing(row["roi"]) else row["break_even_all"])


def _named(scopes: Sequence[str]) -> str:
    return _with_more([scope_words(scope) for scope in scopes[:MOST_NAMED]], len(scopes))


def _with_more(words: list[str], all_: int) -> str:
    more = all_ - len(words)
    return write_list([*words, ngettext("{n} more", "{n} more", more).format(n=more)] if more > 0 else words)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """The rows of a table by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def _money(amount: float, currency: str) -> str:
    return write_value(amount, "money", currency, short=True)


def _share(share: float, *, short: bool = False) -> str:
    return write_value(share, "share", short=short)
