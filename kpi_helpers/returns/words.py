"""Return in words: what earns and what does not, and the trap of calling revenue profit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import channel_name, is_missing, kpi_name, lower_first, write_list, write_money, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.past import COMPANY
from kpi_helpers.returns.campaigns import SPLIT
from kpi_helpers.returns.money import ADVERTISING
from kpi_helpers.returns.ripeness import AHEAD, OPEN

Row = dict[str, Any]
VERDICTS = {
    "earns": N_("earns"), "ads_only": N_("covers the ads alone"), "loses": N_("does not pay"),
    "even": N_("about even"), "rule": N_("depends on the rule"), "unknown": N_("not known"), OPEN: N_("deals open"),
    AHEAD: N_("pays already"),
}  # fmt: skip
WAYS = ("roas", "drr", "revenue_roi", "romi", "roi")
MOST_NAMED = 4


def scope_words(scope: str) -> str:
    """The name of a row of returns."""
    if SPLIT in scope:
        return scope.partition(SPLIT)[2]
    return {COMPANY: _("Company, all revenue"), ADVERTISING: _("All advertising")}.get(scope) or channel_name(scope)


def verdict_words(verdict: str) -> str:
    """The word of a verdict, of AHEAD or of OPEN."""
    return _(VERDICTS[verdict])


def finding_words(table: pd.DataFrame) -> str:
    """Who does not pay, else who covers the ads alone, else who earns; and who cannot be judged, and why."""
    by: dict[str, list[Row]] = {}
    for row in rows_of(table):
        by.setdefault(str(row["verdict"]), []).append(row)
    parts = [part(by[verdict]) for verdict, part in DOUBTS.items() if verdict in by]
    if "loses" in by:
        parts.insert(0, _("The margin does not cover the advertising: {names}").format(names=_needs(by["loses"])))
    elif "ads_only" in by:
        words = _("The margin covers the ads and not the other costs: {names}")
        parts.insert(0, words.format(names=_needs(by["ads_only"])))
    elif "earns" in by:
        alone = len(by["earns"]) == len(table)
        parts.insert(0, _("The margin covers the cost everywhere") if alone else _(
            "The margin covers the cost: {names}").format(names=_needs(by["earns"])))  # fmt: skip
    elif list(by) == [OPEN]:
        return _("Nothing can be judged yet: deals are still open")
    if parts:
        return "; ".join([parts[0], *map(lower_first, parts[1:])])
    if "named" in table:
        return _("No campaign is proven to pay: only a part of the revenue names its campaign")
    return _("Whether the advertising pays is not known")


def _even(rows: Sequence[Row]) -> str:
    return _("About even, a month more or less would turn it: {names}").format(names=_needs(rows))


def _by_rule(rows: Sequence[Row]) -> str:
    return _("Whether it pays depends on the rule of attribution: {names}").format(
        names=with_more([_two_rules(row) for row in rows[:MOST_NAMED]], len(rows)))  # fmt: skip


def _two_rules(row: Row) -> str:
    words = {"first": _("{name} (ROMI {written} as written down, {other} by the first touch)"),
             "last": _("{name} (ROMI {written} as written down, {other} by the last touch)")}[row["rule"]]  # fmt: skip
    return words.format(name=scope_words(row["scope"]), written=share_words(row["romi"]),
                        other=share_words(row["romi_otherwise"]))  # fmt: skip


def _ahead(rows: Sequence[Row]) -> str:
    return _("Already covered, with deals still open: {names}").format(names=_needs(rows))


def _open(rows: Sequence[Row]) -> str:
    return _("Not judged, deals are open: {names}").format(names=_named([row["scope"] for row in rows]))


DOUBTS = {"even": _even, "rule": _by_rule, AHEAD: _ahead, OPEN: _open}


def lead_words(company: pd.DataFrame, currency: str, still_open: bool = False) -> str:
    """What the advertising cost and brought, and what is left after all marketing costs; `still_open`: deals of these
    months will bring more."""
    rows = {row["scope"]: row for row in rows_of(company)}
    said = [_advertising_words(rows[ADVERTISING], currency)] if ADVERTISING in rows else []
    whole = rows.get(COMPANY)
    if whole and ADVERTISING in rows:
        said.append(_romi_words(whole, rows[ADVERTISING]))
    if whole and not is_missing(whole["roi"]):
        words = _("The company's ROI with all marketing costs ({cost}) is {roi}, by the month of the order.")
        if still_open:
            words = _("The company's ROI with all marketing costs ({cost}) is {roi} so far, by the month of the order.")
        said.append(words.format(cost=money_words(whole["marketing_cost"], currency), roi=share_words(whole["roi"])))
    return " ".join(filter(None, said))


def _romi_words(whole: Row, ads: Row) -> str:
    """Why one ROMI is much larger than the other."""
    romis = share_words(whole["romi"]), share_words(ads["romi"])
    if is_missing(whole["romi"]) or is_missing(ads["romi"]) or romis[0] == romis[1]:
        return ""
    words = _("ROMI by the month of the order: {whole} with the margin of all revenue, {own} with that of the channels "
              "with advertising alone.")  # fmt: skip
    return words.format(whole=romis[0], own=romis[1])


def _advertising_words(row: Row, currency: str) -> str:
    amounts = {name: money_words(row[name], currency) for name in ("spend", "revenue", "margin")}
    if is_missing(row["revenue"]):
        return ""
    if is_missing(row["margin"]):
        return _("Advertising cost {spend}; its channels sold for {revenue}. Whether it pays is not known without a "
                 "margin.").format(**amounts)  # fmt: skip
    left = row["margin"] - row["spend"]
    said = _("Advertising cost {spend}; its channels sold for {revenue} with a margin of {margin}.").format(**amounts)
    amount = money_words(abs(left), currency)
    over = _("{amount} is left after the ads.") if left >= 0 else _("{amount} is lacking to cover the ads.")
    return f"{said} {over.format(amount=amount)}"


def trap_row(company: pd.DataFrame, channels: pd.DataFrame) -> Row | None:
    """The row that shows the trap best: the largest channel that gains on revenue and loses on margin, else all
    advertising; None where there is none."""
    for row in rows_of(channels):
        if row["revenue_roi"] > 0 > row["romi"] and row["verdict"] not in (OPEN, AHEAD):
            return row
    rows = [row for row in rows_of(company) if row["scope"] == ADVERTISING and not is_missing(row["drr"])]
    return rows[0] if rows else None


def trap_cells(row: Row) -> list[list[str]]:
    """The ways to call one return: what is said, how it is counted with its own numbers, the result."""

    def amount(name: str) -> str:
        return "?" if is_missing(row[name]) else write_money(row[name], "")

    ways = [key for key in WAYS if key != "roi" or row["marketing_cost"] > row["spend"]]
    own = {} if row["scope"] == COMPANY else {"roi": _("ROI with own costs")}
    return [
        [_("“The payback is {roi}”: {name}").format(roi=share_words(row[key]), name=kpi_name(key))
         if key == "revenue_roi" else own.get(key) or kpi_name(key), KPIS[key].formula.to_text(amount),
         _("n/a") if is_missing(row[key]) else write_value(row[key], KPIS[key].style)]
        for key in ways
    ]  # fmt: skip


def trap_words(row: Row, currency: str) -> str:
    """What the two kinds of ROI of one row mean."""
    if is_missing(row["romi"]):
        return _("“{roi}” counts no cost of goods. Without a margin nobody can say what is left: the answer is n/a and "
                 "not {roi}.").format(roi=share_words(row["revenue_roi"]))  # fmt: skip
    said = _("The same money is called {roi} and {romi}. The first counts no cost of goods: of {revenue} of revenue "
             "{margin} is margin. The ads come back at a margin of {needed}; here it is {there}.")  # fmt: skip
    shares = {"roi": "revenue_roi", "romi": "romi", "needed": "drr", "there": "margin_share"}
    return said.format(
        **{name: share_words(row[key]) for name, key in shares.items()},
        **{name: money_words(row[name], currency) for name in ("revenue", "margin")},
    )


def _needs(rows: Sequence[Row]) -> str:
    """Names with the margin that is needed and the one that is there."""
    words = [
        _("{name} (needs {needed}, has {there})").format(
            name=scope_words(row["scope"]), needed=share_words(_needed(row)), there=share_words(row["margin_share"]),
        )
        if not is_missing(row["drr"]) else scope_words(row["scope"])
        for row in rows[:MOST_NAMED]
    ]  # fmt: skip
    return with_more(words, len(rows))


def _needed(row: Row) -> float:
    """The margin share at which the ads come back, or, where the ads are covered, all known costs."""
    return float(row["drr"] if row["covers"] == "loses" else row["needed"])


def _named(scopes: Sequence[str]) -> str:
    return with_more([scope_words(scope) for scope in scopes[:MOST_NAMED]], len(scopes))


def with_more(words: list[str], all_: int) -> str:
    more = all_ - len(words)
    return write_list([*words, ngettext("{n} more", "{n} more", more).format(n=more)] if more > 0 else words)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """The rows of a table by the names of its columns."""
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]


def money_words(amount: float, currency: str) -> str:
    return write_value(amount, "money", currency, short=True)


def share_words(share: float, *, short: bool = False) -> str:
    return write_value(share, "share", short=short)
