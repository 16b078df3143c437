"""Small made companies for the tests of views, outlook and year: every month's sums can be told by hand."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from kpi_helpers.company import Company
from kpi_helpers.exports import Exports
from tests.frames import ZONE, table

MONTHS = pd.date_range("2025-01-01", "2026-02-01", freq="MS")
Lead = tuple[pd.Timestamp, str, bool]


def made_exports(folder: Path, last: str = "2026-02-28") -> Exports:
    """Two paid channels and e-mail: in month n (from 1) Direct spends 100 n for 10 leads, VK 300 for n leads; e-mail
    brings 4. Three of four leads are qualified. The last month may end early."""
    ads: list[tuple[pd.Timestamp, str, float]] = []
    leads: list[Lead] = []
    for n, month in enumerate(MONTHS, 1):
        ads += [(month, "yandex_direct", 100.0 * n), (month, "vk_ads", 300.0)]
        for channel, count in (("yandex_direct", 10), ("vk_ads", n), ("email", 4)):
            leads += [(month + pd.Timedelta(hours=10), channel, place % 4 > 0) for place in range(count)]
    return exports_of(folder, ads, leads, MONTHS[0], pd.Timestamp(last))


def daily_exports(folder: Path, first: str, last: str) -> Exports:
    """A lead a day from Direct, which spends 100 a day, and from Monday to Friday one from VK Ads, which spends 50 on
    each; every lead is qualified. The company keeps no holidays."""
    days = pd.date_range(first, last)
    working = days[days.day_of_week < 5]
    ads = [(day, "yandex_direct", 100.0) for day in days] + [(day, "vk_ads", 50.0) for day in working]
    leads: list[Lead] = [(day, "yandex_direct", True) for day in days] + [(day, "vk_ads", True) for day in working]
    noon = [(day + pd.Timedelta(hours=12), channel, qualified) for day, channel, qualified in leads]
    return exports_of(folder, ads, noon, days[0], days[-1])


def leads_between(first: str, last: str, channel: str = "company") -> int:
    """What `daily_exports` holds of a channel or the company."""
    days = pd.date_range(first, last)
    counts = {"yandex_direct": len(days), "vk_ads": int((days.day_of_week < 5).sum())}
    return sum(counts.values()) if channel == "company" else counts[channel]


def exports_of(
    folder: Path, ads: list[tuple[pd.Timestamp, str, float]], leads: list[Lead], first: pd.Timestamp, last: pd.Timestamp
) -> Exports:
    """The exports of a company from its ads and leads, and 500 visitors in each whole month."""
    dates, channels, spend = zip(*ads, (last, "yandex_direct", 0.0), strict=True)
    created, lead_channels, qualified = zip(*leads, strict=True)
    months = pd.date_range(first, last, freq="MS")
    tables = {
        "ads": table("ads", date=list(dates), channel=list(channels), spend=list(spend)),
        "leads": table("leads", lead_id=[str(n) for n in range(len(leads))], created_at=list(created),
                       channel=list(lead_channels), qualified=list(qualified)),
        "audience": table("audience", start=list(months), end=list(months + pd.offsets.MonthEnd()),
                          visitors=[500.0] * len(months)),
    }  # fmt: skip
    spans = [SimpleNamespace(table=key, layout=key, start=first.date(), end=last.date()) for key in ("ads", "leads")]
    files: Any = (SimpleNamespace(file="ads.csv", modified=0.0, tables=tuple(spans)),)
    return Exports(folder, Company(name="Test", currency="RUB", timezone=ZONE), "RUB", tables, files)


def write_goals(exports: Exports, *lines: str, head: str = "kpi,scope,target,counts,start,deadline,owner") -> Path:
    """A goals file in the company's folder."""
    path = exports.folder / "goals.csv"
    path.write_text("\n".join((head, *lines, "")), encoding="utf-8")
    return path
