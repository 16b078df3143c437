"""A section of a report: what the reader sees, and the same tables as data for the spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup
from matplotlib.axes import Axes

from kpi_helpers import tables
from kpi_helpers.charts import figure_html
from kpi_helpers.labels import is_missing
from kpi_helpers.tables import Column

SECTION_TYPE = "application/vnd.kpi-kit.section+json"
RECORD_TYPE = "application/vnd.kpi-kit.report+json"


@dataclass
class Section:
    """A titled section, filled piece by piece; a notebook shows it, the renderer takes its tables for the workbook."""

    anchor: str
    title: str
    lead: str = ""
    currency: str = ""
    parts: list[str] = field(default_factory=list)
    sheets: list[dict[str, Any]] = field(default_factory=list)
    new_page: bool = True  # in print
    files: dict[str, str] = field(default_factory=dict)  # to lie beside the report: name and text

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Any]],
        *,
        caption: str = "",
        note: str = "",
        total: Sequence[Any] | None = None,
    ) -> Section:
        """Add a table for the page and for the spreadsheet."""
        rows = [list(row) for row in rows]
        self.parts.append(
            tables.data_table(columns, rows, currency=self.currency, caption=caption, note=note, total=total)
        )
        return self.sheet(caption, columns, rows if total is None else [*rows, list(total)])

    def sheet(
        self, caption: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], styles: Sequence[str] = ()
    ) -> Section:
        """Add a table for the spreadsheet alone; `styles` are those of the rows, for columns of the style "row"."""
        self.sheets.append(
            {
                "caption": caption,
                "columns": [{"title": column.title, "style": column.style} for column in columns],
                "rows": [[_plain_value(value) for value in row] for row in rows],
                "styles": list(styles),
            }
        )
        return self

    def chart(self, ax: Axes, alt: str) -> Section:
        """Add a chart with its alternative text, which says the finding."""
        self.parts.append(figure_html(ax, alt))
        return self

    def notice(self, text: str, next_step: str = "") -> Section:
        """Say what is missing and what to do."""
        self.parts.append(tables.notice(text, next_step))
        return self

    def html(self, piece: str) -> Section:
        """Add a piece of HTML made by `tables`."""
        self.parts.append(piece)
        return self

    def _repr_mimebundle_(self, **_options: Any) -> dict[str, Any]:
        heading = tables.section(self.title, self.anchor, self.lead, new_page=self.new_page)
        data = {"anchor": self.anchor, "title": self.title, "currency": self.currency, "sheets": self.sheets,
                **({"files": self.files} if self.files else {})}  # fmt: skip
        page = tables.without_math(heading + "".join(self.parts))
        return {"text/html": page, "text/plain": self.title, SECTION_TYPE: data}


def _plain_value(value: Any) -> Any:
    """A value as JSON has it: Markup as its text, missing numbers as None."""
    if isinstance(value, Markup):
        return value.striptags()
    if isinstance(value, str) or value is None:
        return value
    return None if is_missing(value) else float(value)
