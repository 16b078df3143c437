"""Pay in words: the month in one sentence, the curve, what is not final, what both sides get."""

from __future__ import annotations

import math
from datetime import date

from kpi_helpers.labels import (
    NBSP,
    is_missing,
    month_name,
    owner_name,
    upper_first,
    write_date,
    write_days,
    write_list,
    write_money,
    write_value,
)
from kpi_helpers.language import _, language, ngettext
from kpi_helpers.outlook_words import rounded, write_chance
from kpi_helpers.pay.ledger import Pay
from kpi_helpers.pay.sides import Sides
from kpi_helpers.pay.unripe import Unripe
from kpi_helpers.scorecard import Curve, line_name

CENTS_BELOW = 100_000
SOME = 1e-6  # weight that counts as set aside
BESIDE = 3  # months on each side of a comparison, below which it is an anecdote


def write_exact(value: float, style: str, currency: str = "") -> str:
    """A value with so many digits that a reader can go on counting with it: 85.35 %, 2 254.28 ₽.

    >>> write_exact(0.853521, "share"), write_exact(4.80883, "multiple"), write_exact(189, "count")
    ('85.35%', '4.809', '189')
    """
    from babel.numbers import format_decimal, format_percent

    if is_missing(value):
        return write_value(value, style)
    if style == "share":
        pattern = "#,##0.00%" if language() == "en" else f"#,##0.00{NBSP}%"
        return format_percent(value, pattern, locale=language()).replace("-", "−")
    if style == "money":
        return write_money(value, currency, cents=abs(value) < CENTS_BELOW and value != int(value))
    if style in ("multiple", "ratio", "stars"):
        return format_decimal(value, "#,##0.###", locale=language()).replace("-", "−")
    return write_value(value, style, currency)


def month_words(pay: Pay, days: int, currency: str) -> str:
    """Month, index and bonus in one sentence; of a month that is not over no bonus."""
    named = {"month": month_name(pay.month), "days": write_days(days)}
    if pay.is_cut:
        said = _("{month}: the exports of a paid KPI end before the month does, so neither index nor bonus is stated.")
        return said.format(**named)
    if is_missing(pay.score.index):
        return _("{month}: no paid KPI has both a result and a target, no bonus follows.").format(**named)
    named["index"] = write_exact(pay.score.index, "share")
    if not pay.finished:
        said = _("{month}, first {days}: index so far {index}. The bonus is computed when the month is over.")
        return said.format(**named)
    named |= {"bonus": write_value(pay.score.bonus, "money", currency),
              "full": write_value(pay.scheme.bonus, "money", currency)}  # fmt: skip
    return _("{month}: index {index}, bonus {bonus} ({full} where every target is just reached).").format(**named)


def finding_words(pay: Pay, sides: Sides, currency: str) -> str:
    """The chart's title: what was paid on average, what is to be expected."""
    named = {
        "owner": upper_first(owner_name(pay.scheme.owner)), "chance": write_chance(sides.chance),
        **{name: write_value(rounded(amount), "money", currency, short=True)
           for name, amount in (("paid", sides.paid), ("expected", sides.expected))},
    }  # fmt: skip
    if is_missing(sides.expected):
        return _("{owner}: {paid} a month looking back; the months ahead are not known").format(**named)
    if is_missing(sides.paid):
        return _("{owner}: {expected} a month to be expected, the full bonus with a chance of {chance}").format(**named)
    said = _("{owner}: {paid} a month looking back, {expected} ahead; the full bonus with a chance of {chance}")
    return said.format(**named)


def chart_words(pay: Pay) -> str:
    """What the bars are."""
    parts = [_("Bonus by month as this scheme pays it; hatched: expected, with its 80% interval")]
    months, ahead = pay.seen.months, pay.seen.ahead
    aside = [*months["set_aside"][months["bonus"].notna()], *ahead["set_aside"][ahead["mean"].notna()]]
    if any(weight > SOME for weight in aside):
        parts.append(_("hollow: KPIs without a result or target were set aside"))
    return "; ".join(parts)


def curve_words(curve: Curve) -> str:
    """How achievement becomes points.

    >>> curve_words(Curve()), curve_words(Curve("step", threshold=1.0))
    ('paid from 80% on, at most 120%', 'all or nothing at 100%')
    """
    named = {"threshold": _percent(curve.threshold), "cap": _percent(curve.cap), "most": _percent(curve.most),
             "least": _percent(curve.least)}  # fmt: skip
    if curve.shape == "step":
        return _("all or nothing at {threshold}").format(**named)
    parts = [_("paid from {threshold} on") if curve.threshold > 0 else _("paid from the beginning")]
    if curve.threshold > 0 and not math.isnan(curve.at_threshold):
        parts = [_("paid from {threshold} on, there {least}")]
    elif curve.least > 0 and curve.threshold == 0:
        parts = [_("paid from the beginning, there already {least}")]
    if math.isinf(curve.cap):
        parts.append(_("without a cap"))
    else:
        parts.append(_("at most {cap}") if curve.most == curve.cap else _("at {cap} and beyond {most}"))
    return ", ".join(parts).format(**named)


def unripe_words(found: Unripe) -> str:
    """What the result still waits for, and what to do."""
    if found.kind == "verdicts":
        said = ngettext(
            "not final: {n} lead of {all} still waits for a verdict",
            "not final: {n} leads of {all} still wait for a verdict", found.open,
        )  # fmt: skip
    elif found.kind == "deals":
        said = ngettext(
            "not final: {n} qualified lead of {all} is still an open deal",
            "not final: {n} qualified leads of {all} are still open deals", found.open,
        )  # fmt: skip
    else:
        said = ngettext(
            "the money of {n} open deal (of {all}) may come in a later month",
            "the money of {n} open deals (of {all}) may come in a later month", found.open,
        )  # fmt: skip
    return said.format(n=found.open, all=found.all)


def late_words(last: date) -> str:
    """An export that says nothing of the month's end."""
    return _("its export ends on {day}: export it again").format(day=write_date(last))


def left_out_words(pay: Pay) -> str:
    """The months of which nothing is concluded."""
    if not pay.left_out:
        return ""
    months = write_list([month_name(month, heading=False) for month in pay.left_out])
    return _("Left out here and of the forecasts, as their results are not final: {months}.").format(months=months)


def unknown_ahead_words(pay: Pay) -> str:
    """Why neither a chance nor a bonus to be expected is stated."""
    if len(pay.seen.whole_ahead):
        return ""
    paid = [line.key for line in pay.scheme.lines if line.weight > 0]
    unknown = [line_name(key) for key in paid if is_missing(pay.seen.lines["chance"][key])]
    if not unknown:
        return ""
    said = _("No chance and no bonus ahead are stated: {kpis} cannot be forecast, or no goal is set for these months.")
    return said.format(kpis=write_list(unknown))


def margin_words(sides: Sides, currency: str) -> str:
    """The margin in months with a full bonus and in the others: what goes together, not what causes what."""
    if min(sides.full, sides.months - sides.full) < BESIDE or is_missing(sides.margin_full + sides.margin_other):
        return ""
    named = {name: write_value(rounded(amount), "money", currency)
             for name, amount in (("full", sides.margin_full), ("other", sides.margin_other))}  # fmt: skip
    said = _(
        "Margin a month: {full} in the months with a full bonus ({n}), {other} in the others ({m}). That is what went "
        "together, not what caused what."
    )
    return said.format(n=sides.full, m=sides.months - sides.full, **named)


def _percent(number: float) -> str:
    return write_value(number, "share", short=round(number * 100) == number * 100) if math.isfinite(number) else ""
