"""The view to explore channels, driven without a browser, what its history computes, and the notebooks of the views."""

import os
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pytest

from kpi_helpers.exports import Exports
from kpi_helpers.history import COMPANY, NOT_ADDED, History
from kpi_helpers.language import language, use_language
from kpi_helpers.widgets import explore_channels, set_goals
from kpi_helpers.widgets.view import STILL_TYPE, Picture
from tests.frames import ZONE
from tests.small_company import MONTHS, made_exports

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return made_exports(tmp_path)


# What is computed


def test_a_period_is_summed_before_it_is_divided(exports: Exports) -> None:
    rows = History(exports).over("cpl", MONTHS[0], MONTHS[2]).set_index("scope")
    assert rows.at["yandex_direct", "value"] == (100 + 200 + 300) / 30
    assert rows.at["vk_ads", "value"] == 900 / (1 + 2 + 3)  # the mean of the ratios would be 183
    assert rows.at[COMPANY, "value"] == (600 + 900) / (30 + 6 + 12)
    assert pd.isna(rows.at["email", "value"])


def test_only_months_are_summed_in_which_all_is_known(exports: Exports) -> None:
    leads = exports.tables["leads"]
    exports.tables["leads"] = leads[leads["created_at"] >= pd.Timestamp("2025-02-01", tz=ZONE)].reset_index(drop=True)
    rows = History(exports).over("cpl", MONTHS[0], MONTHS[2]).set_index("scope")
    assert rows.at["yandex_direct", "value"] == (200 + 300) / 20
    assert rows.at["yandex_direct", "months"] == 2
    view = explore_channels(exports)
    view.months.index = (0, 2)
    assert "Months of 3" in view.table.value


def test_visitors_are_not_added_over_months(exports: Exports) -> None:
    history = History(exports)
    two, one = (history.over("visitors", MONTHS[0], MONTHS[last]).set_index("scope") for last in (1, 0))
    assert pd.isna(two.at[COMPANY, "value"]) and two.at[COMPANY, "reason"] == NOT_ADDED
    assert one.at[COMPANY, "value"] == 500


def test_kpis_without_any_value_are_not_offered(exports: Exports) -> None:
    keys = History(exports).keys()
    assert {"cpl", "leads", "visitors", "qualification_rate"} <= set(keys)
    assert not {"nps", "revenue", "ctr"} & set(keys)


# The explorer


def test_the_explorer_compares_and_follows(exports: Exports) -> None:
    view = explore_channels(exports)
    assert [words for words, _key in view.kpi.options if _key == "cpl"] == ["Cost per lead (CPL) · marketing"]
    view.months.index = (0, 2)
    assert all(words in view.table.value for words in ("Yandex Direct", "VK Ads", "20.00", "150"))
    compared = view.picture.widget.value
    view.scope.value = "vk_ads"
    assert view.picture.widget.value != compared
    assert "March 2025" in view.table.value and "April 2025" not in view.table.value


def test_another_kpi_keeps_the_channel_where_it_has_one_and_is_drawn_once(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = explore_channels(exports)
    view.kpi.value = "leads"
    view.scope.value = "email"
    drawn: list[str] = []
    monkeypatch.setattr(Picture, "show", lambda _self, _ax, alt: drawn.append(alt))
    view.kpi.value = "qualified_leads"
    assert view.scope.value == "email"
    view.kpi.value = "cpl"  # nothing is spent on e-mail
    assert view.scope.value == "*"
    assert len(drawn) == 2


def test_overlapping_intervals_are_not_ranked(exports: Exports) -> None:
    view = explore_channels(exports)
    view.kpi.value = "qualification_rate"
    assert "within noise" in view.still()


def test_answers_come_in_the_language_of_the_view(exports: Exports) -> None:
    use_language("ru")
    view = explore_channels(exports)
    use_language("en")
    view.kpi.value = "leads"
    assert language() == "ru"
    assert "<th" in view.table.value and "Канал" in view.table.value


def test_names_from_files_are_escaped(exports: Exports) -> None:
    leads = exports.tables["leads"]
    exports.tables["leads"] = leads.assign(channel=leads["channel"].replace("email", HOSTILE))
    view = explore_channels(exports)
    view.kpi.value = "leads"
    assert "&lt;img src=x" in view.table.value
    assert HOSTILE not in view.table.value + view.still()


@pytest.mark.parametrize("open_view", [explore_channels, set_goals])
def test_a_view_leaves_a_still_picture(exports: Exports, open_view: Any) -> None:
    bundle = open_view(exports)._repr_mimebundle_()
    assert {WIDGET_TYPE, STILL_TYPE, "text/plain"} <= set(bundle)
    assert 'alt="' in bundle[STILL_TYPE] and "data:image/png;base64," in bundle[STILL_TYPE]
    assert "<script" not in bundle[STILL_TYPE]


# The notebooks


@pytest.mark.slow
@pytest.mark.parametrize("name", ["channels", "set_goals"])
def test_the_notebooks_run_and_show_a_still_picture(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(root), os.environ.get("PYTHONPATH", ""))))
    path = root / "notebooks" / "explore" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells), "outputs are not committed"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [output for output in data if WIDGET_TYPE in output]
    assert len(shown) == 1
    assert [output for output in shown if STILL_TYPE not in output] == []
