"""The tree of KPIs as a view, driven without a browser: sliders, the way back, clicks, languages, hostile names."""

import os
from pathlib import Path

import nbformat
import pytest

from kpi_helpers.exports import Exports
from kpi_helpers.language import language, use_language
from kpi_helpers.widgets.tree import TreeExplorer, explore_tree
from kpi_helpers.widgets.view import STILL_TYPE
from tests.test_company_tree import HOSTILE, OCTOBER, company

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
TELEPHONE = """\
name: Calls
top: revenue
nodes:
  revenue: {formula: managers * calls_each * order_rate * aov}
  managers: {name: Managers, unit: manager, value: 5, owner: sales, lever: Hire, cost: A salary, speed: year}
  calls_each: {name: Calls of a manager, unit: call/manager, value: 40, high: 60, owner: sales, lever: A list,
               cost: Time, speed: day}
  order_rate: {name: Orders for each call, unit: order/call, style: share, value: 0.1, norm: 0.12, high: 1,
               owner: sales, lever: Training, cost: Time, speed: month}
  aov: {owner: shared, lever: Prices, cost: Orders, speed: month}
"""


@pytest.fixture
def made(tmp_path: Path) -> Exports:
    """1000 visits, 20 leads, 16 of them qualified, 8 won, 10 orders for 500; the month before twice the visits."""
    return company(tmp_path, {"visits": 2000.0}, {}).exports


@pytest.fixture
def view(made: Exports) -> TreeExplorer:
    return explore_tree(made)


@pytest.fixture
def telephone(made: Exports) -> TreeExplorer:
    (made.folder / "tree.yml").write_text(TELEPHONE, encoding="utf-8")
    return explore_tree(made)


def cards(view: TreeExplorer) -> dict[str, str]:
    """The HTML of each card, by node."""
    return {key: card.value for key, card, _button in view.nodes._shown}


def test_a_slider_moves_the_top_as_arithmetic_says(view: TreeExplorer) -> None:
    view.what_if.controls["visits"].slider.value = 1300
    visits, rate = view.what_if.controls["visits"].value, 0.8
    top = visits * 20 / 1000 * rate * 8 / 16 * 10 / 8 * 50
    assert view._planned["revenue"] == pytest.approx(top, rel=1e-9) and visits != 1000
    assert f"Revenue: ₽500 → ₽{top:,.0f}" in view.what_if.words.value
    assert "→" in cards(view)["leads"] and "→" not in cards(view)["qualification_rate"]
    view.what_if.controls["qualification_rate"].number.value = 90  # shares are typed in percent
    assert view._planned["revenue"] == pytest.approx(top * 90 / 80, rel=1e-9)
    assert view.what_if.changes == {"visits": visits, "qualification_rate": 0.9}


def test_reset_puts_everything_back(view: TreeExplorer) -> None:
    before = cards(view)
    view.what_if.controls["aov"].number.value = 75
    assert cards(view) != before
    view.what_if.reset.click()
    assert cards(view) == before and view.what_if.changes == {}
    assert view.what_if.controls["aov"].slider.value == 50


@pytest.mark.parametrize("leaf", ["visits", "visit_to_lead", "close_rate", "aov", "orders_per_won_lead"])
def test_what_the_way_back_finds_gives_the_top(view: TreeExplorer, leaf: str) -> None:
    view.what_if.controls["qualification_rate"].number.value = 70  # other leaves stay as they were moved
    view.backward.leaf.value = leaf
    view.backward.number.value = 450
    assert " must be " in view.backward.words.value and not view.backward.take.disabled
    view.backward.take.click()
    assert view._planned["revenue"] == pytest.approx(450, rel=1e-6)
    assert view.what_if.changes[leaf] == pytest.approx(view.backward.answer, rel=1e-6)
    assert view.what_if.controls["qualification_rate"].number.value == 70


def test_a_bound_ends_the_way_back(telephone: TreeExplorer) -> None:
    telephone.backward.leaf.value = "calls_each"
    telephone.backward.number.value = 2000  # 5 managers, 10 % and 50 for an order: 80 calls
    assert "would have to be 80.00, and cannot be above 60.00" in telephone.backward.words.value
    assert "At that bound Revenue is 1,500" in telephone.backward.words.value
    assert telephone.backward.take.disabled
    control = telephone.what_if.controls["calls_each"]
    control.number.value = 90
    assert control.number.value == 60 and control.slider.max == 60


def test_the_companys_own_tree_is_shown_with_what_it_says_and_what_is_measured(telephone: TreeExplorer) -> None:
    assert telephone.tree.options[0] == ("Calls", 0) and telephone.tree.value == 0
    assert "₽1,000" in cards(telephone)["revenue"]  # 5 * 40 * 10 % * 50
    telephone.choose_node("managers")
    assert "Said in the file of the tree, not measured." in telephone.details.value
    telephone.choose_node("aov")
    assert "Said in the file" not in telephone.details.value
    assert "norm 12%" in cards(telephone)["order_rate"]


def test_a_click_shows_what_is_known_of_a_node(view: TreeExplorer) -> None:
    view.nodes.button("qualification_rate").click()
    said = view.details.value
    assert all(words in said for words in ("Qualification rate", "<mfrac>", "within a day", "Answer in time", "sales"))
    assert "Not enough data to judge the norm of 80.0%: 16 of 20" in said
    assert "chosen" in cards(view)["qualification_rate"] and "chosen" not in cards(view)["revenue"]
    assert 'alt="Qualification rate: 80.0%' in view.picture.widget.value
    view.nodes.button("revenue").click()
    assert "<mo>×</mo>" in view.details.value and "average order value" in view.details.value


def test_levers_bring_what_arithmetic_says(view: TreeExplorer) -> None:
    rows = view.levers.value
    assert rows.index("Visits") < rows.index("Average order value")  # a day before a month
    assert "1,000 →\N{NO-BREAK SPACE}1,100" in rows and "+₽50.00" in rows  # a tenth more visits: a tenth more revenue
    assert "orders_per_won_lead" not in rows and "Ad spend for each visit" not in rows  # it does not move the top


def test_another_top_month_and_tree(view: TreeExplorer) -> None:
    view.top.value = "leads"
    assert set(cards(view)) == {"leads", "visits", "visit_to_lead"} | {"spend", "spend_per_visit"}
    assert [key for _words, key in view.backward.leaf.options] == ["visits", "visit_to_lead"]
    view.what_if.controls["visits"].number.value = 1500
    assert view._planned["leads"] == pytest.approx(30)
    view.month.value = view.month.options[-1][1]
    assert view.standing.month < OCTOBER and view.what_if.changes == {}
    shop = next(place for words, place in view.tree.options if words == "Shop")
    view.tree.value = shop
    assert view.top.value == "revenue" and "orders_per_visit" in cards(view)
    assert "0.50%" in cards(view)["orders_per_visit"]  # September: 10 orders, 2000 visits


def test_a_leaf_that_nothing_measures_can_be_tried(made: Exports) -> None:
    (made.folder / "tree.yml").write_text(TELEPHONE.replace("value: 5, ", ""), encoding="utf-8")
    view = explore_tree(made)
    assert "not known: managers" in cards(view)["revenue"]
    assert "now not known" in view.what_if.controls["managers"].slider.description
    view.backward.number.value = 3000
    view.backward.leaf.value = "managers"
    assert "Managers must be 15" in view.backward.words.value
    view.what_if.controls["managers"].number.value = 10
    assert view._planned["revenue"] == pytest.approx(10 * 40 * 0.1 * 50)


def test_answers_come_in_the_language_of_the_view(made: Exports) -> None:
    use_language("ru")
    view = explore_tree(made)
    use_language("en")
    view.what_if.controls["visits"].slider.value = 1300
    assert language() == "ru"
    assert "Выручка" in view.what_if.words.value
    use_language("en")
    view.nodes.button("visits").click()
    assert language() == "ru" and "Рычаг" in view.details.value


def test_what_a_tree_file_says_is_escaped_everywhere(made: Exports) -> None:
    text = TELEPHONE.replace("Calls of a manager", f'"{HOSTILE}"').replace("name: Calls\n", f'name: "{HOSTILE}"\n')
    (made.folder / "tree.yml").write_text(text.replace("lever: A list", f'lever: "{HOSTILE}"'), encoding="utf-8")
    view = explore_tree(made)
    view.choose_node("calls_each")
    view.backward.leaf.value = "calls_each"
    view.backward.number.value = 1200
    shown = [view.details.value, view.levers.value, view.still(), view.backward.words.value, *cards(view).values(),
             view.finding.value, view.notes.value, view.picture.widget.value, view.what_if.words.value]  # fmt: skip
    assert HOSTILE not in "".join(shown)
    assert "&lt;img src=x" in view.details.value and "&lt;img src=x" in view.levers.value


def test_the_view_leaves_a_still_picture(view: TreeExplorer) -> None:
    bundle = view._repr_mimebundle_()
    assert {WIDGET_TYPE, STILL_TYPE, "text/plain"} <= set(bundle)
    still = bundle[STILL_TYPE]
    assert 'class="tree-children"' in still and 'alt="' in still and "<script" not in still
    assert all(card.replace('<div class="kpi">', "").replace("</div>\n", "").strip()[:60] in still
               for card in cards(view).values())  # fmt: skip


def test_every_card_has_a_button_that_says_its_name_and_value(view: TreeExplorer) -> None:
    assert [button.description for key, _card, button in view.nodes._shown if key == "leads"] == ["Leads, 20"]
    assert all(button.description for _key, _card, button in view.nodes._shown)


@pytest.mark.slow
def test_the_notebook_runs_and_shows_a_still_picture(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(root), os.environ.get("PYTHONPATH", ""))))
    path = root / "notebooks" / "explore" / "kpi_tree.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells), "outputs are not committed"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    (shown,) = [output for output in data if WIDGET_TYPE in output]
    assert "Qualified leads" in shown[STILL_TYPE] and "data:image/png;base64," in shown[STILL_TYPE]
