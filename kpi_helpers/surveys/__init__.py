"""Surveys: awareness, recommendation and satisfaction with weights and intervals, and whether waves really differ."""

from kpi_helpers.surveys.answers import describe_survey
from kpi_helpers.surveys.waves import compare_waves
from kpi_helpers.surveys.weights import Raked, effective_size, rake

__all__ = ["Raked", "compare_waves", "describe_survey", "effective_size", "rake"]
