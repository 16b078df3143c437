"""From the tag of a campaign in the CRM to its name in the ad account, by a table that anyone can edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from kpi_helpers.exports.channels import as_pattern, read_rules
from kpi_helpers.exports.headings import Heading
from kpi_helpers.exports.values import plain
from kpi_helpers.folders import CAMPAIGNS as FILE
from kpi_helpers.folders import names_tags

COLUMNS = ("channel", "utm_campaign", "campaign")


@dataclass(frozen=True)
class CampaignRule:
    """Patterns of a channel and of a tag (as in `ChannelRule`), and the campaign of the ad account that they mean."""

    channel: Heading
    tag: Heading
    campaign: str
    line: int


def read_campaigns(path: Path) -> tuple[CampaignRule, ...]:
    """The rows of a campaigns.csv. Raises KitError naming the line that is wrong."""
    return tuple(
        CampaignRule(as_pattern(cells["channel"]), as_pattern(cells["utm_campaign"]), cells["campaign"], line)
        for line, cells in read_rules(path, COLUMNS)
    )


def own_campaigns(folder: Path) -> tuple[CampaignRule, ...]:
    """The rules of the folder's own campaigns.csv; none where there is no such file."""
    path = folder / FILE
    return read_campaigns(path) if path.is_file() and names_tags(path) else ()


def name_campaigns(leads: pd.DataFrame, rules: Sequence[CampaignRule]) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """The leads, their `campaign` as the ad account names it where a rule knows its tag: the first that fits counts.

    Beside them the lines of the rules that fit no lead. A lead without a tag stays without a campaign.
    """
    tagged = leads["campaign"].notna()
    pairs = leads.loc[tagged, ["channel", "campaign"]].fillna({"channel": ""}).astype("str")
    found = {pair: _fitting(*pair, rules=rules) for pair in set(zip(pairs["channel"], pairs["campaign"], strict=True))}
    named = [rule.campaign if (rule := found[pair]) else pair[1]
             for pair in zip(pairs["channel"], pairs["campaign"], strict=True)]  # fmt: skip
    used = {rule.line for rule in found.values() if rule}
    campaign = leads["campaign"].astype("object").copy()
    campaign.loc[tagged] = named
    idle = tuple(rule.line for rule in rules if rule.line not in used)
    return leads.assign(campaign=campaign.astype(leads["campaign"].dtype)), idle


def _fitting(channel: str, tag: str, *, rules: Sequence[CampaignRule]) -> CampaignRule | None:
    words = plain(channel), plain(tag)
    return next((rule for rule in rules if rule.channel.fits(words[0]) and rule.tag.fits(words[1])), None)


def unknown_campaigns(tables: Mapping[str, pd.DataFrame]) -> dict[tuple[str, str], int]:
    """Tags of leads, with their channel, that no ad account of the channel has: how many leads, the most first.

    None where no ad account of the channel names campaigns.
    """
    leads, ads = tables.get("leads"), tables.get("ads")
    if leads is None or ads is None:
        return {}
    known = {(channel, plain(str(campaign))) for channel, campaign in
             ads[["channel", "campaign"]].dropna().drop_duplicates().itertuples(index=False)}  # fmt: skip
    channels = {channel for channel, _campaign in known}
    counts = leads[["channel", "campaign"]].dropna().value_counts().reset_index(name="leads")
    return {(str(channel), str(tag)): int(number) for channel, tag, number in counts.itertuples(index=False)
            if channel in channels and (channel, plain(str(tag))) not in known}  # fmt: skip
