"""Totals and exit rates as goals of months, by hand-computed shapes of the year before."""

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.goals import COLUMNS, DERIVED, check_goals, goal_for
from kpi_helpers.monthly import find_goals, past_of, read_goals
from kpi_helpers.monthly_goals import KEPT, break_down_goals, note_words
from tests.frames import ZONE, table

YEAR = {"start": "2026-01-01", "deadline": "2026-12-31"}
MONTHS = pd.date_range("2025-01-01", "2026-03-01", freq="MS")


def made_exports(folder: Path, first: str = "2025-01-01", last: str = "2026-03-20") -> Exports:
    """In month n of a year 10 n leads, half of them from VK Ads, 3 of 4 qualified; 1000 of spend on Direct a month.

    The last month is not over.
    """
    months = [month for month in MONTHS if month >= pd.Timestamp(first)]
    leads = [
        (month + pd.Timedelta(hours=10), ("vk_ads", "yandex_direct")[place % 2], place % 4 > 0)
        for month in months for place in range(10 * month.month)
    ]  # fmt: skip
    created, channels, qualified = zip(*leads, strict=True)
    days = [*months, pd.Timestamp(last)]
    tables = {
        "ads": table("ads", date=days, channel=["yandex_direct"] * len(days), spend=[1000.0] * len(months) + [0.0]),
        "leads": table("leads", lead_id=[str(n) for n in range(len(leads))], created_at=list(created),
                       channel=list(channels), qualified=list(qualified)),
    }  # fmt: skip
    spans = [SimpleNamespace(table=key, start=days[0].date(), end=days[-1].date()) for key in tables]
    files: Any = (SimpleNamespace(file="made.csv", modified=0.0, tables=tuple(spans)),)
    return Exports(folder, Company(name="Test", currency="RUB", timezone=ZONE), "RUB", tables, files)


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return made_exports(tmp_path)


def broken_down(exports: Exports, **cells: str) -> pd.DataFrame:
    row = {**dict.fromkeys(COLUMNS, ""), "kpi": "leads", **YEAR, **cells}
    return break_down_goals(check_goals([row]), past_of(exports))


def test_a_year_s_total_follows_last_year_and_adds_up_exactly(exports: Exports) -> None:
    goals = broken_down(exports, target="1000", counts="total")
    # 1000 n / 78: whole parts 994, the 6 left over go to the largest remainders (months 6, 12, 1, 7, 2, 8)
    assert goals["target"].tolist() == [13, 26, 38, 51, 64, 77, 90, 103, 115, 128, 141, 154]
    assert list(goals.columns) == [*COLUMNS, *DERIVED, *KEPT]
    assert set(goals["counts"]) == {"each_month"} and set(goals["profile"]) == {"last_year"}
    october = goal_for(goals, "leads", "company", pd.Timestamp("2026-10-01").date())
    assert october is not None and october["target"] == 128
    assert (str(october["start"]), str(october["deadline"])) == ("2026-10-01", "2026-10-31")
    assert (october["goal_target"], october["goal_counts"]) == (1000, "total")
    assert (str(october["goal_start"]), str(october["goal_deadline"])) == (YEAR["start"], YEAR["deadline"])


def test_a_change_of_last_year_is_taken_from_the_exports(exports: Exports) -> None:
    goals = broken_down(exports, target="+100 %", baseline_period="2025", counts="total")
    assert goals["baseline"].unique().tolist() == [780]  # 10 (1 + 2 + ... + 12)
    assert goals["target"].tolist() == [20 * n for n in range(1, 13)]
    channel = broken_down(exports, target="+100 %", baseline_period="2025", counts="total", scope="vk_ads")
    assert channel["target"].tolist() == [10 * n for n in range(1, 13)]


def test_each_month_takes_the_average_month_of_the_baseline(exports: Exports) -> None:
    goals = broken_down(exports, target="+20 %", baseline_period="2025-Q4", counts="each_month")
    assert goals["target"].tolist() == [132]  # (100 + 110 + 120) / 3 = 110, and a fifth more


def test_a_ratio_s_change_is_of_the_sums_and_not_of_the_mean_of_months(exports: Exports) -> None:
    goals = broken_down(exports, kpi="cpl", target="-10 %", baseline_period="2025", deadline="2026-12-31")
    assert goals["baseline"].item() == pytest.approx(12_000 / 780)
    assert goals["target"].item() == pytest.approx(0.9 * 12_000 / 780, abs=1e-9)


def test_a_ratio_over_the_year_is_met_by_its_sums(exports: Exports) -> None:
    goals = broken_down(exports, kpi="cpl", target="12", counts="total")
    leads = [10.0 * n for n in range(1, 13)]  # the shape of last year
    together = sum(value * count for value, count in zip(goals["target"], leads, strict=True)) / sum(leads)
    assert together == pytest.approx(12, rel=1e-12)
    assert goals["target"].iloc[0] > goals["target"].iloc[-1]  # and it keeps its season: few leads in January


def test_an_exit_rate_is_reached_in_the_last_month_from_the_month_before(exports: Exports) -> None:
    goals = broken_down(exports, target="240", counts="exit", profile="equal")
    assert goals["target"].tolist() == [130 + 10 * n for n in range(12)]  # from 120 in December, 10 more each month
    grown = broken_down(exports, target="240", counts="exit", profile="growth")
    assert grown["target"].iloc[-1] == 240 and grown["target"].iloc[5] == round(120 * 2 ** (6 / 12))


def test_equal_parts_and_growth_add_up(exports: Exports) -> None:
    for profile in ("equal", "growth"):
        goals = broken_down(exports, target="1000", counts="total", profile=profile, baseline="50",
                            baseline_period="2025-12")  # fmt: skip
        assert goals["target"].sum() == 1000 and len(goals) == 12
    assert broken_down(exports, target="1200", counts="total", profile="equal")["target"].unique().tolist() == [100]


def test_falling_back_is_said(tmp_path: Path) -> None:
    young = made_exports(tmp_path, first="2026-01-01")
    goals = broken_down(young, target="1200", counts="total")
    assert goals["target"].unique().tolist() == [100]
    assert set(goals["note"]) == {"no_last_year"} and "broken down equally" in note_words("no_last_year")
    with pytest.raises(KitError, match="Leads: last year's shape is not known.*Choose equal steps or growth"):
        broken_down(young, target="1200", counts="total", profile="last_year")
    unknown = broken_down(young, target="+20 %", baseline_period="2025", counts="total")
    assert unknown["target"].isna().all() and unknown["note"].tolist() == ["no_baseline"]
    assert "write the baseline as a number" in note_words("no_baseline")
    ratio = broken_down(young, kpi="cpl", target="12", counts="total")
    assert ratio["target"].unique().tolist() == [12] and set(ratio["note"]) == {"no_shape"}


def test_a_month_that_is_not_over_is_no_history(exports: Exports) -> None:
    past = past_of(exports)
    assert past.values("leads").index[-1] == pd.Timestamp("2026-02-01")
    assert past.scopes == ["company", "vk_ads", "yandex_direct"]
    assert math.isnan(past.over("leads", "company", MONTHS[0].date(), pd.Timestamp("2026-03-31").date()))
    assert past.over("leads", "company", MONTHS[0].date(), pd.Timestamp("2026-02-28").date()) == 780 + 30
    assert past.values("leads", "tiktok_ads").empty and past.reason("leads", "tiktok_ads") == "no_rows:leads"
    assert past.reason("orders") == "no_export:orders"


def test_csv_yaml_and_excel_give_the_report_the_same_goals(exports: Exports) -> None:
    text = "kpi,target,counts,start,deadline\nleads,1000,total,2026-01-01,2026-12-31\ncpl,14,,,\n"
    path = exports.folder / "goals.csv"
    path.write_text(text, encoding="utf-8")
    first = read_goals(exports)
    path.write_bytes(text.replace(",", ";").encode("utf-16"))
    assert read_goals(exports).equals(first)
    path.unlink()
    rows = pd.DataFrame([line.split(",") for line in text.splitlines()[1:]], columns=text.splitlines()[0].split(","))
    rows.to_excel(exports.folder / "goals.xlsx", index=False, engine="xlsxwriter")
    assert read_goals(exports).equals(first)
    (exports.folder / "goals.xlsx").unlink()
    yaml = "".join(f"- {{{', '.join(f'{name}: {value}' for name, value in row.items())}}}\n"
                   for row in rows.to_dict("records"))  # fmt: skip
    (exports.folder / "goals.yml").write_text(yaml, encoding="utf-8")
    assert read_goals(exports).equals(first) and len(first) == 13
    assert find_goals(exports.folder).name == "goals.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(KitError, match="several files of goals: goals.csv, goals.yml. Leave one"):
        read_goals(exports)


def test_a_yaml_file_that_cannot_be_read_is_named(tmp_path: Path, exports: Exports) -> None:
    path = tmp_path / "g.yml"
    path.write_bytes("- kpi: лиды".encode("utf-16"))
    with pytest.raises(KitError, match="g.yml: is not saved as UTF-8. Save it again in that encoding."):
        read_goals(exports, path)
