"""The account of a table in words: what became of its rows, and whether its sums are those of its totals row."""

from __future__ import annotations

from kpi_helpers.exports import TableReading
from kpi_helpers.exports.totals import Check
from kpi_helpers.labels import channel_name, measure_name, write_money, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import cut_middle, hide_people
from kpi_helpers.terms import MEASURES

MOST, LONGEST = 12, 40  # headings that are named, and characters of each


def rows_in_words(table: TableReading) -> str:
    """ "3,655 = 3,650 used + 5 totals": parts that are not there are not named."""
    parts = [
        (table.used, _("{n} used")), (table.totals, ngettext("{n} total", "{n} totals", table.totals)),
        (table.rejected, _("{n} rejected")), (table.continued, _("{n} continuing the row above")),
    ]  # fmt: skip
    named = [word.format(n=write_value(count, "count")) for count, word in parts if count] or ["0"]
    text = f"{write_value(table.rows_in, 'count')} = {' + '.join(named)}"
    if table.set_aside:
        text += "; " + _("{n} of the used do not count by their status").format(n=write_value(table.set_aside, "count"))
    return "; ".join(filter(None, (text, table.repeats)))


def sums_in_words(table: TableReading, currency: str = "") -> list[tuple[str, str]]:
    """The name and the sum of each measure."""
    return [(measure_name(key), _amount(key, total, table.currency or currency)) for key, total in table.sums.items()]


def checks_in_words(table: TableReading) -> list[str]:
    """What the totals row of the file says: that it agrees, or by how much each measure differs."""
    agreed = [measure_name(check.measure) for check in table.checks if check.agrees]
    said = [_("the totals row agrees: {measures}").format(measures=", ".join(agreed))] if agreed else []
    said += [
        _("{measure}: another totals row says {total}").format(
            measure=measure_name(check.measure), total=_amount(check.measure, check.largest, table.currency)
        )
        for check in table.checks
        if check.agrees and check.largest > check.total + check.slack
    ]
    return said + [differs_in_words(check, table.currency) for check in table.checks if not check.agrees]


def notes_in_words(table: TableReading) -> list[str]:
    """What else there is to say of a table: rows held twice, what its totals row says, the columns not read."""
    said = [table.repeats, platform_in_words(table), not_read_in_words(table)]
    return [*filter(None, said), *checks_in_words(table)]


def platform_in_words(table: TableReading) -> str:
    """The platform that a name told, and whose; "" where the table named it itself."""
    texts = {"file": _("{platform}: taken from the file's name"), "sheet": _("{platform}: taken from the sheet's name")}
    platform = table.named_platform
    return texts[table.platform_from].format(platform=channel_name(platform)) if platform else ""


def not_read_in_words(table: TableReading) -> str:
    """The headings that the layout does not know; "" where it knows all."""
    shown = [cut_middle(hide_people(heading), LONGEST) for heading in table.not_read[:MOST]]
    more = " …" if len(table.not_read) > MOST else ""
    return _("columns not read: {headings}").format(headings=", ".join(shown) + more) if shown else ""


def differs_in_words(check: Check, currency: str = "") -> str:
    """By how much the totals row differs from the rows."""
    text = _("{measure}: the rows add up to {rows}, the totals row says {total}: a difference of {difference}")
    amounts = (check.rows, check.total, check.difference)
    cents = any(amount % 1 for amount in amounts)
    rows, total, difference = (_amount(check.measure, amount, currency, cents=cents) for amount in amounts)
    return text.format(measure=measure_name(check.measure), rows=rows, total=total, difference=difference)


def recognised_in_words(table: TableReading) -> str:
    """The layout, how many of the headings it knows, and the next best layout."""
    known = _("knows {share} of the headings").format(share=write_value(table.known, "share", short=True))
    if not table.rival:
        return f"{_(table.name)} ({table.layout}; {known})"
    share = write_value(table.rival_known, "share", short=True)
    rival = _("next: {layout}, {share}").format(layout=_(table.rival), share=share)
    return f"{_(table.name)} ({table.layout}; {known}; {rival})"


def _amount(key: str, value: float, currency: str, *, cents: bool = False) -> str:
    if MEASURES[key].unit == "money":
        return write_money(value, currency, cents=cents)
    return write_value(value, "count")
