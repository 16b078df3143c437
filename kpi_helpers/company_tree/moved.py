"""Who moved the top of a tree: the effects of the leaves, each with its owner."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.causes import EFFECTS, NO_CHANNEL, Causes, Unexplained
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
    return Causes(kpi, top["before"], top["value"], standing.change, standing.months_ago, frame, standing.verdicts)
