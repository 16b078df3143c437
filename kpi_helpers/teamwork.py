"""The department's work in words: kinds of tasks, shares of few tasks, and goals that invite gaming."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from markupsafe import Markup

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import NO_VALUE, is_missing, kpi_name, write_interval, write_list, write_value
from kpi_helpers.language import N_, _, ngettext
from kpi_helpers.past import COMPANY
from kpi_helpers.scorecard.faults import COUNTERWEIGHTS
from kpi_helpers.team import SHARES, UNNAMED

FEW = 5  # tasks: of fewer, a single one moves the share by more than 20 points
KINDS = {
    "research": N_("Research"), "creative": N_("Creative work"), "coordination": N_("Work with other departments"),
}  # fmt: skip
MOST_KINDS = 12  # shown by name
OTHERS, ALL_KINDS = "\0", "\1"  # the kinds beyond them, and all kinds: names that no export can hold
_TWO_LINES = Markup("{}<small>{}</small>")


def kind_name(key: str) -> str:
    """The name of a kind of work; a kind that the kit does not know is shown as it is."""
    named = {**KINDS, ALL_KINDS: N_("All work"), OTHERS: N_("Other kinds"), UNNAMED: N_("Kind not given")}
    return _(named[key]) if key in named else key


def person_name(key: str) -> str:
    """The person that does a task, as the export names them."""
    return _("Nobody named") if key == UNNAMED else key


def gather_kinds(tasks: pd.DataFrame) -> pd.DataFrame:
    """The tasks; where they are of very many kinds, the rare ones under one name."""
    kinds = tasks["kind"].fillna(UNNAMED).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    if len(kinds) <= MOST_KINDS:
        return tasks
    named = [*KINDS, *(kind for kind in kinds.index if kind not in KINDS)][:MOST_KINDS]
    return tasks.assign(kind=tasks["kind"].where(tasks["kind"].fillna(UNNAMED).isin(named), OTHERS))


def in_order(kinds: Iterable[str]) -> list[str]:
    """Kinds as they are listed: those the kit knows, others by name, and those without a name last."""
    known = list(KINDS)
    return sorted(set(kinds), key=lambda kind: (
        kind in (OTHERS, UNNAMED), known.index(kind) if kind in known else len(known), kind))  # fmt: skip


def write_done(row: Any) -> str:
    """The tasks done in a row of `work_table`."""
    return write_value(row["done"], "count")


def write_open(row: Any) -> str:
    """The tasks not due yet in a row of `work_table`; where there are none, nothing."""
    return write_value(row["open"] or None, "count")


def write_share(row: Any, name: str, of: str) -> str:
    """The tasks that are `name` of those that are `of` in a row of `work_table`: "6 of 8" with share and interval.

    Of fewer than FEW tasks the share is not written: "not enough data".
    """
    part, whole = row[name], row[of]
    if is_missing(whole) or whole == 0:
        return NO_VALUE
    counts = _("{part} of {whole}").format(part=write_value(part, "count"), whole=write_value(whole, "count"))
    return _TWO_LINES.format(counts, _share_words(row, name) if whole >= FEW else _("not enough data"))


def write_rating(row: Any) -> str:
    """The mean rating in a row of `work_table`, with the number of tasks rated."""
    if is_missing(row["rating"]):
        return NO_VALUE
    rated = int(row["rated"])
    tasks = ngettext("{n} task", "{n} tasks", rated).format(n=write_value(rated, "count"))
    return _TWO_LINES.format(write_value(row["rating"], "ratio"), tasks)


def few_words(*works: pd.DataFrame) -> str:
    """Why some shares are not written; "" where all are."""
    counts = pd.concat([work[of] for work in works for of in SHARES.values()])
    if not counts.between(1, FEW - 1).any():
        return ""
    return _("Of fewer than {few} tasks no share is written: not enough data.").format(few=FEW)


def find_unbalanced(held: Iterable[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    """The KPIs whose goal invites gaming, in the order of the catalogue, each with those that would be a counterweight.

    `held` are goals as (KPI, scope). A counterweight is one of COUNTERWEIGHTS with a goal of the same scope, or of the
    company.

    >>> [key for key, others in find_unbalanced([("leads", "company"), ("aov", "company")])]
    ['leads']
    >>> find_unbalanced([("leads", "company"), ("cpql", "company")])
    []
    """
    goals = set(held)
    alone = {
        key for key, scope in goals
        if not {(other, where) for other in COUNTERWEIGHTS.get(key, ()) for where in (scope, COMPANY)} & goals
    }  # fmt: skip
    return [(key, COUNTERWEIGHTS[key]) for key in KPIS if key in alone and key in COUNTERWEIGHTS]


def gaming_words(key: str, counterweights: Iterable[str]) -> tuple[str, str]:
    """Why the goal on a KPI is not enough by itself, and what to set beside it."""
    text = _("The goal on “{kpi}” invites gaming: no goal beside it keeps it honest.").format(kpi=kpi_name(key))
    others = [_("“{kpi}”").format(kpi=kpi_name(other)) for other in counterweights]
    form = _("Set a goal beside it on {kpis}.") if len(others) == 1 else _("Set a goal beside it on one of {kpis}.")
    return text, form.format(kpis=write_list(others))


def _share_words(row: Any, name: str) -> str:
    share = write_value(row[f"{name}_share"], "share")
    return f"{share} ({write_interval(row[f'{name}_low'], row[f'{name}_high'], 'share')})"
