"""Comparisons of shares as a notebook shows them: a picture of one KPI, every row with its verdict."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from kpi_helpers.charts import figure_html
from kpi_helpers.charts.comparisons import plot_comparisons
from kpi_helpers.comparisons import comparison_finding, comparison_note, comparison_rows
from kpi_helpers.labels import kpi_name
from kpi_helpers.language import _, language, use_language
from kpi_helpers.tables import data_table, notice, page_style

_FINDING = Markup('<div class="kpi"><p><strong>{}</strong></p></div>')


def show_comparisons(table: pd.DataFrame) -> Comparisons:
    """What `compare_months` or `compare_channels` gives, to be shown in a notebook."""
    return Comparisons(table)


class Comparisons:
    """Shows itself as HTML, in the language that it was made in."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table, self._language = table, language()

    def _repr_html_(self) -> str:
        use_language(self._language)
        if self.table.empty:
            return page_style() + notice(_("There is nothing to compare: no export holds such shares."))
        finding = comparison_finding(self.table)
        picture = str(_FINDING.format(finding))
        if self.table["kpi"].nunique() == 1:  # one scale for all rows
            subtitle = kpi_name(str(self.table["kpi"].iloc[0]))
            picture = figure_html(plot_comparisons(self.table, finding=finding, subtitle=subtitle), finding)
        columns, rows = comparison_rows(self.table)
        return page_style() + picture + data_table(columns, rows, note=comparison_note(self.table))
