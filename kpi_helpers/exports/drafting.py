"""A layout for an unknown file, drafted as TOML: complete, valid, and explained in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.exports.dates import read_days
from kpi_helpers.exports.guessing import PARTS, TOTALS, Grid, Guess, guess_tables
from kpi_helpers.exports.layout import Layout
from kpi_helpers.exports.sheet import Sheet
from kpi_helpers.exports.values import plain
from kpi_helpers.language import _
from kpi_helpers.lettering import hide_people

CURRENCY = ("currency", "currency code", "валюта")


def draft_layout(sheet: Sheet, layouts: Sequence[Layout], *, name: str, table: str = "") -> str:
    """The text of a layout that reads the sheet into its likeliest canonical table, or into `table`.

    What was guessed by values alone, what is missing and which headings are left over stands in comments. Raises
    KitError where there is no such table, no row of headings, or no column that could be recognised.
    """
    grid = Grid.of(sheet)
    guesses = guess_tables(grid, layouts)
    if table and table not in {guess.table.key for guess in guesses}:
        found = _("there is no table {name}.").format(name=table)
        raise KitError(found, did_you_mean(table, [guess.table.key for guess in guesses]))
    guess = next((guess for guess in guesses if not table or guess.table.key == table), None)
    if guess is None or not guess.columns or not (table or guess.score):
        raise KitError(_("no column of it could be recognised."), _("Say what it is: --table ads, leads, orders …"))
    parts = (_top(guess, name), _currency(grid), _recognise(grid, guess), _table(grid, guess), _rest(grid, guess))
    return "\n".join(line for part in parts for line in part) + "\n"


def _top(guess: Guess, name: str) -> Iterator[str]:
    yield from _comment(_("A draft: check every line. It fills the table {name} ({key}).").format(
        name=_(guess.table.name), key=guess.table.key))  # fmt: skip
    yield from _comment(_("Put it into the folder layouts beside the exports. The file itself need not be changed."))
    yield f"name = {_quote(hide_people(name) or guess.table.key)}"
    yield 'platform = "own_table"'
    yield f"get = {_quote(_('say here where this export comes from'))}"


def _currency(grid: Grid) -> Iterator[str]:
    found = _names_currency(grid)
    if found:
        yield f"currency = {_pattern(found)}"


def _names_currency(grid: Grid) -> str:
    return next((heading for heading in grid.headings if plain(heading) in CURRENCY), "")


def _recognise(grid: Grid, guess: Guess) -> Iterator[str]:
    yield ""
    yield from _comment(_("A file with all these headings is read by this layout: leave those that tell it apart."))
    yield "[recognise]"
    yield "headings = ["
    for place in sorted(set(guess.columns.values())):
        yield f"  {_pattern(grid.headings[place])},"
    yield "]"
    yield ""
    yield "[rows]"
    yield f"totals = [{', '.join(map(_quote, TOTALS))}]"
    yield ""


def _table(grid: Grid, guess: Guess) -> Iterator[str]:
    table = guess.table
    yield f"[{table.key}]"
    for column in table.columns:
        if column == "channel":
            yield from _channel(grid, guess)
        elif column in guess.columns:
            yield from _column(grid, guess, column)
        elif column == table.date:
            yield f"{column} = {{ stated = true }}   # " + _("the period that the file or its name states")
        elif column == "end" and guess.is_dated:
            yield f"{column} = {{ heading = {_pattern(grid.headings[guess.columns[table.date]])}, last = true }}"
    filled = {*guess.columns, table.date, "channel", "since", "end"}
    missing = [column for column in table.columns if column not in filled]
    if not guess.can_be_counted:
        yield from _comment(_("The table needs at least one of these; without it the file cannot be read:"))
    elif missing:
        yield from _comment(_("Not found; give a heading where the file has one:"))
    yield from (f'# {column} = "…"' for column in missing)


def _column(grid: Grid, guess: Guess, column: str) -> Iterator[str]:
    place = guess.columns[column]
    line = f"{column} = {_pattern(grid.headings[place])}"
    if column in guess.by_values:
        line += "   # " + _("guessed by its values")
    yield line
    is_date = guess.table.columns[column] in ("date", "time")
    if is_date and read_days(grid.cells(place)).faults:
        yield from _comment(_("Say what 03/04/2026 means, if the file has such dates:"))
        yield f'# {column} = {{ heading = {_pattern(grid.headings[place])}, order = "day first" }}'


def _channel(grid: Grid, guess: Guess) -> Iterator[str]:
    parts = [(part, guess.columns[f"channel.{part}"]) for part in PARTS if f"channel.{part}" in guess.columns]
    if "campaign" in guess.columns:
        parts.append(("campaign", guess.columns["campaign"]))
    if parts:
        rules = ", ".join(f"{part} = {_pattern(grid.headings[place])}" for part, place in dict(parts).items())
        yield f"channel = {{ {rules} }}"
    else:
        yield '# channel = { const = "…" }   # ' + _("the channel of all rows, such as organic_search")


def _rest(grid: Grid, guess: Guess) -> Iterator[str]:
    currency = _names_currency(grid)
    others = [heading for place, heading in enumerate(grid.headings)
              if heading.strip() and place not in guess.columns.values() and heading != currency]  # fmt: skip
    if others:
        yield ""
        yield from _comment(_("Headings of the file that are not used:"))
        yield from (f"#   {hide_people(heading)}" for heading in others)


def _comment(text: str) -> Iterator[str]:
    yield f"# {text}"


def _pattern(heading: str) -> str:
    """A heading as a layout names it. What a layout would read as a sign of its own becomes "anything"."""
    text = " ".join(heading.split())
    for sign in (" | ", "{currency}", "{, currency}"):
        text = text.replace(sign, "*")
    return _quote(text)


def _quote(text: str) -> str:
    """Text as a TOML string, with everything that is not a visible sign escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in quoted)
