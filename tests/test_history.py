"""The months behind the views: a month that is not over stops none of them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from composed import SAMPLE

import kpi_helpers
from kpi_helpers import read_exports
from kpi_helpers.exports import Exports
from kpi_helpers.history import COMPANY, History
from tests.folders import cut_folder

VIEWS = ("judge_claim", "explore_channels", "explore_returns", "move_budget", "explore_customers", "explore_brand",
         "plan_test")  # fmt: skip


@pytest.fixture(scope="module")
def half_a_month(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    folder: Path = tmp_path_factory.mktemp("cut") / "northlight"
    return read_exports(cut_folder(SAMPLE / "northlight", folder, date(2026, 10, 18)))


def test_the_usual_range_of_a_sum_leaves_the_unfinished_month_out(half_a_month: Exports) -> None:
    history = History(half_a_month)
    assert history.unfinished
    chart = history.process_chart("revenue", COMPANY).months
    whole = history.of_scope("revenue", COMPANY)["value"]
    assert whole.notna().all() and chart.index[-1] == pd.Timestamp("2026-10-01")
    assert pd.isna(chart["value"].iloc[-1])
    assert chart["value"].iloc[:-1].tolist() == whole.iloc[:-1].tolist()
    share = history.process_chart("visit_to_lead", COMPANY).months
    assert share["value"].notna().iloc[-1]  # what is divided is known by half a month


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_opens_in_a_month_that_is_not_over(half_a_month: Exports, name: str) -> None:
    view: Any = getattr(kpi_helpers, name)
    opened: Callable[[], str] = view(half_a_month).still
    assert "<" in opened()
