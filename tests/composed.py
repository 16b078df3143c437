"""A company's month composed in the test's own process, as the notebook of the monthly report composes it."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from folders import cut_folder

from kpi_helpers import compute_kpis, prepare_month, read_exports, read_goals, reports, score_month, sum_month
from kpi_helpers.goals import check_goals
from kpi_helpers.monthly import Month
from kpi_helpers.reports.section import SECTION_TYPE, Section

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
SECTIONS: dict[str, Callable[[Month, pd.DataFrame, pd.DataFrame, pd.DataFrame], Section | None]] = {
    "title": lambda month, _card, _channels, _goals: reports.show_title(month),
    "summary": lambda month, card, channels, _goals: reports.show_headlines(month, card, channels),
    "scorecard": lambda month, card, channels, _goals: reports.show_scorecard(month, card, channels),
    "causes": lambda month, card, _channels, _goals: reports.show_causes(month, card),
    "funnel": lambda month, card, _channels, _goals: reports.show_funnel(month, card),
    "channels": lambda month, card, channels, _goals: reports.show_channels(month, card, channels),
    "returns": lambda month, card, channels, _goals: reports.show_returns(month, card, channels),
    "deals": lambda month, card, _channels, _goals: reports.show_deals(month, card),
    "sources": lambda month, card, _channels, _goals: reports.show_sources(month, card),
    "goals": reports.show_goals,
    "traffic": lambda month, card, channels, _goals: reports.show_traffic(month, card, channels),
    "customers": lambda month, card, _channels, _goals: reports.show_customers(month, card),
    "service": lambda month, card, _channels, _goals: reports.show_service(month, card),
    "brand": lambda month, card, _channels, _goals: reports.show_brand(month, card),
    "team": lambda month, card, _channels, _goals: reports.show_team(month, card),
    "pay": reports.show_pay,
    "missing": lambda month, card, _channels, _goals: reports.show_missing(month, card, check_goals([])),
    "glossary": lambda _month, card, _channels, _goals: reports.show_glossary(card),
    "receipt": lambda month, _card, _channels, _goals: reports.show_receipt(month),
}


@dataclass(frozen=True)
class Composed:
    """The month, the company's scorecard and the channels', the goals."""

    month: Month
    card: pd.DataFrame
    channels: pd.DataFrame
    goals: pd.DataFrame

    def value(self, kpi: str, column: str = "value") -> Any:
        """A cell of the company's scorecard."""
        return self.card.set_index("kpi").at[kpi, column]

    def section(self, anchor: str) -> Section:
        """One section of the report, in the language in use."""
        return SECTIONS[anchor](self.month, self.card, self.channels, self.goals)

    def show(self) -> dict[str, Section]:
        """Every section of the report in its order, by anchor, in the language in use."""
        return {anchor: section for anchor in SECTIONS if (section := self.section(anchor))}

    def record(self) -> dict[str, Any]:
        """The record, as it comes back from a notebook."""
        record: dict[str, Any] = json.loads(json.dumps(reports.Record(self.month, self.card, self.channels).data))
        return record


def compose(folder: Path, month: str = "2026-10", goals_file: str | Path = "") -> Composed:
    """The month from a folder of exports."""
    exports = read_exports(folder)
    goals = read_goals(exports, goals_file)
    this = prepare_month(exports, month)
    card = score_month(compute_kpis(sum_month(this)), goals, this)
    by_channel = compute_kpis(sum_month(this, by="channel"), reports.BY_CHANNEL)
    return Composed(this, card, score_month(by_channel, goals, this), goals)


@cache
def sample(company: str) -> Composed:
    """October of a company of the sample."""
    return compose(SAMPLE / company)


@cache
def unfinished(company: str) -> Composed:
    """October of a company of the sample as it was known on the evening of the 18th."""
    with TemporaryDirectory() as folder:
        return compose(cut_folder(SAMPLE / company, Path(folder), date(2026, 10, 18)))


def markup(section: Section) -> str:
    """The section's HTML."""
    return str(section._repr_mimebundle_()["text/html"])


def sheets(section: Section) -> dict[str, Any]:
    """The section as the workbook takes it."""
    data: dict[str, Any] = json.loads(json.dumps(section._repr_mimebundle_()[SECTION_TYPE]))
    return data


def text(section: Section) -> str:
    """What a reader reads in a section, alternative texts included; NBSP as a space."""
    page = re.sub(r"<style.*?</style>|<svg.*?</svg>|<math.*?</math>", " ", markup(section), flags=re.DOTALL)
    page = re.sub(r'<img alt="([^"]*)"[^>]*>', r" \1 ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())
