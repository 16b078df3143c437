"""What a signal is called, and how the usual range was found, in the reader's language."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.catalogue import Kpi
from kpi_helpers.labels import write_value
from kpi_helpers.language import _
from kpi_helpers.signals import LEAST, YEAR, ProcessChart, judge_norm


def signal_word(rule: str, side: str) -> str:
    """A signal in a few words, for the chart; "" where there is none."""
    match rule, side:
        case "beyond", "above":
            return _("signal: unusually high")
        case "beyond", "below":
            return _("signal: unusually low")
        case "run_of_8", "above":
            return _("signal: 8 in a row above the average")
        case "run_of_8", "below":
            return _("signal: 8 in a row below the average")
        case "3_of_4", "above":
            return _("signal: 3 of 4 near the upper limit")
        case "3_of_4", "below":
            return _("signal: 3 of 4 near the lower limit")
    return ""


def signal_words(months: pd.DataFrame) -> list[str]:
    """A word for each month of a process chart, "" for those without a signal: what `plot_trend` takes."""
    return [signal_word(rule, side) for rule, side in zip(months["rule"], months["side"], strict=True)]


def limits_sentence(chart: ProcessChart) -> str:
    """How the usual range was found, or why there is none."""
    match chart.method:
        case "shares":
            return _("Usual range: from the months before, for as many cases as this month had.")
        case "year_ago":
            return _("Usual range: from the same month of last year and the growth that is usual.")
        case "values":
            return _("Usual range: from the months before and how much they usually differ from one to the next.")
    if chart.reason == "overlapping":
        return _("No usual range: each value looks back over 12 months, so that neighbours repeat one another.")
    if chart.reason == "nothing_to_compare":
        return _("No usual range: the months have not differed so far, or have nothing to be compared with.")
    return _("No usual range yet: it needs {n} months before this one, and counts and money {more}.").format(
        n=LEAST, more=LEAST + YEAR
    )


def norm_sentence(row: Kpi, successes: float, trials: float, norm: float) -> str:
    """Whether a share keeps its norm, with the evidence: "Norm of 80% not proved: 39 of 50 (78%) is too few to say"."""
    said = {"n": write_value(successes, "count"), "all": write_value(trials, "count"),
            "share": write_value(successes / trials if trials else None, row.style),
            "norm": write_value(norm, row.style)}  # fmt: skip
    match judge_norm(successes, trials, norm, row.better):
        case "met":
            return _("The norm of {norm} is met: {n} of {all} ({share}).").format(**said)
        case "below":
            return _("The norm of {norm} is not met: {n} of {all} ({share}).").format(**said)
    return _("Not enough data to judge the norm of {norm}: {n} of {all} ({share}).").format(**said)
