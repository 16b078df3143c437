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
from kpi_helpers.tables.scorecard import (
    change_cell,
    reason_text,
    scorecard_table,
    status_badge,
    verdict_text,
    write_ends,
)
from kpi_helpers.tables.tree import Card, card_html, tree_html, tree_style

__all__ = [
    "Card", "Column", "Finding", "TEMPLATES", "bullet", "card_html", "change_cell", "data_table", "glossary",
    "headlines", "notice", "page_style", "reason_text", "receipt", "scorecard_table", "section", "sparkline",
    "status_badge", "title_block", "tree_html", "tree_style", "verdict_text", "without_math", "write_ends",
]  # fmt: skip
