"""Why a KPI changed: a change split over its drivers and over channels, and the trees of KPIs that people can move."""

from kpi_helpers.drivers.changes import METHODS, split_change, split_parts
from kpi_helpers.drivers.levers import better_of, list_levers
from kpi_helpers.drivers.mix import split_mix
from kpi_helpers.drivers.moving import evaluate, solve_leaf, split_tree, what_if
from kpi_helpers.drivers.tree import SPEEDS, Node, Tree
from kpi_helpers.drivers.tree_file import list_trees, read_tree

__all__ = [
    "METHODS", "SPEEDS", "Node", "Tree", "better_of", "evaluate", "list_levers", "list_trees", "read_tree",
    "solve_leaf", "split_change", "split_parts", "split_mix", "split_tree", "what_if",
]  # fmt: skip
