"""What surveys, the market and reviews say, in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from kpi_helpers.brand.completeness import has_wholes
from kpi_helpers.brand.market import YEAR, lacking_companies
from kpi_helpers.brand.waves import Waves, row_of_wave
from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import (
    NO_VALUE,
    is_missing,
    kpi_name,
    write_change,
    write_difference,
    write_interval,
    write_list,
    write_value,
)
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import cut_middle

MOST_NAMED = 3  # companies in a sentence
REAL = ("higher", "lower")
NETWORKS = {"vk": "VK", "tiktok": "TikTok", "youtube": "YouTube", "facebook": "Facebook", "instagram": "Instagram"}


def population_name(key: str) -> str:
    """Whose answers."""
    return _("Target audience") if key == "target" else _("All respondents")


def style_of(measure: str) -> str:
    """How the values of the KPI are written."""
    return KPIS[measure].style


def verdict_word(verdict: str, reason: str = "") -> str:
    """Whether a difference is real, in a few words."""
    words = {"higher": _("really higher"), "lower": _("really lower"), "not_enough": _("not enough data")}
    if reason == "many_comparisons":
        return _("within noise, as several questions were compared")
    return words.get(verdict, _("within noise"))


def network_name(key: str) -> str:
    """The name of a social network; one that the kit does not know is shown as it is."""
    return NETWORKS.get(key, key)


def write_points(value: Any, measure: str) -> str:
    """A difference in percentage points, of the NPS in points."""
    return write_difference(value, style_of(measure))


def write_points_interval(low: Any, high: Any, measure: str) -> str:
    """The interval of a difference, both ends with their signs."""
    if is_missing(low) or is_missing(high):
        return ""
    return _("from {low} to {high}").format(low=write_points(low, measure), high=write_points(high, measure))


def write_difference_of(change: Mapping[str, Any], measure: str) -> str:
    """ "+6.7 pp (from −3.6 pp to +16.8 pp)": a change with its interval; "—" where there is none."""
    if not change:
        return NO_VALUE
    span = write_points_interval(change["low"], change["high"], measure)
    return f"{write_points(change['difference'], measure)} ({span})"


def write_verdict(change: Mapping[str, Any]) -> str:
    """Whether a change is real, in a few words."""
    return verdict_word(str(change["verdict"]), str(change["reason"]))


def family_words(family: int) -> str:
    """For how many comparisons the verdicts of a wave are adjusted."""
    return _("Real or noise: adjusted for the {n} comparisons of the wave, all questions and groups together.").format(
        n=family)  # fmt: skip


def wave_rows(waves: Waves, measure: str, *, weighted: bool = True) -> pd.DataFrame:
    """The rows that `charts.brand.plot_waves` draws: every wave of a question; real changes with their word.

    With weights where they are known, unless `weighted` is False.
    """
    described, compared = waves.described(weighted=weighted), waves.compared(weighted=weighted)
    rows = described[(described["measure"] == measure) & (described["answers"] > 0)].sort_values("wave", kind="stable")
    changes = [row_of_wave(compared, measure, *place) for place in zip(rows["population"], rows["wave"], strict=True)]
    marks = [write_verdict(change) if change.get("verdict") in REAL else "" for change in changes]
    lines = rows["population"].map(population_name)
    return rows.assign(wave=rows["wave"].map(dict(waves.names)), line=lines, mark=marks)


def wave_finding(measure: str, row: Mapping[str, Any], name: str, change: Mapping[str, Any]) -> str:
    """ "Aided awareness, October 2026: 54.4%, +6.7 pp, within noise": the value of a wave and whether it is real."""
    words = _("{kpi}, {wave}: {value}").format(
        kpi=kpi_name(measure), wave=name, value=write_value(row["value"], style_of(measure)))  # fmt: skip
    if not change:
        return words
    points = write_points(change["difference"], measure)
    return _("{finding}, {change}: {verdict}").format(finding=words, change=points, verdict=write_verdict(change))


def write_worth(effective: float) -> str:
    """How many answers of equal weight the answers are worth, in whole ones."""
    return write_value(math.floor(effective + 1e-9), "count")


def weights_words(waves: Waves) -> str:
    """Where the weights come from and what they cost; "" without any."""
    if waves.weighted is None:
        return ""
    plain, weighted = (_largest(rows) for rows in (waves.plain, waves.weighted))
    said = {
        "column": _("Weighted: with the weights of the file."),
        "population": _("Weighted: so that the answers have the shares that the population is known to have."),
    }[waves.source]
    effect = _("{answers} answers of the last wave are worth {effective} of equal weight.").format(
        answers=write_value(plain, "count"), effective=write_worth(weighted))  # fmt: skip
    more = []
    if waves.left_out:
        lacking = ngettext("{n} answer without such a trait is left out.",
                           "{n} answers without such a trait are left out.", waves.left_out)  # fmt: skip
        more.append(lacking.format(n=waves.left_out))
    if waves.off > 0.001:
        more.append(_("The shares could not all be reached: the worst stays {points} away.").format(
            points=write_difference(waves.off, "share")))  # fmt: skip
    return " ".join([said, effect, *more])


def _largest(rows: pd.DataFrame) -> float:
    last = rows[(rows["wave"] == rows["wave"].max()) & (rows["population"] == "all")]
    return float(last["effective"].max())


def market_finding(shares: pd.DataFrame, market: pd.DataFrame, name: str) -> str:
    """ "Market share, Q3 2026: 10.8%, +1.1 pp on the year before; we grew by 13 %, the others by 0.3 %." """
    last = market.iloc[-1]
    own = shares[(shares["period"] == last["period"]) & shares["own"]]
    if own.empty:
        return _("The market, {period}: no company in it is yours").format(period=name)
    share, before = own["share"].sum(), own["share_before"].sum(min_count=1)
    words = _("Market share, {period}: {share}").format(period=name, share=write_value(share, "share"))
    if is_missing(before):
        return words
    change = write_change(share, before, "share")
    words = _("{finding}, {change} on the year before").format(finding=words, change=change)
    if is_missing(last["others"]):
        return words
    return _("{finding}: we {own}, the others {others}").format(
        finding=words, own=growth_words(last["own"]), others=growth_words(last["others"]))  # fmt: skip


def lacking_words(market: pd.DataFrame) -> tuple[str, str] | None:
    """Why the last quarter is not told, and what to do; None where it is."""
    period, companies = lacking_companies(market)
    if not period:
        return None
    named = write_list([cut_middle(company, 40) for company in companies[:MOST_NAMED]])
    more = "…" if len(companies) > MOST_NAMED else ""
    found = _("The market of {period} cannot be compared: months are missing of {companies}.").format(
        period=period, companies=named + more)  # fmt: skip
    return found, _("Add these rows; write 0 where a company sold nothing.")


def segments_note(market: pd.DataFrame) -> str:
    """How rows with and without a segment were taken, where a company has both."""
    wholes = has_wholes(market)
    if wholes is None:
        return ""
    if wholes:
        return " " + _("Rows without a segment are taken as the whole of a company, its segments as parts of it.")
    return " " + _("Rows without a segment are added to the segments: they are too small to hold them.")


def compared_with_words(every: str) -> str:
    """What changes of shares and growth are held against."""
    if every == YEAR:
        return _("Change and growth: on the year before.")
    return _("Change and growth: on the same quarter of the year before.")


def growth_words(growth: Any) -> str:
    """A growth with its sign: "+13%"."""
    return write_change(1 + growth, 1, "money") if not is_missing(growth) else ""


def rating_words(row: Mapping[str, Any]) -> str:
    """ "4.12 (3.9–4.3)": an average rating with its interval."""
    interval = write_interval(row["low"], row["high"], "ratio")
    return f"{write_value(row['mean'], 'ratio')} ({interval})" if interval else write_value(row["mean"], "ratio")


def reputation_readings(row: Mapping[str, Any], rise: float = 0.15) -> list[str]:
    """What a goal such as "reputation +15 %" may mean, each with the number it leads to."""
    stars, good, bad = row["mean"] * (1 + rise), row["good_share"], row["bad_share"]
    reach = write_value(stars, "ratio") if stars <= 5 else _("{stars}, beyond the 5 that can be had").format(
        stars=write_value(stars, "ratio"))  # fmt: skip
    return [
        _("average rating from {before} to {after}").format(before=write_value(row["mean"], "ratio"), after=reach),
        _("share of 4 and 5 stars from {before} to {after} (times 1.15) or to {points} (15 points more)").format(
            before=write_value(good, "share"), after=_write_reach(good * (1 + rise)), points=_write_reach(good + rise)),
        _("15% fewer reviews of 1 and 2 stars: their share from {before} down to {after}").format(
            before=write_value(bad, "share"), after=write_value(bad * (1 - rise), "share")),
    ]  # fmt: skip


def _write_reach(share: float) -> str:
    """A share that is aimed at, also where nobody can reach it."""
    written = write_value(share, "share")
    return written if share <= 1 else _("{share}, beyond 100%").format(share=written)
