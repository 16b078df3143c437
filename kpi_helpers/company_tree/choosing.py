"""Which tree a company has: the one it wrote, or the one of the kit that its orders and leads support."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kpi_helpers.drivers import Tree, read_tree
from kpi_helpers.errors import KitError
from kpi_helpers.labels import measure_name, write_value
from kpi_helpers.language import _
from kpi_helpers.past import Past

TREE_FILES = ("tree.yml", "tree.yaml")
LEADS, SHOP = "lead_business", "shop"
TOP_WITHOUT_ORDERS = ("qualified_leads", "leads")  # of the tree of leads, where leads do not make the orders
MOST = 0.5  # of the orders
MONTHS = 12


@dataclass(frozen=True)
class Choice:
    """A tree with the top that the data support, and why it is this one, in words."""

    source: str
    tree: Tree
    top: str
    reason: str = ""


def list_choices(past: Past, tree: str | Path = "") -> list[Choice]:
    """The trees that a company can look at: first that of `tree` (a name of the kit's or a file), of the company's
    tree.yml, or the one that the data support.

    KitError where there is no such tree, or its file is wrong.
    """
    share = share_from_leads(past)
    asked = Path(tree) if tree else find_tree(past.exports.folder)
    own = [] if asked is None or str(asked) in (LEADS, SHOP) else [_own(asked)]
    kept = [_shop(share)] if math.isnan(share) else [_shop(share), _leads(past, share)]
    if str(asked) == LEADS or (asked is None and not math.isnan(share)):
        kept.reverse()
    if str(asked) == LEADS and math.isnan(share):
        kept.insert(0, _leads(past, share))
    return own + kept


def find_tree(folder: Path) -> Path | None:
    """The file of a company's own tree in the folder of its exports; KitError where there are several."""
    found = [folder / name for name in TREE_FILES if (folder / name).exists()]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise KitError(_("there are several files of trees: {names}.").format(names=names), _("Leave one of them."))
    return found[0] if found else None


def share_from_leads(past: Past) -> float:
    """The share of the last 12 months' orders that leads made; NaN where the exports hold no leads.

    By the number of the lead that an order bears; where no order bears one, leads won for each order, 1 at most. 0
    where there are leads won and no orders known to come of them; 1 where there are leads and no orders at all.
    """
    if "leads" not in past.exports.tables:
        return math.nan
    orders = past.exports.tables.get("orders")
    if orders is None or not len(orders):
        return 1.0
    linked = orders["lead_id"].notna() if "lead_id" in orders else pd.Series(False, index=orders.index)
    if linked.any():
        since = orders["ordered_at"].max() - pd.DateOffset(months=MONTHS)
        return float(linked[orders["ordered_at"] > since].mean())
    sums = past.sums().tail(MONTHS)[["won_leads", "orders"]].sum()
    return float(min(sums["won_leads"] / sums["orders"], 1.0)) if sums["orders"] else 1.0


def _own(path: Path) -> Choice:
    tree = read_tree(path)
    return Choice(str(path), tree, tree.top, _("The tree of {file}.").format(file=path.name))


def _shop(share: float) -> Choice:
    tree = read_tree(SHOP)
    if math.isnan(share):
        reason = _("The exports hold no leads: the tree is that of a shop, whose visitors order by themselves.")
    else:
        reason = _("All orders, also those that no lead made.")
    return Choice(SHOP, tree, tree.top, reason)


def _leads(past: Past, share: float) -> Choice:
    tree = read_tree(LEADS)
    written = write_value(share, "share", short=True)
    if math.isnan(share):
        return Choice(LEADS, tree, tree.top, _("The exports hold no leads."))
    if share >= MOST and past.values("revenue").notna().any():
        said = _("{share} of the orders of the last 12 months come from leads.").format(share=written)
        return Choice(LEADS, tree, tree.top, said)
    top = next((key for key in TOP_WITHOUT_ORDERS if past.values(key).notna().any()), tree.top)
    if share >= MOST:
        return Choice(LEADS, tree, top, _("The exports hold leads and no revenue."))
    said = _("Only {share} of the orders of the last 12 months come from leads: what makes the revenue, the tree of a "
             "shop says. This tree holds up to {top}.")  # fmt: skip
    return Choice(LEADS, tree, top, said.format(share=written, top=measure_name(top)))
