"""Comparisons as a notebook shows them."""


import pandas as pd
import pytest
from composed import SAMPLE

from kpi_helpers import prepare_month, read_exports
from kpi_helpers.comparisons import compare_channels, compare_months, comparison_finding, comparison_rows
from kpi_helpers.language import language, use_language
from kpi_helpers.monthly import Month
from kpi_helpers.widgets.comparisons import show_comparisons


@pytest.fixture(scope="module")
def month() -> Month:
    return prepare_month(read_exports(SAMPLE / "northlight"), "2026-10")


def test_one_kpi_has_a_picture_and_every_row_its_verdict(month: Month) -> None:
    table = compare_channels(month, ["qualification_rate"])
    page = show_comparisons(table)._repr_html_()
    assert page.count("<img") == 1 and comparison_finding(table) in page
    assert page.count("<tr") == len(comparison_rows(table)[1]) + 1


def test_kpis_of_different_sizes_have_none(month: Month) -> None:
    table = compare_months(month)
    page = show_comparisons(table)._repr_html_()
    assert table["kpi"].nunique() > 5 and "<img" not in page and comparison_finding(table) in page


def test_nothing_to_compare_is_said(month: Month) -> None:
    assert "nothing to compare" in show_comparisons(pd.DataFrame(columns=["kpi"]))._repr_html_()


def test_it_speaks_the_language_that_it_was_made_in(month: Month) -> None:
    use_language("ru")
    shown = show_comparisons(compare_channels(month, ["qualification_rate"]))
    use_language("en")
    assert "Канал" in shown._repr_html_() and language() == "ru"
