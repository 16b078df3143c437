"""The columns of goals, and the words that may stand in them in any language of the kit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import CHANNELS, OWNERS, find_key
from kpi_helpers.language import N_
from kpi_helpers.lettering import from_cell

HEADINGS = {
    "kpi": N_("KPI"), "scope": N_("Scope"), "final_goal": N_("Final goal"), "baseline": N_("Baseline"),
    "baseline_period": N_("Baseline period"), "target": N_("Target"), "change": N_("Change"), "counts": N_("Counts"),
    "start": N_("Start"), "deadline": N_("Deadline"), "owner": N_("Owner"), "weight": N_("Weight"),
    "profile": N_("Profile"), "norm": N_("Norm"),
}  # fmt: skip
COLUMNS = tuple(HEADINGS)
BASIC = ("kpi", "scope", "baseline", "target", "start", "deadline", "owner", "weight")  # every goals file has these
DERIVED = ("change_by",)  # what reading adds: the size of a change, NaN where the target was given as it is
REQUIRED = ("kpi", "target")

SCOPES = {"company": N_("company"), **CHANNELS}
CHANGES = {"relative": N_("relative"), "points": N_("points")}
COUNTS = {"each_month": N_("each month"), "total": N_("total"), "exit": N_("exit rate")}
PROFILES = {"last_year": N_("last year"), "equal": N_("equal"), "growth": N_("growth")}
NORMS = {"yes": N_("yes"), "no": N_("no"), "true": "true", "false": "false"}  # YAML and Excel have words of their own
CHOICES: dict[str, Mapping[str, str]] = {
    "owner": OWNERS, "change": CHANGES, "counts": COUNTS, "profile": PROFILES, "norm": NORMS,
}  # fmt: skip


def name_columns(row: Mapping[str, str]) -> dict[str, str]:
    """A row with the headings of COLUMNS, whatever language they were written in; other columns keep their names."""
    return {_column(name): value for name, value in row.items()}


@lru_cache(maxsize=256)
def _column(name: str) -> str:
    return find_key(name, HEADINGS)


@lru_cache(maxsize=256)
def find_kpi(word: str) -> str:
    """The key of the KPI that is named, in whatever language; an unknown word as it is."""
    return word if word in KPIS else find_key(word, {key: row.name for key, row in KPIS.items()})


@lru_cache(maxsize=256)
def find_choice(column: str, word: str) -> str:
    """The key that a word in a column of CHOICES means; an unknown word as it is."""
    return find_key(word, CHOICES[column])


@lru_cache(maxsize=256)
def find_scope(word: str) -> str:
    """The company where nothing is said, else a channel's key; a channel of the company's own as it is."""
    return find_key(from_cell(word), SCOPES) or "company"
