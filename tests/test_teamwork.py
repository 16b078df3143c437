"""The department's work in words, and goals that invite gaming."""

from datetime import date

import pandas as pd
import pytest
from composed import sample

from kpi_helpers.scorecard.faults import COUNTERWEIGHTS
from kpi_helpers.team import work_table
from kpi_helpers.teamwork import (
    FEW,
    MOST_KINDS,
    OTHERS,
    few_words,
    find_unbalanced,
    gaming_words,
    gather_kinds,
    in_order,
    kind_name,
    write_open,
    write_rating,
    write_share,
)
from tests.test_team import marked

OCTOBER = date(2026, 10, 1)


def tasks_of(kind: str, count: int, on_time: int) -> list[tuple[object, ...]]:
    return [(kind, "Ann", "2026-10-05", "2026-10-05" if n < on_time else "2026-10-06", True, 4) for n in range(count)]


# Shares of few tasks


def test_a_share_of_few_tasks_is_not_written() -> None:
    work = work_table(marked([*tasks_of("creative", FEW, 4), *tasks_of("research", FEW - 1, 4)])).set_index("kind")
    assert write_share(work.loc["creative"], "on_time", "due") == "4 of 5<small>80.0% (38–96%)</small>"
    assert write_share(work.loc["research"], "on_time", "due") == "4 of 4<small>not enough data</small>"
    assert write_rating(work.loc["research"]) == "4.00<small>4 tasks</small>"
    assert few_words(work) and not few_words(work.loc[["creative"]])


def test_what_is_not_known_is_written_so() -> None:
    row = work_table(marked([("SEO", "Ann", "2026-10-05", None, None, None)]), by=()).iloc[0]
    assert {write_share(row, "on_time", "due"), write_share(row, "accepted", "judged"), write_rating(row),
            write_open(row)} == {"—"}  # fmt: skip


# Kinds


def test_kinds_the_kit_knows_come_first_and_others_under_their_own_names() -> None:
    assert in_order(["", "SEO", "creative", "Audit", "research", OTHERS]) == [
        "research", "creative", "Audit", "SEO", "", OTHERS]  # fmt: skip
    assert [kind_name(kind) for kind in ("coordination", "SEO", "")] == [
        "Work with other departments", "SEO", "Kind not given"]  # fmt: skip


def test_very_many_kinds_are_gathered_and_none_is_lost() -> None:
    rows = [row for n in range(30) for row in tasks_of(f"kind {n:02}", 1 + (n == 29), 1)]
    tasks = gather_kinds(marked([*rows, *tasks_of("research", 1, 1)]))
    work = work_table(tasks).set_index("kind")["done"]
    assert len(work) <= MOST_KINDS + 1 and {"research", "kind 29", OTHERS} <= set(work.index)
    assert work.sum() == len(rows) + 1
    few = marked(rows[:MOST_KINDS])
    assert gather_kinds(few) is few


# Goals that invite gaming


@pytest.mark.parametrize(
    ("held", "alone"),
    [
        ([("leads", "company")], ["leads"]),
        ([("leads", "company"), ("qualified_leads", "company")], []),
        ([("leads", "vk_ads"), ("qualified_leads", "company")], []),  # the company's holds the channel in balance
        ([("leads", "company"), ("qualified_leads", "vk_ads")], ["leads"]),  # and not the other way round
        ([("leads", "vk_ads"), ("qualified_leads", "email")], ["leads"]),
        ([("creatives_made", "company"), ("research_done", "company")], ["research_done", "creatives_made"]),
        ([("creatives_made", "company"), ("acceptance_rate", "company")], []),
        ([("aov", "company"), ("margin", "company")], []),
        ([], []),
    ],
)
def test_a_goal_is_alone_without_a_counterweight(held: list[tuple[str, str]], alone: list[str]) -> None:
    assert find_unbalanced(held) == [(key, COUNTERWEIGHTS[key]) for key in alone]


def test_the_goals_of_the_sample_are_told() -> None:
    goals = sample("northlight").goals
    goals = goals[goals["start"] <= OCTOBER]
    found = find_unbalanced(zip(goals["kpi"], goals["scope"], strict=True))
    for key, others in found:
        assert key in set(goals["kpi"]) and not set(goals["kpi"]) & set(others)
    assert "leads" not in dict(found)  # the qualification rate has a goal


def test_the_words_name_the_counterweights() -> None:
    text, step = gaming_words("creatives_made", ["acceptance_rate", "work_rating"])
    assert text == "The goal on “Creative work done” invites gaming: no goal beside it keeps it honest."
    assert step == "Set a goal beside it on one of “Tasks accepted” and “Rating of the work”."
    assert gaming_words("leads", ["cpql"])[1] == "Set a goal beside it on “Cost per qualified lead (CPQL)”."


def test_work_with_other_departments_is_counted_when_it_is_done() -> None:
    from kpi_helpers import compute_kpis, sum_measures

    rows = [("coordination", "Ann", "2026-09-30", "2026-10-02", None, None), *tasks_of("research", 1, 1)]
    kpis = compute_kpis(sum_measures({"tasks": marked(rows)}), ["cooperation_done"]).set_index("period")["value"]
    assert kpis[pd.Timestamp(OCTOBER)] == 1
