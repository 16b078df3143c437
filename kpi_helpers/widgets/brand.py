"""Explore: the brand and the market: the waves of a survey held against one another, and shares of the market."""

from __future__ import annotations

import ipywidgets as widgets

from kpi_helpers.exports import Exports
from kpi_helpers.labels import lower_first
from kpi_helpers.language import _
from kpi_helpers.tables import notice, page_style
from kpi_helpers.terms import TABLES
from kpi_helpers.widgets.brand_market import MarketExplorer
from kpi_helpers.widgets.brand_survey import SurveyExplorer
from kpi_helpers.widgets.view import View, still_page


def explore_brand(exports: Exports) -> BrandExplorer:
    """A view of surveys and of the market; says which export is missing where there is none."""
    return BrandExplorer(exports)


class BrandExplorer(View):
    """`survey` above `market`, each a view of its own; None where its export is missing."""

    def __init__(self, exports: Exports) -> None:
        super().__init__()
        self.title = _("Brand and market")
        self.survey = SurveyExplorer(exports) if len(exports.tables.get("survey", ())) else None
        self.market = MarketExplorer(exports) if len(exports.tables.get("market", ())) else None
        self._missing = "".join(_missing(key) for key in ("survey", "market") if not getattr(self, key))
        parts = [part.root for part in (self.survey, self.market) if part]
        self.root = widgets.VBox([*parts, widgets.HTML(self._missing + page_style())])

    def still(self) -> str:
        parts = [part.pieces() for part in (self.survey, self.market) if part]
        return still_page(*parts, self._missing) if parts else self._missing + page_style()


def _missing(key: str) -> str:
    table = TABLES[key]
    return notice(_("No export: {table}.").format(table=lower_first(_(table.name))),
                  _("Add {export}.").format(export=_(table.source)))  # fmt: skip
