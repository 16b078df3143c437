"""What moved, and who moved it: the change of the qualified leads and of the revenue, with the owner of each effect."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.causes import (
    NEAR,
    NO_CHANNEL,
    PARTS,
    RATE,
    TOP,
    Causes,
    Unexplained,
    confirmed_in,
    evidence_for,
    explain_leads,
    explain_rate,
    month_before,
    norm_of_leads,
    telling_month,
)
from kpi_helpers.causes_words import change_words, finding_words, noise_words, open_words
from kpi_helpers.charts.waterfall import plot_waterfall
from kpi_helpers.company_tree import (
    CompanyTree,
    explain_tree,
    find_tree,
    list_choices,
    name_in,
    notes_of,
    tree_cards,
    write_node,
)
from kpi_helpers.coverage import known_until
from kpi_helpers.drivers import Node, Tree
from kpi_helpers.errors import KitError, KitErrors
from kpi_helpers.formula import parse
from kpi_helpers.history import history_of
from kpi_helpers.labels import (
    channel_name,
    is_missing,
    kpi_name,
    measure_name,
    month_name,
    owner_name,
    upper_first,
    write_date,
    write_difference,
    write_list,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.monthly import Month, sum_month
from kpi_helpers.reports.rows import needs
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import row_of
from kpi_helpers.tables import Column, tree_html, tree_style
from kpi_helpers.terms import MEASURES, TABLES, source_table

APART = 0.01  # of the value: a tree that is farther from the exports says so
MOST_BARS = 6  # channels that have a bar of their own
MIX_IN_POINTS = 0.005  # a shift between channels that is worth a sentence


def show_causes(month: Month, card: pd.DataFrame) -> Section:
    """Who moved the qualified leads, and who the revenue, against the month or the year before."""
    section = Section("causes", _("What moved, and who moved it"), currency=month.currency)
    if not any(table in month.tables for table in ("leads", "orders")):
        needs(section, month, "leads", "orders")
        return section
    for add in (_add_leads, _add_tree):
        try:
            add(section, month, card)
        except Unexplained as unexplained:
            section.notice(str(unexplained))
        except KitError as error:  # the company's own tree
            for one in error.errors if isinstance(error, KitErrors) else (error,):
                section.notice(f"{one.where}: {one.found}" if one.where else one.found, one.next_step)
    return section if section.parts else section.notice(_("There is no earlier month to compare with."))


def _add_leads(section: Section, month: Month, card: pd.DataFrame) -> None:
    if "leads" not in month.tables:
        return
    ago = telling_month(card, RATE, TOP)
    evidence = evidence_for(month, card, ago)
    causes = explain_leads(month, confirmed_in(evidence), ago, card)
    _waterfall(section, month, causes, _bars(causes))
    columns, rows, total = _by_channel(causes)
    caption = _("{kpi} by channel: {formula}").format(
        kpi=kpi_name(TOP), formula=parse(f"leads * {RATE}").to_text(kpi_name)
    )
    section.table(columns, rows, total=total, caption=caption, note=" ".join(filter(None, [
        _("Each effect is what the driver changed while the other stood where it was, on average of both orders "
          "(Shapley). Together they are exactly the change; here they are rounded."),
        _evidence_words(evidence, causes, norm_of_leads(card)), _mix_words(month, ago), _one_sided_words(causes),
    ])))  # fmt: skip


def _add_tree(section: Section, month: Month, card: pd.DataFrame) -> None:
    """Who moved the revenue, or the top of the company's own tree: leaf by leaf."""
    past = history_of(month).past
    own = find_tree(month.exports.folder) is not None
    choices = list_choices(past)[: 1 if own else None]
    choice = next((choice for choice in choices if own or choice.top not in PARTS), None)
    if choice is None:
        return
    tree = choice.tree.at(choice.top)
    _check_ends(month, tree)
    sums = None if month.first_days is None else sum_month(month).set_index("period")
    standing = CompanyTree(past, tree, sums).compare(pd.Timestamp(month.start), telling_month(card, tree.top))
    causes = explain_tree(standing)
    names = {key: tree.nodes[key].name for key in causes.effects["driver"]}
    bars = causes.effects.assign(label=causes.effects["driver"].map(names))
    _waterfall(section, month, causes, bars[bars["effect"] != 0])
    nodes = standing.tree.nodes
    rows = [_leaf_row(nodes[row["driver"]], row, causes, month) for row in causes.effects.to_dict("records")]
    columns = [Column(_("Driver")), *(Column(title, "number") for title in (_("Then"), _("Now"), _("Effect"))),
               Column(_("Owner")), Column(_("Lever"))]  # fmt: skip
    caption = f"{tree.nodes[tree.top].name} = {tree.formula_of().to_text(name_in(tree))}"
    top, beside = tree_cards(standing, month.currency)
    against = _("compared with {month}").format(month=month_name(standing.before, heading=False))
    notes = [*filter(None, [_apart_words(causes, card, month)]), *notes_of(standing)]
    section.html(tree_style() + tree_html(top, beside, finding=caption, subtitle=against, notes=notes))
    section.sheet(caption, columns, rows)


def _apart_words(causes: Causes, card: pd.DataFrame, month: Month) -> str:
    """How far a tree of the company's own is from what the exports say of its top; "" where they agree."""
    row = row_of(card, causes.top.key)
    if row is None or is_missing(row["value"]) or abs(row["value"] - causes.after) <= APART * abs(row["value"]):
        return ""
    values = (write_value(value, causes.top.style, month.currency) for value in (causes.after, row["value"]))
    said = _("By this tree the top is {tree}, by the exports {data}: its factors do not explain the whole.")
    return said.format(**dict(zip(("tree", "data"), values, strict=True)))


def _check_ends(month: Month, tree: Tree) -> None:
    """Unexplained where an export of the tree ends before the month does."""
    for table in sorted({source_table(MEASURES[name].table) for name in tree.measures}):
        if (last := known_until(month.exports, table, month.end)) < month.end:
            late = _("{table} ends on {day}: who moved {top} cannot be told.")
            top = tree.nodes[tree.top].name
            raise Unexplained(late.format(table=_(TABLES[table].name), day=write_date(last), top=top))


def _leaf_row(node: Node, row: Mapping[Any, Any], causes: Causes, month: Month) -> list[str]:
    values = [write_node(row[name], node, month.currency) for name in ("before", "after")]
    effect = write_difference(row["effect"], causes.top.style, month.currency)
    return [node.name, *values, effect, owner_name(node.owner), _(node.lever)]


def _waterfall(section: Section, month: Month, causes: Causes, bars: pd.DataFrame) -> None:
    """The change in a sentence, and the waterfall whose title says who moved it."""
    then = month_before(month, causes.months_ago)
    totals = [(month_name(then), causes.before), (month_name(month.start), causes.after)]
    change, owned = change_words(causes, month), finding_words(causes, month.currency)
    section.html(_paragraph(" ".join(filter(None, [change, noise_words(causes), open_words(causes)]))))
    name = kpi_name(causes.top.key) if causes.top.key in KPIS else _(causes.top.name)
    subtitle = _("{kpi}: what each part of the change amounts to").format(kpi=name)
    style = causes.top.style
    ax = plot_waterfall(bars, totals, style=style, currency=month.currency, finding=owned, subtitle=subtitle)
    section.chart(ax, f"{change} {owned}.")


def _paragraph(text: str) -> str:
    return str(Markup('<div class="kpi"><p>{}</p></div>\n').format(text))


def _bars(causes: Causes) -> pd.DataFrame:
    """The leads of the channels that moved most, the other channels together, and the rate by its owner."""
    leads = causes.effects[causes.effects["driver"] == "leads"]
    leads = leads.sort_values("effect", key=lambda effect: -effect.abs(), kind="stable")
    if len(leads) <= MOST_BARS + 1:
        shown, rest = leads[leads["effect"] != 0], leads.iloc[:0]
    else:
        shown, rest = leads[:MOST_BARS], leads[MOST_BARS:]
    name = upper_first(measure_name("leads"))
    bars = [
        (f"{name}: {_channel(channel)}", "marketing", effect)
        for channel, effect in zip(shown["channel"], shown["effect"], strict=True)
    ]
    if rest["effect"].any():
        bars.append((_("{name}: other channels").format(name=name), "marketing", rest["effect"].sum()))
    rates = causes.effects[causes.effects["driver"] == RATE].groupby("owner")["effect"].sum()
    labels = {"sales": kpi_name(RATE), "shared": _("Qualification, other channels")}
    bars += [(labels[owner], owner, rates[owner]) for owner in labels if rates.get(owner)]
    return pd.DataFrame(bars, columns=["label", "owner", "effect"])


def _by_channel(causes: Causes) -> tuple[list[Column], list[list[Any]], list[Any]]:
    """A row for each channel: leads and rate then and now, what each of them changed, and whose the rate is."""
    then, now, effect = _("then"), _("now"), _("effect")
    leads, rate = upper_first(measure_name("leads")), kpi_name(RATE)
    columns = [Column(_("Channel"))]
    columns += [Column(f"{leads}, {word}", "count") for word in (then, now)] + [Column(f"{leads}, {effect}", "number")]
    columns += [Column(f"{rate}, {word}", "share") for word in (then, now)] + [Column(f"{rate}, {effect}", "number")]
    columns.append(Column(_("Whose the rate is")))
    pairs = [pair.to_dict("records") for _channel, pair in causes.effects.groupby("channel", sort=False)]
    rows = [
        [_channel(volume["channel"]), *_cells(volume), *_cells(quality), owner_name(quality["owner"])]
        for volume, quality in sorted(pairs, key=lambda pair: -pair[0]["after"])
    ]
    sums = causes.effects.groupby("driver")[["before", "after", "effect"]].sum()
    volume, quality = ({str(name): value for name, value in sums.loc[driver].items()} for driver in ("leads", RATE))
    whole = {name: getattr(causes, name) / volume[name] if volume[name] else None for name in ("before", "after")}
    return columns, rows, [_("Company"), *_cells(volume), *_cells({**quality, **whole}), ""]


def _cells(row: Mapping[Any, Any]) -> list[Any]:
    return [row["before"], row["after"], write_difference(row["effect"], "count", tenths=True)]


def _evidence_words(evidence: pd.DataFrame, causes: Causes, norm: float) -> str:
    """Why the rate is given to sales, and of which channels it is not known that their leads can qualify."""
    present = evidence[evidence.index.isin(causes.effects["channel"])]
    share = write_value(norm, "share", short=True)
    if not present["confirmed"].any():
        nobody = _("No channel is known to qualify at the norm of {norm}: the rate is a shared matter.")
        return nobody.format(norm=share)
    text = _(
        "The rate is that of sales where a channel's leads are known to qualify at the norm of {norm}: in the months "
        "before, the 95% interval of the rate reached it and ended no more than {near} below."
    ).format(norm=share, near=_("{n} points").format(n=round(NEAR * 100)))
    others = [
        _("{channel} ({rate} of {leads})").format(
            channel=_channel(row["channel"]), rate=write_value(row["value"], "share"),
            leads=write_value(row["leads"], "count"),
        )
        for row in present[~present["confirmed"]].reset_index().to_dict("records")
    ]  # fmt: skip
    return f"{text} {_('Not known of: {channels}.').format(channels=write_list(others))}" if others else text


def _mix_words(month: Month, ago: int) -> str:
    """How much of the rate's change is a shift between channels, where that is worth saying."""
    cells = explain_rate(month, ago)
    if cells is None:
        return ""
    mix, rate = float(cells["mix"].sum()), float(cells["rate"].sum())
    if abs(mix) < MIX_IN_POINTS:
        return ""
    words = _("{kpi}: {change}, of which {rate} in the channels themselves and {mix} by a shift between them.")
    parts = {"change": mix + rate, "rate": rate, "mix": mix}
    text = words.format(
        kpi=kpi_name(RATE), **{name: write_difference(part, "share") for name, part in parts.items()}
    )
    ways = {effect > 0 for effect in cells["rate"] if effect}
    turned = ways == {mix + rate < 0} and abs(mix + rate) >= MIX_IN_POINTS
    paradox = _("Every channel went one way, the whole the other (Simpson's paradox).")
    return f"{text} {paradox}" if turned else text


def _one_sided_words(causes: Causes) -> str:
    """The channels with leads in one of the months only: whether they were renamed, the data do not say."""
    leads = causes.effects[causes.effects["driver"] == "leads"]
    rows = leads.to_dict("records")
    names = [_channel(row["channel"]) for row in rows if (row["before"] == 0) != (row["after"] == 0)]
    said = _("Leads in one of the months only: {channels}; their whole change counts as one of leads.")
    return said.format(channels=write_list(names)) if names else ""


def _channel(channel: str) -> str:
    return channel_name(channel) if channel != NO_CHANNEL else _("without a channel")
