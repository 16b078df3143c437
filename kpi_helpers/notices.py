"""What the kit noticed in a company's folder: nothing is wrong, but a line in a settings file would tell more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kpi_helpers.account import differs_in_words
from kpi_helpers.company import FILE as SETTINGS
from kpi_helpers.errors import did_you_mean
from kpi_helpers.exports import double_sources, own_channels, unknown_channels
from kpi_helpers.exports.beside import told_beside
from kpi_helpers.exports.campaigns import FILE as CAMPAIGNS_FILE
from kpi_helpers.exports.campaigns import unknown_campaigns
from kpi_helpers.exports.channels import FILE as CHANNELS_FILE
from kpi_helpers.exports.channels import as_line, line_to_add
from kpi_helpers.exports.values import plain
from kpi_helpers.labels import CHANNELS, channel_name
from kpi_helpers.language import _, ngettext
from kpi_helpers.monthly import GOALS_FILE

if TYPE_CHECKING:
    import pandas as pd

    from kpi_helpers.exports import Exports

MOST_CHANNELS = 10
MOST_NAMES = 20


def notices(exports: Exports, goals: pd.DataFrame) -> Iterator[str]:
    """Each notice in one line, in the reader's language."""
    yield from double_sources(exports)
    yield from told_beside(exports.files, exports.currency)
    yield from _disputed(exports)
    yield from _totals(exports)
    yield from _stages(exports)
    yield from _names(exports)
    yield from _money(exports)
    yield from _channels(exports)
    yield from _campaigns(exports)
    yield from _scopes(exports, goals)


def _stages(exports: Exports) -> Iterator[str]:
    leads = exports.tables.get("leads")
    found = sorted(leads["stage"].dropna().unique()) if leads is not None else []
    if leads is None or not found:
        return
    company = exports.company
    won = leads["won"].fillna(False).astype(bool)
    unsaid = {
        "qualified": not company.qualified_stages and leads.loc[~won, "qualified"].isna().all(),
        "won": not company.won_stages and not won.any(),
    }
    for key in (key for key, lacks in unsaid.items() if lacks):
        text = _("{file}, section [leads]: say which stages are {setting}. In the exports: {stages}.")
        yield text.format(file=SETTINGS, setting=key, stages=", ".join(found))
    known = set(map(plain, found))
    settings = {"qualified": company.qualified_stages, "won": company.won_stages, "lost": company.lost_stages}
    for key, stages in settings.items():
        for stage in (stage for stage in stages if plain(stage) not in known):
            text = _("{file}, leads.{setting}: no lead has the stage {stage}.")
            yield f"{text.format(file=SETTINGS, setting=key, stage=repr(stage))} {did_you_mean(stage, found)}".rstrip()


def _disputed(exports: Exports) -> Iterator[str]:
    """Exports that name the same rows of the same days and count others: two accounts, or one that was changed."""
    for file in exports.files:
        for other in sorted({name for table in file.tables for name in table.disputed}):
            text = _("{first} and {second} name the same rows on the same days with other numbers: both count.")
            step = _("If they are of one account, leave the better one in the folder.")
            yield f"{text.format(first=file.file, second=other)} {step}"


def _totals(exports: Exports) -> Iterator[str]:
    """The files whose totals row says something else than their rows."""
    for file in exports.files:
        for table in file.tables:
            for check in (check for check in table.checks if not check.agrees):
                yield f"{file.file}: {differs_in_words(check, table.currency)}."


def _names(exports: Exports) -> Iterator[str]:
    """The names that the settings want, where the exports do not have them."""
    company = exports.company
    asked = (
        ("actions", "action", "main", "actions.main", company.main_action),
        ("market", "company", "own", "market.company", company.market_company),
    )
    for table, column, flag, setting, name in asked:
        frame = exports.tables.get(table)
        if frame is None or frame[flag].notna().any():
            continue
        found = sorted(frame[column].dropna().unique())
        text = _("{file}, {setting}: the exports have no {name}.") if name else _("{file}: set {setting}.")
        said = text.format(file=SETTINGS, setting=setting, name=repr(name))
        listed = _("There are: {words}.").format(words=", ".join(found[:MOST_NAMES]))
        yield f"{said} {did_you_mean(name, found) or listed}"


def _money(exports: Exports) -> Iterator[str]:
    orders = exports.tables.get("orders")
    lacking = int(orders["margin"].isna().sum()) if orders is not None else 0
    if orders is not None and 0 < lacking < len(orders):
        text = ngettext("{n} order of {all} has no margin.", "{n} orders of {all} have no margin.", lacking)
        step = _("Set margin.share in {file} to fill it in.").format(file=SETTINGS)
        yield f"{text.format(n=lacking, all=len(orders))} {step}"
    ways = {table.vat for file in exports.files for table in file.tables if table.vat and table.table == "ads"}
    if len(ways) > 1:
        text = _("some exports of advertising hold amounts with VAT, others without: they are added as they stand.")
        yield f"{text} {_('Export all of them in one way.')}"
    vat = exports.company.vat
    for file in exports.files:
        if vat and any(table.vat not in ("", vat) for table in file.tables):
            said = {"included": _("amounts without VAT"), "excluded": _("amounts with VAT")}[vat]
            text = _("{file} holds {amounts}, but {settings} says vat = {vat}.")
            yield text.format(file=file.file, amounts=said, settings=SETTINGS, vat=repr(vat))


def _channels(exports: Exports) -> Iterator[str]:
    unknown = unknown_channels(exports)
    orders = exports.tables["orders"]["channel"].tolist() if "orders" in exports.tables else []
    for channel, rows in list(unknown.items())[:MOST_CHANNELS]:
        text = _("no rule gives {source} a channel. Rows: {rows}, of them orders: {orders}.")
        step = _("Add to {file}: {line}").format(file=CHANNELS_FILE, line=line_to_add(exports.folder, channel))
        yield f"{text.format(source=repr(channel), rows=rows, orders=orders.count(channel))} {step}"
    hidden = len(unknown) - MOST_CHANNELS
    if hidden > 0:
        yield ngettext("and {n} more", "and {n} more", hidden).format(n=hidden)
    if unknown:
        yield _("CHANNEL is one of {channels}, or a name of your own.").format(channels=", ".join(CHANNELS))
    for channel in sorted({rule.channel for rule in own_channels(exports.folder)} - CHANNELS.keys()):
        near = did_you_mean(channel, CHANNELS)
        if near:
            text = _("{file}: the kit knows no channel {channel}.")
            yield f"{text.format(file=CHANNELS_FILE, channel=repr(channel))} {near}"


def _campaigns(exports: Exports) -> Iterator[str]:
    """Tags of leads that no ad account of their channel knows, and rows of campaigns.csv that fit no lead."""
    if exports.idle_campaigns:
        text = ngettext("{file}: {n} row fits no lead, line {lines}.", "{file}: {n} rows fit no lead, lines {lines}.",
                        len(exports.idle_campaigns))  # fmt: skip
        lines = ", ".join(map(str, exports.idle_campaigns))
        yield text.format(file=CAMPAIGNS_FILE, n=len(exports.idle_campaigns), lines=lines)
    unknown = unknown_campaigns(exports.tables)
    for (channel, tag), leads in list(unknown.items())[:MOST_CHANNELS]:
        text = ngettext(
            "{n} lead of {channel} names the campaign {tag}, which its ad account does not have.",
            "{n} leads of {channel} name the campaign {tag}, which its ad account does not have.",
            leads,
        )
        step = _("Add to {file}: {line}").format(
            file=CAMPAIGNS_FILE, line=as_line(exports.folder / CAMPAIGNS_FILE, [channel, tag, "CAMPAIGN"]))  # fmt: skip
        yield f"{text.format(n=leads, channel=channel_name(channel), tag=repr(tag))} {step}"
    if (hidden := len(unknown) - MOST_CHANNELS) > 0:
        yield ngettext("and {n} more", "and {n} more", hidden).format(n=hidden)
    if unknown:
        yield _("CAMPAIGN is the name that the campaign has in the ad account.")


def _scopes(exports: Exports, goals: pd.DataFrame) -> Iterator[str]:
    tables = exports.tables.values()
    channels = {channel for frame in tables if "channel" in frame for channel in frame["channel"].dropna().unique()}
    for scope in sorted(set(goals["scope"]) - channels - {"company"}):
        text = _("{file}: no export has the channel {scope}.").format(file=GOALS_FILE, scope=repr(scope))
        yield f"{text} {did_you_mean(scope, {*channels, 'company'})}".rstrip()
