"""Plan a test: how many trials and weeks a hoped-for share needs, and what a test of so many weeks would miss."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.beliefs.plan_words import base_words, effort_words, finding_words, miss_words, warnings
from kpi_helpers.beliefs.planning import SHOWN, Base, Plan, base_of, shares_to_test, weeks_shown
from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.history import COMPANY, History, scope_name
from kpi_helpers.labels import kpi_name, lower_first, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.lettering import LONGEST_NAME, cut_middle
from kpi_helpers.tables import notice, page_style
from kpi_helpers.widgets.goal_form import form_row
from kpi_helpers.widgets.goal_pieces import studio_style
from kpi_helpers.widgets.target import Target
from kpi_helpers.widgets.test_plan_chart import PlanChart
from kpi_helpers.widgets.view import NAMES_UNCUT, Choices, View, choice, kpi_choices, offer, still_page

MONTHS = (1, 3, 12)  # over which the share as it is can be taken
POWERS = (0.8, 0.9)
APART = (0.5, 0.2, 0.1, 0.05)  # of the trials, without the change
LIFT = 1.2  # hoped for at first: a fifth better
WEEKS, LONGEST, MOST_TESTS = 4, SHOWN[-2], 20
_SAID = Markup('<div class="kpi"><p>{}</p><ul>{}</ul></div>')


def plan_test(exports: Exports) -> TestPlan:
    """A view to plan a test of a share: from the company's own numbers to trials and weeks, and back."""
    return TestPlan(exports)


class TestPlan(View):
    """Controls `kpi`, `scope`, `months`, `hoped`, `power`, `apart`, `weeks` and `tests`; picture and words follow."""

    __test__ = False  # no test of the tests

    def __init__(self, exports: Exports) -> None:
        super().__init__()
        self.title, self.picture, self.words = _("Plan a test"), PlanChart(), widgets.HTML()
        self.style = widgets.HTML(page_style() + studio_style())
        try:
            self._history: History = History(exports)
            keys = shares_to_test(self._history)
        except KitError as error:
            keys = []
            self.words.value = notice(error.found, error.next_step)
        if not keys:
            nothing = notice(_("No share can be tested here: there is none of which a whole month is known."))
            self.words.value = self.words.value or nothing
            self.root = widgets.VBox([self.style, self.words])
            return
        self._base = lru_cache(maxsize=64)(self._find_base)
        self.kpi = choice(_("Share"), kpi_choices(keys), "visit_to_lead" if "visit_to_lead" in keys else None)
        self.scope = choice(_("For"), self._scopes())
        self.months = choice(_("As it was over"), [(_months_name(n), n) for n in MONTHS], 3)
        self.hoped = Target()
        self.power = choice(_("Found if it is there"), _shares(POWERS),
                            tooltip=_("The power of the test"))  # fmt: skip
        self.apart = choice(_("Without the change"), _shares(APART),
                            tooltip=_("What stays as it is: 50% for two equal groups, less for a holdout"))  # fmt: skip
        self.weeks = widgets.IntSlider(
            min=1, max=LONGEST, value=WEEKS, description=_("Weeks of the test"), style=NAMES_UNCUT,
            tooltip=_("Move with the mouse or the arrow keys"), layout={"width": "auto"},
        )  # fmt: skip
        self.tests = widgets.BoundedIntText(
            min=1, max=MOST_TESTS, value=1, description=_("Tests at once"), style=NAMES_UNCUT,
            tooltip=_("How many tests, or KPIs of one test, are looked at together"),
        )  # fmt: skip
        self.root = self._arranged()
        self.listen(self._change_share, self.kpi)
        self.listen(self._change_base, self.scope, self.months)
        self.listen(self._take_slider, self.hoped.slider)
        self.listen(self._take_number, self.hoped.number)
        self.listen(self._show, self.power, self.apart, self.weeks, self.tests)
        self._change_base()

    def still(self) -> str:
        return still_page(studio_style(), self.picture.still() if self.picture.widget.value else "", self.words.value)

    def _arranged(self) -> widgets.Widget:
        first, second = (self.kpi, self.scope, self.months), (self.power, self.apart, self.tests, self.weeks)
        for control, flex in ((self.kpi, "1 1 280px"), (self.weeks, "1 1 260px"), (self.tests, "0 1 110px")):
            control.layout.flex = flex
        self.weeks.add_class("kpi-told")
        rows = [form_row(*first), form_row(*self.hoped.controls), form_row(*second)]
        return widgets.VBox([self.style, *rows, self.words, self.picture.widget]).add_class("kpi-studio")

    # What was chosen

    def _scopes(self) -> Choices:
        scopes = [COMPANY, *self._history.scopes(self.kpi.value)]
        return [(cut_middle(scope_name(scope), LONGEST_NAME), scope) for scope in scopes]

    def _change_share(self) -> None:
        with self.quiet():
            offer(self.scope, self._scopes(), self.scope.value)
        self._change_base()

    def _change_base(self) -> None:
        """Take the share as it is, and hope for a fifth more; for less, where less is better."""
        base = self._base(self.kpi.value, self.scope.value, self.months.value)
        if base.can_be_tested:
            row = KPIS[base.key]
            hoped = base.share / LIFT if row.better == "lower" else min(base.share * LIFT, (1 + base.share) / 2)
            with self.quiet():
                self.hoped.offer(row, [base.share, hoped], _rounded(hoped), "")
                self.hoped.slider.description = _("Hoped for, %")
        self._show()

    def _take_slider(self) -> None:
        with self.quiet():
            self.hoped.take_slider()
        self._show()

    def _take_number(self) -> None:
        with self.quiet():
            self.hoped.take_number()
        self._show()

    def _find_base(self, key: str, scope: str, months: int) -> Base:
        return base_of(self._history, key, scope, months)

    # What follows

    def _show(self) -> None:
        base = self._base(self.kpi.value, self.scope.value, self.months.value)
        if not base.can_be_tested:
            self._refuse(_("This share is not known here, or is nothing or all: there is nothing to test against."))
            return
        if not 0 < self.hoped.value < 1:
            self._refuse(_("The share hoped for must be above 0% and below 100%."))
            return
        plan = Plan(base, self.hoped.value, self.power.value, self.apart.value)
        try:
            groups, needed = plan.groups(), plan.weeks()
        except KitError as error:
            self._refuse(error.found, error.next_step)
            return
        low, high = plan.found_in(self.weeks.value)
        said = [effort_words(plan, groups, needed), miss_words(self.weeks.value, low, high)]
        items = Markup("").join(Markup("<li>{}</li>").format(text) for text in warnings(plan, self.tests.value))
        words = Markup("<br>").join([base_words(base), *said])
        self.words.value = str(_SAID.format(words, items))
        self._draw(plan, weeks_shown(needed, self.weeks.value), low, high)

    def _draw(self, plan: Plan, longest: int, low: float, high: float) -> None:
        finding = finding_words(plan, self.weeks.value, low, high)
        name = cut_middle(scope_name(self.scope.value), LONGEST_NAME)
        between = _("between the curves a difference may be missed")
        subtitle = f"{kpi_name(plan.base.key)}, {lower_first(name)} · {between}"
        self.picture.show_plan(plan, self.weeks.value, longest, finding, subtitle)

    def _refuse(self, found: str, next_step: str = "") -> None:
        self.words.value, self.picture.widget.value = notice(found, next_step), ""


def _shares(shares: Sequence[float]) -> Choices:
    return [(write_value(share, "share", short=True), share) for share in shares]


def _months_name(months: int) -> str:
    if months == 1:
        return _("the last month")
    return ngettext("the last {n} month", "the last {n} months", months).format(n=months)


def _rounded(share: float) -> float:
    """Three digits of a share, so that the field is short."""
    return float(f"{share:.3g}")
