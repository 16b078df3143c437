"""Northlight as GA4, Google Ads and Meta export it, and its sales."""

from pathlib import Path

import numpy as np
import pandas as pd

from .laws import MONTHS
from .northlight_sales import write_deals, write_orders
from .northlight_world import GROUPS, MISSING_TRACKING, TRACKED, World, draw
from .shapes import COMMA, GOOGLE_ADS

MONTHLY_UNIQUE = 0.83


def write_exports(world: World, folder: Path) -> None:
    tracked = tracked_traffic(world)
    write_acquisition(tracked, world, folder / "ga4_traffic_acquisition.csv")
    write_users(tracked, folder / "ga4_users_by_month.csv")
    write_google_ads(world, folder / "google_ads_campaigns.csv")
    write_meta_ads(world, folder / "meta_ads.csv")
    write_deals(world.leads, folder / "hubspot_deals.csv")
    write_orders(world.orders, folder / "shopify_orders.csv")


def tracked_traffic(world: World) -> pd.DataFrame:
    return world.traffic[(world.traffic.sessions > 0) & ~world.traffic.date.isin(pd.DatetimeIndex(MISSING_TRACKING))]


def monthly_users(tracked: pd.DataFrame) -> pd.Series:
    return (tracked.groupby(tracked.date.dt.strftime("%Y-%m")).users.sum() * MONTHLY_UNIQUE).round().astype(int)


def _ga4_preamble(report: str) -> list[str]:
    rule = "# ----------------------------------------"
    return [
        rule,
        f"# {report}",
        "# Account: Northlight (example)",
        "# Property: Northlight shop",
        rule,
        "# ",
        "# All Users",
        "# Start date: 20241101",
        "# End date: 20261031",
    ]


def write_acquisition(tracked: pd.DataFrame, world: World, path: Path) -> None:
    rng = draw("ga4")
    web = world.orders[world.orders.lead_id.isna() & (world.orders.status != "voided")]
    web = web[rng.random(len(web)) < TRACKED]
    web = web.assign(
        date=web.ordered_at.dt.normalize(), group=web.channel.map({group.channel: group.group for group in GROUPS})
    )
    revenue, purchases = web.groupby(["date", "group"]).paid.sum(), web.groupby(["date", "group"]).size()
    requests = world.leads[world.leads.tracked].groupby(["date", "group"]).size()
    rows = []
    for row in tracked.iloc[rng.permutation(len(tracked))].itertuples():
        key = (row.date, row.group)
        rows.append(
            [
                f"{row.date:%Y%m%d}",
                row.group,
                row.sessions,
                row.engaged,
                row.users,
                row.views,
                int(purchases.get(key, 0) + requests.get(key, 0)),
                repr(float(revenue.get(key, 0.0))).removesuffix(".0"),
            ]
        )
    COMMA.write(
        path,
        [
            "Date",
            "Session default channel group",
            "Sessions",
            "Engaged sessions",
            "Total users",
            "Views",
            "Key events",
            "Total revenue",
        ],
        rows,
        _ga4_preamble("Traffic acquisition: Session default channel group"),
    )


def write_users(tracked: pd.DataFrame, path: Path) -> None:
    users = monthly_users(tracked)
    sessions = tracked.groupby(tracked.date.dt.strftime("%Y-%m")).sessions.sum()
    rows = [
        [month.replace("-", ""), int(users[month]), int(users[month] * 0.81), int(sessions[month])] for month in MONTHS
    ]
    COMMA.write(path, ["Year month", "Total users", "New users", "Sessions"], rows, _ga4_preamble("Users by month"))


def write_google_ads(world: World, path: Path) -> None:
    rng = draw("google conversions")
    ads = world.ads[world.ads.channel == "google_ads"].reset_index(drop=True)
    conversions = rng.binomial(ads.clicks, 0.0032)
    ads = ads.assign(conversions=conversions, value=np.round(conversions * rng.lognormal(np.log(38), 0.3, len(ads)), 2))

    def cells(row: pd.Series) -> list[str]:
        money = lambda part, whole: f"{part / whole:.2f}" if whole else " --"  # noqa: E731
        return [
            f"{row.clicks:,}",
            f"{row.impressions:,}",
            f"{100 * row.clicks / row.impressions:.2f}%" if row.impressions else " --",
            f"{row.spend:.2f}",
            money(row.spend, row.clicks),
            f"{row.conversions:.2f}",
            money(row.spend, row.conversions),
            f"{row.value:.2f}",
        ]

    rows = [
        [
            "Enabled",
            row.campaign,
            f"{row.date:%Y-%m-%d}",
            "USD",
            f"{40 if 'generic' in row.campaign else 20}.00",
            *cells(row),
        ]
        for _, row in ads.iterrows()
    ]
    total = cells(_whole(ads))
    rows += [[f"Total: {what}", " --", " --", "USD", " --", *total] for what in ("Campaigns", "Account", "Search")]
    GOOGLE_ADS.write(
        path,
        [
            "Campaign status",
            "Campaign",
            "Day",
            "Currency code",
            "Budget",
            "Clicks",
            "Impr.",
            "CTR",
            "Cost",
            "Avg. CPC",
            "Conversions",
            "Cost / conv.",
            "Conv. value",
        ],
        rows,
        ["Campaign report", "November 1, 2024 - October 31, 2026"],
    )


def _whole(ads: pd.DataFrame) -> pd.Series:
    return pd.Series(
        {
            "clicks": int(ads.clicks.sum()),
            "impressions": int(ads.impressions.sum()),
            "spend": ads.spend.sum(),
            "conversions": int(ads.conversions.sum()),
            "value": ads.value.sum(),
        },
        dtype=object,
    )


def write_meta_ads(world: World, path: Path) -> None:
    rng = draw("meta purchases")
    ads = (
        world.ads[world.ads.channel == "meta_ads"]
        .sort_values(["date", "campaign"], kind="stable")
        .reset_index(drop=True)
    )
    purchases = rng.binomial(ads.clicks, 0.0024)
    values = np.round(purchases * rng.lognormal(np.log(37), 0.3, len(ads)), 2)
    rows = [
        [
            "",
            "",
            ads.impressions.sum(),
            int(ads.reach.sum() * 0.31),
            (ads.clicks * 1.4).round().astype(int).sum(),
            ads.clicks.sum(),
            f"{ads.spend.sum():.2f}",
            purchases.sum(),
            "",
            purchases.sum(),
            f"{values.sum():.2f}",
            "2024-11-01",
            "2026-10-31",
        ]
    ]
    for row, bought, value in zip(ads.itertuples(), purchases, values, strict=True):
        day = f"{row.date:%Y-%m-%d}"
        rows.append(
            [
                row.campaign,
                day,
                row.impressions,
                row.reach,
                round(row.clicks * 1.4),
                row.clicks,
                f"{row.spend:.2f}",
                bought or "",
                "actions:offsite_conversion.fb_pixel_purchase" if bought else "",
                bought or "",
                f"{value:.2f}" if bought else "",
                day,
                day,
            ]
        )
    COMMA.write(
        path,
        [
            "Campaign name",
            "Day",
            "Impressions",
            "Reach",
            "Clicks (all)",
            "Link clicks",
            "Amount spent (USD)",
            "Results",
            "Result indicator",
            "Purchases",
            "Purchases conversion value",
            "Reporting starts",
            "Reporting ends",
        ],
        rows,
    )
