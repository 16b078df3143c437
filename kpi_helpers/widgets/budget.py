"""Move the budget: what if money went from one channel to another, by several response curves side by side."""

from __future__ import annotations

from functools import lru_cache

import ipywidgets as widgets
import pandas as pd

from kpi_helpers.budget import Curves, what_if
from kpi_helpers.comparisons import judge_paid_traffic
from kpi_helpers.coverage import last_day
from kpi_helpers.exports import Exports
from kpi_helpers.labels import lower_first, write_period
from kpi_helpers.language import _
from kpi_helpers.monthly import prepare_month
from kpi_helpers.response import (
    AS_SEEN,
    LONG,
    REACHES,
    YEAR,
    Advice,
    Spending,
    Weeks,
    advise,
    best_within,
    fit_weeks,
    keep_total,
    limits_of,
    next_returns,
)
from kpi_helpers.response_words import (
    advice_words,
    beyond_words,
    caution_words,
    change_words,
    experiment_words,
    finding_words,
    money_words,
    reach_words,
    result_name,
    worth_words,
)
from kpi_helpers.tables import notice, page_style
from kpi_helpers.terms import TABLES
from kpi_helpers.widgets.budget_pieces import (
    ResponseChart,
    best_table,
    forms_table,
    next_table,
    notes_html,
    refused_table,
    response_chart,
    said_html,
    titled_html,
    today_forms,
)
from kpi_helpers.widgets.budget_sliders import MoneySliders
from kpi_helpers.widgets.goal_form import form_row
from kpi_helpers.widgets.goal_pieces import studio_style
from kpi_helpers.widgets.view import View, choice, still_page

ALL_WEEKS = 0
TRIED = 3  # results


def move_budget(exports: Exports) -> BudgetMover:
    """A view of what spend brings and what would happen if money moved; says what is missing where nothing can be."""
    return BudgetMover(Spending(exports))


class BudgetMover(View):
    """Controls `result`, `period`, `reach`, `keep`, `today`, `advised` and `money`, a slider for each channel.

    Curves are fitted once for a result and a period; after that everything follows a slider at once.
    """

    weeks: Weeks
    curves: Curves
    _spends: dict[str, float]
    _limits: pd.DataFrame
    _best: pd.DataFrame
    _advice: Advice
    _returns: pd.DataFrame
    _today: pd.DataFrame

    def __init__(self, spending: Spending) -> None:
        super().__init__()
        self._empty = _empty_channels(spending.exports)
        self._spending, self._currency, self.title = spending, spending.currency, _("Move the budget")
        self._fitted = lru_cache(maxsize=None)(self._fit)
        self.style, self.said, self.forms, self.more = (widgets.HTML() for _number in range(4))
        self.style.value = page_style() + studio_style()
        self.picture = ResponseChart()
        if not spending.results:
            self.said.value = _nothing(spending)
            self.root = widgets.VBox([self.style, self.said])
            return
        self.result = choice(_("Result"), [(result_name(key), key) for key in spending.results],
                             self._first_result(),
                             tooltip=_("What the money is to bring"))  # fmt: skip
        self.period = choice(_("Learn from"), self._periods(), tooltip=_("The weeks that the curves are learned from"))
        self.reach = choice(_("A channel may move"), [(reach_words(reach), reach) for reach in REACHES], AS_SEEN,
                            tooltip=_("How far the money of a channel may move"))  # fmt: skip
        self.keep = widgets.Checkbox(value=True, description=_("Keep the total"), indent=False,
                                     tooltip=_("What one channel gets, the others give"))  # fmt: skip
        self.today = widgets.Button(description=_("As today"), tooltip=_("Back to today's split"))
        self.advised = widgets.Button(description=_("As the curves advise"),
                                      tooltip=_("The mean of the best splits of all curves"))  # fmt: skip
        for control, width in ((self.result, 200), (self.period, 220), (self.reach, 200)):
            control.layout.flex = f"1 1 {width}px"
        for button in (self.today, self.advised):
            button.layout.width = "auto"
        self.money = MoneySliders(self._currency)
        controls = [form_row(self.result, self.period, self.reach), form_row(self.keep, self.today, self.advised)]
        self.root = widgets.VBox(
            [self.style, *controls, self.money.root, self.said, self.forms, self.picture.widget, self.more]
        ).add_class("kpi-studio")  # fmt: skip
        self.listen(self._choose_result, self.result)
        self.listen(self._learn, self.period)
        self.listen(self._bound, self.reach)
        self.listen(self._set_today, self.today)
        self.listen(self._set_advised, self.advised)
        self._learn()

    def still(self) -> str:
        pieces = (studio_style(), self.said.value, self.forms.value, self.picture.still(), self.more.value)
        return still_page(*pieces)

    # What was chosen

    def _choose_result(self) -> None:
        with self.quiet():
            chosen, options = self.period.value, self._periods()
            self.period.options = options
            self.period.value = chosen if chosen in [value for _words, value in options] else ALL_WEEKS
        self._learn()

    def _learn(self) -> None:
        """Fit the curves of this result and period, which takes seconds the first time."""
        self.said.value = said_html(_("The curves are being fitted: some seconds."), [])
        self.weeks, self.curves = self._fitted(self.result.value, self.period.value)
        self._offer_total()
        if not self.curves.responses:
            self._show_refused()
            return
        self.picture.widget.layout.display = ""
        self._returns = next_returns(self.curves, self._spending.worth(self.result.value))
        self._today = today_forms(self.curves)
        self._spends = self._as_today()
        finding = finding_words(self._returns, self.curves, self.result.value, self._currency)
        self.picture.show_curves(*response_chart(self.curves, self.result.value, self._currency, self._spends, finding))
        self._bound()

    def _offer_total(self) -> None:
        """One channel alone has nobody to take money from, and none has nothing to move."""
        channels = len(self.curves.spends)
        for piece in (self.today, self.advised, self.reach):
            piece.disabled = not channels
        with self.quiet():
            if self.keep.disabled or channels < 2:
                self.keep.value = channels > 1
            self.keep.disabled = channels < 2

    def _bound(self) -> None:
        """Take the bounds: what lies outside them comes back to today."""
        self._limits = limits_of(self.curves, self.reach.value)
        outside = [channel for channel, spend in self._spends.items() if not self._is_within(channel, spend)]
        if outside:
            self._spends = self._as_today()
        with self.quiet():
            self.money.offer(self._limits, self.curves.spends["today"], self._spends)
        for slider in self.money.sliders.values():
            self.listen(self._move, slider)
        self._advise()
        self._follow()

    def _move(self) -> None:
        """One slider was moved: the others follow where the total is kept."""
        moved = self.money.moved(self._spends)
        if moved is None:
            return
        channel, spend = moved
        free = {**self._spends, channel: spend}
        self._set(keep_total(self._spends, channel, spend, self._limits) if self.keep.value else free)

    def _set_today(self) -> None:
        self._set(self._as_today())

    def _set_advised(self) -> None:
        self._set(dict(self._advice.split))

    def _set(self, spends: dict[str, float]) -> None:
        total = sum(self._spends.values())
        self._spends = spends
        with self.quiet():
            self.money.take(spends)
        if abs(sum(spends.values()) - total) > 1e-6 * total:
            self._advise()
        self._follow()

    def _as_today(self) -> dict[str, float]:
        return {str(channel): self.curves.of(str(channel), "today") for channel in self.curves.spends.index}

    def _is_within(self, channel: str, spend: float) -> bool:
        least, most = (self._limits[end].to_dict()[channel] for end in ("least", "most"))
        return bool(least - 1e-6 * most <= spend <= most * (1 + 1e-6))

    def _is_split(self, split: dict[str, float]) -> bool:
        """Whether the money is split so already."""
        return all(abs(split[channel] - spend) <= 1e-6 * max(spend, split[channel])
                   for channel, spend in self._spends.items())  # fmt: skip

    # What follows

    def _advise(self) -> None:
        """The best splits of the money that is on the sliders; they change with the sum and the bounds alone."""
        self._best = best_within(self.curves, sum(self._spends.values()), self._limits)
        self._advice = advise(self.curves, self._best)

    def _follow(self) -> None:
        curves, result, currency = self.curves, self.result.value, self._currency
        expected = what_if(curves, self._spends)
        lines = [money_words(curves, self._spends, currency), beyond_words(expected)]
        self.said.value = said_html(change_words(expected, result, currency), lines)
        same = self._is_split(self._as_today())
        self.today.disabled, self.advised.disabled = same, self._is_split(self._advice.split)
        self.forms.value = "" if same else forms_table(expected, self._today, result, currency)
        self.picture.follow_plan(self._spends)
        self.more.value = "".join(self._pieces(curves, result, currency))

    def _pieces(self, curves: Curves, result: str, currency: str) -> list[str]:
        advice, planned = self._advice, self._spends
        same = self._is_split(self._as_today())
        agreed = [*advice_words(advice, curves, result, currency),
                  worth_words(advice, self._returns, curves, currency)]  # fmt: skip
        tests = experiment_words(curves, advice.split if same else planned, result, currency)
        return [
            next_table(self._returns, curves, result, currency),
            titled_html(_("What the curves agree on"), agreed),
            best_table(self._best, advice, currency) if len(advice.directions) > 1 else "",
            titled_html(_("The experiment that would settle it"), tests),
            refused_table(curves, self.weeks, currency, self._empty),
            notes_html([*self.weeks.left_out, *filter(None, [caution_words(result)]), _limits_of_method()]),
        ]

    def _show_refused(self) -> None:
        """No channel has curves: only why."""
        self.said.value = notice(_("No channel has a response curve for this result."),
                                 _("Choose another result, or see below what would help."))  # fmt: skip
        self.forms.value, self.picture.widget.layout.display = "", "none"
        self.picture.clear()
        self.money.clear()
        refused = refused_table(self.curves, self.weeks, self._currency, self._empty)
        self.more.value = refused + notes_html(list(self.weeks.left_out))

    # What it knows

    def _fit(self, result: str, period: int) -> tuple[Weeks, Curves]:
        weeks = self._spending.weeks(result, period or None)
        return weeks, fit_weeks(weeks)

    def _first_result(self) -> str:
        """The most telling result of which two channels have curves; the search is short, for fits take seconds."""
        tried = self._spending.results[:TRIED]
        return next((key for key in tried if len(self._fitted(key, ALL_WEEKS)[1].spends) > 1), tried[0])

    def _periods(self) -> list[tuple[str, int]]:
        weeks = self._spending.weeks(self.result.value)
        options = [(write_period(weeks.first, weeks.last) if len(weeks) else _("all weeks"), ALL_WEEKS)]
        return [*options, *([(_("the last 12 months"), YEAR)] if len(weeks) >= LONG else [])]


def _limits_of_method() -> str:
    return _(
        "A curve takes what the channel is credited with: what one channel does for another is not seen. Where spend "
        "followed demand, it takes the demand for its effect. All of it is what if, learned from past weeks."
    )


def _empty_channels(exports: Exports) -> frozenset[str]:
    """The channels whose visits are proven empty in the last month (see `comparisons.judge_paid_traffic`)."""
    end = last_day(exports)
    if end is None or not {"ads", "traffic"} <= set(exports.tables):
        return frozenset()
    paid = judge_paid_traffic(prepare_month(exports, f"{end:%Y-%m}"))
    return frozenset(map(str, paid.empty.index)) if paid else frozenset()


def _nothing(spending: Spending) -> str:
    """What is missing for any curve."""
    ads = TABLES["ads"]
    if not spending.channels:
        return notice(_("No export tells what was spent by day."), _("Add {export}.").format(export=_(ads.source)))
    results = lower_first(_(TABLES["leads"].name))
    return notice(_("No export tells by channel what the money brought: {table}.").format(table=results),
                  _("Add {export}.").format(export=_(TABLES["leads"].source)))  # fmt: skip
