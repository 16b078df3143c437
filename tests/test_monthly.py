"""A company's month: its days, its scorecard against goals, an unfinished month held against the same days."""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import holidays
import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE, Composed, sample, unfinished
from folders import copy_files
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers import compute_kpis, prepare_month, read_exports, read_goals, score_month, sum_month
from kpi_helpers.calendars import parse_month
from kpi_helpers.card import SCORE
from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.monthly import HISTORY, derive_tables
from kpi_helpers.pace import plan_by_day
from kpi_helpers.signals import process_chart
from tests.small_company import daily_exports, exports_of, leads_between, write_goals


@pytest.fixture
def half() -> Composed:
    """A company on the evening of the 18th."""
    return unfinished("northlight")


@given(st.dates(min_value=date(1000, 1, 1)))
def test_a_month_is_read_as_it_is_written(day: date) -> None:
    assert parse_month(f" {day:%Y-%m} ") == day.replace(day=1)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "26-10", "2026-1", "2026-10-01", "10.2026", "x-y"])
def test_what_is_no_month_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(KitError, match="Write it as 2026-10") as caught:
        parse_month(text)
    assert repr(text) in str(caught.value)


def test_a_month_without_data_names_the_months_there_are() -> None:
    with pytest.raises(KitError, match="nothing of November 2026.*from 2024-11 to 2026-10"):
        prepare_month(sample("northlight").month.exports, "2026-11")


def test_a_whole_month() -> None:
    month = sample("northlight").month
    assert (month.start, month.end, month.days, month.first_days) == (date(2026, 10, 1), date(2026, 10, 31), 31, None)
    assert (month.client, month.currency) == ("Northlight", "USD")
    assert prepare_month(month.exports, "2026-10", "Acme").client == "Acme"


def test_the_scorecard_has_a_row_for_every_kpi_and_thirteen_months() -> None:
    card = sample("northlight").card
    assert list(card.columns) == list(SCORE)
    assert card["kpi"].tolist() == list(KPIS)
    assert {len(history) for history in card["history"]} == {HISTORY}
    row = card.set_index("kpi").loc["orders"]
    history = row["history"]
    assert (history[-1], history[-2], history[0]) == (row["value"], row["previous"], row["year_ago"])
    assert row["months"][-1] == pd.Timestamp("2026-10-01") and row["months"][0] == pd.Timestamp("2025-10-01")


def test_a_missing_value_has_its_reason_and_no_verdict() -> None:
    card = sample("northlight").card
    missing = card[card["value"].isna()]
    assert len(missing)
    assert (missing["reason"] != "").all()
    assert set(missing["change_verdict"]) == {"unknown"}
    assert set(missing["status"]) <= {"no_goal", "no_data"}


def test_channels_have_their_own_goals() -> None:
    composed = sample("severny_svet")
    goals = composed.channels[composed.channels["status"] != "no_goal"]
    assert goals[["kpi", "scope", "goal"]].to_numpy().tolist() == [["cpl", "yandex_direct", 1700.0]]


def test_no_rows_are_still_a_scorecard() -> None:
    month = sample("northlight").month
    empty = score_month(compute_kpis(sum_month(month), ["leads"]).iloc[:0], read_goals(month.exports), month)
    assert list(empty.columns) == list(SCORE)
    assert empty.empty


def test_goals_are_looked_for_in_the_folder_and_may_be_missing_there(tmp_path: Path) -> None:
    folder = copy_files(SAMPLE / "northlight", tmp_path / "x", ["costs.csv", "company.toml"])
    exports = read_exports(folder)
    assert read_goals(exports).empty
    with pytest.raises(KitError, match="there is no goals file .*nowhere.csv. Name an existing file"):
        read_goals(exports, tmp_path / "nowhere.csv")
    (tmp_path / "other.csv").write_text("kpi,target\nleads,10\n")
    assert read_goals(exports, tmp_path / "other.csv")["target"].tolist() == [10]
    (tmp_path / "wrong.csv").write_text("kpi,target\nleeds,10\n")
    with pytest.raises(KitError, match="wrong.csv, line 2: there is no KPI 'leeds'. Did you mean leads"):
        read_goals(exports, tmp_path / "wrong.csv")


# An unfinished month


def test_an_unfinished_month_is_held_against_the_same_days_of_others(half: Composed) -> None:
    month = half.month
    assert (month.days, month.first_days, month.end) == (18, 18, date(2026, 10, 18))
    whole = sample("northlight").month.tables
    for kpi, table, column in (("orders", "orders", "ordered_at"), ("leads", "leads", "created_at")):
        days = whole[table][column].dt.tz_localize(None)
        for name, start in (("value", "2026-10"), ("previous", "2026-09"), ("year_ago", "2025-10")):
            counted = days.between(f"{start}-01", f"{start}-18 23:59:59").sum()
            assert half.value(kpi, name) == counted, (kpi, name)


def test_goals_of_ratios_do_not_grow_with_the_days(half: Composed) -> None:
    full = sample("northlight")
    for kpi in ("cpl", "qualification_rate", "repeat_rate"):
        assert half.value(kpi, "goal") == half.value(kpi, "goal_full") == full.value(kpi, "goal")


@pytest.mark.parametrize("company", ["northlight", "severny_svet"])
def test_the_plan_to_date_is_the_plan_line_on_that_day(company: str) -> None:
    full, part = sample(company), unfinished(company)
    country = part.month.company.hours.country
    calendar = holidays.country_holidays(country, years=range(2023, 2027))
    worked = set(getattr(calendar, "weekend_workdays", ()))
    for kpi, table, column, amount in (
        ("revenue", "orders", "ordered_at", "revenue"), ("orders", "orders", "ordered_at", ""),
        ("leads", "leads", "created_at", ""),
    ):  # fmt: skip
        rows = part.month.exports.tables[table]
        days = rows[column].dt.tz_localize(None).dt.normalize()
        daily = rows.groupby(days)[amount].sum() if amount else days.value_counts().sort_index()
        line = plan_by_day(daily.astype(float), date(2026, 10, 1), full.value(kpi, "goal"), set(calendar), worked)
        assert part.value(kpi, "goal") == pytest.approx(line.iloc[17], rel=1e-9), kpi
        assert part.value(kpi, "goal_full") == full.value(kpi, "goal") == line.iloc[-1]
        assert part.value(kpi, "goal") != pytest.approx(full.value(kpi, "goal") * 18 / 31, rel=1e-6)  # weekdays differ


def scored(exports: Exports, month: str, *goals: str, head: str = "") -> pd.DataFrame:
    """The company's scorecard by KPI, with these lines as the goals file."""
    write_goals(exports, *goals, **({"head": head} if head else {}))
    this = prepare_month(exports, month)
    return score_month(compute_kpis(sum_month(this)), read_goals(exports), this).set_index("kpi")


def test_a_small_company_s_plan_to_date_by_hand(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2025-01-01", "2026-03-10")
    row = scored(exports, "2026-03", "leads,company,106,,2026-03-01,2026-03-31,").loc["leads"]
    # two leads from Monday to Friday, one on the other days: March 2026 has 22 and 9, its first ten days 7 and 3
    assert row["value"] == 17
    assert row["goal"] == pytest.approx(106 * 17 / 53, rel=1e-3) and row["goal_full"] == 106
    assert row["status"] == "missed"


# Wilson's interval of 95 % for 40 of 50 is 0.670 to 0.888, for 300 of 400 it is 0.705 to 0.790 (by the formula)
@pytest.mark.parametrize(
    ("qualified", "leads", "norm", "status"),
    [(40, 50, "65 %", "met"), (40, 50, "68 %", "not_enough"), (40, 50, "85 %", "not_enough"),
     (40, 50, "90 %", "missed"), (300, 400, "70 %", "met"), (300, 400, "75 %", "not_enough"),
     (300, 400, "80 %", "missed")],
)  # fmt: skip
def test_a_norm_is_met_or_missed_only_where_it_is_proven(
    tmp_path: Path, qualified: int, leads: int, norm: str, status: str
) -> None:
    share, z = qualified / leads, 1.959964
    spread = z * math.sqrt(share * (1 - share) / leads + z * z / (4 * leads * leads))
    low, high = ((share + z * z / (2 * leads) + sign * spread) / (1 + z * z / leads) for sign in (-1, 1))
    target = float(norm.split()[0]) / 100
    assert status == ("met" if low >= target else "missed" if high < target else "not_enough")
    days = pd.date_range("2026-02-01", periods=28)
    received = [(days[place % 28], "email", place < qualified) for place in range(leads)]
    exports = exports_of(tmp_path, [(day, "yandex_direct", 1.0) for day in days], received, days[0], days[-1])
    head = "kpi,target,start,deadline,norm"
    card = scored(exports, "2026-02", f"qualification_rate,{norm},2026-02-01,2026-02-28,yes", head=head)
    row = card.loc["qualification_rate"]
    assert (row["numerator"], row["denominator"], row["status"]) == (qualified, leads, status)


def test_the_signals_are_those_of_the_whole_history() -> None:
    for company in ("northlight", "severny_svet"):
        composed = sample(company)
        sums = compute_kpis(sum_month(composed.month))
        for kpi in ("cpl", "revenue", "qualification_rate", "visits"):
            points = sums[sums["kpi"] == kpi].set_index("period")
            rules = process_chart(KPIS[kpi], points).months["rule"]
            assert len(rules) > HISTORY
            assert composed.value(kpi, "signals") == rules.tolist()[-HISTORY:], (company, kpi)
    assert any(any(signals) for signals in sample("severny_svet").card["signals"])
    assert all(signals == [] for signals in sample("northlight").channels["signals"])


def test_a_year_s_total_reaches_the_scorecard_month_by_month(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2024-12-01", "2026-03-31")
    goals = ("leads,company,701,total,2026-01-01,2026-12-31,sales",)
    cards = {month: scored(exports, month, *goals).loc["leads"] for month in ("2026-01", "2026-02", "2026-03")}
    read = read_goals(exports)
    assert len(read) == 12 and read["target"].sum() == 701
    assert [card["goal"] for card in cards.values()] == read["target"].tolist()[:3]
    before = [leads_between(f"2025-{month:02}-01", f"2025-{month:02}-{last}") for month, last in
              zip(range(1, 13), (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), strict=True)]  # fmt: skip
    assert read["target"].tolist() == pytest.approx([701 * count / sum(before) for count in before], abs=1)
    assert {card["owner"] for card in cards.values()} == {"sales"}


def test_costs_booked_by_month_count_for_the_days_covered(half: Composed) -> None:
    month, whole = half.month, sample("northlight").month.tables
    cost = whole["costs"].loc[whole["costs"]["date"] == "2026-10-01", "amount"].sum() * 18 / 31
    spend = whole["ads"].loc[whole["ads"]["date"].between("2026-10-01", "2026-10-18"), "spend"].sum()
    assert half.value("marketing_cost") == pytest.approx(cost + spend)
    assert derive_tables(month.exports)["costs"]["amount"].sum() == whole["costs"]["amount"].sum()


def test_costs_by_day_are_taken_as_they_are(half: Composed) -> None:
    exports = half.month.exports
    daily = exports.tables["costs"].assign(date=pd.Timestamp("2026-10-05"))
    tables = derive_tables(type(exports)(**{**vars(exports), "tables": {**exports.tables, "costs": daily}}), 18)
    assert tables["costs"]["amount"].equals(daily["amount"])


def test_what_cannot_be_added_or_is_told_by_quarter_is_missing_and_says_why(half: Composed) -> None:
    assert np.isnan(half.value("visitors"))
    assert half.value("visitors", "reason") == "no_rows:audience"
    month = replace(sample("severny_svet").month, days=18)
    tables = {"market": month.tables["market"], "tasks": month.tables["tasks"]}
    month = replace(month, tables=tables)
    card = score_month(compute_kpis(sum_month(month)), read_goals(month.exports), month)
    reasons = card.set_index("kpi")["reason"]
    assert reasons["market_share"] == "no_rows:market"  # there is an export, but it says nothing of these days
    assert reasons["leads"] == "no_export:leads"
