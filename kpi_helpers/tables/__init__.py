"""Tables and the other pieces of a report in HTML, every value escaped."""

from kpi_helpers.tables.fragments import TEMPLATES, without_math
from kpi_helpers.tables.marks import bullet, sparkline
from kpi_helpers.tables.pieces import (
    Column,
    Finding,
    data_table,
    glossary,
    headlines,
    notice,
    page_style,
    section,
    title_block,
)
from kpi_helpers.tables.receipt import receipt
from kpi_helpers.tables.scorecard import reason_text, scorecard_table, status_badge
from kpi_helpers.tables.tree import Card, card_html, tree_html, tree_style

__all__ = [
    "TEMPLATES", "Card", "Column", "Finding", "bullet", "card_html", "data_table", "glossary", "headlines", "notice",
    "page_style", "reason_text", "receipt", "scorecard_table", "section", "sparkline", "status_badge", "title_block",
    "tree_html", "tree_style", "without_math",
]  # fmt: skip
