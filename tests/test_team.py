"""The department's work in numbers: sums by hand, the same as the catalogue's measures, in any order of the rows."""

from datetime import date
from math import isnan, nan
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers import compute_kpis, read_exports, sum_measures
from kpi_helpers.company import Company
from kpi_helpers.monthly import derive_tables
from kpi_helpers.service import mark_answers
from kpi_helpers.team import COLUMNS, COUNTS, chance_of_all_alike, work_table
from tests.frames import table

OCTOBER = date(2026, 10, 1), date(2026, 10, 31)
TODAY = date(2026, 10, 18)
MEASURES = {
    "due": "tasks_due", "on_time": "tasks_on_time", "judged": "tasks_judged", "accepted": "tasks_accepted",
    "rated": "tasks_rated", "rating_points": "rating_points",
}  # fmt: skip
OF_KINDS = {"research": "research_tasks", "creative": "creative_tasks", "coordination": "cooperation_tasks"}
KPIS_OF_KINDS = {"research": "research_done", "creative": "creatives_made", "coordination": "cooperation_done"}


def marked(rows: list[tuple[Any, ...]], today: date = TODAY) -> pd.DataFrame:
    """Tasks as (kind, assignee, due, done, accepted, rating), marked as of the evening of `today`."""
    columns = zip(*rows, strict=True) if rows else [[]] * 6
    names = ("kind", "assignee", "due_at", "done_at", "accepted", "rating")
    tasks = table("tasks", **{name: list(values) for name, values in zip(names, columns, strict=True)})
    return mark_answers({"tasks": tasks}, Company(), today)["tasks"]


def made() -> pd.DataFrame:
    return marked([
        ("research", "Ann", "2026-10-05", "2026-10-05", True, 4),  # on the day itself
        ("research", "Bob", "2026-10-10", "2026-10-12", False, 3),  # late
        ("research", "Bob", "2026-10-15", None, None, None),  # late and open still
        ("research", "Ann", "2026-10-30", None, None, None),  # not due yet
        ("creative", "Ann", "2026-09-30", "2026-10-02", True, 5),  # due in September, done in October
        ("creative", "Ann", "2026-10-20", "2026-10-16", True, 4.5),  # done before it was due
        ("SEO", "Bob", "2026-10-01", "2026-09-28", None, None),  # due in October, done in September; not judged
        (None, None, "2026-10-31", None, None, None),
    ])  # fmt: skip


def test_the_work_of_a_month_by_kind_by_hand() -> None:
    work = work_table(made(), *OCTOBER).set_index("kind")
    assert work.columns.tolist() == COLUMNS
    assert work[COUNTS].loc["research"].tolist() == [2, 3, 1, 2, 1, 2, 1, 2, 7]
    assert work[COUNTS].loc["creative"].tolist() == [2, 1, 1, 0, 0, 1, 1, 1, 4.5]
    assert work[COUNTS].loc["SEO"].tolist() == [0, 1, 1, 0, 0, 0, 0, 0, 0]
    assert work[COUNTS].loc[""].tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    assert work.at["research", "on_time_share"] == 1 / 3
    assert work.at["research", "rating"] == 3.5
    assert isnan(work.at["SEO", "accepted_share"]) and isnan(work.at["", "on_time_low"])


def test_the_work_by_kind_and_person_and_of_all() -> None:
    work = work_table(made(), *OCTOBER, by=("kind", "assignee")).set_index(["kind", "assignee"])
    assert work.index.tolist() == [("", ""), ("SEO", "Bob"), ("creative", "Ann"), ("research", "Ann"),
                                   ("research", "Bob")]  # fmt: skip
    assert work.loc[("research", "Bob"), ["done", "due", "on_time", "late", "open"]].tolist() == [1, 2, 0, 2, 0]
    total = work_table(made(), *OCTOBER, by=())
    assert total[COUNTS].iloc[0].tolist() == work[COUNTS].sum().tolist() == [4, 5, 3, 2, 2, 3, 2, 3, 11.5]


def test_the_interval_is_wilsons() -> None:
    """The row that tests/test_kpis.py proves too: Newcombe 1998, table I, 15 of 148."""
    rows = [("research", "Ann", "2026-10-05", "2026-10-05" if n < 15 else "2026-10-06", None, None) for n in range(148)]
    work = work_table(marked(rows)).iloc[0]
    assert (round(work["on_time_low"], 4), round(work["on_time_high"], 4)) == (0.0624, 0.1605)


def test_no_tasks_and_a_period_without_any() -> None:
    for tasks, days in ((made().head(0), OCTOBER), (made(), (date(2025, 1, 1), date(2025, 1, 31)))):
        assert work_table(tasks, *days).empty
        assert work_table(tasks, *days, by=())[[name for name in COUNTS if name != "open"]].isna().all(axis=None)


def test_what_no_task_says_is_not_zero() -> None:
    """An export without the days of completion and without acceptance."""
    work = work_table(marked([("research", "Ann", "2026-10-05", None, None, 4)]), *OCTOBER).iloc[0]
    assert work[["done", "due", "on_time", "late", "open", "judged"]].isna().all()
    assert (work["rated"], work["rating"]) == (1, 4)


def test_a_month_in_which_nothing_was_done_has_zeros() -> None:
    tasks = marked([("research", "Ann", "2026-09-05", "2026-09-05", True, 4),
                    ("research", "Ann", "2026-10-05", None, None, None)])  # fmt: skip
    work = work_table(tasks, *OCTOBER).iloc[0]
    assert work[["done", "due", "on_time", "late", "judged", "rated"]].tolist() == [0, 1, 0, 1, 0, 0]
    assert isnan(work["accepted_share"]) and isnan(work["rating"])
    before = work_table(tasks, date(2026, 8, 1), date(2026, 8, 31), by=()).iloc[0]
    assert before[["done", "due", "judged", "rated"]].isna().all()  # the export begins later


def test_an_export_without_days_of_completion_says_nothing_of_what_is_open() -> None:
    tasks = table("tasks", kind=["research", "creative"], due_at=["2026-10-05", "2026-10-30"],
                  done_at=["2026-10-05", None])  # fmt: skip
    for exports, number in (([0, 0], 1), ([0, 1], 0)):
        both = mark_answers({"tasks": tasks.assign(export=exports)}, Company(), TODAY)["tasks"]
        assert work_table(both, *OCTOBER, by=()).iloc[0]["open"] == number


def test_shares_of_people_who_are_all_alike_rarely_differ_beyond_chance() -> None:
    """One test of all: in about one of twenty teams, however many people there are. Two far apart are told apart."""
    random = np.random.default_rng(5)
    for people, tasks in ((5, 20), (20, 20)):
        alike = [chance_of_all_alike(pd.Series(random.binomial(tasks, 0.8, people)), pd.Series([tasks] * people))
                 for _team in range(200)]  # fmt: skip
        assert np.mean(np.array(alike) < 0.05) < 0.09
    assert chance_of_all_alike(pd.Series([30, 44]), pd.Series([50, 50])) < 0.01
    for same in (0, 20):
        assert chance_of_all_alike(pd.Series([same, same]), pd.Series([20, 20])) == 1


def test_a_month_under_way_leaves_open_what_is_not_due() -> None:
    first_days = work_table(made(), OCTOBER[0], TODAY, by=()).iloc[0]
    assert first_days[["due", "open"]].tolist() == [4, 0]
    assert work_table(made(), *OCTOBER, by=()).iloc[0]["open"] == 2


# The same as the catalogue's measures, in any order, from any number of files

day = st.dates(date(2026, 9, 20), date(2026, 11, 10))
some = st.lists(
    st.tuples(
        st.sampled_from(["research", "creative", "coordination", "SEO", None]),
        st.sampled_from(["Ann", "Bob", None]),
        day,
        st.none() | day,
        st.sampled_from([True, False, None]),
        st.none() | st.integers(100, 500).map(lambda hundredths: hundredths / 100),
    ),
    max_size=30,
)


def same(one: float, other: float) -> bool:
    return one == other or (isnan(one) and isnan(other))


def none_as_zero(value: float) -> float:
    """A kind without a task has no row, and of the catalogue's measure no zero where nothing at all was done."""
    return 0 if isnan(value) else value


@settings(max_examples=60, deadline=None)
@given(rows=some, first_days=st.sampled_from([None, 7, 18]))
def test_the_sums_are_the_measures_of_the_catalogue(rows: list[tuple[Any, ...]], first_days: int | None) -> None:
    tasks = marked(rows)
    keys = [*MEASURES.values(), *OF_KINDS.values()]
    sums = sum_measures({"tasks": tasks}, keys=keys, first_days=first_days).set_index("period")
    measures = sums.reindex([pd.Timestamp(OCTOBER[0])]).iloc[0].astype("float64")
    days = OCTOBER[0], date(2026, 10, first_days or 31)
    by_kind, total = work_table(tasks, *days).set_index("kind"), work_table(tasks, *days, by=()).iloc[0]
    for name, measure in MEASURES.items():
        assert none_as_zero(total[name]) == none_as_zero(measures[measure]), name
        assert same(round(by_kind[name].sum(min_count=1), 6), total[name]) or by_kind.empty, name
    for kind, measure in OF_KINDS.items():
        assert none_as_zero(by_kind["done"].get(kind, nan)) == none_as_zero(measures[measure])
    assert by_kind[["on_time", "late"]].sum(axis=1).tolist() == by_kind["due"].fillna(0).tolist()


@settings(max_examples=60, deadline=None)
@given(rows=some, random=st.randoms(use_true_random=False), cut=st.integers(0, 30))
def test_neither_the_order_nor_the_files_matter(rows: list[tuple[Any, ...]], random: Any, cut: int) -> None:
    tasks = marked(rows)
    shuffled = tasks.sample(frac=1, random_state=random.randrange(2**31))
    pd.testing.assert_frame_equal(work_table(shuffled), work_table(tasks))
    parts = [work_table(part).set_index("kind")[COUNTS] for part in (tasks.iloc[:cut], tasks.iloc[cut:])]
    both, whole = parts[0].add(parts[1], fill_value=0).fillna(0), work_table(tasks).set_index("kind")[COUNTS].fillna(0)
    counts = [name for name in COUNTS if name not in ("open", "rating_points")]
    pd.testing.assert_frame_equal(both[counts], whole[counts])
    assert both["rating_points"].to_numpy() == pytest.approx(whole["rating_points"].to_numpy())


def test_the_months_of_the_sample_are_those_of_its_kpis() -> None:
    month = sample("severny_svet").month
    kpis = compute_kpis(sum_measures(month.tables), [*KPIS_OF_KINDS.values(), "on_time_share", "work_rating"])
    values = kpis.set_index(["period", "kpi"])
    for period in pd.date_range("2025-11-01", "2026-10-01", freq="MS"):
        work = work_table(month.tables["tasks"], period, period + pd.offsets.MonthEnd(0)).set_index("kind")
        total = work_table(month.tables["tasks"], period, period + pd.offsets.MonthEnd(0), by=()).iloc[0]
        for kind, key in KPIS_OF_KINDS.items():
            assert work.at[kind, "done"] == values.at[(period, key), "value"]
        for part, end in (("share", "value"), ("low", "low"), ("high", "high")):
            assert total[f"on_time_{part}"] == values.at[(period, "on_time_share"), end]
        assert total["rating"] == values.at[(period, "work_rating"), "value"]


def test_two_files_are_as_one(tmp_path: Path) -> None:
    lines = (SAMPLE / "severny_svet" / "zadachi.csv").read_text(encoding="utf-8").splitlines()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "all.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "two" / "a.csv").write_text("\n".join(lines[:100]) + "\n", encoding="utf-8")
    (tmp_path / "two" / "b.csv").write_text("\n".join([lines[0], *lines[100:]]) + "\n", encoding="utf-8")
    one, two = (work_table(derive_tables(read_exports(tmp_path / name))["tasks"]) for name in ("one", "two"))
    pd.testing.assert_frame_equal(one, two)
    assert one["done"].sum() > 150


# How kinds are read


def test_kinds_have_several_words_and_unknown_ones_keep_their_own(tmp_path: Path) -> None:
    kinds = ["Исследования", " research", "Креатив", "Creative work", "Работа с другими отделами", "Cooperation",
             "SEO-тексты", ""]  # fmt: skip
    lines = [f"{n};{kind};Anna;05.10.2026;04.10.2026;Да;4" for n, kind in enumerate(kinds)]
    text = "\n".join(["Задача;Вид;Исполнитель;Срок;Выполнено;Принято;Оценка", *lines, ""])
    (tmp_path / "tasks.csv").write_text(text, encoding="utf-8")
    work = work_table(derive_tables(read_exports(tmp_path))["tasks"])
    done = dict(zip(work["kind"], work["done"], strict=True))
    assert done == {"research": 2, "creative": 2, "coordination": 2, "SEO-тексты": 1, "": 1}
