"""The sentence of a report on two channels: the mix moved, or else the channels themselves did."""

from __future__ import annotations

from kpi_helpers.labels import write_rate, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.conversion_mix import Turn, conversion_name, table_of_both
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Option


def ask_sentence(turn: Turn) -> Choice:
    before, after = turn.before, turn.after
    text = _("{conversion} of two channels, {month} compared with {earlier}. Which sentence belongs in the report?")
    share = _("Each channel converts more; the total is lower because {weak} now brings {now} of the visits, not "
              "{then}.")  # fmt: skip
    means = [slip("mean_of_ratios", **mix.parts).value for mix in (before, after)]
    return Choice(
        text=text.format(conversion=conversion_name(after.action), month=after.in_month, earlier=before.in_month),
        given=table_of_both(turn), answer="mix",
        options=(
            Option("worse", _("Conversion fell from {before} to {after}: both channels have to improve.").format(
                before=write_rate(before.rate), after=write_rate(after.rate))),
            Option("mix", share.format(weak=after.weak.name, now=write_value(after.weak_share, "share", short=True),
                                       then=write_value(before.weak_share, "share", short=True))),
            Option("mean", _("The average conversion of the channels rose from {before} to {after}.").format(
                before=write_rate(means[0]), after=write_rate(means[1]))),
            Option("visitors", _("Conversion is fine: from now on it is counted over visitors, which is more.")),
        ),
        slips=(slip_to("total_like_parts", "worse"), slip_to("mean_of_ratios", "mean", **after.parts),
               slip_to("denominator_swapped", "visitors")),
        hints=(
            _("Compare line by line first, the total last."),
            _("The rates rose, the total did not. Which column explains it?"),
        ),
        because=_("It says what happened and where to look: at the visits that came, and at what they cost."),
        solution=_("The rates of the parts rose and the mix moved to the weaker channel: the sentence that names the "
                   "mix is true."),
    )  # fmt: skip


def ask_slide(turn: Turn) -> Choice:
    """The other case: both rates fell, and the mix stayed."""
    before, after = turn.before, turn.after
    text = _("{conversion} of two channels, {month} compared with {earlier}. Which sentence belongs in the report?")
    means = [slip("mean_of_ratios", **mix.parts).value for mix in (before, after)]
    said = {"before": write_rate(before.rate), "after": write_rate(after.rate), "weak": after.weak.name,
            "share": write_value(after.weak_share, "share", short=True)}  # fmt: skip
    return Choice(
        text=text.format(conversion=conversion_name(after.action), month=after.in_month, earlier=before.in_month),
        given=table_of_both(turn), answer="worse",
        options=(
            Option("worse", _("Conversion fell from {before} to {after}: it fell in each of the two channels.").format(
                **said)),
            Option("mix", _("Each channel converts as before; the total is lower because {weak} brings {share} of the "
                            "visits.").format(**said)),
            Option("mean", _("The average conversion of the channels fell from {before} to {after}.").format(
                before=write_rate(means[0]), after=write_rate(means[1]))),
            Option("visitors", _("Conversion is fine: from now on it is counted over visitors, which is more.")),
        ),
        slips=(slip_to("mix_for_parts", "mix"), slip_to("mean_of_ratios", "mean", **after.parts),
               slip_to("denominator_swapped", "visitors")),
        hints=(
            _("Compare line by line first, the total last."),
            _("How did each rate move, and how did the visits shift between the channels?"),
        ),
        because=_("Both rates fell and the mix hardly moved: look into the channels, not at their shares."),
        solution=_("The rates of both parts fell while their shares in the visits stayed: the sentence that names both "
                   "channels is true."),
    )  # fmt: skip
