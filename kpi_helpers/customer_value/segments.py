"""RFM gathered to a few segments in plain words, for a report and for a view."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.customer_value.groups import EVERYBODY, Customers, Group
from kpi_helpers.customers import score_rfm
from kpi_helpers.language import N_, _
from kpi_helpers.tables import Column

LEAST_DAYS = 180  # between the first purchase known and the last day
# key: the segments of `score_rfm` in it, its name, what to do.
SEGMENTS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "regular": (("champion", "loyal"), N_("Regulars: buy often, and lately"), N_("thank them, ask them for a review")),
    "growing": (("potentially_loyal",), N_("Growing: have bought again, lately"), N_("offer what goes with it")),
    "new": (("new", "promising"), N_("New: one purchase, lately"), N_("help with the second purchase")),
    "cooling": (("needs_attention", "about_to_sleep"), N_("Cooling: nothing for some time"), N_("remind them of you")),
    "slipping": (("at_risk", "cannot_lose"), N_("Slipping away: bought often, then stopped"),
                 N_("write to them first: they were good customers")),
    "quiet": (("hibernating", "lost"), N_("Quiet: few purchases, long ago"), N_("spend little on them")),
}  # fmt: skip


def is_long_enough(customers: Customers) -> bool:
    """Whether the customers have been known for long enough to tell who has been quiet for long."""
    return bool((pd.Timestamp(customers.until) - customers.purchases["first"].min()).days >= LEAST_DAYS)


def segment_table(customers: Customers, group: Group = (EVERYBODY, "")) -> pd.DataFrame:
    """The customers of a group by segment: key, customers, share, money (margin, or revenue where it is unknown).

    Scores are fifths of all customers, whatever the group.
    """
    of = {name: key for key, (names, _name, _advice) in SEGMENTS.items() for name in names}
    scored = customers.purchases.assign(key=score_rfm(customers.purchases)["segment"].map(of))
    grouped = scored[customers.members(group)].groupby("key")
    table = pd.DataFrame({"customers": grouped.size(), "money": grouped[customers.money].sum(min_count=1)})
    table.insert(1, "share", table["customers"] / table["customers"].sum())
    return table.reindex([key for key in SEGMENTS if key in table.index]).rename_axis("key").reset_index()


def segment_piece(customers: Customers, group: Group = (EVERYBODY, "")) -> dict[str, Any]:
    """The segments as the arguments of a data table: columns, rows, caption, note."""
    money = _("Margin so far") if customers.money == "margin" else _("Revenue so far")
    columns = [
        Column(_("By how lately and how often they buy")), Column(_("Customers"), "count"),
        Column(_("Share of customers"), "share"), Column(money, "money"), Column(_("What to do")),
    ]  # fmt: skip
    rows = [
        [Markup.escape(_(SEGMENTS[row["key"]][1])), row["customers"], row["share"], row["money"],
         Markup.escape(_(SEGMENTS[row["key"]][2]))]
        for row in segment_table(customers, group).to_dict("records")
    ]  # fmt: skip
    note = _("RFM: fifths of the customers by the last purchase and by days with a purchase. A convention, no law.")
    return {"columns": columns, "rows": rows, "caption": _("Whom to write to"), "note": note}
