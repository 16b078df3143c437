"""Set pay: a scheme of one owner, held against the company's months while it is made."""

from __future__ import annotations

from pathlib import Path

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.folders import shown_path
from kpi_helpers.history import History
from kpi_helpers.labels import owner_name, write_value
from kpi_helpers.language import _
from kpi_helpers.monthly import read_goals
from kpi_helpers.pay import Ledger, Pay, find_pay, read_pay
from kpi_helpers.pay.pieces import is_known, score_table, sides_table
from kpi_helpers.pay.words import month_words
from kpi_helpers.scorecard import Scheme, describe_fault, save_scheme
from kpi_helpers.scorecard.scheme import ROUNDING, line_problems
from kpi_helpers.tables import TEMPLATES, notice, page_style
from kpi_helpers.widgets.goal_pieces import not_saved_html, said_html, studio_style
from kpi_helpers.widgets.pay_chart import PayChart
from kpi_helpers.widgets.pay_form import PayForm
from kpi_helpers.widgets.view import View, still_page

_SAID = Markup('<div class="kpi"><p class="kpi-pay-said">{}</p></div>')
_SUM = Markup('<div class="kpi kpi-pay-sum"><strong>{}</strong> {}</div>')
_FAULTS = Markup('<div class="kpi"><h4>{}</h4></div>{}')
_FINE = Markup('<div class="kpi"><p class="note">{}</p></div>')


def set_pay(exports: Exports, pay_file: str | Path = "") -> PayStudio:
    """A view to make schemes of pay; they are saved in `pay_file`, or in pay.csv in the company's folder.

    KitError where the file or the goals cannot be read, and where no month is over.
    """
    path = Path(pay_file) if pay_file else find_pay(exports.folder)
    held = path.read_bytes() if path.is_file() else b""
    schemes = read_pay(exports, path) if path.exists() else []
    return PayStudio(Ledger(History(exports), read_goals(exports)), schemes, path, held)


class PayStudio(View):
    """A form for one owner's scheme; index, chart, both sides and faults follow it."""

    def __init__(self, ledger: Ledger, schemes: list[Scheme], path: Path, held: bytes) -> None:
        super().__init__()
        self._ledger, self._path, self._held = ledger, path, held
        self._currency = ledger.history.currency
        self.title, self.style = _("Scorecard and pay"), widgets.HTML(page_style() + studio_style() + pay_style())
        self.form = PayForm(ledger, schemes, self.listen, self._follow)
        self.picture, self.said = PayChart(), widgets.HTML()
        self.status, self.faults, self.sides = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.root = widgets.VBox(
            [
                self.style, self.form.head, self.form.list, self.form.foot, self.said, self.status, self.faults,
                self.picture.widget, self.sides,
            ]
        ).add_class("kpi-studio").add_class("kpi-pay")  # fmt: skip
        self.listen(self._change_owner, self.form.owner)
        self.listen(self._follow, self.form.bonus)
        self.listen(self._add, self.form.add)
        self.listen(self._fill, self.form.fill)
        self.listen(self._save, self.form.save)
        self._follow()

    def still(self) -> str:
        return still_page(
            studio_style(), pay_style(), self.status.value, self.faults.value, self.picture.still(), self.sides.value
        )

    # What was chosen

    def _change_owner(self) -> None:
        with self.quiet():
            self.form.change_owner()
            self.said.value = ""
        self._follow()

    def _add(self) -> None:
        with self.quiet():
            self.form.add_kpi()
        self._follow()

    def _fill(self) -> None:
        with self.quiet():
            self.form.make_whole()
        self._follow()

    # What follows

    def _follow(self) -> None:
        """Hold the scheme against the months: words first, then the picture."""
        scheme = self.form.scheme()
        self.form.sum.value = sum_html(scheme)
        if not scheme.lines:
            self._show_nothing()
            return
        pay = self._ledger.hold(scheme)
        words = _SAID.format(month_words(pay, 0, self._currency))
        self.status.value = str(words) + score_table(pay, self._currency)
        self.faults.value = faults_html(pay, self.form.faults)
        self.sides.value = sides_table(pay, self._currency)
        self.picture.widget.layout.display = "" if is_known(pay) else "none"
        if is_known(pay):
            self.picture.show_pay(pay, self._currency)

    def _show_nothing(self) -> None:
        self.status.value = notice(_("The scheme holds no KPI yet."), _("Add one above."))
        self.faults.value = self.sides.value = ""
        self.picture.widget.layout.display = "none"

    # Saving

    def _save(self) -> None:
        scheme = self.form.scheme()
        try:
            if faults := self.form.faults:
                raise KitError(faults[0])
            self._held = save_scheme(self._path, scheme, self._held)
        except (KitError, OSError) as error:
            self.said.value = not_saved_html(error, self._path)
            return
        form = _("Saved in {file}: {owner}. The schemes of others are as they were.")
        self.said.value = said_html(form.format(file=shown_path(self._path), owner=owner_name(scheme.owner)))


def pay_style() -> str:
    """The style sheet of the view, beside that of the studio."""
    return f"<style>{(TEMPLATES / 'pay.css').read_text(encoding='utf-8')}</style>"


def sum_html(scheme: Scheme) -> str:
    """What the weights add up to."""
    whole = abs(scheme.weight - 1) <= ROUNDING * max(len(scheme.lines), 1)
    said = "" if whole else _("change them until they make 100 %")
    words = _("Weights: {sum}").format(sum=write_value(scheme.weight, "share", short=whole))
    return str(_SUM.format(words, said))


def faults_html(pay: Pay, unread: list[str]) -> str:
    """What is unfair in the scheme, each with the next step, after what could not be read."""
    pieces = [notice(text) for text in unread]
    pieces += [notice(error.found, error.next_step) for error in line_problems(pay.scheme)]
    pieces += [notice(*describe_fault(pay.scheme, fault)) for fault in pay.faults]
    if not pieces:
        return str(_FINE.format(_("No faults were found: the documentation says what is looked for.")))
    return str(_FAULTS.format(_("What to change before it is agreed upon"), Markup("".join(pieces))))
