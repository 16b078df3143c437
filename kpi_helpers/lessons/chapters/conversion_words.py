"""What is said of two channels and of both together: of each that rose while both fell, or the other way round."""

from __future__ import annotations

from typing import Any

from kpi_helpers.labels import write_rate
from kpi_helpers.language import _


def question_words(falls: bool) -> tuple[str, str, str]:
    """The prediction's question, where both together fell or rose, and its options: it rose, it fell."""
    if falls:
        return (
            _("Two channels, two months. {conversion} rose in each of the two channels. What happened to it in both "
              "channels together?"),
            _("It rose, as each channel did"), _("It fell"),
        )  # fmt: skip
    return (
        _("Two channels, two months. {conversion} fell in each of the two channels. What happened to it in both "
          "channels together?"),
        _("It rose"), _("It fell, as each channel did"),
    )  # fmt: skip


def mix_words(rate: float, before: float, better: bool) -> str:
    """What is said of a mix: whether both convert more than before, as it is written, and whether each channel does."""
    if write_rate(rate) == write_rate(before):
        return _("With {share} of the visits from {weak}, both together convert {rate}, as in {month}.")
    if rate > before:
        return _("With {share} of the visits from {weak}, both together convert {rate}: more than {before} in "
                 "{month}.") if better else _(
            "With {share} of the visits from {weak}, both together convert {rate}: more than {before} in {month}, "
            "though each channel is worse than then.")  # fmt: skip
    if better:
        return _("With {share} of the visits from {weak}, both together convert {rate}: less than {before} in {month}, "
                 "though each channel is better than then.")  # fmt: skip
    return _("With {share} of the visits from {weak}, both together convert {rate}: less than {before} in {month}.")


def answer_words(falls: bool, said: Any) -> str:
    """How the prediction compares with what both together did."""
    if falls:
        return {
            "fell": _("You said that it fell, and that is right: from {before} to {after}."),
            "rose": _("You said that it rose, as each channel did. Both together fell: from {before} to {after}."),
            "stayed": _("You said that it stayed as it was. Both together fell: from {before} to {after}."),
        }.get(str(said), _("Both together fell: from {before} to {after}."))
    return {
        "rose": _("You said that it rose, and that is right: from {before} to {after}."),
        "fell": _("You said that it fell, as each channel did. Both together rose: from {before} to {after}."),
        "stayed": _("You said that it stayed as it was. Both together rose: from {before} to {after}."),
    }.get(str(said), _("Both together rose: from {before} to {after}."))


def why_words(falls: bool) -> str:
    """How the mix moved the total against its parts."""
    if falls:
        return _("The total is not the mean of the rates. It is all actions over all visits, so each channel weighs "
                 "as much as it has visits. {weak} converts less, and its share of the visits grew from {then} to "
                 "{now}.")  # fmt: skip
    return _("The total is not the mean of the rates. It is all actions over all visits, so each channel weighs as "
             "much as it has visits. {weak} converts less, and its share of the visits fell from {then} to "
             "{now}.")  # fmt: skip


def paradox_words(falls: bool) -> str:
    """What it is called, and what to learn of it."""
    if falls:
        return _("This is known as Simpson's paradox. Neither channel got worse: there is more of the one that "
                 "converted less in both months. So a total says little without its parts. Whether a rise is more "
                 "than luck, lesson 9 asks.")  # fmt: skip
    return _("This is known as Simpson's paradox. Neither channel got better: there is less of the one that converted "
             "less in both months. So a total says little without its parts. Whether a fall is more than chance, "
             "lesson 9 asks.")  # fmt: skip
