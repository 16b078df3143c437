"""A comparison of two versions in the reader's language: lines and rows of cells, for whoever lays them out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.formula import Formula, parse
from kpi_helpers.labels import (
    NO_VALUE,
    channel_name,
    is_missing,
    kpi_name,
    lower_first,
    measure_name,
    month_name,
    owner_name,
    write_change,
    write_date,
    write_difference,
    write_interval,
    write_list,
    write_value,
)
from kpi_helpers.language import N_, _, language, ngettext
from kpi_helpers.palette import STATUSES, status_word
from kpi_helpers.revisions.causes import Input
from kpi_helpers.revisions.comparing import COMPANY, Change, Comparison
from kpi_helpers.revisions.versions import Row, Version
from kpi_helpers.terms import MEASURES

HEADINGS = {
    "month": N_("Another month"), "currency": N_("Another currency: amounts are not comparable"),
    "formula": N_("Formula changed: not comparable"), "data": N_("Data restated"), "settings": N_("Settings changed"),
    "goal": N_("Goals changed"), "kit": N_("The kit changed"), "unknown": N_("Cause not known"),
}  # fmt: skip
PARTS = {
    "previous": N_("month before"), "year_ago": N_("a year before"), "goal": N_("goal"), "status": N_("status"),
    "owner": N_("owner"), "interval": N_("95% interval"),
}  # fmt: skip
CHANGES = {
    "new": N_("a new file"), "gone": N_("no longer there"), "read": N_("the same file, now counted"),
    "unread": N_("the same file, no longer counted"),
}  # fmt: skip
RESTATED = {
    "export": N_("restated"), "settings": N_("settings, changed"), "goals": N_("goals, changed"),
    "other": N_("changed; no KPI is counted from it"),
}  # fmt: skip
KIT = {"version": N_("version"), "code": N_("code"), "notebook": N_("notebook")}
NAMED = 3  # names in a heading: all of them are listed above
MOST_DIGITS = 12  # after the point
SHORT = 12  # characters of a value that is no number: a hash says nothing


def title(comparison: Comparison) -> str:
    """Whose report it is, and of which month."""
    months = [month_words(version.month) for version in (comparison.before, comparison.after)]
    period = f"{months[0]} → {months[1]}" if comparison.is_of_two_months else months[1]
    return f"{comparison.after.client}, {period}"


def month_words(month: str) -> str:
    try:
        return month_name(date.fromisoformat(f"{month}-01"), heading=False)
    except ValueError:
        return month


def version_row(word: str, version: Version) -> list[str]:
    """Which version it is: its word, its file, when and by which kit it was rendered."""
    kit = f"kpi {version.kit}" if version.kit else ""
    try:
        at = datetime.fromisoformat(version.rendered_at)
        when = _("rendered on {day} at {time} UTC").format(day=write_date(at.date()), time=f"{at:%H:%M}")
    except ValueError:
        when = ""
    return [word, str(version.path), ", ".join(part for part in (when, kit) if part)]


def input_rows(comparison: Comparison) -> list[list[str]]:
    """What differs beside the numbers: files, parameters, the parts of the kit."""
    rows = [[_shown(one.name), _input_words(one)] for one in comparison.causes.inputs]
    rows += [[name, _pair(pair)] for name, pair in comparison.causes.parameters.items()]
    return rows + [[_part_name(name), _pair(pair)] for name, pair in comparison.causes.kit.items()]


def _input_words(one: Input) -> str:
    rows = [None if number is None else write_value(number, "count") for number in one.rows]
    said = _(CHANGES.get(one.change) or RESTATED[one.kind])
    if all(rows):
        return _("{said}, rows: {before} → {after}").format(said=said, before=rows[0], after=rows[1])
    known = next((row for row in rows if row), "")
    return _("{said}, rows: {rows}").format(said=said, rows=known) if known else said


def _part_name(name: str) -> str:
    return _("the kit: {part}").format(part=_(KIT[name])) if name in KIT else name


def _pair(pair: Sequence[str]) -> str:
    """Two values; of two hashes nobody needs more than that they differ."""
    if any(len(value) > 2 * SHORT for value in pair):
        return _("changed")
    return " → ".join(value or NO_VALUE for value in pair)


def heading(change: Change) -> str:
    """The cause, with what bears it."""
    said = _(HEADINGS[change.cause])
    if not change.because:
        return said
    names = [_part_name(_shown(name)) if change.cause == "kit" else _shown(name) for name in change.because]
    if (more := len(names) - NAMED) > 0:
        names = [*names[:NAMED], ngettext("{n} more", "{n} more", more).format(n=more)]
    return f"{said}: {', '.join(names)}"


def _shown(name: str) -> str:
    """A file's name; a manifest marks the goals file that does not lie in the company's folder."""
    return name.removeprefix("goals_file: ")


def column_names() -> list[str]:
    return [_("KPI"), _("before"), _("after"), _("change"), _("counted from")]


def change_row(change: Change, before: Version, after: Version) -> list[str]:
    """A change as cells: whose number, before, after, the difference where there is one, what it is counted from."""
    ends = ((change.row, before.currency), (change.other, after.currency))
    cells = [_cell(change, place, currency) for place, (_row, currency) in enumerate(ends)]
    if cells[0] == cells[1]:
        cells = _apart(change) or cells
    return [_name(change), *cells, _difference(change, after.currency), _origin(change, before, after)]


def _name(change: Change) -> str:
    scope = "" if change.scope == COMPANY else channel_name(change.scope)
    part = lower_first(_(PARTS.get(change.part, "")))
    return " · ".join(word for word in (kpi_name(change.key), scope, part) if word)


def _main(change: Change) -> str:
    """The field that stands for the part."""
    return next(iter(change.numbers), "value")


def _cell(change: Change, place: int, currency: str) -> str:
    row = (change.row, change.other)[place]
    unit = str(row.get("unit", "count"))
    if change.part == "status":
        return _status(row)
    if change.part == "owner":
        return owner_name(str(row.get("owner", "")))
    if change.part == "interval":
        return write_interval(row.get("low"), row.get("high"), unit, currency) or NO_VALUE
    field = "value" if change.part in ("value", "counts", "formula", "new", "gone") else _main(change)
    return write_value(row.get(field), unit, currency)


def _status(row: Row) -> str:
    kpi, status = KPIS.get(str(row.get("key"))), str(row.get("status", ""))
    if status not in STATUSES:
        return status
    shape, word = STATUSES[status].shape, status_word(status, kpi.better if kpi else "", str(row.get("unit")))
    return f"{shape} {word}".strip()


def _apart(change: Change) -> list[str]:
    """Both numbers with as many digits as tell them apart; [] for what is no number."""
    from babel.numbers import format_decimal

    field = _main(change)
    values = change.numbers.get(field, (None, None))
    if change.part == "interval" or field not in ("value", change.part) or not all(map(_is_number, values)):
        return []
    percent = write_value(0, "share").lstrip("0.,") if change.other.get("unit") == "share" else ""
    written: list[str] = []
    for digits in range(2, MOST_DIGITS + 1):
        shape, scale = f"#,##0.{'0' * digits}", 100 if percent else 1
        written = [format_decimal(value * scale, shape, locale=language()).replace("-", "−") for value in values]
        if written[0] != written[1]:
            break
    return [number + percent for number in written]


def _is_number(value: object) -> bool:
    return not isinstance(value, str) and not is_missing(value)


def _difference(change: Change, currency: str) -> str:
    if not change.is_comparable:
        return _("new") if change.part == "new" else _("gone") if change.part == "gone" else ""
    if change.part in ("status", "owner", "counts", "interval"):
        return ""
    before, after = change.numbers[_main(change)]
    unit = str(change.other.get("unit", "count"))
    said = write_change(after, before, unit)
    if said == NO_VALUE and not is_missing(before) and not is_missing(after):
        return write_difference(after - before, unit, currency)
    return said


def _origin(change: Change, before: Version, after: Version) -> str:
    """The formulas of a KPI that is counted otherwise; else above and below the line, before and after."""
    rows = ((change.row, before.currency), (change.other, after.currency))
    if change.part == "formula":
        return " → ".join(dict.fromkeys(_formula_words(row) for row, _currency in rows))
    is_ratio = any(not is_missing(row.get("denominator")) for row, _currency in rows)
    if not (change.part == "counts" or (change.part == "value" and is_ratio)):
        return ""
    return " → ".join(_fraction(row, currency) for row, currency in rows)


def _fraction(row: Row, currency: str) -> str:
    formula = _formula(row)
    below = formula.denominator if formula else None
    parts = ((row.get("numerator"), formula.numerator if formula else None), (row.get("denominator"), below))
    return " / ".join(write_value(value, _style(part), currency) for value, part in parts)


def _style(part: Formula | None) -> str:
    units = {MEASURES[name].unit for name in part.names if name in MEASURES} if part else set()
    return "money" if units == {"money"} else "count"


def _formula(row: Row) -> Formula | None:
    try:
        return parse(str(row.get("formula") or ""))
    except KitError:
        return None


def _formula_words(row: Row) -> str:
    formula = _formula(row)
    return formula.to_text(measure_name) if formula else str(row.get("formula") or NO_VALUE)


def notes(comparison: Comparison) -> list[str]:
    """What a reader must know to trust the causes."""
    causes, found = comparison.causes, {change.cause for change in comparison.changes}
    said: list[str] = []
    if comparison.is_of_two_months:
        said.append(_("These are two months: the numbers differ because the months do. The report says what moved."))
    if not causes.is_traced:
        said.append(_("One of the two has no manifest: changes of settings, of goals and of the kit's code are not "
                      "seen."))  # fmt: skip
    rows = (*comparison.before.rows.values(), *comparison.after.rows.values())
    if not all(row.get("formula") for row in rows):
        said.append(_("One of the two was rendered by an older kit: its formulas are not known."))
    later = {
        _("settings"): causes.settings and "data" in found,
        _("the kit"): causes.kit and found & {"data", "settings"},
    }
    if also := [word for word, is_so in later.items() if is_so and not comparison.is_of_two_months]:
        said.append(_("A number stands under its nearest cause; these changed as well and may have a part in it: "
                      "{what}.").format(what=write_list(also)))  # fmt: skip
    return said


def summary(changes: Sequence[Change]) -> str:
    """How much differs."""
    numbers = sum(len(change.numbers) for change in changes)
    moved = {change.key for change in changes if change.numbers}
    kpis = ngettext("{n} KPI", "{n} KPIs", len(moved)).format(n=len(moved))
    said = ngettext("{n} value of {kpis} differs.", "{n} values of {kpis} differ.", numbers)
    said = said.format(n=numbers, kpis=kpis) if moved else _("No value differs.")
    if same := len({change.key for change in changes} - moved):
        other = ngettext("{n} KPI is counted otherwise and has the same values.",
                         "{n} KPIs are counted otherwise and have the same values.", same)  # fmt: skip
        said = f"{said} {other.format(n=same)}"
    return said
