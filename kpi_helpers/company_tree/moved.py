"""Who moved the top of a tree: the effects of the leaves, each with its owner."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kpi_helpers.causes import EFFECTS, NO_CHANNEL, REAL, Causes, Unexplained
from kpi_helpers.company_tree.cards import split_words
from kpi_helpers.company_tree.standing import Standing, as_kpi


def explain_tree(standing: Standing) -> Causes:
    """The causes of a standing tree; Unexplained where the change of its top cannot be split."""
    tree, top = standing.tree, standing.of(standing.tree.top)
    if said := split_words(standing):
        raise Unexplained(said)
    rows = [
        (leaf.key, NO_CHANNEL, leaf.owner, row["before"], row["value"], row["effect"])
        for leaf in tree.leaves if leaf.key in tree.leaves_below(tree.top) and (row := standing.of(leaf.key))
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(EFFECTS))
    kpi = as_kpi(tree.nodes[tree.top], top["better"])
    return Causes(
        kpi, top["before"], top["value"], standing.change, standing.months_ago, frame, standing.verdicts,
        names={leaf.key: leaf.name for leaf in tree.leaves}, proven=frozenset(_owners_of_moved_branches(standing)),
    )  # fmt: skip


def _owners_of_moved_branches(standing: Standing) -> Iterator[str]:
    """The owner of each branch below the top that really changed, where all its leaves are of one."""
    tree = standing.tree
    for key, node in tree.nodes.items():
        below_top = key != tree.top and pd.notna(standing.of(key)["effect"])
        if below_top and not node.is_leaf and standing.verdicts[key] in REAL:
            owners = {tree.nodes[leaf].owner for leaf in tree.leaves_below(key)}
            if len(owners) == 1:
                yield owners.pop()
