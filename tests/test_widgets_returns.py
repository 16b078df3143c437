"""The view of the return, driven without a browser: the margin moves ROMI, and never the ROI on revenue."""

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from composed import SAMPLE
from frames import table

from kpi_helpers import explore_returns, read_exports
from kpi_helpers.exports import Exports
from kpi_helpers.labels import write_value
from kpi_helpers.language import language, use_language
from kpi_helpers.monthly import derive_tables
from kpi_helpers.returns import Returns
from kpi_helpers.widgets.view import STILL_TYPE
from tests.small_company import made_exports
from tests.test_widgets import HOSTILE, WIDGET_TYPE

FEBRUARY = pd.Timestamp("2026-02-01")


@cache
def northlight() -> Exports:
    return read_exports(SAMPLE / "northlight")


def selling(folder: Path, margin: float | None = 0.4) -> Exports:
    """The made company with orders: 1 200 in each month by Direct, 200 by VK Ads; it spends 300 a month on VK Ads."""
    exports = made_exports(folder)
    months = list(pd.date_range("2025-01-01", FEBRUARY, freq="MS"))
    revenue = [1200.0] * len(months) + [200.0] * len(months)
    exports.tables["orders"] = table(
        "orders", order_id=[str(n) for n in range(len(revenue))], ordered_at=months * 2, revenue=revenue,
        channel=["yandex_direct"] * len(months) + ["vk_ads"] * len(months),
        margin=[float("nan") if margin is None else amount * margin for amount in revenue],
    )  # fmt: skip
    return exports


def cells(view: Any, name: str) -> list[str]:
    """The cells of the table of ways (the second one) in the row of a channel."""
    row = view.table.value.split("<table")[2].split(f">{name}</td>")[1].split("</tr>")[0]
    return [part.split("</td>")[0] for part in row.split('class="num">')[1:]]


def test_the_numbers_are_those_of_the_months_chosen() -> None:
    view = explore_returns(northlight())
    assert (view.level.value, view.span.value, str(view.month.value.date())) == ("channel", 12, "2026-10-01")
    returns = Returns(derive_tables(northlight()), margin_share=northlight().company.margin_share)
    for span, month in ((12, "2026-10-01"), (3, "2026-10-01"), (1, "2026-05-01")):
        view.span.value, view.month.value = span, pd.Timestamp(month)
        first = pd.Timestamp(month) - pd.DateOffset(months=span - 1)
        for row in returns.table("channel", first, pd.Timestamp(month)).to_dict("records"):
            shown = cells(view, {"google_ads": "Google Ads", "meta_ads": "Meta Ads"}[row["scope"]])
            assert shown[0] == write_value(row["revenue"], "money") and shown[2] == write_value(row["spend"], "money")
            assert shown[5] == write_value(row["romi"], "share").rstrip("%")
    assert "May 2026" in view.picture.widget.value


def test_the_margin_moves_romi_and_leaves_the_roi_on_revenue(tmp_path: Path) -> None:
    view = explore_returns(selling(tmp_path))
    view.span.value = 1
    real = cells(view, "VK Ads")
    assert real[4:6] == ["−33.3", "−73.3"] and not view.what_if.value
    view.margin.value = 90
    assert view.what_if.value and cells(view, "VK Ads")[4:6] == ["−33.3", "−40.0"]
    assert "What if the margin were 90% everywhere?" in view.still() and "The exports say 40.0%" in view.still()
    view.what_if.value = False
    assert cells(view, "VK Ads") == real and "What if the margin" not in view.still()


def test_without_a_margin_the_slider_is_the_only_one(tmp_path: Path) -> None:
    view = explore_returns(selling(tmp_path, margin=None))
    assert "ROMI is not shown: the margin is unknown." in view.still() and "n/a" in view.still()
    assert view.picture.widget.value == "" and "<img" not in view.still()
    view.margin.value = 50
    assert "<img" in view.still() and "The exports say no margin" in view.still()


def test_levels_and_bases() -> None:
    view = explore_returns(northlight())
    by_order = view.table.value
    view.basis.value = "lead"
    assert view.table.value != by_order and "deals in the month of their lead" in view.picture.widget.value
    view.level.value = "campaign"
    assert "Brand | Search" in view.table.value and "cannot be proven" in view.table.value
    view.level.value = "company"
    assert "Company, all revenue" in view.table.value and "All advertising" in view.table.value


def test_companies_of_which_nothing_can_be_told(tmp_path: Path) -> None:
    view = explore_returns(made_exports(tmp_path))
    bundle = view._repr_mimebundle_()
    assert "No export: orders" in bundle[STILL_TYPE] and "<img" not in bundle[STILL_TYPE] and WIDGET_TYPE in bundle
    early = selling(tmp_path)
    early.tables["orders"] = early.tables["orders"].iloc[:0]
    assert "No month is over" in explore_returns(early).still()


def test_a_month_that_is_not_over_is_not_offered(tmp_path: Path) -> None:
    exports = selling(tmp_path)
    offered = [value for _words, value in explore_returns(exports).month.options]
    assert offered[0] == FEBRUARY and len(offered) == 14


def test_only_periods_that_are_known_are_offered(tmp_path: Path) -> None:
    view = explore_returns(selling(tmp_path))
    spans = {str(month.date()): None for _words, month in view.month.options}
    for month in (pd.Timestamp("2025-02-01"), pd.Timestamp("2025-03-01"), FEBRUARY):
        view.month.value = month
        spans[str(month.date())] = [span for _words, span in view.span.options]
    assert spans["2025-02-01"] == [1] and spans["2025-03-01"] == [3, 1] and spans["2026-02-01"] == [12, 3, 1]
    view.span.value, view.month.value = 12, pd.Timestamp("2025-02-01")
    assert view.span.value == 1 and "February 2025" in view.picture.widget.value
    assert "January 2025" not in view.picture.widget.value


def test_a_view_leaves_a_still_picture_in_its_language() -> None:
    use_language("ru")
    view = explore_returns(northlight())
    use_language("en")
    view.margin.value = 30
    bundle = view._repr_mimebundle_()
    assert language() == "ru" and "Что, если бы маржа везде была" in bundle[STILL_TYPE]
    assert 'alt="' in bundle[STILL_TYPE] and "data:image/png;base64," in bundle[STILL_TYPE]
    assert "<script" not in bundle[STILL_TYPE]


def test_names_from_files_are_escaped(tmp_path: Path) -> None:
    exports = selling(tmp_path)
    for key in ("ads", "orders"):
        exports.tables[key] = exports.tables[key].assign(
            channel=exports.tables[key]["channel"].replace("vk_ads", HOSTILE)
        )
    exports.tables["ads"] = exports.tables["ads"].assign(campaign=HOSTILE)
    view = explore_returns(exports)
    for level in ("channel", "campaign", "company"):
        view.level.value = level
        page = view.table.value + view.picture.widget.value + view.still()
        assert HOSTILE not in page
        assert level != "channel" or "&lt;img src=x" in page
