"""The course: its lessons in order. A lesson is written in a module of `chapters` as one function, `compose`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import N_, _
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.script import Script

Compose = Callable[[Figures, Lot], Script]


@dataclass(frozen=True)
class Lesson:
    """A lesson: its place in the course, its title, the KPIs it teaches, and how many minutes it takes."""

    number: int
    key: str
    title: str
    kpis: tuple[str, ...]
    minutes: int = 15

    @property
    def notebook(self) -> str:
        """The name of its notebook."""
        return f"{self.number:02}_{self.key}"

    @property
    def compose(self) -> Compose:
        """The function that composes its script for a company and a learner; `Lacking` where the company cannot."""
        compose: Compose = import_module(f"kpi_helpers.lessons.chapters.{self.key}").compose
        return compose


_ROWS = (
    ("goals", N_("Goals before numbers"), ("leads", "cpl", "qualification_rate")),
    ("metric_or_kpi", N_("Metric or KPI?"), ("visits", "leads", "qualification_rate", "revenue")),
    ("conversion", N_("Conversion and its denominators"), ("conversion_rate", "visit_to_lead", "visitors")),
    ("empty_traffic", N_("Traffic and empty traffic"), ("visits", "robot_share", "bounce_rate", "page_depth")),
    ("honest_roi", N_("ROI without self-deception"), ("roas", "drr", "revenue_roi", "romi", "roi")),
    ("customer_cost", N_("What a customer costs"), ("ctr", "cpc", "cpl", "cpql", "cpo", "cac")),
    ("retention", N_("Retention and lifetime value"), ("retention_rate", "churn_rate", "repeat_rate", "clv",
                                                      "ltv_to_cac", "payback_months")),
    ("brand", N_("Brand, NPS and the error of surveys"), ("awareness_aided", "awareness_unaided", "nps", "csat")),
    ("targets", N_("Targets: plan, pace, signal or noise"), ("leads", "revenue", "qualification_rate")),
    ("owners", N_("Who owns which number"), ("qualified_leads", "qualification_rate", "answered_in_time",
                                            "missed_calls")),
    ("budget", N_("Budget and diminishing returns"), ("spend", "leads", "cpl", "roas")),
    ("claims", N_("Do you believe this study?"), ("revenue", "cpl", "csat", "conversion_rate")),
)  # fmt: skip
LESSONS: dict[str, Lesson] = {
    key: Lesson(number, key, title, kpis) for number, (key, title, kpis) in enumerate(_ROWS, start=1)
}


def find_lesson(name: str | int) -> Lesson:
    """A lesson by its number or its key; KitError where there is none."""
    said = str(name).strip().casefold()
    for lesson in LESSONS.values():
        if said in (str(lesson.number), lesson.key, lesson.notebook):
            return lesson
    found = _("there is no lesson {name}.").format(name=repr(str(name)))
    raise KitError(found, did_you_mean(said, LESSONS) or _("Name one of 1 to {n}.").format(n=len(LESSONS)))
