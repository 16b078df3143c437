"""The currency of a table: a column of codes says it, or a heading, or the signs in the cells."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kpi_helpers.errors import KitError
from kpi_helpers.exports.body import Body
from kpi_helpers.exports.columns import ColumnReader
from kpi_helpers.exports.layout import Layout, Rule
from kpi_helpers.exports.numbers import find_currency
from kpi_helpers.exports.words import PLACEHOLDERS
from kpi_helpers.language import _
from kpi_helpers.terms import Table

_VAT = re.compile(r"\b(с|без|incl|including|with|excl|excluding|without)\.? (?:ндс|vat)\b")
_WITH_VAT = dict.fromkeys(("с", "incl", "including", "with"), "included")


def find_table_currency(table: Table, layout: Layout, rules: Mapping[str, Rule], reader: ColumnReader) -> str:
    """The code of the currency, or "" where nothing says it. Raises KitError where there are several."""
    headings = [heading for name in table.money if name in rules for heading in rules[name].headings]
    columns = [place for heading in headings if (place := reader.body.column(heading)) is not None]
    if not columns:
        return ""
    texts = _codes(layout, reader) or [reader.body.headings[place] for place in columns]
    found = _found(texts, reader) or _found(_signs(columns, reader), reader)
    if len(found) > 1:
        raise KitError(
            _("holds several currencies: {currencies}.").format(currencies=", ".join(sorted(found))),
            _("Export each currency on its own."),
        )
    return next(iter(found), "")


def find_vat(table: Table, rules: Mapping[str, Rule], body: Body) -> str:
    """Whether the headings of the table's money name VAT: "included", "excluded", or "" where they do not say."""
    headings = [heading for name in table.money if name in rules for heading in rules[name].headings]
    places = {place for heading in headings if (place := body.column(heading)) is not None}
    said = {found[1] for place in places if (found := _VAT.search(body.plain_headings[place]))}
    return _WITH_VAT.get(said.pop(), "excluded") if len(said) == 1 else ""


def _codes(layout: Layout, reader: ColumnReader) -> list[str]:
    place = reader.body.column(layout.currency)
    words = reader.body.cells(place).words if place is not None else []
    return [word for word in words if word.casefold() not in PLACEHOLDERS]


def _signs(columns: list[int], reader: ColumnReader) -> list[str]:
    words = {word for place in columns for word in reader.body.cells(place).words}
    return [word for word in words if find_currency(word)]


def _found(texts: list[str], reader: ColumnReader) -> set[str]:
    """The currencies the texts name; a sign that several share is read as the company's own."""
    own = reader.company.currency
    meant = [find_currency(text) for text in texts]
    return {own if own in codes else codes[0] for codes in meant if codes}
