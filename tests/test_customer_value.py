"""Customers composed from exports: groups, costs, worth, sentences; thin and odd exports; the section of the report."""

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import markup, sample, sheets, text, unfinished
from frames import ZONE, table

from kpi_helpers.company import Company
from kpi_helpers.customer_value import (
    DEAL,
    SHOP,
    Customers,
    acquisition_costs,
    cohort_table,
    cost_of,
    discounted,
    expect_money,
    fit_kinds,
    gather_cohorts,
    gather_customers,
    monthly_costs,
    value_table,
)
from kpi_helpers.customer_value.known_words import margin_words, newness_words
from kpi_helpers.customer_value.pictures import draw_payback
from kpi_helpers.customer_value.segments import SEGMENTS, segment_table
from kpi_helpers.customer_value.words import (
    REASONS,
    VALUE_REASONS,
    WHO,
    expected_words,
    payback_words,
    second_words,
    single_words,
)
from kpi_helpers.customer_value.worth import LEAST
from kpi_helpers.customers import (
    bgnbd,
    describe_second_purchase,
    expect_customers,
    first_covered,
    money_by_age,
)
from kpi_helpers.exports import Exports
from kpi_helpers.language import use_language
from kpi_helpers.monthly import Month, derive_tables
from kpi_helpers.reports.customers import show_customers
from kpi_helpers.widgets.customers_tables import worth_of

HOSTILE = "<img src=x onerror=alert(1)>"


def orders_of(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Orders of (customer, day, channel, margin, deal); revenue is twice the margin."""
    who, days, channels, margins, deals = zip(*rows, strict=True)
    return table("orders", order_id=[str(n) for n in range(len(rows))], customer_id=[*who], ordered_at=[*days],
                 channel=[*channels], revenue=[2 * margin for margin in margins], margin=[*margins],
                 lead_id=[*deals])  # fmt: skip


def month_of(tmp_path: Path, orders: pd.DataFrame, last: str = "2026-03-31", **tables: pd.DataFrame) -> Month:
    """The month of the last day, of a company with these exports, known from January 2026 on."""
    end = date.fromisoformat(last)
    known = {"orders": orders, **tables}
    spans = [SimpleNamespace(table=key, layout=key, start=date(2026, 1, 1), end=end, frame=frame)
             for key, frame in known.items()]  # fmt: skip
    files: Any = (SimpleNamespace(file="made.csv", modified=0.0, tables=tuple(spans), reason=""),)
    exports = Exports(tmp_path, Company(name="Test", currency="RUB", timezone=ZONE), "RUB", known, files)
    return Month(end.replace(day=1), end.day, exports, derive_tables(exports), "Test")


def ads(*rows: tuple[str, str, float]) -> pd.DataFrame:
    days, channels, spend = zip(*rows, strict=True)
    return table("ads", date=[*days], channel=[*channels], spend=[*spend])


THREE = (
    ("a", "2026-01-10 10:00", "vk_ads", 100.0, None), ("a", "2026-02-12 10:00", "email", 50.0, "7"),
    ("b", "2026-01-20 10:00", "vk_ads", 300.0, "8"), ("b", "2026-03-20 10:00", "direct", 100.0, None),
    ("c", "2026-03-05 10:00", "email", 80.0, None),
)  # fmt: skip


def test_a_customer_is_of_a_deal_where_the_first_order_is(tmp_path: Path) -> None:
    found = gather_customers(month_of(tmp_path, orders_of(*THREE)))
    assert found.purchases.set_index("customer_id")["kind"].to_dict() == {"a": SHOP, "b": DEAL, "c": SHOP}
    assert found.groups() == [
        ("all", ""), ("kind", SHOP), ("kind", DEAL), ("channel", "vk_ads"), ("channel", "email"),
    ]  # fmt: skip
    part = found.part(("channel", "vk_ads"))
    assert part.purchases["customer_id"].tolist() == ["a", "b"] and len(part.orders) == 4


def test_groups_of_a_kind_add_up_to_all() -> None:
    found = gather_customers(sample("northlight").month)
    for column in ("kind", "channel", "year"):
        members = [found.members(group) for group in found.groups() if group[0] == column]
        assert (np.sum(members, axis=0) == 1).all(), column


def test_costs_by_hand(tmp_path: Path) -> None:
    spent = ads(("2026-01-05", "vk_ads", 300.0), ("2026-02-05", "vk_ads", 100.0), ("2026-03-05", "vk_ads", -50.0),
                ("2026-03-31", "direct", 0.0))  # fmt: skip
    others = table("costs", date=["2026-01-01", "2026-02-01", "2026-03-01"], kind=["rent"] * 3, amount=[40.0, 50, 60])
    month = month_of(tmp_path, orders_of(*THREE), ads=spent, costs=others)
    found = acquisition_costs(month, month.end)
    assert cost_of(found, "vk_ads") == pytest.approx(350 / 2)
    assert cost_of(found) == pytest.approx((350 + 150) / 3)
    assert cost_of(found, year=2026) == cost_of(found) and np.isnan(cost_of(found, year=2025))
    assert np.isnan(cost_of(found, "email")) and np.isnan(cost_of(found, "direct"))
    assert found.set_index("channel")["of"].to_dict() == {"company": "all", "vk_ads": "ads"}
    monthly = monthly_costs(found).set_index(["channel", "month"])["cac"]
    assert monthly["vk_ads"].round(2).tolist() == pytest.approx([150, np.nan, np.nan], nan_ok=True)


def test_costs_that_name_a_channel_are_its_own(tmp_path: Path) -> None:
    spent = ads(("2026-01-05", "vk_ads", 300.0), ("2026-02-05", "vk_ads", 0.0), ("2026-03-31", "vk_ads", 0.0))
    others = table("costs", date=["2026-01-01", "2026-02-01", "2026-03-01"], kind=["agency"] * 3,
                   channel=["email", None, "vk_ads"], amount=[90.0, 1000.0, 20.0])  # fmt: skip
    month = month_of(tmp_path, orders_of(*THREE), ads=spent, costs=others)
    found = acquisition_costs(month, month.end)
    assert (cost_of(found, "email"), cost_of(found, "vk_ads"), cost_of(found)) == (90, 320 / 2, pytest.approx(1410 / 3))
    assert found.set_index("channel")["of"].to_dict() == {"company": "all", "vk_ads": "own", "email": "own"}
    since = acquisition_costs(month, month.end, date(2026, 2, 1))
    assert since["month"].min() == pd.Timestamp("2026-02-01")


def test_a_month_that_is_not_over_costs_nothing_yet(tmp_path: Path) -> None:
    spent = ads(("2026-01-05", "vk_ads", 300.0), ("2026-02-05", "vk_ads", 500.0))
    month = month_of(tmp_path, orders_of(*THREE[:3]), last="2026-02-20", ads=spent)
    found = acquisition_costs(month, month.end)
    assert found["month"].max() == pd.Timestamp("2026-01-01") and set(found["of"]) == {"ads"}


def test_a_channel_that_is_called_like_the_company_does_no_harm(tmp_path: Path) -> None:
    rows = [(f"{n}", "2026-01-10 10:00", "company", 10.0, None) for n in range(40)]
    month = month_of(tmp_path, orders_of(*rows), ads=ads(("2026-01-05", "company", 300.0)))
    customers = gather_customers(month)
    costs, lifetimes = acquisition_costs(month, month.end), fit_kinds(customers)
    assert len(cohort_table(gather_cohorts(customers, lifetimes), costs)) == 1
    assert len(value_table(customers, costs)) == 1


# Money by age


def test_money_by_age_by_hand(tmp_path: Path) -> None:
    found = gather_customers(month_of(tmp_path, orders_of(*THREE)))
    curve = money_by_age(found.orders, found.purchases, months=3).set_index("months_since")
    assert curve["customers"].tolist() == [3, 2, 1, 0]
    assert curve.at[0, "money"] == pytest.approx(480 / 3)
    assert curve.at[1, "money"] == pytest.approx(160)  # nobody bought within a month
    assert curve.at[2, "money"] == pytest.approx(
        160 + 50
    )  # of a alone: orders end 59 days after b came
    assert np.isnan(curve.at[3, "money"])
    assert first_covered(curve.reset_index(), 200.0) == 2 and np.isnan(first_covered(curve.reset_index(), 900.0))


def test_money_by_age_is_that_of_a_recount() -> None:
    part = gather_customers(sample("northlight").month).part(("kind", SHOP))
    curve = money_by_age(part.orders, part.purchases, months=12).set_index("months_since")
    old = part.purchases[part.purchases["age"] * 7 >= 12 * 365.25 / 12]
    rows = part.orders.merge(old[["customer_id", "first"]], on="customer_id")
    days = (rows["ordered_at"].dt.tz_localize(None).dt.normalize() - rows["first"]).dt.days
    year = rows[days <= 365]["margin"].sum() / len(old)
    assert curve.at[12, "customers"] == len(old)
    assert curve.at[12, "low"] < year < curve.at[12, "high"]


def test_a_few_unknown_margins_are_taken_at_the_others_and_nobody_is_dropped(tmp_path: Path) -> None:
    orders = orders_of(*THREE)
    orders.loc[0, "margin"] = np.nan
    found = gather_customers(month_of(tmp_path, orders))
    assert found.money == "margin" and money_by_age(found.orders, found.purchases).at[0, "customers"] == 3
    assert found.purchases["margin"].tolist() == [150, 400, 80]
    assert margin_words(found) == "1 of 5 orders have no margin: it is taken at the margin of their channel."
    orders.loc[1, "margin"] = np.nan
    refused = gather_customers(month_of(tmp_path, orders))
    assert refused.money == "revenue" and "2 of 5 orders have no margin, too many" in margin_words(refused)
    nothing = gather_customers(month_of(tmp_path, orders.assign(margin=np.nan)))
    assert nothing.money == "revenue" and value_table(nothing, _no_costs())["reason"].tolist() == ["no_cac"] * 3


def test_margins_unknown_by_chance_do_not_drop_the_loyal(tmp_path: Path) -> None:
    """Whoever buys often has a margin missing somewhere: without them a customer would seem worth less."""
    rng, rows = np.random.default_rng(5), []
    for customer in range(400):
        day = pd.Timestamp("2025-01-01") + pd.Timedelta(days=int(rng.integers(0, 60)))
        while day < pd.Timestamp("2026-03-31"):
            rows.append((str(customer), str(day), "vk_ads" if customer % 2 else "email", 40.0, None))
            day = pd.Timestamp("2027-01-01") if rng.random() < 0.3 else day + pd.Timedelta(
                days=1 + int(rng.exponential(45)))  # fmt: skip
    whole = orders_of(*rows)
    whole.loc[whole["channel"] == "email", "margin"] = 20.0
    part = whole.assign(margin=whole["margin"].mask(rng.random(len(whole)) < 0.15))
    seen = [money_by_age(found.orders, found.purchases).set_index("months_since").loc[12]
            for found in (gather_customers(month_of(tmp_path, orders)) for orders in (whole, part))]  # fmt: skip
    assert seen[1]["customers"] == seen[0]["customers"] and seen[1]["money"] == pytest.approx(seen[0]["money"])


def _no_costs() -> pd.DataFrame:
    return pd.DataFrame({"channel": [], "month": [], "cost": [], "new_customers": [], "of": []})


# Worth


@cache
def northlight() -> Customers:
    return gather_customers(sample("northlight").month)


def test_expected_money_is_that_of_the_customers_one_by_one() -> None:
    customers = northlight()
    lifetimes, groups = fit_kinds(customers), customers.groups()
    paths = expect_money(customers, lifetimes, np.array([customers.members(group) for group in groups]), months=12)
    each = expect_customers(lifetimes[SHOP], 12, 0.1)
    place = groups.index(("channel", "google_ads"))
    of_ads = (lifetimes[SHOP].purchases["channel"] == "google_ads").to_numpy()
    assert discounted(paths.present[:, place], 12, 0.1)[0] == pytest.approx(each["clv"][of_ads].sum())
    assert discounted(paths.present[:, 0], 12, 0.1)[0] == pytest.approx(each["clv"].sum())
    assert paths.modelled[place] == of_ads.sum() < paths.customers[place]
    assert paths.present[0, groups.index(("kind", DEAL))].sum() == 0
    assert paths.known[place] and not paths.known[groups.index(("kind", DEAL))]  # nobody of a deal has bought again


def test_where_a_part_of_the_customers_has_no_model_the_value_is_what_was_seen(tmp_path: Path) -> None:
    """Those of deals buy again, but are too few for a model: counted as nothing, they would halve the LTV."""
    rng, rows = np.random.default_rng(4), []
    for customer in range(180):
        deal = "7" if customer >= 140 else None
        for n in range(1 + rng.geometric(0.5)):
            day = pd.Timestamp("2025-02-01") + pd.Timedelta(days=int(customer + 40 * n + rng.integers(0, 20)))
            rows.append((str(customer), str(day), "vk_ads", float(rng.gamma(4, 250 if deal else 10)), deal))
    spent = ads(("2026-01-05", "vk_ads", 300.0), ("2026-03-31", "vk_ads", 9.0))
    month = month_of(tmp_path, orders_of(*rows), ads=spent)
    customers = gather_customers(month)
    lifetimes, groups = fit_kinds(customers), customers.groups()
    assert lifetimes[DEAL].reason == "too_few_customers" and not lifetimes[SHOP].reason
    paths = expect_money(customers, lifetimes, np.array([customers.members(group) for group in groups]))
    worth = {group: worth_of(paths, place, 100.0, 6, 0.1, customers.part(group)) for place, group in enumerate(groups)}
    assert not worth[("kind", SHOP)].seen and worth[("all", "")].seen and worth[("kind", DEAL)].seen
    bought = pd.DataFrame(rows, columns=["id", "day", "channel", "margin", "deal"]).assign(
        day=lambda orders: pd.to_datetime(orders["day"]).dt.normalize())  # fmt: skip
    first = bought.groupby("id")["day"].transform("min")
    old = pd.Timestamp(customers.until) - first >= pd.Timedelta(days=6 * 30.4)
    within = bought[old & (bought["day"] - first <= pd.Timedelta(days=6 * 30.4))]
    seen = within["margin"].sum() / within["id"].nunique()
    low, high = worth[("all", "")].new[1:]
    assert low < seen < high and np.isnan(worth[("all", "")].after[0])
    assert worth[("all", "")].to_cac[0] == worth[("all", "")].new[0] / 100
    part = "40 of 180 customers have no model (customers won by a deal: there are fewer than 100 of them). "
    assert single_words(paths, 0, lifetimes, seen=True) == (
        part + "The value is therefore what customers have brought, each month of their age by those who have "
        "reached it, not a forecast."
    )
    late = worth_of(paths, 0, 100.0, 24, 0.1, customers)  # nobody is so old
    assert not late.seen and np.isnan(late.to_cac[0])
    assert single_words(paths, 0, lifetimes).startswith(f"{part}No LTV is said: ")
    bought_model, value_model = lifetimes[SHOP].models
    valueless = replace(lifetimes[SHOP], models=(bought_model, replace(value_model, reason="one_value")))
    without = {**lifetimes, SHOP: valueless}
    none = expect_money(customers, without, np.array([customers.members(group) for group in groups]))
    assert single_words(none, 0, without, seen=True).startswith(
        "180 of 180 customers have no model (customers without a deal: all of their purchases cost the same; "
    )
    cohorts = cohort_table(gather_cohorts(customers, lifetimes), acquisition_costs(month, month.end))
    mixed = cohorts["month"].isin(customers.purchases.loc[customers.purchases["kind"] == DEAL, "month"])
    assert cohorts.loc[mixed, ["ltv", "ltv_to_cac"]].isna().all(axis=None) and cohorts.loc[~mixed, "ltv"].notna().all()
    assert draw_payback(customers, groups[0], paths, 0, 100.0, "RUB")
    assert mixed.any() and not mixed.all()


def test_intervals_hold_the_value_and_shrink_to_none_without_draws() -> None:
    customers = northlight()
    everybody = np.ones((1, len(customers.purchases)), dtype=bool)
    paths = expect_money(customers, fit_kinds(customers, draws=30), everybody, months=6)
    middle, low, high = discounted(paths.new[:, 0], 6, 0.1, paths.first[:, 0])
    assert low < middle < high and paths.new.shape == (31, 1, 6)
    plain = discounted(paths.new[:1, 0], 6, 0.1)
    assert plain[0] > 0 and np.isnan(plain[1:]).all()
    assert discounted(paths.new[:1, 0], 6, 0.0)[0] > plain[0]


def test_the_money_of_cohorts_is_that_of_the_company() -> None:
    customers, lifetimes = northlight(), fit_kinds(northlight())
    costs = acquisition_costs(sample("northlight").month, customers.until)
    found = cohort_table(gather_cohorts(customers, lifetimes), costs)
    assert (found["margin"] * found["customers"]).sum() == pytest.approx(customers.orders["margin"].sum())
    ahead = ((found["ltv"] - found["margin"]) * found["customers"]).sum()
    assert ahead == pytest.approx(expect_customers(lifetimes[SHOP], 12, 0.1)["clv"].sum())


def test_few_customers_have_no_model_and_no_curve_and_it_is_said(tmp_path: Path) -> None:
    customers = gather_customers(month_of(tmp_path, orders_of(*THREE)))
    lifetimes = fit_kinds(customers)
    assert {lifetime.models[0].reason for lifetime in lifetimes.values()} == {"too_few_customers"}
    assert "no purchases are foreseen: there are fewer than 100 of them" in expected_words(
        SHOP, lifetimes[SHOP], "RUB", 12, 0.1)[0]  # fmt: skip
    rows = value_table(customers, acquisition_costs(month_of(tmp_path, orders_of(*THREE)), customers.until))
    assert rows["money_3"].isna().all() and len(customers.purchases) < LEAST


def test_every_reason_of_the_models_has_words() -> None:
    assert str(bgnbd.LEAST_CUSTOMERS) in REASONS["too_few_customers"]
    assert str(bgnbd.LEAST_REPEATERS) in REASONS["too_few_repeaters"]
    assert "second day" not in VALUE_REASONS["too_few_repeaters"] and VALUE_REASONS.keys() == REASONS.keys()
    for kind in (*WHO, SHOP, DEAL):
        assert kind in WHO


@pytest.mark.parametrize(
    ("months", "reason", "words"),
    [(0.0, "", "first purchase"), (1.0, "", "1 month"), (5.0, "", "5 months"), (np.nan, "no_cac", "—"),
     (np.nan, "few", "not enough data"), (np.nan, "not_yet", "not in 9 months")],
)  # fmt: skip
def test_when_a_customer_is_paid_back_in_words(months: float, reason: str, words: str) -> None:
    assert payback_words(pd.Series({"payback_months": months, "reason": reason, "seen": 9.0})) == words


def test_the_second_purchase_in_words(tmp_path: Path) -> None:
    found = describe_second_purchase(northlight().part(("kind", SHOP)).purchases)
    words = second_words(found, SHOP)
    assert "within 90 days" in words and "within 365 days" in words and "Half of them have made it after" in words
    once = gather_customers(month_of(tmp_path, orders_of(THREE[0], THREE[4]))).purchases
    assert second_words(describe_second_purchase(once)) == "Of 2 known customers nobody has bought on a second day yet."


def test_every_customer_is_in_one_segment() -> None:
    found = segment_table(northlight())
    assert found["customers"].sum() == len(northlight().purchases) and found["share"].sum() == pytest.approx(1)
    assert found["money"].sum() == pytest.approx(northlight().purchases["margin"].sum())
    assert [key for key in SEGMENTS if key in set(found["key"])] == found["key"].tolist()
    parts = [segment_table(northlight(), group) for group in northlight().groups() if group[0] == "channel"]
    assert pd.concat(parts).groupby("key")["customers"].sum().to_dict() == dict(
        zip(found["key"], found["customers"], strict=True)
    )


# The section


def test_the_section_says_cohorts_value_and_whom_to_write_to() -> None:
    use_language("en")
    composed = sample("severny_svet")
    section = show_customers(composed.month, composed.card)
    said = text(section)
    for words in ("4.1% of new customers buy again in the month after", "customers without a deal: 10.4%",
                  "Of 706 customers won by a deal no purchases are foreseen", "discounted at 10% a year",
                  "not enough data", "first purchase", "Whom to write to", "Slipping away"):  # fmt: skip
        assert words in said, words
    captions = [sheet["caption"] for sheet in sheets(section)["sheets"]]
    assert "Cohorts: customers who buy, by months since" in captions


def test_a_month_that_is_not_over_is_outlined() -> None:
    composed = unfinished("northlight")
    said = text(show_customers(composed.month, composed.card))
    assert "outlined: the month is not over" in said
    assert "outlined" not in text(show_customers(sample("northlight").month, sample("northlight").card))


def test_names_of_channels_are_escaped_and_customers_are_not_named(tmp_path: Path) -> None:
    rows = [(f"secret-{n}@mail.example", f"2026-0{1 + n % 3}-10 10:00", HOSTILE if n % 2 else "email", 10.0, None)
            for n in range(80)]  # fmt: skip
    month = month_of(tmp_path, orders_of(*rows), ads=ads(("2026-01-05", HOSTILE, 300.0)))
    page = markup(show_customers(month, sample("northlight").card.iloc[:0]))
    assert HOSTILE not in page and "&lt;img" in page and "secret-" not in page


def test_orders_without_customers_are_said(tmp_path: Path) -> None:
    orders = orders_of(*THREE).assign(customer_id=pd.Series([None] * 5, dtype="str"))
    section = show_customers(month_of(tmp_path, orders), sample("northlight").card.iloc[:0])
    assert "who came back cannot be told" in text(section)


def test_refunds_alone_are_no_orders_without_names(tmp_path: Path) -> None:
    orders = orders_of(*THREE).assign(revenue=-10.0)
    said = text(show_customers(month_of(tmp_path, orders), sample("northlight").card.iloc[:0]))
    assert "all refunds: nobody has bought" in said and "name no customers" not in said


def old_company(months: int = 12) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Orders and ads of the last months of a shop that won 40 customers a month for 100 each, for four years."""
    rng, rows = np.random.default_rng(2), []
    for start in pd.date_range("2022-04-01", "2026-03-01", freq="MS"):
        for place in range(40):
            day = start + pd.Timedelta(days=int(rng.integers(0, 28)))
            while day < pd.Timestamp("2026-04-01"):
                rows.append((f"{start:%y%m}{place}", str(day), "vk_ads", 40.0, None))
                day = pd.Timestamp("2027-01-01") if rng.random() < 0.12 else day + pd.Timedelta(
                    days=1 + int(rng.exponential(60)))  # fmt: skip
    begin = f"{pd.Timestamp('2026-04-01') - pd.DateOffset(months=months):%Y-%m-%d}"
    spent = ads(*((f"{day:%Y-%m-%d}", "vk_ads", 4000.0) for day in pd.date_range(begin, "2026-03-01", freq="MS")))
    return orders_of(*(row for row in rows if row[1] >= begin)), spent


def month_since(tmp_path: Path, first: date, orders: pd.DataFrame, **tables: Any) -> Month:
    """`month_of` with exports that begin on a day."""
    month = month_of(tmp_path, orders, **tables)
    readings: Any = month.exports.files[0].tables
    for reading in readings:
        reading.start = first
    return month


def test_old_customers_are_not_taken_for_new_ones(tmp_path: Path) -> None:
    use_language("en")
    orders, spent = old_company()
    month = month_since(tmp_path, date(2025, 4, 1), orders, ads=spent)
    customers = gather_customers(month)
    newness = customers.newness
    assert newness and newness.reason == "old_base" and newness.since and newness.since >= date(2025, 7, 1)
    naive = cost_of(acquisition_costs(month, month.end))
    found = cost_of(acquisition_costs(month, month.end, newness.since))
    assert naive < 60 and found == pytest.approx(100, rel=0.15)
    assert (customers.newcomers.purchases["first"] >= pd.Timestamp(newness.since)).all()
    said = text(show_customers(month, sample("northlight").card.iloc[:0]))
    assert "with old customers among the new" in said and "July 2025" not in said.split("the CAC from")[1][:30]
    rows = value_table(customers.newcomers, acquisition_costs(month, month.end, newness.since))
    assert rows["customers"].iloc[-1] == len(customers.newcomers.purchases) < len(customers.purchases)


def test_of_young_exports_it_is_said_aloud_that_the_cost_may_be_too_low(tmp_path: Path) -> None:
    orders, spent = old_company(months=4)
    said = text(show_customers(month_since(tmp_path, date(2025, 12, 1), orders, ads=spent),
                               sample("northlight").card.iloc[:0]))  # fmt: skip
    assert "taken for new, and the CAC may be too low" in said and "customers.since in company.toml" in said


def test_the_company_may_say_since_when_its_customers_are_known(tmp_path: Path) -> None:
    orders, spent = old_company()
    month = month_since(tmp_path, date(2025, 4, 1), orders, ads=spent)
    for told, kept in ((date(2025, 4, 1), False), (date(2026, 1, 1), True), (date(2026, 4, 1), True)):
        company = replace(month.company, customers_since=told)
        this = replace(month, exports=replace(month.exports, company=company))
        customers = gather_customers(this)
        assert customers.newness and customers.newness.since == (told if kept else None)
        assert newness_words(customers.newness) == ("", "")
        section = text(show_customers(this, sample("northlight").card.iloc[:0]))
        assert ("too short to tell new customers" in section) == (told > month.end)
    assert "Whom to write to" in section  # of customers who are old, too


def test_nobody_is_called_quiet_where_the_exports_are_young(tmp_path: Path) -> None:
    section = show_customers(month_of(tmp_path, orders_of(*THREE)), sample("northlight").card.iloc[:0])
    assert "Whom to write to" not in text(section) and "What customers bring and cost" in text(section)
