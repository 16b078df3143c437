"""Charts of customers: what is drawn is what the table says; nothing is drawn of what is not known."""

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex

from kpi_helpers.charts import plot_cohorts, plot_money_by_age, plot_second_purchase
from kpi_helpers.language import use_language

MONTHS = pd.date_range("2026-01-01", periods=3, freq="MS")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_the_curve_ends_where_nothing_is_seen_and_the_cost_is_a_level():
    use_language("en")
    curve = pd.DataFrame({"months_since": range(4), "money": [10.0, 20.0, 30.0, np.nan]})
    ax = plot_money_by_age(curve, expected=[10.0, 19, 28, 37], cost=25.0, payback=2.0, currency="USD")
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [10, 20, 30, np.nan])
    assert {"seen $30.00", "expected $37.00", "CAC $25.00", "paid back"} <= set(texts(ax))
    ring = next(line for line in ax.lines if line.get_markersize() == 13)
    assert ring.get_xydata().tolist() == [[2.0, 30.0]]


def test_without_model_or_cost_there_is_the_curve_alone():
    ax = plot_money_by_age(
        pd.DataFrame({"months_since": range(3), "money": [1.0, 2.0, 3.0]}), cost=np.nan, payback=np.nan
    )
    assert not any("CAC" in text or "paid" in text for text in texts(ax))


def test_the_share_is_written_where_days_are_reached():
    curve = pd.DataFrame({"day": [10, 50, 100], "bought": [0.1, 0.2, 0.3], "low": [0.05, 0.1, 0.2],
                          "high": [0.2, 0.3, 0.4], "at_risk": [9.0, 5, 3]})  # fmt: skip
    ax = plot_second_purchase(curve, 120)
    assert {"10%", "20%"} <= set(texts(ax)) and "30%" not in texts(ax)


def test_cells_of_a_month_that_is_not_over_are_outlined_and_have_no_colour():
    matrix = pd.DataFrame([[1.0, 0.2, np.nan], [1.0, np.nan, np.nan]], index=MONTHS[:2])
    so_far = pd.DataFrame([[np.nan, np.nan, 3.0], [np.nan, 2.0, np.nan]], index=MONTHS[:2])
    sizes = pd.Series([10, 20], index=MONTHS[:2])
    ax = plot_cohorts(matrix, sizes, unfinished=so_far)
    assert {"3", "2"} <= set(texts(ax))
    hollow = [patch for patch in ax.patches if not patch.get_fill()]
    assert len(hollow) == 2 and len(ax.patches) == 5
    shares = plot_cohorts(matrix, sizes, unfinished=so_far, show="share")
    assert {"30%", "10%"} <= set(texts(shares)) and "20" not in texts(shares)
    counts = plot_cohorts(matrix, sizes, show="count")
    assert "20" in texts(counts) and "100%" not in texts(counts)
    assert to_hex(counts.patches[0].get_facecolor()) == to_hex(ax.patches[0].get_facecolor())
