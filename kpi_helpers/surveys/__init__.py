"""Surveys: awareness, recommendation and satisfaction with weights and intervals, and whether waves really differ."""

from kpi_helpers.surveys.answers import describe_survey, wave_of
from kpi_helpers.surveys.size import answers_needed
from kpi_helpers.surveys.waves import compare_pairs, compare_waves
from kpi_helpers.surveys.weights import Raked, effective_size, rake, weights_of

__all__ = [
    "Raked", "answers_needed", "compare_pairs", "compare_waves", "describe_survey", "effective_size", "rake", "wave_of",
    "weights_of",
]  # fmt: skip
