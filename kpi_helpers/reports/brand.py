"""What people know and think of the company, and its part of the market."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from kpi_helpers.brand import describe_networks
from kpi_helpers.brand.words import network_name
from kpi_helpers.labels import write_period
from kpi_helpers.language import _
from kpi_helpers.lettering import cut_middle
from kpi_helpers.monthly import Month
from kpi_helpers.reports.market import share_is_below, show_market
from kpi_helpers.reports.reviews import show_reviews
from kpi_helpers.reports.rows import keys_in, show_kpis
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import row_of
from kpi_helpers.reports.survey import show_survey
from kpi_helpers.tables import Column


def show_brand(month: Month, card: pd.DataFrame) -> Section:
    """What people know and think of the company, its part of the market, its reviews and its networks."""
    row = row_of(card, "market_share")
    elsewhere = share_is_below(month) if row and row["reason"].startswith("no_rows:") else ""
    keys = [key for key in keys_in("brand") if not (elsewhere and key == "market_share")]
    section = show_kpis(month, card, "brand", _("Brand and market"), keys, new_page=False)
    if elsewhere:
        section.notice(elsewhere)
    for table, show in (("survey", show_survey), ("market", show_market), ("reviews", show_reviews),
                        ("social", _networks)):  # fmt: skip
        if table in month.tables:
            show(section, month)
    return section


def _networks(section: Section, month: Month) -> None:
    """Followers net of losses, and engagement by each denominator that the exports know."""
    social, first = month.tables["social"], month.start
    rows = describe_networks(social, first, month.end)
    if rows.empty:
        return
    eve = first - timedelta(days=1)
    before = describe_networks(social, eve.replace(day=1), eve).set_index("network")["net"]
    names = rows["network"].map(lambda name: cut_middle(network_name(name), 30))
    period = write_period(first, month.end)
    followers = {
        _("Network"): ("text", names), _("Followers at the start"): ("count", rows["start"]),
        _("New followers"): ("count", rows["new"]), _("Lost followers"): ("count", rows["lost"]),
        _("Net growth"): ("count", rows["net"]),
        _("New per 1,000"): ("ratio", rows["new_rate"]), _("Lost per 1,000"): ("ratio", rows["lost_rate"]),
    }  # fmt: skip
    if month.first_days is None:
        followers[_("Net growth the month before")] = "count", rows["network"].map(before)
    partly = rows["net"].notna() & (rows["both"] < rows["days"])
    note = _("Net growth: of the days of which both new and lost followers are known.") if partly.any() else ""
    _add_known(section, followers, _("Followers, {period}").format(period=period), note)
    engagement = {
        _("Network"): ("text", names), _("Reactions, comments and shares"): ("count", rows["engaged"]),
        _("by views"): ("share", rows["by_views"]), _("by reach"): ("share", rows["by_reach"]),
        _("by followers at the start"): ("share", rows["by_followers"]),
    }  # fmt: skip
    note = _(
        "Engagement: reactions, comments and shares, divided by what the heading names. Reach is that of the days added"
        " up: who came on two days counts twice. A share is of the days of which both numbers are known. Compare"
        " networks by one denominator only."
    )
    _add_known(section, engagement, _("Engagement, {period}").format(period=period), note)


def _add_known(section: Section, told: dict[str, tuple[str, pd.Series]], caption: str, note: str = "") -> None:
    """A table of the columns that hold anything; none where only the names are known."""
    known = {title: column for title, column in told.items() if column[1].notna().any()}
    if len(known) > 1:
        columns = [Column(title, style) for title, (style, _values) in known.items()]
        rows = zip(*(values for _style, values in known.values()), strict=True)
        section.table(columns, rows, caption=caption, note=note)
