"""Misconceptions that the lesson “ROI without self-deception” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "revenue_as_profit": Misconception(
        N_("revenue taken for profit"),
        N_("You counted all revenue as if it were earned. The goods had to be paid for, too: which part of the "
           "revenue stays?"),
        "(revenue - spend) / spend",
    ),
    "roas_as_return": Misconception(
        N_("ROAS taken for the return"),
        N_("This is revenue per unit of money spent. A return asks what is left after the money spent is taken off."),
        "revenue / spend",
    ),
    "margin_without_spend": Misconception(
        N_("advertising not taken off the margin"),
        N_("The margin still has to pay for the advertising itself. What is left after that?"),
        "margin / spend",
    ),
    "spend_off_revenue": Misconception(
        N_("the rest of the revenue taken for the margin it needs"),
        N_("This is the part of the revenue that is left after advertising. The question asks for the part that has to "
           "pay for it."),
        "(revenue - spend) / revenue",
    ),
    "sales_as_of_leads": Misconception(
        N_("a month's sales taken for those of its leads"),
        N_("This reads as if the month's sales were all of the month's leads. When did those who bought leave their "
           "request?"),
    ),
    "open_as_won": Misconception(
        N_("open deals counted as won"),
        N_("Nobody knows yet which of the open deals will be won: this counts hopes as money."),
    ),
    "silence_for_caution": Misconception(
        N_("a number held back for being unfinished"),
        N_("Then nobody could act on the month before it is long past. A number may be unfinished if it says so."),
    ),
}  # fmt: skip
