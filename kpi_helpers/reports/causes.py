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
    Causes,
    confirm_channels,
    confirmed_in,
    explain_leads,
    explain_rate,
    explain_tree,
    norm_of_leads,
    telling_month,
)
from kpi_helpers.causes_words import Verdicts, change_words, finding_words, noise_words, verdicts_on
from kpi_helpers.charts.waterfall import plot_waterfall
from kpi_helpers.company_tree import CompanyTree, list_choices, name_in, notes_of, tree_cards, write_node
from kpi_helpers.drivers import Node
from kpi_helpers.formula import parse
from kpi_helpers.history import history_of
from kpi_helpers.labels import (
    channel_name,
    kpi_name,
    measure_name,
    month_name,
    owner_name,
    write_difference,
    write_list,
    write_value,
)
from kpi_helpers.language import _
from kpi_helpers.monthly import Month
from kpi_helpers.reports.rows import needs
from kpi_helpers.reports.section import Section
from kpi_helpers.tables import Column, tree_html, tree_style

MOST_BARS = 6  # channels that have a bar of their own
MIX_IN_POINTS = 0.005  # a shift between channels that is worth a sentence


def show_causes(month: Month, card: pd.DataFrame) -> Section:
    """Who moved the qualified leads, and who the revenue, against the month or the year before."""
    section = Section("causes", _("What moved, and who moved it"), currency=month.currency)
    if not any(table in month.tables for table in ("leads", "orders")):
        needs(section, month, "leads", "orders")
        return section
    if "leads" in month.tables:
        _add_leads(section, month, card)
    _add_tree(section, month, card)
    return section if section.parts else section.notice(_("There is no earlier month to compare with."))


def _add_leads(section: Section, month: Month, card: pd.DataFrame) -> None:
    norm, ago = norm_of_leads(card), telling_month(card, RATE)
    evidence = confirm_channels(month, norm)
    causes = explain_leads(month, confirmed_in(evidence), ago)
    if causes is None:
        return
    _waterfall(section, month, causes, _bars(causes), verdicts_on(causes, card))
    columns, rows, total = _by_channel(causes)
    caption = _("{kpi} by channel: {formula}").format(
        kpi=kpi_name(causes.top), formula=parse(f"leads * {RATE}").to_text(kpi_name)
    )
    section.table(columns, rows, total=total, caption=caption, note=" ".join(filter(None, [
        _("Each effect is what the driver changed while the other stood where it was, on average of both orders "
          "(Shapley). Together they are the change, to the last digit."),
        _evidence_words(evidence, causes, norm), _mix_words(month, ago),
        "" if month.first_days is None else _(KPIS[RATE].watch_out),
    ])))  # fmt: skip


def _add_tree(section: Section, month: Month, card: pd.DataFrame) -> None:
    """Who moved the revenue, or the top of the company's own tree: leaf by leaf."""
    choices = list_choices(history_of(month).past)
    choice = next((choice for choice in choices if choice.top not in PARTS), None)
    tree = choice.tree.at(choice.top) if choice else None
    causes = explain_tree(month, tree, telling_month(card, tree.top)) if tree else None
    if causes is None or tree is None or causes.top not in KPIS:
        return
    names = {key: tree.nodes[key].name for key in causes.effects["driver"]}
    bars = causes.effects.assign(label=causes.effects["driver"].map(names))
    standing = None
    if month.first_days is None:
        standing = CompanyTree(history_of(month).past, tree).compare(pd.Timestamp(month.start), causes.months_ago)
    verdicts = standing.verdicts if standing else verdicts_on(causes, card)
    _waterfall(section, month, causes, bars[bars["effect"] != 0], verdicts)
    rows = [_leaf_row(tree.nodes[row["driver"]], row, causes, month) for row in causes.effects.to_dict("records")]
    columns = [Column(_("Driver")), *(Column(title, "number") for title in (_("Then"), _("Now"), _("Effect"))),
               Column(_("Owner")), Column(_("Lever"))]  # fmt: skip
    caption = f"{kpi_name(causes.top)} = {tree.formula_of().to_text(name_in(tree))}"
    if standing:
        top, beside = tree_cards(standing, month.currency)
        section.html(tree_style() + tree_html(top, beside, finding=caption, notes=notes_of(standing)))
        section.sheet(caption, columns, rows)
    else:
        note = _("Visits are those of people: robots are left out.") if causes.people else ""
        section.table(columns, rows, caption=caption, note=note)


def _leaf_row(node: Node, row: Mapping[Any, Any], causes: Causes, month: Month) -> list[str]:
    values = [write_node(row[name], node, month.currency) for name in ("before", "after")]
    effect = write_difference(row["effect"], KPIS[causes.top].style, month.currency)
    return [node.name, *values, effect, owner_name(node.owner), _(node.lever)]


def _waterfall(section: Section, month: Month, causes: Causes, bars: pd.DataFrame, verdicts: Verdicts) -> None:
    """The change in a sentence, and the waterfall whose title says who moved it."""
    then = pd.Timestamp(month.start) - pd.DateOffset(months=causes.months_ago)
    totals = [(month_name(then), causes.before), (month_name(month.start), causes.after)]
    change, owned = change_words(causes, month), finding_words(causes, verdicts, month.currency)
    section.html(_paragraph(" ".join(filter(None, [change, noise_words(causes, verdicts)]))))
    subtitle = _("{kpi}: what each part of the change amounts to").format(kpi=kpi_name(causes.top))
    style = KPIS[causes.top].style
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
    name = _first_upper(measure_name("leads"))
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
    leads, rate = _first_upper(measure_name("leads")), kpi_name(RATE)
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
    turned = _("The channels went one way, the total the other (Simpson's paradox).")
    return f"{text} {turned}" if rate * (mix + rate) < 0 else text


def _channel(channel: str) -> str:
    return channel_name(channel) if channel != NO_CHANNEL else _("without a channel")


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
