"""Goals that invite gaming: a line for each that has no counterweight beside it."""

from __future__ import annotations

import pandas as pd

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import is_missing
from kpi_helpers.reports.section import Section
from kpi_helpers.reports.sentences import row_of
from kpi_helpers.teamwork import find_unbalanced, gaming_words


def warn_of_gaming(section: Section, card: pd.DataFrame, held: pd.DataFrame, *, team: bool) -> None:
    """Warn of the goals held on the department's own work (`team`), or of the others; `held` has kpi and scope.

    Of the counterweights those are named that can be measured.
    """
    for key, others in find_unbalanced(zip(held["kpi"], held["scope"], strict=True)):
        if (KPIS[key].section == "team") == team:
            known = [other for other in others if (row := row_of(card, other)) and not is_missing(row["value"])]
            section.notice(*gaming_words(key, known or others))
