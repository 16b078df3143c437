"""The lesson on costs: its answers against the raw files, its experiment at both ends, companies that lack the data."""

from collections.abc import Callable
from functools import cache
from math import inf
from pathlib import Path

import pandas as pd
import pytest
from oracle import book_of, by_channel, company_kpis
from oracle_files import DAY, SAMPLE, number, rows, when
from printed import agrees, value_of

from kpi_helpers.exports import read_exports
from kpi_helpers.history import COMPANY
from kpi_helpers.labels import channel_name, write_money
from kpi_helpers.lessons.chapters import customer_cost as lesson
from kpi_helpers.lessons.chapters import customer_cost_asking as asking
from kpi_helpers.lessons.chapters.customer_cost_cases import Way, books_of, ways_of
from kpi_helpers.lessons.figures import Figures, Lacking, Lot, figures_of
from kpi_helpers.lessons.questions import Choice, Order
from tests.folders import copy_files

COMPANIES = ("northlight", "severny_svet")
LEARNERS = ("", "Anna", "Борис", "Chen")


@cache
def figures(company: str) -> Figures:
    return figures_of(SAMPLE / company)


def lots() -> list[Lot]:
    return [Lot(learner, "customer_cost") for learner in LEARNERS]


def raw_costs(company: str, month: pd.Timestamp, channel: str) -> float:
    """What is booked on a channel beside its advertising, from the file alone."""
    if company == "northlight":
        costs = rows(SAMPLE / company / "costs.csv")
        own = (costs["Month"] == f"{month:%Y-%m}") & (costs["Channel"] == channel)
        return float(costs.loc[own, "Amount (USD)"].astype(float).sum())
    table = rows(SAMPLE / company / "zatraty.csv", "utf-8", ";")
    at = book_of(company).tables["costs"]["at"]
    own = (at == month).to_numpy() & (table["Канал"] == channel).to_numpy()
    return float(number(table["Сумма, руб."])[own].sum())


def raw(company: str, month: pd.Timestamp) -> dict[str, dict[str, float]]:
    return by_channel(company, f"{month:%Y-%m}")


def per_qualified(company: str, month: pd.Timestamp, channel: str, *, with_costs: bool) -> float:
    found = raw(company, month)
    cost = found["spend"].get(channel, 0.0) + (raw_costs(company, month, channel) if with_costs else 0.0)
    qualified = found["qualified_leads"][channel]
    return cost / qualified if qualified else inf


@pytest.mark.parametrize("company", COMPANIES)
def test_cac_is_that_of_the_raw_files_in_every_month(company: str) -> None:
    books = books_of(figures(company))
    assert len(books) > 20
    for each in books:
        wanted = company_kpis(company, f"{each.month:%Y-%m}")["cac"].value
        question = lesson.ask_blank(each)
        assert question.answer == pytest.approx(wanted)
        assert question.check(f"{wanted:.2f}").right
        assert len(each.costs) > 1, "kind by kind"


@pytest.mark.parametrize("company", COMPANIES)
def test_cheapest_qualified_lead_is_that_of_the_raw_files(company: str) -> None:
    for lot in lots():
        way, question = chosen_way(company, lot)
        month = next(month for month in figures(company).months if way.name == lesson.month_name(month))
        costs = {channel: per_qualified(company, month, channel, with_costs=False) for channel in way.sums}
        assert question.answer == min(costs, key=lambda channel: costs[channel])
        clicks = {channel: sums["spend"] / sums["clicks"] for channel, sums in way.sums.items()}
        assert [slip.value for slip in question.slips] == [min(clicks, key=lambda channel: clicks[channel])]


def chosen_way(company: str, lot: Lot) -> tuple[Way, Choice]:
    way = lesson.find_turn(ways_of(figures(company)), lot)
    return way, lesson.ask_prediction(way, figures(company).currency)


def test_ctr_is_clicks_of_all_over_impressions_of_all() -> None:
    folder = SAMPLE / "severny_svet"
    direct = rows(folder / "direct_kampanii.csv", "cp1251", ";", 4).iloc[1:].rename(columns={"День": "Дата"})
    both = pd.concat([direct, rows(folder / "vk_ads.csv", "utf-8-sig", ";")])
    both = both[both["Дата"] != "Итого"]
    both = both.assign(month=when(both["Дата"], DAY).dt.to_period("M"))
    for lot in lots():
        question = asking.ask_ctr(figures("severny_svet"), lot)
        cases = [case for case in asking._campaigns(figures("severny_svet")) if case.ctr == question.answer]
        own = both[
            (both["month"] == cases[0].month.to_period("M")) & both["Название кампании"].isin(cases[0].rows.index)
        ]
        assert question.answer == pytest.approx(number(own["Клики"]).sum() / number(own["Показы"]).sum())
        assert 0 < question.answer < 0.2


@pytest.mark.parametrize("company", COMPANIES)
def test_channels_are_in_the_order_of_the_raw_files(company: str) -> None:
    months = {lesson.month_name(month): month for month in figures(company).months}
    for lot in lots():
        question = asking.ask_channels(figures(company), lot)
        month = months[question.text.split(".")[0]]
        costs = [per_qualified(company, month, channel, with_costs=True) for channel in question.answer]
        assert costs == sorted(costs)
        assert len(costs) >= 3
        assert {option.key for option in question.options} == set(question.answer)
        assert all(slip.value != question.answer for slip in question.slips)
        assert [slip.name for slip in question.slips] == wrong_orders(company, month, question)


def wrong_orders(company: str, month: pd.Timestamp, question: Order) -> list[str]:
    """The misconceptions that lead to the slips' orders, by the raw files."""
    found = raw(company, month)
    cost = {key: found["spend"].get(key, 0.0) + raw_costs(company, month, key) for key in question.answer}
    ways: dict[str, Callable[[str], float]] = {
        "cheap_leads": lambda key: cost[key] / found["leads"][key],
        "total_as_cost_each": lambda key: cost[key],
    }
    orders = {name: tuple(sorted(question.answer, key=way)) for name, way in ways.items()}
    return [slip.name for slip in question.slips if orders[slip.name] == slip.value]


@pytest.mark.parametrize("company", COMPANIES)
def test_report_is_of_months_that_went_two_ways(company: str) -> None:
    turns = list(asking._turns(figures(company)))
    assert turns
    for turn in turns:
        values = []
        for month in turn.months:
            if turn.scope == "company":
                found = company_kpis(company, f"{month:%Y-%m}")
                values.append((found["cpl"].value, found["cpql"].value))
            else:
                spent = raw(company, month)
                cpl = spent["spend"][turn.scope] / spent["leads"][turn.scope]
                values.append((cpl, per_qualified(company, month, turn.scope, with_costs=False)))
        (cpl, cpql), (cpl_after, cpql_after) = values
        assert cpl_after < cpl
        assert cpql_after > cpql


@pytest.mark.parametrize("company", COMPANIES)
def test_experiment_turns_the_order(company: str) -> None:
    money = figures(company).currency
    way = lesson.find_turn(ways_of(figures(company)), lots()[0])
    explore = lesson.vary_result(way, lesson.last_year(figures(company)), money)
    first = explore.show({"result": "cpc", "period": "month"})
    last = explore.show({"result": "cpql", "period": "month"})
    assert first.ax is not None and last.ax is not None
    for shown, key in ((first, "cpc"), (last, "cpql")):
        best = way.cheapest(key)
        assert channel_name(best) in shown.words and write_money(way.cost(key, best), money) in shown.words
    assert way.cheapest("cpc") != way.cheapest("cpql")
    assert explore.show({"result": "cpo", "period": "year"}).words.startswith("October 2025 – September 2026")


def test_a_channel_without_qualified_leads_has_no_price() -> None:
    way = next(way for way in ways_of(figures("severny_svet")) if way.cheapest("cpc") == "partner_network")
    shown = lesson.vary_result(way, None, "RUB").show({"result": "cpql", "period": "month"})
    assert "no such result came: Partner network" in shown.words
    said = lesson.explain(way, books_of(figures("severny_svet"))[0], "included", "partner_network")
    assert "not one qualified lead" in said[0]
    assert "include VAT" in said[-1]


def test_company_without_costs_or_leads_lacks_the_lesson(tmp_path: Path) -> None:
    ads = ["meta_ads.csv", "google_ads_campaigns.csv"]
    for name, files in (("ads", ads[:1]), ("no_costs", [*ads, "hubspot_deals.csv", "shopify_orders.csv"])):
        folder = tmp_path / name
        copy_files(SAMPLE / "northlight", folder, ["company.toml", *files])
        with pytest.raises(Lacking):
            lesson.compose(figures_of(folder), Lot("", "customer_cost"))


def test_a_month_without_spend_is_no_case_of_a_lead_that_became_dearer() -> None:
    class Free(Figures):
        """In one month the leads cost nothing."""

        def value(self, key: str, month: pd.Timestamp, scope: str = COMPANY) -> float:
            return 0.0 if key in ("cpl", "cpql") and month == self.months[5] else super().value(key, month, scope)

    free = Free(read_exports(SAMPLE / "northlight"))
    assert free.months[5] not in {turn.months[0] for turn in asking._turns(free)}
    assert asking.ask_report(free, lots()[0]).answer == "both"


@pytest.mark.parametrize("company", COMPANIES)
def test_months_with_leads_that_wait_for_a_verdict_are_not_used(company: str) -> None:
    found = figures(company)
    waiting = set(found.months) - set(found.judged_months())
    assert waiting == {pd.Timestamp("2026-10-01")}
    assert not waiting & {way.months[0] for way in ways_of(found)}
    year = lesson.last_year(found)
    assert year is not None and len(year.months) == 12 and not waiting & set(year.months)
    assert not waiting & {month for turn in asking._turns(found) for month in turn.months}
    assert not any("October 2026" in asking.ask_channels(found, Lot(str(n), "customer_cost")).text for n in range(40))


@pytest.mark.parametrize("company", COMPANIES)
def test_what_is_printed_can_be_reckoned(company: str) -> None:
    for books in (month.as_written() for month in books_of(figures(company))):
        sums, steps = 0.0, lesson.work_out(books)
        for step in steps[:-2]:
            sums += value_of(step.how or step.result)
            assert abs(sums - value_of(step.result)) <= 0.5, (books.name, step)
        assert agrees(steps[-1].how, steps[-1].result), (books.name, steps[-1])
        question = lesson.ask_blank(books)
        assert question.check(f"{value_of(question.solution.split(' = ')[0]):.2f}").right
    for lot in lots():
        question = asking.ask_ctr(figures(company), lot)
        assert question.check(f"{100 * value_of(question.solution.split(' = ')[0]):.1f} %").right


@pytest.mark.parametrize("company", COMPANIES)
def test_orders_that_are_not_first_are_repeat_orders_and_cheap_orders_are_explained(company: str) -> None:
    way = lesson.find_turn(ways_of(figures(company)), lots()[0])
    said = " ".join(map(str, lesson.explain(way, books_of(figures(company))[0], "", None)))
    assert "The other orders are repeat orders." in said and "bought before" not in said
    cheaper = any(sums["orders"] > sums["leads"] for sums in way.sums.values())
    assert ("An order may cost less than a lead" in said) == cheaper
    shown = lesson.vary_result(way, None, "").show({"result": "cpo", "period": "month"}).words
    assert ("many people order without leaving a request" in shown) == cheaper
