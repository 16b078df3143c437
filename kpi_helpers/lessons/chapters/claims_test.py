"""The exit question of the lesson on claims: a test drafted before it is run, so that its result can be believed."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_helpers.beliefs.words import trials_name
from kpi_helpers.errors import KitError
from kpi_helpers.labels import lower_first, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.lessons.chapters.claims_cases import Trial
from kpi_helpers.lessons.figures import Lot
from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS, slip_to
from kpi_helpers.lessons.questions import Draft, Field, Verdict

SHORT = 5  # a test of a fifth of the weeks is too short
RIGHT = {"compare": "chance", "weeks": "enough", "stop": "set", "judged": "one"}
WRONG = {  # field and option -> the misconception behind it, in the order in which they are said
    ("compare", "before"): "before_and_after",
    ("compare", "willing"): "volunteers_compared",
    ("weeks", "short"): "test_too_short",
    ("stop", "shown"): "stopped_when_it_shows",
    ("judged", "best"): "best_of_many",
}
BELIEVED = N_("The groups are drawn by lot and run at the same time, and KPI, length and end are fixed before "
              "the start: whatever comes out, it can be believed. If that takes longer than you can wait, the "
              "claim cannot be tested here this way: choose a KPI that is counted more often, or do not build on "
              "it.")  # fmt: skip


def ask_test(trial: Trial, lot: Lot) -> Draft:
    """A form for a test of the claim."""
    text = _("“{kpi} +{by}”, says the vendor. Plan the test that would convince you, or not. Each of the two "
             "groups needs {n} ({of}); a week brings {a_week} in all.")  # fmt: skip
    return Draft(
        text=text.format(kpi=trial.name, by=write_value(trial.by, "share", short=True), of=trials_name(trial.base.key),
                         n=write_value(trial.each, "count"), a_week=write_value(trial.a_week, "count")),
        fields=tuple(Field(key, name, dict(lot.shuffled(list(options.items()))))
                     for key, (name, options) in _forms(trial).items()),
        judge=judge,
        slips=tuple(slip_to(name, {**RIGHT, field: option}) for (field, option), name in WRONG.items()),
        hints=(
            _("Go through the four choices: which of them would let chance, or a wish, make the result?"),
            _("Who decides who gets it? And when are KPI, length and end fixed: before the start, or on the way?"),
        ),
        because=_(BELIEVED),
        solution=_solution(trial),
    )  # fmt: skip


def judge(said: Mapping[str, str]) -> Verdict:
    """Whether the test can be believed; the first weakness is named. KitError where a choice is missing."""
    if any(not said.get(key) for key in RIGHT):
        raise KitError(_("Something is not chosen yet."), _("Choose in every field."))
    for (field, option), name in WRONG.items():
        if said[field] == option:
            return Verdict(False, name, _(MISCONCEPTIONS[name].words))
    return Verdict(True, words=_(BELIEVED))


def _forms(trial: Trial) -> dict[str, tuple[str, dict[str, str]]]:
    return {
        "compare": (_("Compared"), {
            "before": _("with it, against the months before"),
            "willing": _("those who want it, against the others"),
            "chance": _("two groups drawn by lot, at the same time"),
        }),
        "weeks": (_("Length"), {
            "short": _weeks(max(trial.weeks // SHORT, 1)),
            "enough": _weeks(trial.weeks),
        }),
        "stop": (_("End"), {
            "shown": _("as soon as a difference shows"),
            "set": _("on the day set before the start"),
        }),
        "judged": (_("Judged by"), {
            "best": _("the best of ten KPIs"),
            "one": _("one KPI: {kpi}").format(kpi=lower_first(trial.name)),
        }),
    }  # fmt: skip


def _solution(trial: Trial) -> str:
    return "; ".join(f"{name}: {options[RIGHT[key]]}" for key, (name, options) in _forms(trial).items())


def _weeks(weeks: int) -> str:
    return ngettext("{n} week", "{n} weeks", weeks).format(n=weeks)
