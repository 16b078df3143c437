"""Scorecard and pay: an owner's weights, curves and targets; what they pay, would have paid, and what is unfair."""

from kpi_helpers.scorecard.faults import CODES, COUNTERWEIGHTS, Fault, find_faults
from kpi_helpers.scorecard.noise import chance_by_noise, noise_of
from kpi_helpers.scorecard.reading import COLUMNS, check_schemes, read_schemes
from kpi_helpers.scorecard.scheme import Curve, Line, Scheme, check_scheme, levers_of, whose
from kpi_helpers.scorecard.scoring import Score, achievement, score, tally
from kpi_helpers.scorecard.simulating import MONTHS, Simulation, simulate
from kpi_helpers.scorecard.words import describe_fault, describe_note, line_name
from kpi_helpers.scorecard.writing import place_scheme, rows_of, save_scheme

__all__ = [
    "CODES", "COLUMNS", "COUNTERWEIGHTS", "MONTHS", "Curve", "Fault", "Line", "Scheme", "Score", "Simulation",
    "achievement", "chance_by_noise", "check_scheme", "check_schemes", "describe_fault", "describe_note", "find_faults",
    "levers_of", "line_name", "noise_of", "place_scheme", "read_schemes", "rows_of", "save_scheme", "score", "simulate",
    "tally", "whose",
]  # fmt: skip
