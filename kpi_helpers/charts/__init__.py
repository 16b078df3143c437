"""Charts: each `plot_*` takes a table and returns the Axes. The title is the finding, given by the caller."""

from kpi_helpers.charts.ahead import move_goal, plot_forecast
from kpi_helpers.charts.by_row import plot_against_goal, plot_channels, plot_cohorts, plot_funnel
from kpi_helpers.charts.customers import plot_money_by_age, plot_second_purchase
from kpi_helpers.charts.over_time import plot_pace, plot_traffic_quality, plot_trend
from kpi_helpers.charts.paper import figure_html, save

__all__ = [
    "figure_html", "move_goal", "plot_against_goal", "plot_channels", "plot_cohorts", "plot_forecast", "plot_funnel",
    "plot_money_by_age", "plot_pace", "plot_second_purchase", "plot_traffic_quality", "plot_trend", "save",
]  # fmt: skip
