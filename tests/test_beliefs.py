"""Claims: read in both languages, held against a company's own months, imagined in its own numbers."""

import math
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from kpi_helpers import KitError, read_exports
from kpi_helpers.beliefs import Part, meanings_of, read_claim
from kpi_helpers.beliefs.claims import LONGEST
from kpi_helpers.beliefs.evidence import Change, months_needed, weekly_trials, weigh
from kpi_helpers.beliefs.planning import Plan, base_of, chance_of_any, shares_to_test, weeks_shown
from kpi_helpers.beliefs.scenario import imagine, last_year
from kpi_helpers.differences import detectable, sample_size
from kpi_helpers.history import History

COMPANIES = ("northlight", "severny_svet")


@cache
def history(company: str) -> History:
    return History(read_exports(SAMPLE / company))


def one(text: str) -> Part:
    (part,) = read_claim(text)
    return part


# The grammar


@pytest.mark.parametrize(
    "text",
    [
        "sales +15%, ad cost -20%, satisfaction +25%",
        "sales +15 %; ad cost −20 % and satisfaction +25 %",
        "Sales up by 15%, ad costs fell 20 percent, satisfaction of customers +25 %",
        "продажи +15 %, расходы на рекламу −20 %, удовлетворённость +25 %",
        "Рост продаж на 15% и снижение расходов на рекламу на 20 процентов, удовлетворенность клиентов +25%",
    ],
)
def test_the_claim_of_the_article_is_read_however_it_is_written(text: str) -> None:
    parts = read_claim(text)
    assert [part.keys for part in parts] == [("revenue", "orders"), ("spend", "drr", "cpl"), ("csat", "nps")]
    assert [part.by for part in parts] == [0.15, -0.2, 0.25]
    assert {part.unit for part in parts} == {"%"} and not any(part.problem for part in parts)


@pytest.mark.parametrize(("text", "keys", "by", "unit"), [
    ("CPL -12,5 %", ("cpl",), -0.125, "%"),
    ("NPS +5", ("nps",), 0.05, ""),
    ("15% more leads", ("leads",), 0.15, "%"),
    ("ДРР −3 п.п.", ("drr",), -0.03, "points"),
    ("Доля рекламных расходов -20 %", ("drr",), -0.2, "%"),
    ("новых клиентов +5 %", ("new_customers",), 0.05, "%"),
    ("site visitors +5 %", ("visitors", "visits"), 0.05, "%"),
    ("return on ad spend +5 %", ("roas", "romi"), 0.05, "%"),
    ("Лояльность клиентов +5 %", ("nps", "retention_rate", "repeat_rate"), 0.05, "%"),
    ("bounce rate down 5 percentage points", ("bounce_rate",), -0.05, "points"),
    ("B2B sales +8%", ("revenue", "orders"), 0.08, "%"),
    ("Конверсия из лида в КЛ +5 %", ("qualification_rate",), 0.05, "%"),
    ("выручка +1 000 %", ("revenue",), 10.0, "%"),
])  # fmt: skip
def test_one_part_is_read(text: str, keys: tuple[str, ...], by: float, unit: str) -> None:
    part = one(text)
    assert (part.keys, part.by, part.unit, part.problem) == (keys, by, unit, "")


@pytest.mark.parametrize(("text", "problem"), [
    ("sales 15 %", "up or down"),
    ("sales ±15 %", "up or down"),
    ("costs fell by +20 %", "both up and down"),
    ("sales +10-15 %", "more than one number"),
    ("sales and more", "no change"),
    ("sales +1,200 %", "not a number"),
    ("sales +0 %", "of nothing"),
    ("sales +5000 %", "of nothing, or of more"),
    ("leads +30", "such a unit"),
    ("leads +5 pp", "such a unit"),
    ("happiness of the dog +5 %", "no KPI"),
    ("<script>alert()</script> +5 %", "no KPI"),
])  # fmt: skip
def test_what_cannot_be_read_is_not_guessed(text: str, problem: str) -> None:
    part = read_claim(text)[0]
    assert problem in part.problem and part.keys == () and math.isnan(part.by)


def test_an_unread_part_leaves_the_others() -> None:
    read, unread = read_claim("leads +5 %, mood +5 %")
    assert read.keys and not read.problem and unread.problem


@pytest.mark.parametrize("text", ["", " , ;", "x" * (LONGEST + 1), "leads +1 %;" * 7])
def test_no_claim_and_too_long_a_claim_are_refused(text: str) -> None:
    with pytest.raises(KitError):
        read_claim(text)


@given(st.text(max_size=LONGEST))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parts = read_claim(text)
    except KitError:
        return
    assert all(bool(part.keys) != bool(part.problem) for part in parts)


@given(st.sampled_from(["revenue", "CPL", "Выручка"]), st.integers(1, 999), st.sampled_from("+-−"))
def test_what_was_written_is_what_was_read(name: str, size: int, sign: str) -> None:
    part = one(f"{name} {sign}{size} %")
    assert part.by == pytest.approx((1 if sign == "+" else -1) * size / 100)


def test_a_percent_of_a_share_has_two_readings() -> None:
    assert one("CSAT +5 %").readings("csat") == ("relative", "points")
    assert one("CSAT +5 pp").readings("csat") == ("points",)
    assert one("leads +5 %").readings("leads") == ("relative",)


def test_words_that_are_not_understood_are_named() -> None:
    assert meanings_of("satisfaction of dealers").unread == "dealers"
    assert "“amazon”" in read_claim("Amazon sales +5 %")[0].problem


@pytest.mark.parametrize("text", [
    "customers' complaints -20 %", "order cancellations -30 %", "lead time -30 %", "cost of goods -10 %",
    "lost sales -20 %", "sales costs -10 %", "click rate +20 %", "sales staff +10 %", "customer waiting time -30 %",
    "жалобы клиентов -20 %", "отмены заказов -30 %", "время ответа лидам -40 %", "себестоимость продаж -10 %",
    "упущенные продажи -20 %", "возвраты заказов -15 %", "отказы от заказов -10 %", "расходы на логистику -10 %",
    "упаковка +10 %", "затраты на персонал -5 %", "потерянные лиды -20 %",
])  # fmt: skip
def test_a_word_that_turns_a_claim_round_leaves_it_unread(text: str) -> None:
    (part,) = read_claim(text)
    assert part.problem and part.keys == ()


@pytest.mark.parametrize(("text", "key"), [
    ("churn of clients -10 %", "churn_rate"), ("conversion rate +5 %", "conversion_rate"),
    ("total sales +5 %", "revenue"), ("brand awareness +5 %", "awareness_aided"), ("number of leads +5 %", "leads"),
    ("site traffic +5 %", "visits"), ("our company's annual revenue +5 %", "revenue"),
    ("marketing ROI +5 %", "romi"), ("share of churn -5 %", "churn_rate"), ("число заказов +5 %", "orders"),
    ("узнаваемость бренда +5 %", "awareness_aided"), ("отток клиентов -5 %", "churn_rate"),
    ("трафик на сайт +5 %", "visits"), ("общая выручка компании за год +5 %", "revenue"),
    ("объём продаж +5 %", "revenue"), ("удержание покупателей +5 %", "retention_rate"),
    ("доля повторных покупок +5 %", "repeat_rate"),
])  # fmt: skip
def test_a_word_that_changes_nothing_is_passed_over(text: str, key: str) -> None:
    part = one(text)
    assert part.problem == "" and part.keys[0] == key


# The company's own months


def test_a_change_counts_as_the_claim_does() -> None:
    assert Change("csat", "relative", 0.25).level(0.8) == pytest.approx(1.0)
    assert Change("csat", "points", 0.25).level(0.5) == 0.75
    assert Change("nps", "points", 0.25).level(30) == 55
    assert math.isnan(Change("romi", "relative", 0.1).level(-0.2))
    assert not Change("csat", "points", 0.25).can_be(1.05) and Change("romi", "points", 0.1).can_be(-0.5)
    assert not Change("nps", "points", 0.9).can_be(120) and not Change("revenue", "relative", -2).can_be(-5)


@pytest.mark.parametrize("company", COMPANIES)
def test_a_claim_of_revenue_beside_the_months(company: str) -> None:
    months = history(company)
    values = months.past.values("revenue")
    found = weigh(months, Change("revenue", "relative", 0.15))
    assert (found.now, found.would) == (values.iloc[-1], pytest.approx(values.iloc[-1] * 1.15))
    assert found.year_now == pytest.approx(values.tail(12).sum()) and found.months == 12
    steps = (values / values.shift(1) - 1).dropna()
    assert (found.steps, found.larger) == (23, int((steps.abs() >= 0.15).sum())) and found.larger > 0
    assert found.swing == pytest.approx(values.tail(12).max() / values.tail(12).min())
    assert found.low < found.centre < found.high and found.stands_out is False
    assert found.groups is None and found.pairs >= 4


@pytest.mark.parametrize("company", COMPANIES)
def test_a_claim_of_a_share_says_how_much_has_to_be_measured(company: str) -> None:
    months = history(company)
    found = weigh(months, Change("qualification_rate", "points", 0.05))
    year = months.past.sums().tail(12)
    base = year["qualified_leads"].sum() / year["leads"].sum()
    assert found.groups == sample_size(base, base + 0.05)
    leads = months.past.values("leads").tail(3).mean() * 12 * 7 / 365.25
    assert found.weeks == pytest.approx(sum(found.groups) / leads)
    assert math.isnan(found.pairs)


def test_what_cannot_be_is_said_and_what_is_not_known_stays_unknown() -> None:
    months = history("northlight")
    assert weigh(months, Change("csat", "relative", 0.25)).can_be is False
    unknown = weigh(months, Change("visitors", "relative", 0.25)) if months.past.values(
        "visitors").dropna().empty else weigh(months, Change("market_share", "relative", 0.1))  # fmt: skip
    assert not unknown.known and unknown.stands_out is None and unknown.groups is None


@pytest.mark.parametrize("size", [0.05, 0.1, 0.15, 0.2, 0.3, 0.5])
def test_months_needed_find_the_change_four_times_in_five(size: float) -> None:
    """Drawn anew: the share of experiments whose t-test, which does not know the spread, finds the change at 5 %."""
    chance, spread = np.random.default_rng(8), 0.1
    n = months_needed(spread, size)
    with_it, without = (chance.normal(mean, spread, (20_000, n)) for mean in (size, 0.0))
    power = (ttest_ind(with_it, without, axis=1).pvalue < 0.05).mean()
    assert power >= 0.78 and (power <= 0.88 or n == 4)


# The scenario


def test_the_scenario_by_hand() -> None:
    sums = {"revenue": 1000.0, "margin": 400.0, "spend": 200.0, "orders": 10.0, "leads": 50.0, "qualified_leads": 30.0}
    rows, unused = imagine(sums, [Change("revenue", "relative", 0.15), Change("spend", "relative", -0.2),
                                  Change("csat", "relative", 0.25)])  # fmt: skip
    assert rows["after"].round(9).to_dict() == {
        "revenue": 1150, "margin": 460, "spend": 160, "left": 300, "romi": 1.875, "drr": round(160 / 1150, 9)
    }  # fmt: skip
    assert rows["before"].tolist() == [1000, 400, 200, 200, 1, 0.2]
    assert unused == {"csat": ""}


@pytest.mark.parametrize(("claimed", "revenue", "spend"), [
    ([("orders", 0.1), ("aov", 0.1)], 1210, 200),
    ([("revenue", 0.1), ("orders", 0.5)], 1100, 200),
    ([("cpl", -0.2), ("leads", 0.5)], 1000, 240),
    ([("drr", -0.5)], 1000, 100),
    ([("cpo", -0.1)], 1000, 180),
    ([("spend", 0.1), ("cpl", -0.5)], 1000, 220),
])  # fmt: skip
def test_costs_and_orders_move_what_they_are_made_of(
    claimed: list[tuple[str, float]], revenue: float, spend: float
) -> None:
    sums = {"revenue": 1000.0, "margin": 400.0, "spend": 200.0, "orders": 10.0, "leads": 50.0}
    rows, _unused = imagine(sums, [Change(key, "relative", by) for key, by in claimed])
    assert rows.loc["revenue", "after"] == pytest.approx(revenue)
    assert rows.loc["spend", "after"] == pytest.approx(spend)
    assert rows.loc["margin", "after"] == pytest.approx(0.4 * revenue)


@pytest.mark.parametrize(("claimed", "unused"), [
    (["spend", "cpl"], {"cpl": "spend"}), (["cpl", "drr"], {"cpl": "drr"}), (["cpl", "leads"], {}),
    (["leads", "spend"], {"leads": ""}), (["aov", "revenue"], {"aov": "revenue"}), (["orders", "aov"], {}),
    (["revenue", "orders", "cpo"], {}), (["csat", "cpl", "spend"], {"csat": "", "cpl": "spend"}), (["margin"], {}),
])  # fmt: skip
def test_what_is_not_counted_says_beside_what(claimed: list[str], unused: dict[str, str]) -> None:
    sums = {"revenue": 1000.0, "margin": 400.0, "spend": 200.0, "orders": 10.0, "leads": 50.0}
    assert imagine(sums, [Change(key, "relative", 0.1) for key in claimed])[1] == unused


def test_without_a_margin_there_is_no_profit_in_the_scenario() -> None:
    rows, _unused = imagine({"revenue": 1000.0, "spend": 200.0}, [Change("revenue", "relative", 0.1)])
    assert rows.loc[["margin", "left", "romi"]].isna().all(axis=None) and rows.loc["drr", "after"] == 200 / 1100


@pytest.mark.parametrize("company", COMPANIES)
def test_the_scenario_starts_from_the_last_twelve_months(company: str) -> None:
    sums, months = last_year(history(company))
    exact = history(company).past.sums().tail(12)
    assert len(months) == 12
    assert {key: pytest.approx(exact[key].sum()) for key in ("revenue", "spend", "leads")}.items() <= sums.items()


def test_the_scenario_takes_the_months_that_revenue_and_spend_have_in_common(tmp_path: Path) -> None:
    """Orders of April to September, ads of the whole year: 183 orders of 300 against the ads of these months."""
    orders = [f"{place},c{place},{day:%Y-%m-%d},300,120" for place, day in
              enumerate(pd.date_range("2026-04-01", "2026-09-30"))]  # fmt: skip
    ads = [f"{day:%Y-%m-%d},google,cpc,a,100,1000,50" for day in pd.date_range("2025-10-01", "2026-10-31")]
    for name, head, rows in (("orders", "order id,customer id,date,revenue,margin", orders),
                             ("ads", "date,source,medium,campaign,spend,impressions,clicks", ads)):  # fmt: skip
        (tmp_path / f"{name}.csv").write_text("\n".join([head, *rows, ""]), "utf-8")
    sums, months = last_year(History(read_exports(tmp_path, currency="USD")))
    assert [f"{month:%m}" for month in months] == ["04", "05", "06", "07", "08", "09"]
    assert (sums["revenue"], sums["margin"], sums["spend"]) == (183 * 300, 183 * 120, 18300)
    assert math.isnan(sums["leads"])


# A planned test


@pytest.mark.parametrize("company", COMPANIES)
def test_a_plan_starts_from_the_sums_of_the_months(company: str) -> None:
    sums = history(company).past.sums().tail(3)
    base = base_of(history(company), "visit_to_lead")
    assert (base.hits, base.trials) == (sums["leads"].sum(), sums["visits"].sum())
    assert base.share == pytest.approx(base.hits / base.trials) and base.low < base.share < base.high
    assert base.each_week == pytest.approx(base.trials / (3 * 365.25 / 12 / 7))
    assert base.counts_no_people and not base_of(history(company), "close_rate").counts_no_people
    assert "visit_to_lead" in shares_to_test(history(company)) and "churn_rate" not in shares_to_test(history(company))


@pytest.mark.parametrize("apart", [0.5, 0.1])
def test_there_and_back_weeks_and_shares_agree(apart: float) -> None:
    base = base_of(history("northlight"), "conversion_rate")
    plan = Plan(base, base.share * 1.3, 0.8, apart)
    weeks = plan.weeks()
    assert plan.found_in(weeks)[1] == pytest.approx(plan.hoped, rel=2e-3)
    without, with_it = plan.groups()
    assert with_it / without == pytest.approx((1 - apart) / apart, rel=1e-3)
    nearest = detectable(base.share, without, 0.8, (1 - apart) / apart)
    assert plan.found_in(weeks) == pytest.approx(nearest, rel=1e-3)
    assert plan.curve(26)["high"].is_monotonic_decreasing


def test_a_small_holdout_takes_longer() -> None:
    base = base_of(history("northlight"), "conversion_rate")
    halves, holdout = (Plan(base, base.share * 1.3, 0.8, apart).weeks() for apart in (0.5, 0.1))
    assert holdout > 2 * halves


def test_the_chart_holds_the_weeks_needed_and_those_chosen() -> None:
    assert [weeks_shown(*weeks) for weeks in ((3, 4), (9, 4), (9, 30), (4000, 4))] == [8, 13, 52, 104]


def test_several_tests_at_once_find_something_by_chance() -> None:
    chance = np.random.default_rng(3).random((100_000, 5)) < 0.05
    assert chance_of_any(5) == pytest.approx(chance.any(axis=1).mean(), abs=0.005)
    assert chance_of_any(1) == pytest.approx(0.05)


def test_a_channel_without_the_share_has_no_base() -> None:
    base = base_of(history("northlight"), "ctr", "no such channel")
    assert not base.can_be_tested and math.isnan(weekly_trials(history("northlight"), "ctr", "no such channel"))


def test_a_month_that_is_not_known_leaves_the_base_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    months = history("northlight")
    held = months.past.held("visit_to_lead").copy()
    held.iloc[-2] = float("nan")
    monkeypatch.setattr(months.past, "held", lambda key, scope: held)
    assert not base_of(months, "visit_to_lead").can_be_tested
    assert isinstance(held, pd.DataFrame)
