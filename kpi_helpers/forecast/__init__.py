"""Forecasts of monthly series and KPIs: ETS where it beat the seasonal naive forecast, intervals tested on the past."""

from kpi_helpers.forecast.ahead import forecast_kpi, forecast_series
from kpi_helpers.forecast.result import LEVEL, Forecast

__all__ = ["LEVEL", "Forecast", "forecast_kpi", "forecast_series"]
