"""The line with a chosen point, and bars held against each other: what they draw and what they write."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from kpi_helpers.charts.paper import save
from kpi_helpers.charts.what_if import plot_sizes, plot_what_if
from kpi_helpers.language import LANGUAGES, use_language

SHARES = np.linspace(0, 1, 11)
LINE = pd.Series(1.5 * SHARES - 1, index=SHARES)


def words(ax: Axes) -> str:
    figure = ax.get_figure(root=True)
    assert figure is not None
    from matplotlib.text import Text

    return " | ".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("chosen", [0.0, 0.4, 1.0])
def test_the_point_lies_on_the_line_and_is_named(chosen: float, lang: str) -> None:
    use_language(lang)
    ax = plot_what_if(LINE, chosen, styles=("share", "share"), marks={"$here$": 0.9}, finding="A", subtitle="B")
    point: Any = next(line for line in ax.lines if line.get_marker() == "o")
    assert float(point.get_ydata()[0]) == pytest.approx(1.5 * chosen - 1)
    assert "$here$" in words(ax)
    assert save(ax) == save(plot_what_if(LINE, chosen, styles=("share", "share"), marks={"$here$": 0.9}, finding="A",
                                         subtitle="B"))  # fmt: skip


def test_the_point_is_as_exact_as_its_label_says() -> None:
    assert words(plot_what_if(LINE, 0.401, styles=("share", "share"))).count("−39.8%") == 1
    labelled = words(plot_what_if(LINE, 0.401, styles=("share", "share"), label="−39.85%"))
    assert labelled.count("−39.85%") == 1 and "−39.8%" not in labelled


def test_what_lies_below_the_level_is_shaded_and_no_level_is_no_line() -> None:
    assert len(plot_what_if(LINE, 0.5, styles=("share", "share")).collections) == 1
    bare = plot_what_if(LINE, 0.5, styles=("share", "share"), level=None)
    assert len(bare.collections) == 0 and len(bare.lines) == 2


def test_a_flat_line_and_missing_values_are_drawn() -> None:
    assert save(plot_what_if(pd.Series(5.0, index=[1.0, 2.0]), 1.0, styles=("count", "money"), currency="USD"))
    assert save(plot_what_if(LINE.mask(LINE < -0.5), 0.5, styles=("share", "share")))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bars_start_at_zero_and_write_their_size(lang: str) -> None:
    use_language(lang)
    sizes = [("Yandex", 1200.0), ("<b>VK</b>", -300.0), ("none", float("nan"))]
    ax = plot_sizes(sizes, style="money", currency="RUB", strong=["Yandex"], finding="A")
    assert [round(bar.get_bbox().width) for bar in ax.patches] == [1200, -300, 0]  # type: ignore[attr-defined]
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert "<b>VK</b>" in words(ax) and "—" in words(ax)
    low, high = ax.get_xlim()
    assert low < -300 and high > 1200
