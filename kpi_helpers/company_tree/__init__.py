"""The tree of a company's KPIs: which one fits its data, and what its nodes are, month by month."""

from kpi_helpers.company_tree.cards import (
    change_words,
    finding_of,
    name_in,
    notes_of,
    tree_cards,
    write_effect,
    write_node,
    write_reason,
)
from kpi_helpers.company_tree.choosing import TREE_FILES, Choice, find_tree, list_choices
from kpi_helpers.company_tree.moved import explain_tree
from kpi_helpers.company_tree.standing import CompanyTree, Standing, as_kpi

__all__ = [
    "TREE_FILES", "Choice", "CompanyTree", "Standing", "as_kpi", "change_words", "explain_tree", "find_tree",
    "finding_of", "list_choices", "name_in", "notes_of", "tree_cards", "write_effect", "write_node", "write_reason",
]  # fmt: skip
