"""Comparisons in words: the table, the finding, and the small print that keeps them from being overread."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.comparisons import AGAINST, COMPANY, MARKS, SMALL, mark_of, verdict_word
from kpi_helpers.comparisons.found import OTHERS, SHARES
from kpi_helpers.comparisons.people import ALIKE
from kpi_helpers.labels import (
    NBSP,
    channel_name,
    is_missing,
    kpi_name,
    lower_first,
    upper_first,
    write_difference,
    write_list,
    write_value,
)
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.tables import Column
from kpi_helpers.tables.fragments import piece

REASONS = {
    "overlapping": N_("both look back over 12 months and partly count the same people"),
    "not_whole": N_("the exports do not hold all of the earlier month"),
    "ends_early": N_("an export ends before the month does"),
    "untracked": N_("the counter was missing on some days"),
    "no_data": N_("the earlier month is not known"),
    "unripe": N_("too many leads still wait for a verdict"),
    "robots": N_("robots among the visits are many, and cannot be taken off"),
    "visitors": N_("one person’s visits end alike, and how many people came is not known"),
    "no_trials": N_("nothing to divide by"),
    "bad_counts": N_("more hits than trials: the exports contradict each other"),
}
EARLIER = {"change": "month_before", "year": "year_before"}  # by the name of the scorecard's columns
OPEN_WORDS = N_("Leads without a verdict count as lost; where they could turn the comparison, it is too early to tell.")
LEAST = 1e-9  # of a share: smaller differences are those of floats
SHOWN = ("impressions", "search_impressions")  # trials of which one person has several


def comparison_rows(table: pd.DataFrame) -> tuple[list[Column], list[list[Any]]]:
    """The comparisons as columns and rows of a table; `table` as `compare_channels` and `compare_months` return it.

    Scope, KPI and what is compared with have a column where they differ.
    """
    names = {
        "scope": (_("Channel"), lambda row: _("company") if row["scope"] == COMPANY else channel_name(row["scope"])),
        "kpi": (_("KPI"), lambda row: kpi_name(row["kpi"])),
        "against": (_("Against"), lambda row: _(AGAINST[row["against"]])),
    }
    telling = [name for name in names if table[name].nunique() > 1] or ["scope"]
    columns = [Column(names[name][0]) for name in telling]
    columns += [Column(_("This month"), "share"), Column(_("Other channels")
                if set(table["against"]) == {OTHERS} else _("Share before"), "share")]  # fmt: skip
    columns += [Column(_("Difference, pp"), "number"), Column(_("95% interval, pp"), "number"), Column(_("Verdict"))]
    rows = []
    for row in table.to_dict("records"):
        shares = [row["hits"] / row["trials"] if row["trials"] else None, row["share_before"]]
        rows.append([*(names[name][1](row) for name in telling), *shares, *in_points(row), verdict_cell(row)])
    return columns, rows


def verdict_cell(row: dict[Any, Any], *, brief: bool = False) -> Markup:
    """The verdict of a comparison as shape, word and colour; `brief`: the difference in points before the word."""
    mark, word = mark_of(row), verdict_word(row, brief=brief)
    if brief and not is_missing(row["difference"]):
        word = f"{_('{points} pp').format(points=in_points(row)[0])}, {word}"
    return piece("status.html", key=mark.status, shape=mark.shape, word=word)


def comparison_finding(table: pd.DataFrame) -> str:
    """What is really better or worse, in one sentence with its numbers; or that nothing is."""
    if table.empty:
        return _("Nothing can be compared.")
    kpis = [kpi_name(key) for key in table["kpi"].unique()]
    name = kpis[0] if len(kpis) == 1 else ""
    real = {key: [_named(row, with_kpi=not name) for row in table.to_dict("records") if mark_of(row) is MARKS[key]]
            for key in ("better", "worse")}  # fmt: skip
    parts = [text.format(rows=", ".join(real[key]))
             for key, text in (("better", _("really better: {rows}")), ("worse", _("really worse: {rows}")))
             if real[key]]  # fmt: skip
    text = "; ".join(parts) or _nothing_real(table)
    return _("{kpi} — {finding}").format(kpi=name, finding=text) if name else upper_first(text)


def _nothing_real(table: pd.DataFrame) -> str:
    verdicts = set(table["verdict"])
    if not verdicts & {"within_noise", "same"}:
        return _("too early to tell") if "too_early" in verdicts else _("not enough data")
    if set(table["against"]) == {OTHERS}:
        return _("no channel differs from the others beyond chance")
    return _("no change beyond chance")


def _named(row: dict[Any, Any], *, with_kpi: bool) -> str:
    """ "Partner network (0%)": what is compared, with its share, and against what where that is a month."""
    style = KPIS[row["kpi"]].style
    what = [channel_name(row["scope"])] if row["scope"] != COMPANY else []
    what += [kpi_name(row["kpi"])] if with_kpi else []
    share = write_value(row["share"], style)
    if row["against"] != OTHERS:
        share = _("{now}, {month} {before}").format(
            now=share, month=_(AGAINST[row["against"]]), before=write_value(row["share_before"], style)
        )
    return f"{' · '.join(what)} ({share})" if what else share


def comparison_note(table: pd.DataFrame) -> str:
    """The small print: how the comparisons were adjusted, what of them is open, what was not compared and why."""
    return " ".join(filter(None, [
        _family_words(table), _people_words(table), _open_words(table), *_refused_words(table)
    ]))  # fmt: skip


def _family_words(table: pd.DataFrame) -> str:
    asked, alone = table["asked"].eq(True), table[table["reason"] == "many_comparisons"]
    words = family_words(int(table.loc[~asked, "family"].max()) if (~asked).any() else 0, asked=bool(asked.any()))
    if words and COMPANY in set(table["scope"]) and not asked.any():
        words = f"{words} {_('The report judges a KPI with a goal by itself.')}"
    return f"{words} {star_words([_what(row, table) for row in alone.to_dict('records')])}".strip()


def family_words(n: int, *, asked: bool) -> str:
    """How comparisons are adjusted: `n` together; `asked`: some of them by themselves."""
    parts = [_("A KPI with a goal is judged by itself: its two comparisons together (Holm).")] if asked else []
    if n > 1:
        parts.append(ngettext("{n} comparison is judged (Holm).", "{n} comparisons are judged together (Holm).", n)
                     .format(n=n))  # fmt: skip
    return " ".join(parts)


def star_words(names: list[str]) -> str:
    """What would differ if it were alone."""
    return _("* Alone it would be called real: {rows}.").format(rows=write_list(names)) if names else ""


def card_note(rows: list[dict[Any, Any]], whole: list[dict[Any, Any]] | None = None) -> str:
    """The small print of changes on the scorecard: what would differ if it were alone, and what was not compared.

    `rows` are those of the scorecard that are shown (see `card.SCORE`). With the `whole` scorecard the method is told,
    once for all; without it, how changes were adjusted only where that made a difference.
    """
    told, methods = _told(rows), _told(whole or [])
    starred = [(row, name) for row, name in told if row[f"{name}_reason"] == "many_comparisons"]
    judged = told if whole else starred
    others = [int(row[f"{name}_family"]) for row, name in judged if row["status"] == "no_goal"]
    people = any(abs(row[f"{name}_from"] - row[before]) > LEAST for row, name in told
                 if (before := {"change": "previous", "year": "year_ago"}[name]))  # fmt: skip
    waiting = any(row[f"{name}_reason"] == "open" for row, name in told)
    rolling = [lower_first(kpi_name(key)) for row in rows if (key := row["kpi"]) in SHARES and KPIS[key].is_rolling]
    refused: dict[str, list[str]] = {}
    for row in rows:
        why = {
            name: row[f"{name}_reason"]
            for name in EARLIER
            if row.get(f"{name}_verdict") in ("not_compared", "too_early") and row[f"{name}_reason"] in REASONS
        }
        alike = len(why) == len(EARLIER) and len({*why.values()}) == 1
        for name, reason in [*why.items()][: 1 if alike else None]:
            refused.setdefault(reason, []).append(_of_card(row, "" if alike else name))
    return " ".join(filter(None, [
        _("Below a change of a share: its 95% interval in points (Newcombe).") if methods else "",
        family_words(max(others, default=0), asked=len(judged) > len(others)),
        star_words([_of_card(row, name) for row, name in starred]),
        _("Visits of people: robots are taken off on both sides.") if people else "", _(OPEN_WORDS) if waiting else "",
        _("Both months look back over 12 months and partly count the same people, and are judged by how much the "
          "months usually move: {rows}.").format(rows=write_list(rolling)) if rolling else "",
        *(_("Not compared: {rows} — {reason}.").format(rows=write_list(names), reason=_(REASONS[reason]))
          for reason, names in refused.items()),
    ]))  # fmt: skip


def _told(rows: list[dict[Any, Any]]) -> list[tuple[dict[Any, Any], str]]:
    """The changes that have an interval."""
    return [(row, name) for row in rows for name in EARLIER if not is_missing(row.get(f"{name}_low"))]


def _of_card(row: dict[Any, Any], name: str) -> str:
    """A change by its KPI, and by what it is held against; `name` "": by the KPI alone."""
    parts = [channel_name(row["scope"])] if row["scope"] != COMPANY else []
    parts += [_(AGAINST[EARLIER[name]])] if name else []
    return " · ".join([lower_first(kpi_name(row["kpi"])), *parts])


def _what(row: dict[Any, Any], table: pd.DataFrame) -> str:
    """A comparison by what tells it apart from the others of its table."""
    parts = [channel_name(row["scope"])] if table["scope"].nunique() > 1 else []
    parts += [lower_first(kpi_name(row["kpi"]))] if table["kpi"].nunique() > 1 or not parts else []
    parts += [_(AGAINST[row["against"]])] if table["against"].nunique() > 1 else []
    return " · ".join(parts)


def _people_words(table: pd.DataFrame) -> str:
    """Whose visits are compared, and what one person does again."""
    compared = table[table["difference"].notna()]
    below = [KPIS[key].formula.denominator for key in set(compared["kpi"])]
    shown = any(set(formula.names) & set(SHOWN) for formula in below if formula)
    return " ".join(filter(None, [
        _("Visits of people: robots are taken off on both sides.") if compared["people"].eq(True).any() else "",
        _("Bounces count by visitor: one person’s visits end alike.") if set(compared["kpi"]) & set(ALIKE) else "",
        _("One person sees an ad several times: click rates are less certain than their intervals say.")
        if shown else "",
    ]))  # fmt: skip


def _open_words(table: pd.DataFrame) -> str:
    """Leads that still wait: how they count, and what that means for the verdicts."""
    if not (table[["open", "open_before"]] > 0).any(axis=None):
        return ""
    return _(OPEN_WORDS)


def _refused_words(table: pd.DataFrame) -> list[str]:
    refused = table[table["reason"].isin(list(REASONS))]
    return [_("Not compared: {rows} — {reason}.").format(
                rows=write_list(_refused_names(rows, table)), reason=_(REASONS[str(reason)]))
            for reason, rows in refused.groupby("reason", sort=False)]  # fmt: skip


def _refused_names(rows: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """The refused rows; a KPI of which none is left goes by its name."""
    all_of = table["kpi"].value_counts()
    names: list[str] = []
    for key, own in rows.groupby("kpi", sort=False):
        whole = len(own) == all_of[key]
        names += [lower_first(kpi_name(str(key)))] if whole else [_what(row, table) for row in own.to_dict("records")]
    return names


def in_points(row: dict[Any, Any]) -> list[str]:
    """Difference and interval in percentage points, with two decimals where both are small."""
    if is_missing(row["difference"]):
        return ["", ""]
    small = max(-row["low"], row["high"]) < SMALL
    told = [write_difference(round(100 * row[name], 9), "ratio" if small else "points")
            for name in ("difference", "low", "high")]  # fmt: skip
    return [told[0], f"{told[1]}{NBSP}…{NBSP}{told[2]}"]
