"""The currency of a table: a column of codes says it, or a heading, or the signs in the cells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kpi_helpers.errors import KitError
from kpi_helpers.exports.columns import ColumnReader
from kpi_helpers.exports.layout import Layout, Rule
from kpi_helpers.exports.numbers import find_currency
from kpi_helpers.exports.values import plain
from kpi_helpers.language import _
from kpi_helpers.terms import MEASURES, Table

_CODE = re.compile(r"[A-Za-z]{3}")
_VAT = re.compile(r"\b(с|без|incl|including|with|excl|excluding|without)\.? (?:ндс|vat)\b")
MIXED = "several"
_WITH_VAT = dict.fromkeys(("с", "incl", "including", "with"), "included")


def find_table_currency(table: Table, layout: Layout, rules: Mapping[str, Rule], reader: ColumnReader) -> str:
    """The code of the currency, or "" where nothing says it.

    Raises KitError where there are several; of amounts that no measure adds, "several" is the answer.
    """
    headings = [heading for name in table.money if name in rules for heading in rules[name].headings]
    columns = [place for heading in headings if (place := reader.body.column(heading)) is not None]
    if not columns:
        return ""
    texts = [reader.body.headings[place] for place in columns]
    found = _codes(layout, reader) or _found(texts, reader) or _found(_signs(columns, reader), reader)
    summed = {measure.column for measure in MEASURES.values() if measure.table == table.key}
    if len(found) > 1 and not summed & set(table.money):
        return MIXED
    if len(found) > 1:
        raise KitError(
            _("holds several currencies: {currencies}.").format(currencies=", ".join(sorted(found))),
            _("Export each currency on its own."),
        )
    return next(iter(found), "")


def find_vat(table: Table, rules: Mapping[str, Rule], reader: ColumnReader) -> str:
    """Whether the headings of the table's money, or the rows above them, name VAT: "included", "excluded", or ""."""
    headings = [heading for name in table.money if name in rules for heading in rules[name].headings]
    places = {place for heading in headings if (place := reader.body.column(heading)) is not None}
    names = [reader.body.plain_headings[place] for place in places]
    said = {found[1] for name in names if (found := _VAT.search(name))}
    if names and not said:
        said = {found[1] for line in reader.preamble.split("\n") if (found := _VAT.search(plain(line)))}
    return _WITH_VAT.get(said.pop(), "excluded") if len(said) == 1 else ""


def _codes(layout: Layout, reader: ColumnReader) -> set[str]:
    """The currencies of the column that names them: any code of three letters, else a sign or a name."""
    place = reader.body.column(layout.currency)
    words = reader.body.cells(place).filled.words if place is not None else []
    codes = {word.upper().replace("RUR", "RUB") for word in words if _CODE.fullmatch(word)}
    return codes | _found([word for word in words if not _CODE.fullmatch(word)], reader)


def _signs(columns: list[int], reader: ColumnReader) -> list[str]:
    words = list(set().union(*(reader.body.cells(place).words for place in columns)))
    return [word for word in words if find_currency(word)] if find_currency("\n".join(words)) else []


def _found(texts: list[str], reader: ColumnReader) -> set[str]:
    """The currencies the texts name; a sign that several share is read as the company's own."""
    own = reader.company.currency
    meant = [find_currency(text) for text in texts]
    return {own if own in codes else codes[0] for codes in meant if codes}
