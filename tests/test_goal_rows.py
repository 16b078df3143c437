"""A goal saved among others: totals stay whole, and what older files say keeps its meaning."""

from datetime import date
from pathlib import Path

import pytest

from kpi_helpers.errors import KitError
from kpi_helpers.goals import check_goals
from kpi_helpers.widgets.goal_rows import Goal, place_goal, read_saved, save_goal

YEAR = {"start": "2026-01-01", "deadline": "2026-12-31"}
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


def test_months_are_not_taken_out_of_a_total() -> None:
    year = {"kpi": "leads", "target": "1200", "counts": "total", **YEAR}
    with pytest.raises(KitError, match="one goal for all months from 2026-01-01 to 2026-12-31: a part of them"):
        place_goal([year], Goal("leads", "company", 90, date(2026, 3, 1), date(2026, 3, 31), "marketing"))
    placed = place_goal([year], Goal("leads", "company", 1300, FIRST, LAST, "marketing", counts="total"))
    assert [(row["target"], row["counts"]) for row in placed] == [("1300", "total")]


def test_a_change_gives_way_to_the_target_that_was_set() -> None:
    old = {"kpi": "leads", "target": "+20 %", "baseline": "100", "change": "relative", "owner": "sales", **YEAR,
           "counts": "each_month"}  # fmt: skip
    (row,) = place_goal([old], Goal("leads", "company", 130, FIRST, LAST, "marketing", counts="each_month"))
    assert (row["target"], row["change"], row["baseline"]) == ("130", "", "100")
    assert check_goals([row])["target"].item() == 130


def test_a_file_of_old_keeps_its_meaning_when_it_learns_new_columns(tmp_path: Path) -> None:
    path = tmp_path / "goals.csv"
    path.write_text("kpi,target,start,deadline\nleads,40,2026-01-01,2026-12-31\n", encoding="utf-8")
    saved = save_goal(path, Goal("revenue", "company", 12_000_000, FIRST, LAST, "shared", counts="total",
                                 final_goal="turnover", profile="equal", weight=0.3))  # fmt: skip
    assert saved[["kpi", "counts"]].to_numpy().tolist() == [["leads", "each_month"], ["revenue", "total"]]
    assert read_saved(path).equals(saved)
    assert saved.loc[1, ["final_goal", "profile", "weight"]].tolist() == ["turnover", "equal", 0.3]


@pytest.mark.parametrize("target", [1.234, 0.8, 12.345, 180, 1_234_567.25, 0.0004])
def test_no_target_has_two_meanings_when_it_is_read_again(tmp_path: Path, target: float) -> None:
    path = tmp_path / "goals.csv"
    save_goal(path, Goal("roas", "company", target, FIRST, LAST, "marketing", baseline=2.345))
    saved = read_saved(path)
    assert (saved["target"].item(), saved["baseline"].item()) == (target, 2.345)


def test_a_norm_is_kept_and_can_be_lifted(tmp_path: Path) -> None:
    path = tmp_path / "goals.csv"
    save_goal(path, Goal("qualification_rate", "company", 0.8, FIRST, LAST, "sales", norm=True))
    assert read_saved(path)["norm"].tolist() == [True]
    save_goal(path, Goal("qualification_rate", "company", 0.85, FIRST, LAST, "sales"))
    assert read_saved(path)[["target", "norm"]].to_numpy().tolist() == [[0.85, True]]
    save_goal(path, Goal("qualification_rate", "company", 0.85, FIRST, LAST, "sales", norm=False))
    assert read_saved(path)["norm"].tolist() == [False]
