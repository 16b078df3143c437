"""The lesson on retention: its numbers held against those reckoned from the raw files without the kit."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import oracle
import pandas as pd
import pytest
from printed import agrees, half_of_last_digit, value_of

from kpi_helpers.errors import KitError
from kpi_helpers.lessons.chapters.retention import (
    FASTER,
    ask_ltv,
    ask_prediction,
    compose,
    explain,
    vary_churn,
    work_out,
)
from kpi_helpers.lessons.chapters.retention_asking import ask_cohorts, ask_repeat
from kpi_helpers.lessons.chapters.retention_cases import (
    AGE,
    Cohort,
    Year,
    as_shown,
    customers_of,
    list_cohorts,
    list_years,
    with_definition,
)
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.script import Script

COMPANIES = ("northlight", "severny_svet")
DAY = pd.Timedelta(days=1)
SUMS = {
    "margin_12m": 12_000.0, "lost_12m": 60.0, "customer_months_12m": 600.0, "buyers_12m": 100.0,
    "repeat_buyers_12m": 40.0, "spend": 1_500.0, "other_costs": 500.0, "new_customers": 40.0, "revenue": 30_000.0,
    "customer_orders": 250.0,
}  # fmt: skip
PLAIN = Year(pd.Timestamp("2026-10-01"), "USD", SUMS)


@cache
def figures(company: str) -> Figures:
    return figures_of(Path("data/sample") / company)


@cache
def script(company: str, learner: str) -> Script:
    return compose(figures(company), Lot(learner, "retention"))


@cache
def raw_orders(company: str) -> pd.DataFrame:
    orders = oracle.book_of(company).tables["orders"]
    orders = orders[(orders["customer"].fillna("") != "") & (orders["at"] < pd.Timestamp("2026-11-01"))]
    return orders.assign(day=orders["at"].dt.normalize())


def test_a_tenth_lost_a_month_is_a_lifetime_of_ten_months() -> None:
    """20 of margin a month for 10 months are 200; a customer cost 50, which is paid back after 2.5 months."""
    assert (PLAIN.churn, PLAIN.lifetime, PLAIN.margin) == pytest.approx((0.1, 10, 20))
    assert (PLAIN.ltv, PLAIN.cac, PLAIN.to_cac, PLAIN.payback) == pytest.approx((200, 50, 4, 2.5))
    assert {slip.name: slip.value for slip in ask_ltv(PLAIN).slips} == pytest.approx(
        {"revenue_in_ltv": 500, "year_as_lifetime": 240, "retention_as_lifetime": 20 / 0.9}
    )
    assert ask_repeat(PLAIN).answer == pytest.approx(0.4)
    assert {slip.name: slip.value for slip in ask_repeat(PLAIN).slips} == pytest.approx(
        {"rows_as_purchases": 150 / 250, "orders_per_customer": 2.5, "once_as_repeat": 0.6}
    )


@pytest.mark.parametrize("company", COMPANIES)
def test_every_year_is_what_the_raw_files_say(company: str) -> None:
    orders = raw_orders(company)
    for year in (list_years(figures(company))[0], list_years(figures(company))[-1]):
        end = year.month + pd.offsets.MonthBegin(1)
        start = end - pd.DateOffset(years=1)
        sums = oracle.year_sums(orders, year.month, end)
        inside = orders[(orders["at"] >= start) & (orders["at"] < end)]
        assert year.ltv == pytest.approx(sums["margin_12m"] / sums["lost_12m"])
        assert year.churn == pytest.approx(sums["lost_12m"] / sums["customer_months_12m"])
        assert year.repeat_rate == pytest.approx(sums["repeat_12m"] / sums["buyers_12m"])
        assert year.sums["customer_orders"] == len(inside)
        assert year.sums["revenue"] == pytest.approx(inside["revenue"].sum())
        months = [
            oracle.company_kpis(company, f"{month:%Y-%m}") for month in pd.date_range(start, periods=12, freq="MS")
        ]
        cost, new = (sum(month[key].value for month in months) for key in ("marketing_cost", "new_customers"))
        assert year.cac == pytest.approx(cost / new)


@pytest.mark.parametrize("company", COMPANIES)
def test_a_pocket_calculator_comes_to_every_printed_result(company: str) -> None:
    for year in list_years(figures(company)):
        for step in work_out(year):
            assert agrees(step.how, step.result), (year.name, step)
        question = ask_ltv(year)
        how, result = question.solution.split(" = ")
        assert agrees(how, result) and question.check(result).right
        shown = as_shown(year)
        assert (shown["ltv"], shown["to_cac"]) == (
            pytest.approx(year.ltv, rel=0.002),
            pytest.approx(year.to_cac, rel=0.002),
        )


@pytest.mark.parametrize("grows", FASTER)
@pytest.mark.parametrize("company", COMPANIES)
def test_the_prediction_can_be_reckoned_from_what_it_shows(company: str, grows: str) -> None:
    question = ask_prediction(list_years(figures(company))[-1], 90, grows)
    assert question.answer == grows
    assert any(script(company, f"L{n}").predict.answer == grows for n in range(40))  # type: ignore[attr-defined]
    kept, better = (value_of(part) for part in re.findall(r"[\d.]+%", question.text))
    assert (1 - kept) / (1 - better) == pytest.approx(FASTER[grows], rel=0.01)
    gain = re.findall(r"[\d.]+%", question.options[0].words)[0]
    assert abs(better / kept - 1 - value_of(gain)) <= half_of_last_digit(gain)


def test_a_mean_above_the_lifetime_value_is_accounted_for_only_where_it_is_above() -> None:
    customers = customers_of(figures("northlight"))
    mean = customers.purchases["margin"].mean()
    for ltv, expected in ((0.9 * mean, True), (1.1 * mean, False)):
        year = replace(PLAIN, sums=SUMS | {"margin_12m": ltv * SUMS["lost_12m"]})
        assert ("above the LTV" in explain(year, customers, 90, "same")[-1]) == expected


@pytest.mark.parametrize("company", COMPANIES)
def test_cohorts_at_the_same_age_are_counted_from_the_raw_orders(company: str) -> None:
    days = raw_orders(company).drop_duplicates(["customer", "day"]).sort_values("day").groupby("customer")["day"]
    first, second = days.nth(0), days.nth(1)
    table = pd.DataFrame(
        {"first": days.min(), "second": days.apply(lambda day: day.iloc[1] if len(day) > 1 else pd.NaT)}
    )
    assert len(first) == len(table) and len(second) == table["second"].notna().sum()
    cohorts = list_cohorts(customers_of(figures(company)))
    assert cohorts[-1].month == pd.Timestamp(
        "2026-07-01"
    )  # of October everybody was watched, 31 July being 92 days ago
    for cohort in cohorts:
        rows = table[table["first"].dt.to_period("M") == cohort.month.to_period("M")]
        soon = (rows["second"] - rows["first"] <= AGE * DAY).sum()
        assert (cohort.customers, cohort.at_age, cohort.so_far) == (len(rows), soon, rows["second"].notna().sum())


def test_a_young_cohort_is_compared_at_the_same_age() -> None:
    """Of 40 old ones 8 came back within 90 days and 24 up to today, of 50 young ones 15 and 16."""
    old, young = Cohort(pd.Timestamp("2025-01-01"), 40, 8, 24), Cohort(pd.Timestamp("2026-07-01"), 50, 15, 16)
    question = ask_cohorts(Lot("", "retention"), [old, old, young])
    assert question.answer == pytest.approx(0.3 - 0.2)
    assert {slip.name: slip.value for slip in question.slips} == pytest.approx(
        {"young_cohort_as_final": 0.32 - 0.6, "percent_for_points": 0.5, "counts_for_shares": 0.07}
    )
    assert question.check("10").right and question.check("+10 pp").right
    assert question.check("-28").slip == "young_cohort_as_final"
    with pytest.raises(KitError, match="percent"):
        question.check("10%")


def test_two_cohorts_that_differ_by_less_than_a_point_are_not_asked_for() -> None:
    """8 of 40 and 41 of 204 are 20.0 % and 20.1 %: in whole points nothing."""
    old, young = Cohort(pd.Timestamp("2025-01-01"), 40, 8, 24), Cohort(pd.Timestamp("2026-07-01"), 204, 41, 60)
    with pytest.raises(Lacking):
        ask_cohorts(Lot("", "retention"), [old, old, young])


@pytest.mark.parametrize("days", [120, 180])
@pytest.mark.parametrize("company", COMPANIES)
def test_another_definition_makes_another_churn_of_the_same_orders(
    company: str, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oracle, "ACTIVE_DAYS", days)
    year = list_years(figures(company))[-1]
    sums = oracle.year_sums(raw_orders(company), year.month, year.month + pd.offsets.MonthBegin(1))
    other = with_definition(figures(company), year, days)
    assert other.churn == pytest.approx(sums["lost_12m"] / sums["customer_months_12m"])
    assert other.ltv == pytest.approx(sums["margin_12m"] / sums["lost_12m"])
    assert other.churn < year.churn and other.ltv > year.ltv


def test_churn_moves_lifetime_and_value_and_not_the_payback() -> None:
    experiment = vary_churn(PLAIN)
    (slider,) = experiment.controls
    low, half, high = (experiment.show({"churn": churn}) for churn in (slider.low, 0.05, slider.high))  # type: ignore[union-attr]
    assert "20.00" in half.words and "$400" in half.words and "8.00 times the CAC" in half.words
    assert "before the CAC is paid back" in high.words and "before" not in low.words
    assert all(shown.ax is not None and shown.table.count("2.5") == 2 for shown in (low, half, high))


@pytest.mark.parametrize("company", COMPANIES)
def test_today_is_written_the_same_wherever_it_stands(company: str) -> None:
    """In the table beside the slider, in the explanation and in the question at the end."""
    one = script(company, "Anna")
    table = one.explore.show({"churn": 0.2}).table
    ltv = re.search(r"an LTV of (\S+)\. From now", one.leave.text)
    assert ltv and ltv[1] in table and ltv[1] in "".join(map(str, one.explain("double")))
    churn = re.search(r"churn ([\d.]+%) a month", one.leave.text)
    assert churn and churn[1] in table


@pytest.mark.parametrize("company", COMPANIES)
def test_half_the_churn_doubles_the_value_and_the_map_stands_in_the_explanation(company: str) -> None:
    year = list_years(figures(company))[-1]
    assert replace(year, sums={**year.sums, "lost_12m": year.sums["lost_12m"] / 2}).ltv == pytest.approx(2 * year.ltv)
    said = explain(year, customers_of(figures(company)), 90, "in_proportion")
    assert sum("<img" in paragraph for paragraph in said) == 1
    assert f"{year.amount(2 * as_shown(year)['ltv'])} instead of {year.amount(as_shown(year)['ltv'])}" in said[1]


@pytest.mark.parametrize("company", COMPANIES)
def test_neighbours_get_other_numbers(company: str) -> None:
    found = [script(company, learner) for learner in ("Anna", "Борис", "Chloé", "Dan")]
    assert len({one.blank.answer for one in found}) > 1  # type: ignore[attr-defined]
    assert len({one.fresh[1].answer for one in found}) > 2  # type: ignore[attr-defined]


def test_a_company_without_costs_or_without_a_long_past_lacks_what_is_needed() -> None:
    few = figures_of(Path("data/sample/northlight"))
    short = Figures(few.exports)
    short.months = few.months[:12]
    with pytest.raises(Lacking):
        compose(short, Lot("", "retention"))
    exports = replace(few.exports, tables={key: rows for key, rows in few.exports.tables.items() if key == "survey"})
    with pytest.raises(Lacking):
        compose(Figures(exports), Lot("", "retention"))
