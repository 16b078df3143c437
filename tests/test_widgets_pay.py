"""The view to set pay, driven without a browser: what follows a slider, what it saves, and what it leaves alone."""

import csv
import math
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.language import language, use_language
from kpi_helpers.pay import read_pay
from kpi_helpers.scorecard import whose
from kpi_helpers.widgets.pay import PayStudio, set_pay
from kpi_helpers.widgets.pay_chart import PayChart
from kpi_helpers.widgets.view import STILL_TYPE
from tests.small_company import made_exports, write_goals

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
HOSTILE = "<img src=x onerror=alert(1)>"
PAY = """owner,bonus,kpi,weight,target,curve,threshold,cap,note
marketing,1000,leads,60 %,20,,,,agreed
marketing,,cpl,40 %,,linear,50 %,no,
sales,500,qualification_rate,100 %,80 %,step,,,<i>by hand</i>
"""


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    """In month n there are 14 + n leads; the last month is the 14th: 28 leads for 1700, three of four qualified."""
    made = made_exports(tmp_path)
    write_goals(made, "cpl,company,50,,,,marketing")
    (tmp_path / "pay.csv").write_text(PAY, encoding="utf-8")
    return made


@pytest.fixture
def view(exports: Exports) -> PayStudio:
    return set_pay(exports)


def row_of(view: PayStudio, key: str) -> Any:
    return next(row for row in view.form.rows if row.key == key)


def said(html: str) -> str:
    return " ".join(re.sub("<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL).split())


def saved(folder: Path) -> list[dict[str, str]]:
    with open(folder / "pay.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# What is shown

def test_the_schemes_of_the_file_are_shown(view: PayStudio) -> None:
    assert [row.key for row in view.form.rows] == ["leads", "cpl"] and view.form.bonus.value == 1000
    assert [row.weight.value for row in view.form.rows] == [60, 40] and "Weights: 100%" in view.form.sum.value
    assert [row.target.value for row in view.form.rows] == ["20", ""]
    assert row_of(view, "cpl").target.placeholder == "goal ₽50.00"
    assert [row.cap.value for row in view.form.rows] == [120, 0]
    view.form.owner.value = "sales"
    (row,) = view.form.rows
    assert (row.curve.value, row.threshold.value, row.target.value) == ("step", 100, "80 %")
    assert row.cap.layout.visibility == "hidden"


def test_index_and_bonus_by_hand(view: PayStudio) -> None:
    """28 of 20 leads: at the cap of 120 %; 1700 / 28 = 60.71 against 50: 78.57 %: .6 x 1.2 + .4 x .7857 = 1.0343."""
    words = said(view.status.value)
    assert "February 2026: index 103.43%, bonus ₽1,034 (₽1,000 where every target is just reached)" in words
    assert "140.00% 120.00% 60.00% 72.00% ₽720" in words and "78.57% 78.57% 40.00% 31.43% ₽314" in words
    assert "without a cap" in words and "no limit" in view.sides.value


def test_only_what_the_owner_moves_is_offered_first(view: PayStudio) -> None:
    offered = [key for _words, key in view.form.add.options if key]
    owned = [whose("marketing", KPIS[key]) for key in offered]
    assert owned == sorted(owned, key=("own", "shared", "other").index) and set(owned) == {"own", "shared", "other"}
    assert not {"leads", "cpl", "spend"} & set(offered), "what is there, and what is neither good nor bad"
    starred = [key for words, key in view.form.add.options if words.startswith("★")]
    assert starred and all(whose("marketing", KPIS[key]) == "own" and KPIS[key].kind == "KPI" for key in starred)


# What follows

def test_a_slider_moves_everything(view: PayStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    row_of(view, "cpl").cap.value = 120
    drawn: list[Any] = []
    monkeypatch.setattr(PayChart, "show", lambda _self, ax, _alt: drawn.append(ax))
    before = (view.status.value, view.sides.value, view.picture.widget.value)
    row_of(view, "leads").weight.value = 20
    row_of(view, "cpl").weight.value = 80
    after = (view.status.value, view.sides.value, view.picture.widget.value)
    assert all(one != two for one, two in zip(before, after, strict=True))
    assert drawn == [], "the bars were moved, not drawn anew"
    assert "bonus ₽869" in said(view.status.value)  # .2 x 1.2 + .8 x .7857
    assert "Marketing: ₽" in said(view.picture.widget.value) and "Marketing: ₽" in said(view.picture.still())


def test_weights_that_are_not_whole_are_named_and_made_whole(view: PayStudio) -> None:
    row_of(view, "leads").weight.value = 20
    assert "Weights: 60.0%" in view.form.sum.value and "until they make 100" in view.form.sum.value
    assert "The weights add up to 60.0%" in said(view.faults.value)
    assert "20.00% 33.33% 40.00%" in said(view.status.value) and "count in proportion" in said(view.status.value)
    view.form.fill.click()
    assert [row.weight.value for row in view.form.rows] == [33, 67], "proportions stay: 20 to 40"
    assert "Weights: 100%" in view.form.sum.value and "weights" not in said(view.faults.value)
    for row in view.form.rows:
        row.weight.value = 0
    view.form.fill.click()
    assert [row.weight.value for row in view.form.rows] == [50, 50]


def test_a_kpi_is_added_and_taken_out(view: PayStudio, exports: Exports) -> None:
    view.form.add.value = "qualification_rate"
    row = row_of(view, "qualification_rate")
    assert row.weight.value == 0 and "moved by sales: to watch, not to pay for" in row.name.value
    row.weight.value = 30
    assert "sales moves it, marketing is paid for it" in said(view.faults.value)
    view.form.fill.click()
    assert row.weight.value == 0, "what another moves gets no weight"
    row.remove.click()
    assert [row.key for row in view.form.rows] == ["leads", "cpl"]
    for row in list(view.form.rows):
        row.remove.click()
    assert "holds no KPI yet" in view.status.value and view.picture.widget.layout.display == "none"
    view.form.fill.click()
    view.form.add.value = "leads"
    view.form.fill.click()
    assert view.picture.widget.layout.display == "none" and "no month has one" in said(view.faults.value)
    assert "no paid KPI has both a result and a target" in said(view.status.value)
    row_of(view, "leads").target.value = "20"
    assert view.picture.widget.layout.display == "" and "index 120.00%" in said(view.status.value)


def test_curve_threshold_and_cap_count(view: PayStudio) -> None:
    cpl = row_of(view, "cpl")
    cpl.threshold.value = 80
    assert "78.57% 0.00% 40.00% 0.00% ₽0" in said(view.status.value)
    cpl.threshold.value, cpl.curve.value = 70, "step"
    assert "78.57% 100.00% 40.00% 40.00% ₽400" in said(view.status.value)
    row_of(view, "leads").cap.value = 150
    assert "140.00% 140.00% 60.00% 84.00% ₽840" in said(view.status.value)


def test_a_target_that_cannot_be_read_is_said_and_not_saved(view: PayStudio, exports: Exports) -> None:
    text = (exports.folder / "pay.csv").read_text(encoding="utf-8")
    for wrong in ("1,200", HOSTILE, "80 %"):
        row_of(view, "leads").target.value = wrong
        assert "target = " in said(view.faults.value) and "<img" not in view.faults.value
        view.form.save.click()
        assert "Not saved: target = " in said(view.said.value)
    assert (exports.folder / "pay.csv").read_text(encoding="utf-8") == text
    row_of(view, "leads").target.value = "14"
    assert "target = " not in said(view.faults.value) and "200.00% 120.00%" in said(view.status.value)


# Saving

def test_saving_keeps_what_is_anothers_and_is_read_again(view: PayStudio, exports: Exports) -> None:
    before = saved(exports.folder)
    row_of(view, "leads").weight.value = 70
    row_of(view, "cpl").weight.value = 30
    row_of(view, "leads").target.value = ""
    view.form.bonus.value = 1200.5
    view.form.save.click()
    assert "marketing. The schemes of others are as they were" in said(view.said.value)
    rows = saved(exports.folder)
    assert {name: rows[2][name] for name in before[2]} == before[2], "as it was written"
    assert rows[0]["note"] == "agreed" and rows[0]["target"] == "" and rows[1]["cap"] == "no"
    again = set_pay(exports)
    assert again.form.bonus.value == 1200.5 and [row.weight.value for row in again.form.rows] == [70, 30]
    assert math.isnan(read_pay(exports)[0].lines[0].target)


def test_weights_of_thirds_stay_exact_where_they_are_not_touched(exports: Exports) -> None:
    text = "owner,bonus,kpi,weight,target,at_threshold\n" + "".join(
        f"marketing,{9 if n == 0 else ''},{key},0.333333,9,0.5\n" for n, key in enumerate(("leads", "cpl", "cpql")))
    (exports.folder / "pay.csv").write_text(text, encoding="utf-8")
    view = set_pay(exports)
    assert "Weights: 100%" in view.form.sum.value
    before = repr(read_pay(exports))
    view.form.bonus.value = 10
    view.form.bonus.value = 9
    view.form.save.click()
    assert repr(read_pay(exports)) == before


def test_a_scheme_that_is_wrong_is_not_saved(view: PayStudio, exports: Exports) -> None:
    row_of(view, "leads").weight.value = 10
    view.form.save.click()
    assert "Not saved: pay.csv, marketing: the weights add up to 50.0%" in said(view.said.value)
    assert saved(exports.folder)[0]["weight"] == "60 %"


def test_what_others_write_in_the_meantime_stays(view: PayStudio, exports: Exports) -> None:
    view.form.bonus.value = 1100
    view.form.save.click()
    view.form.bonus.value = 1200
    view.form.save.click()
    assert [scheme.bonus for scheme in read_pay(exports)] == [1200, 500], "what the view wrote itself is no surprise"
    (exports.folder / "pay.csv").write_text(PAY.replace("sales,500", "sales,700"), encoding="utf-8")
    view.form.save.click()
    assert "Not saved: pay.csv: the file was changed since it was read" in said(view.said.value)
    assert [scheme.bonus for scheme in read_pay(exports)] == [1000, 700]


def test_an_emptied_list_does_not_delete_the_scheme(view: PayStudio, exports: Exports) -> None:
    for row in list(view.form.rows):
        row.remove.click()
    view.form.save.click()
    assert "Not saved: pay.csv: the scheme holds no KPI" in said(view.said.value)
    assert (exports.folder / "pay.csv").read_text(encoding="utf-8") == PAY


def test_what_makes_no_sense_is_said_while_it_is_typed(view: PayStudio) -> None:
    row_of(view, "leads").target.value = "0"
    assert "leads: no share of the target 0 can be achieved" in said(view.faults.value)
    row_of(view, "leads").target.value = "20"
    cpl = row_of(view, "cpl")
    cpl.curve.value, cpl.threshold.value = "step", 0
    assert view.form.scheme().lines[1].curve.threshold == 0, "the scheme is what the controls say"
    assert "cpl: all or nothing needs a threshold above 0" in said(view.faults.value)
    view.form.save.click()
    assert "Not saved" in said(view.said.value)


def test_a_large_bonus_stays_as_it_is(exports: Exports) -> None:
    (exports.folder / "pay.csv").write_text(PAY.replace("marketing,1000", "marketing,5000000000000"), encoding="utf-8")
    assert set_pay(exports).form.bonus.value == 5e12


def test_another_owner_begins_with_what_has_goals_and_the_draft_stays(view: PayStudio) -> None:
    row_of(view, "leads").weight.value = 55
    view.form.owner.value = "service"
    assert view.form.rows == [] and "holds no KPI yet" in view.status.value
    view.form.owner.value = "marketing"
    assert [row.weight.value for row in view.form.rows] == [55, 40]


def test_without_a_file_one_is_begun(exports: Exports) -> None:
    (exports.folder / "pay.csv").unlink()
    view = set_pay(exports)
    assert [row.key for row in view.form.rows] == ["cpl"] and row_of(view, "cpl").weight.value == 100
    view.form.save.click()
    assert [scheme.owner for scheme in read_pay(exports)] == ["marketing"]


def test_a_wrong_file_is_said_before_anything_is_shown(exports: Exports) -> None:
    (exports.folder / "pay.csv").write_text(PAY.replace("cpl", "cplx"), encoding="utf-8")
    with pytest.raises(KitError, match=r"pay\.csv, line 3: there is no KPI 'cplx'"):
        set_pay(exports)


def test_yaml_is_read_and_not_written(exports: Exports) -> None:
    (exports.folder / "pay.csv").unlink()
    path = exports.folder / "pay.yml"
    path.write_text("- {owner: marketing, bonus: 5, kpis: [{kpi: leads, weight: 1}]}\n", encoding="utf-8")
    view = set_pay(exports)
    view.form.save.click()
    assert "saved as CSV" in said(view.said.value) and "kpis" in path.read_text(encoding="utf-8")


# Hostile text, language, still

def test_a_channel_from_the_file_is_escaped(exports: Exports) -> None:
    text = f"owner,bonus,kpi,scope,weight,target\nmarketing,5,leads,,1,9\nmarketing,,leads,{HOSTILE},0,9\n"
    (exports.folder / "pay.csv").write_text(text, encoding="utf-8")
    with pytest.raises(KitError, match="there is no channel"):
        set_pay(exports)
    (exports.folder / "channels.csv").write_text(f"source,medium,campaign,channel\nx,*,*,{HOSTILE}\n", encoding="utf-8")
    view = set_pay(exports)
    shown = view.form.rows[1].name.value + view.status.value + view.still()
    assert "&lt;img src=x" in shown and "<img src=x" not in shown


def test_answers_come_in_the_language_of_the_view(exports: Exports) -> None:
    use_language("ru")
    view = set_pay(exports)
    use_language("en")
    row_of(view, "leads").weight.value = 20
    assert language() == "ru" and "Сумма весов" in view.form.sum.value
    assert not re.search(r"\b(weight|bonus|paid|target)\b", said(view.status.value + view.sides.value))


def test_the_view_leaves_a_still_picture(view: PayStudio) -> None:
    bundle = view._repr_mimebundle_()
    assert {WIDGET_TYPE, STILL_TYPE, "text/plain"} <= set(bundle)
    assert 'alt="Marketing: ' in bundle[STILL_TYPE] and "data:image/png;base64," in bundle[STILL_TYPE]
    assert "<script" not in bundle[STILL_TYPE]


@pytest.mark.slow
def test_the_notebook_runs_and_shows_still_pictures(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(root), os.environ.get("PYTHONPATH", ""))))
    path = root / "notebooks" / "explore" / "team_scorecard.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells), "outputs are not committed"
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": str(path.parent)}}).execute()
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("Full bonus in the months" in output.get(STILL_TYPE, "") for output in data if WIDGET_TYPE in output)
