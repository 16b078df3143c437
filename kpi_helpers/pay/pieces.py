"""Pay in HTML: the scorecard of an owner with every step, what both sides get, what is unfair."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from markupsafe import Markup
from matplotlib.axes import Axes

from kpi_helpers.breakdown import split_exactly
from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.pay import plot_pay
from kpi_helpers.labels import NO_VALUE, is_missing, owner_name, upper_first, write_interval, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.outlook_words import rounded, write_chance
from kpi_helpers.pay.ledger import Pay
from kpi_helpers.pay.sides import Sides, both_sides
from kpi_helpers.pay.words import (
    SOME,
    chart_words,
    curve_words,
    finding_words,
    late_words,
    left_out_words,
    margin_words,
    unknown_ahead_words,
    unripe_words,
    write_exact,
)
from kpi_helpers.scorecard import Line, Score, describe_note, line_name
from kpi_helpers.tables import Column, data_table

_NAMED = Markup("{}<small>{}</small>")


def score_table(pay: Pay, currency: str) -> str:
    """Every step from value to bonus, a row a KPI, with as many digits as it takes to count it again."""
    counted = pay.score.rows["counted_weight"] - pay.score.rows["weight"]
    aside = bool((counted.abs() > SOME).any())
    numbers = [_("Value"), _("Target"), _("Achievement"), _("Points"), _("Weight")]
    numbers += [_("Counts as")] if aside else []
    numbers += [_("Contribution"), *([_("Bonus")] if pay.finished else [])]
    columns = [Column(_("KPI")), *(Column(title, "number") for title in numbers)]
    lines = {line.key: line for line in pay.scheme.lines}
    bonuses = _whole_bonuses(pay.score)
    rows = [
        _row(pay, lines[key], {**row, "bonus": bonus}, currency, aside)
        for key, row, bonus in zip(lines, _records(pay), bonuses, strict=True)
    ]
    shares = [pay.scheme.weight, *([1.0] if aside else []), pay.score.index]
    total = [_("Index and bonus") if pay.finished else _("Index so far"), "", "", "", "",
             *(write_exact(share, "share") for share in shares),
             *([write_value(_whole(pay.score.bonus), "money", currency)] if pay.finished else [])]  # fmt: skip
    return data_table(columns, rows, total=total, note=_how(pay, aside))


def _whole(amount: float) -> float:
    return amount if is_missing(amount) else float(round(amount))


def _whole_bonuses(score: Score) -> list[float]:
    """The bonuses of the rows in whole units of money, so that what is written adds up to the bonus written."""
    if is_missing(score.bonus) or round(score.bonus) <= 0:
        return list(score.rows["bonus"])
    return split_exactly(round(score.bonus), list(score.rows["contribution"]))


def _records(pay: Pay) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in pay.score.rows.to_dict("records")]


def _row(pay: Pay, line: Line, row: dict[str, Any], currency: str, aside: bool) -> list[Any]:
    style = KPIS[line.kpi].style
    notes = [describe_note(row["note"])] if row["note"] and line.key not in pay.late else []
    notes += [late_words(pay.late[line.key])] if line.key in pay.late else []
    notes += [unripe_words(pay.unripe[line.key])] if line.key in pay.unripe else []
    name = _NAMED.format(line_name(line.key), "; ".join([curve_words(line.curve), *notes]))
    steps = [write_exact(row[column], "share") for column in ("achievement", "points", "weight")]
    steps += [write_exact(row["counted_weight"], "share")] if aside else []
    paid = write_value(row["bonus"], "money", currency) if row["weight"] else NO_VALUE
    return [
        name, *(write_exact(row[column], style, currency) for column in ("value", "target")), *steps,
        write_exact(row["contribution"], "share") if row["weight"] else NO_VALUE, *([paid] if pay.finished else []),
    ]  # fmt: skip


def _how(pay: Pay, aside: bool) -> str:
    """The arithmetic in words, as far as these lines need it."""
    lines = pay.scheme.lines
    lower = any(KPIS[line.kpi].better == "lower" and math.isnan(line.base) for line in lines)
    said = [_("Achievement is the value by the target, of what should be low 2 minus that.") if lower else _(
        "Achievement is the value by the target.")]  # fmt: skip
    if any(not math.isnan(line.base) for line in lines):
        said.append(_("Where a base is set, achievement is the part of the way from the base to the target."))
    said.append(
        _("Contribution is weight times points, bonus is contribution times the full bonus.")
        if pay.finished else _("Contribution is weight times points. Targets of sums are the plan for the days so far.")
    )  # fmt: skip
    if aside and pay.score.set_aside > SOME:
        said.append(_("The weight of what has no result or target is set aside, the others count for it."))
    elif aside:
        said.append(_("The weights do not make 100 %: they count in proportion."))
    return " ".join(said)


def sides_table(pay: Pay, currency: str) -> str:
    """The numbers of both sides."""
    sides, owner = both_sides(pay), upper_first(owner_name(pay.scheme.owner))
    rows = [[who, what, value] for who, what, value in _sides(sides, owner, _money_of(currency), currency)]
    columns = [Column(_("Who")), Column(_("What")), Column(_("Number"), "number")]
    return data_table(columns, rows, caption=_("What both sides get"), note=_sides_note(pay, sides, currency))


def _money_of(currency: str) -> Any:
    def write(amount: float) -> str:
        if math.isinf(amount):
            return _("no limit")
        return write_value(rounded(amount), "money", currency)

    return write


def _sides(sides: Sides, owner: str, money: Any, currency: str) -> list[tuple[str, str, Any]]:
    company = _("Company")
    span = write_interval(rounded(sides.low), rounded(sides.high), "money", currency)
    return [
        (owner, _("Chance of the full bonus in a month ahead"), write_chance(sides.chance)),
        (owner, _("Bonus to be expected a month"), _NAMED.format(money(sides.expected), span)),
        (owner, _("Full bonus in the months looked back upon"), _of(sides.full, sides.months)),
        (company, _("Cost to be expected a month, with charges"), money(sides.expected_cost)),
        (company, _("The most that a month can cost"), money(sides.ceiling)),
        (company, _("Cost of the months looked back upon"), money(sides.cost)),
        (company, _("Its part of their margin"), write_value(sides.share, "share")),
    ]


def _of(part: int, whole: int) -> str:
    return _("{part} of {whole}").format(part=part, whole=whole) if whole else NO_VALUE


def _sides_note(pay: Pay, sides: Sides, currency: str) -> str:
    back = ngettext(
        "Looked back upon: {n} month in which every paid KPI had a result and a target.",
        "Looked back upon: {n} months in which every paid KPI had a result and a target.", sides.months,
    ).format(n=sides.months)  # fmt: skip
    if sides.months and pay.seen.whole["set_aside"].max() > SOME:
        back = ngettext(
            "Looked back upon: {n} month; in each some KPI had no result or target.",
            "Looked back upon: {n} months; in each some KPI had no result or target.", sides.months,
        ).format(n=sides.months)  # fmt: skip
    charges = _("Charges: {share} of pay.").format(share=write_value(pay.charges, "share")) if pay.charges else _(
        "Charges on pay are not known: write pay.charges into company.toml.")  # fmt: skip
    missing = unknown_ahead_words(pay)
    several = sum(line.weight > 0 for line in pay.scheme.lines) > 1 and sides.months_ahead
    drawn = _("Ahead, not all KPIs are drawn together: the bonus may swing more than its interval says.")
    said = [back, left_out_words(pay), charges, margin_words(sides, currency), missing, drawn if several else ""]
    return " ".join(filter(None, said))


def pay_frames(pay: Pay) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What `plot_pay` draws: the months looked back upon from the first with a bonus on, and those ahead with one."""
    months, ahead = pay.seen.months, pay.seen.ahead
    known = months["bonus"].notna()
    months = months.loc[known.idxmax() :] if known.any() else months.tail(1)
    return months, ahead.set_axis(pay.ahead[: len(ahead)]).dropna(subset=["mean"])


def pay_chart(pay: Pay, currency: str) -> tuple[Axes, str]:
    """The chart and its alternative text."""
    finding = finding_words(pay, both_sides(pay), currency)
    months, ahead = pay_frames(pay)
    ax = plot_pay(
        months, ahead, pay.scheme.bonus, most=pay.seen.ceiling / (1 + pay.charges), owner=pay.scheme.owner,
        currency=currency, finding=finding, subtitle=chart_words(pay),
    )  # fmt: skip
    return ax, finding


def is_known(pay: Pay) -> bool:
    """Whether there is any month to draw."""
    return bool(pay.seen.months["bonus"].notna().any()) or not is_missing(pay.seen.expected)
