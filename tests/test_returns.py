"""Return: the trap worked by hand, sums that must agree, campaigns, the sample's margins, and the report's section."""

import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE, Composed, compose, markup, sample, sheets, text, unfinished
from folders import copy_files
from frames import table
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle_files import read_northlight, read_severny

from kpi_helpers.charts.returns import move_margins, plot_margins
from kpi_helpers.language import use_language
from kpi_helpers.measures import sum_measures
from kpi_helpers.palette import STATUSES
from kpi_helpers.past import COMPANY
from kpi_helpers.reports.returns import show_returns
from kpi_helpers.returns import ADVERTISING, KEYS, SHARES, Returns, rate_returns
from kpi_helpers.returns.pieces import chart_rows, few_campaigns, trap_table, ways_table
from kpi_helpers.returns.ripeness import mark_open
from kpi_helpers.returns.words import finding_words, rows_of, trap_row, trap_words

OCTOBER, SEPTEMBER = pd.Timestamp("2026-10-01"), pd.Timestamp("2026-09-01")
HOSTILE = "<img src=x onerror=alert(1)>"
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
AD_HEAD = "Date,Platform,Channel,Campaign,Impressions,Clicks,Spend"
ORDER_HEAD = "Order,Date,Customer,Channel,Revenue,Margin"


def made(margin: float | None = 60_000.0, **more: Any) -> dict[str, pd.DataFrame]:
    """The article's month: 100 000 spent, 150 000 sold, and a margin of 40 %."""
    return {
        "ads": table("ads", date=["2026-10-05"], platform=["yandex"], channel=["yandex_direct"], campaign=["Search"],
                     spend=[100_000.0]),
        "orders": table("orders", order_id=["1"], customer_id=["a"], ordered_at=["2026-10-06"],
                        channel=["yandex_direct"], revenue=[150_000.0], margin=[np.nan if margin is None else margin]),
        **more,
    }  # fmt: skip


def row_of(found: pd.DataFrame, scope: str) -> dict[str, Any]:
    return rows_of(found[found["scope"] == scope])[0]


# By hand


def test_the_month_of_the_article_is_called_50_and_minus_40_percent() -> None:
    row = row_of(Returns(made()).table("channel", OCTOBER, OCTOBER), "yandex_direct")
    assert {key: round(row[key], 6) for key in ("roas", "drr", "revenue_roi", "romi", "margin_share")} == {
        "roas": 1.5, "drr": 0.666667, "revenue_roi": 0.5, "romi": -0.4, "margin_share": 0.4}  # fmt: skip
    assert row["verdict"] == "loses"
    _columns, cells = trap_table(row)
    assert [cell[2] for cell in cells] == ["1.50", "66.7%", "50.0%", "−40.0%"]
    assert cells[3][1] == "(60,000 − 100,000) / 100,000"
    assert "called 50.0% and −40.0%" in trap_words(row, "RUB") and "margin of 66.7%" in trap_words(row, "RUB")


def test_without_a_margin_there_is_no_profit_and_never_50_percent() -> None:
    found = Returns(made(margin=None)).table("channel", OCTOBER, OCTOBER)
    row = rows_of(found)[0]
    assert math.isnan(row["romi"]) and math.isnan(row["roi"]) and math.isnan(row["margin_share"])
    assert row["verdict"] == "unknown" and row["revenue_roi"] == 0.5
    _columns, cells = trap_table(row)
    assert cells[3] == ["ROMI", "(? − 100,000) / 100,000", "n/a"]
    assert "n/a and not 50.0%" in trap_words(row, "RUB")
    assert "romi" not in {column.title.lower() for column in ways_table(found, "")[0]}


def test_another_margin_moves_romi_and_leaves_the_roi_on_revenue() -> None:
    returns = Returns(made())
    asked = [row_of(returns.table("channel", OCTOBER, OCTOBER, margin_share=share), "yandex_direct")
             for share in (0.5, 2 / 3, 0.8)]  # fmt: skip
    assert [round(row["romi"], 6) for row in asked] == [-0.25, 0.0, 0.2]
    assert {row["revenue_roi"] for row in asked} == {0.5}
    assert [row["verdict"] for row in asked] == ["loses", "earns", "earns"]


def test_costs_that_name_a_channel_are_its_own_and_the_rest_is_the_companys() -> None:
    costs = table("costs", date=["2026-10-01"] * 3, kind=["Salaries", "Agency", "SEO"],
                  channel=[None, "yandex_direct", "organic_search"], amount=[70_000.0, 10_000.0, 5_000.0])  # fmt: skip
    returns = Returns(made(margin=105_000.0, costs=costs))
    channel = row_of(returns.table("channel", OCTOBER, OCTOBER), "yandex_direct")
    company = returns.table("company", OCTOBER, OCTOBER)
    assert channel["marketing_cost"] == 110_000 and row_of(company, ADVERTISING)["marketing_cost"] == 110_000
    assert row_of(company, COMPANY)["marketing_cost"] == 185_000
    assert channel["verdict"] == "ads_only" and round(channel["romi"], 6) == 0.05
    assert round(channel["break_even_all"], 6) == round(110 / 150, 6)
    assert round(row_of(company, COMPANY)["roi"], 6) == round((105 - 185) / 185, 6)


def test_a_channel_that_the_costs_do_not_name_has_none_and_without_costs_they_are_unknown() -> None:
    costs = table("costs", date=["2026-10-01"], kind=["Salaries"], channel=[None], amount=[70_000.0])
    assert row_of(Returns(made(costs=costs)).table("channel", OCTOBER, OCTOBER), "yandex_direct")["roi"] == -0.4
    unknown = row_of(Returns(made()).table("channel", OCTOBER, OCTOBER), "yandex_direct")
    assert math.isnan(unknown["roi"]) and math.isnan(unknown["break_even_all"])


def test_ads_of_an_unknown_channel_do_not_take_the_salaries() -> None:
    ads = table("ads", date=["2026-10-05"], platform=["x"], channel=[None], spend=[10.0])
    costs = table("costs", date=["2026-10-01"], kind=["Salaries"], channel=[None], amount=[70_000.0])
    found = Returns(made(costs=costs) | {"ads": ads}).table("channel", OCTOBER, OCTOBER)
    assert found["scope"].tolist() == ["unknown"] and found["marketing_cost"].tolist() == [10.0]


def test_months_that_do_not_know_both_sides_are_not_summed() -> None:
    tables = made()
    tables["ads"] = table("ads", date=["2026-09-05", "2026-10-05"], platform=["yandex"] * 2, spend=[900.0, 100_000.0],
                          channel=["yandex_direct"] * 2)  # fmt: skip
    row = row_of(Returns(tables).table("channel", SEPTEMBER, OCTOBER), "yandex_direct")
    assert row["months"] == 1 and row["spend"] == 100_000


def test_a_margin_that_one_month_lacks_is_not_the_margin_of_both() -> None:
    tables = made()
    tables["ads"] = table("ads", date=["2026-09-05", "2026-10-05"], platform=["yandex"] * 2, spend=[900.0, 1000.0],
                          channel=["yandex_direct"] * 2)  # fmt: skip
    tables["orders"] = table("orders", order_id=["1", "2"], ordered_at=["2026-09-06", "2026-10-06"],
                             channel=["yandex_direct"] * 2, revenue=[10.0, 20.0], margin=[np.nan, 9.0])  # fmt: skip
    row = row_of(Returns(tables).table("channel", SEPTEMBER, OCTOBER), "yandex_direct")
    assert row["revenue"] == 30 and math.isnan(row["margin"]) and row["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("revenue", "margin", "spend", "verdict"),
    [(0.0, 0.0, 100.0, "loses"), (-50.0, -20.0, 100.0, "loses"), (100.0, 40.0, 0.0, "unknown"),
     (100.0, 40.0, -5.0, "unknown"), (100.0, 40.0, np.nan, "unknown"), (np.nan, np.nan, 100.0, "unknown"),
     (100.0, 40.0, 40.0, "earns")],
)  # fmt: skip
def test_nothing_is_infinite(revenue: float, margin: float, spend: float, verdict: str) -> None:
    money = pd.DataFrame({"scope": ["a"], "revenue": revenue, "margin": margin, "spend": spend, "other_costs": 0.0})
    found = rate_returns(money)
    numbers = found[[*KEYS, *SHARES]].to_numpy(dtype=float)
    assert not np.isinf(numbers).any() and found["verdict"].tolist() == [verdict]
    if not revenue > 0:
        assert found[["drr", *SHARES]].isna().all(axis=None)


def test_nothing_gives_nothing() -> None:
    empty = Returns({}).table("channel", OCTOBER, OCTOBER)
    assert empty.empty and {"romi", "verdict"} <= set(empty)
    assert Returns({}).table("campaign", OCTOBER, OCTOBER).empty


# What must agree

amounts = st.integers(min_value=0, max_value=10**6).map(lambda cents: cents / 100)
sales = st.lists(
    st.tuples(
        st.sampled_from(["yandex_direct", "vk_ads", "email", "unknown"]),
        st.sampled_from(["2026-09-03", "2026-10-07", "2026-10-30"]),
        amounts,
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=8, deadline=None)
@given(sales=sales, spends=st.lists(amounts, min_size=2, max_size=2), seed=st.integers(0, 99))
def test_channels_sum_to_the_company_and_the_order_of_rows_does_not_matter(
    sales: list[tuple[str, str, float]], spends: list[float], seed: int
) -> None:
    def tables(sales: list[tuple[str, str, float]]) -> dict[str, pd.DataFrame]:
        channels, days, revenue = (list(column) for column in zip(*sales, strict=True))
        return {
            "ads": table("ads", date=["2026-09-01", "2026-10-01"] * 2, platform=["a", "a", "b", "b"],
                         channel=["yandex_direct"] * 2 + ["vk_ads"] * 2, spend=[*spends, *spends]),
            "orders": table("orders", ordered_at=days, channel=channels, revenue=revenue,
                            margin=[amount * 0.4 for amount in revenue]),
        }  # fmt: skip

    returns, shuffled = Returns(tables(sales)), Returns(tables(random.Random(seed).sample(sales, len(sales))))
    parts, whole = (returns.sums(level, "order") for level in ("channel", "company"))
    for name in ("revenue", "margin", "spend"):
        assert parts.groupby("period")[name].sum().tolist() == pytest.approx(whole[name].fillna(0).tolist())
    for level in ("company", "channel", "campaign"):
        pd.testing.assert_frame_equal(
            returns.table(level, SEPTEMBER, OCTOBER), shuffled.table(level, SEPTEMBER, OCTOBER)
        )
    both = returns.table("channel", OCTOBER, OCTOBER)
    together = returns.table("company", OCTOBER, OCTOBER)
    if len(both):
        assert row_of(together, ADVERTISING)["revenue"] == pytest.approx(both["revenue"].sum(skipna=False), nan_ok=True)


# Campaigns


def deals(**columns: Any) -> pd.DataFrame:
    base = {"lead_id": ["L1", "L2", "L3"], "created_at": ["2026-09-20", "2026-10-02", "2026-10-03"],
            "channel": ["yandex_direct"] * 3, "campaign": ["SEARCH", "search ", "Autumn tag"],
            "won": [True, True, True], "closed_at": ["2026-10-10", "2026-10-11", "2026-10-12"],
            "amount": [500.0, 300.0, 200.0]}  # fmt: skip
    return table("leads", **(base | columns))


def campaign_tables(shop: float = 0.0) -> dict[str, pd.DataFrame]:
    """Deals of 500, 300 and 200 by the campaigns of their leads, and a shop's order that names none."""
    return {
        "ads": table("ads", date=["2026-09-05", "2026-10-05", "2026-10-05"], platform=["yandex"] * 3,
                     channel=["yandex_direct"] * 3, campaign=["Search", "Search", "Banner"],
                     spend=[50.0, 100.0, 900.0]),
        "orders": table("orders", order_id=["1", "2", "3", "4"], channel=["yandex_direct"] * 4,
                        ordered_at=["2026-10-10", "2026-10-11", "2026-10-12", "2026-10-13"],
                        lead_id=["L1", "L2", "L3", None], revenue=[500.0, 300.0, 200.0, shop],
                        margin=[250.0, 150.0, 100.0, shop / 2]),
        "leads": deals(),
    }  # fmt: skip


def test_campaigns_are_known_by_their_leads_however_they_are_spelled() -> None:
    returns = Returns(campaign_tables())
    found = returns.table("campaign", OCTOBER, OCTOBER).set_index("campaign")
    assert found.loc["Search", ["revenue", "margin", "spend"]].tolist() == [800, 400, 100]
    assert found.at["Search", "verdict"] == "earns" and found.at["Search", "named"] == pytest.approx(0.8)
    assert math.isnan(found.at["Banner", "revenue"]) and found.at["Banner", "verdict"] == "unknown"
    assert returns.strange_tags(OCTOBER, OCTOBER).to_dict() == {"Autumn tag": 200.0}


def test_by_the_month_of_the_lead_a_deal_counts_when_it_began() -> None:
    returns = Returns(campaign_tables())
    found = [returns.table(level, month, month, "lead")["revenue"].iloc[0]
             for level in ("channel", "campaign") for month in (SEPTEMBER, OCTOBER)]  # fmt: skip
    assert found[:2] == [500, 500] and found[2] == 500
    october = returns.table("campaign", OCTOBER, OCTOBER, "lead").set_index("campaign")
    assert october.at["Search", "revenue"] == 300


def test_a_loss_of_a_campaign_is_proven_only_where_all_revenue_names_one() -> None:
    tables = campaign_tables(shop=5000.0)
    tables["leads"] = deals(campaign=["Banner", "Banner", "Search"])
    part = Returns(tables).table("campaign", OCTOBER, OCTOBER).set_index("campaign")
    assert part.at["Banner", "revenue"] == 800 and part.at["Banner", "romi"] < 0
    assert part.at["Banner", "verdict"] == "unknown"
    tables["orders"] = tables["orders"].iloc[:3]
    assert Returns(tables).table("campaign", OCTOBER, OCTOBER).set_index("campaign").at["Banner", "verdict"] == "loses"


def test_a_campaign_that_leads_name_sold_nothing_in_a_month_without_a_sale() -> None:
    tables = campaign_tables()
    tables["ads"] = pd.concat([tables["ads"], table("ads", date=["2026-10-20"], platform=["yandex"], spend=[70.0],
                                                    channel=["yandex_direct"], campaign=["Silent"])])  # fmt: skip
    tables["leads"] = pd.concat([tables["leads"], table("leads", lead_id=["L9"], created_at=["2026-10-21"],
                                                        channel=["yandex_direct"], campaign=["Silent"])])  # fmt: skip
    found = Returns(tables).table("campaign", OCTOBER, OCTOBER).set_index("campaign")
    assert found.at["Silent", "revenue"] == 0 and found.at["Silent", "margin"] == 0
    assert math.isnan(found.at["Banner", "revenue"])


def test_without_orders_the_deals_won_are_the_sales() -> None:
    tables = {key: frame for key, frame in campaign_tables().items() if key != "orders"}
    returns = Returns(tables, margin_share=0.5)
    channel = row_of(returns.table("channel", OCTOBER, OCTOBER), "yandex_direct")
    assert returns.from_deals and (channel["revenue"], channel["margin"]) == (1000, 500)
    assert math.isnan(Returns(tables).table("channel", OCTOBER, OCTOBER)["margin"].iloc[0])


def test_orders_that_name_no_lead_leave_campaigns_to_the_deals() -> None:
    tables = campaign_tables()
    tables["orders"] = tables["orders"].assign(lead_id=None)
    returns = Returns(tables)
    assert returns.told_apart
    found = returns.table("campaign", OCTOBER, OCTOBER).set_index("campaign")
    assert found.at["Search", "revenue"] == 800 and math.isnan(found.at["Search", "named"])
    assert found.at["Search", "verdict"] == "unknown", "deals tell no margin here"


def test_two_channels_may_have_a_campaign_of_one_name() -> None:
    tables = campaign_tables()
    tables["ads"] = pd.concat([tables["ads"], table("ads", date=["2026-10-20"], platform=["vk"], spend=[70.0],
                                                    channel=["vk_ads"], campaign=["Search"])])  # fmt: skip
    found = Returns(tables).table("campaign", OCTOBER, OCTOBER).set_index(["channel", "campaign"])
    assert found.at[("yandex_direct", "Search"), "revenue"] == 800
    assert math.isnan(found.at[("vk_ads", "Search"), "revenue"])


def test_beyond_ten_campaigns_the_rest_stand_in_one_row() -> None:
    names = [f"c{n:02}" for n in range(14)]
    tables = {"ads": table("ads", date=["2026-10-05"] * 14, platform=["x"] * 14, channel=["vk_ads"] * 14,
                           campaign=names, spend=[100.0 - n for n in range(14)])}  # fmt: skip
    shown, others = few_campaigns(Returns(tables).table("campaign", OCTOBER, OCTOBER))
    assert shown["campaign"].tolist() == names[:10]
    assert others["scope"].tolist() == ["4 other campaigns"] and others["spend"].tolist() == [90 + 89 + 88 + 87]
    assert others["revenue"].isna().all()


# The sample, from its raw files by plain pandas


@pytest.mark.parametrize(("company", "read"), [("severny_svet", read_severny), ("northlight", read_northlight)])
@pytest.mark.parametrize("months", [1, 12])
def test_the_sample_as_plain_pandas_counts_it(company: str, read: Any, months: int) -> None:
    raw, first = read(SAMPLE / company), OCTOBER - pd.DateOffset(months=months - 1)
    inside = {key: raw[key][(raw[key]["at"] >= first) & (raw[key]["at"] < "2026-11-01")] for key in ("ads", "orders")}
    spend = inside["ads"].groupby("channel")["spend"].sum()
    money = inside["orders"].groupby("channel")[["revenue", "margin"]].sum()
    found = Returns.of(sample(company).month).table("channel", first, OCTOBER).set_index("scope")
    assert set(found.index) == set(spend.index[spend > 0])
    for channel, row in found.iterrows():
        revenue, margin, cost = *money.loc[channel, ["revenue", "margin"]], spend[channel]
        assert row["revenue"] == pytest.approx(revenue) and row["margin"] == pytest.approx(margin)
        assert row["roas"] == pytest.approx(revenue / cost) and row["drr"] == pytest.approx(cost / revenue)
        assert row["revenue_roi"] == pytest.approx(revenue / cost - 1)
        assert row["romi"] == pytest.approx(margin / cost - 1)
        assert row["margin_share"] == pytest.approx(margin / revenue)


def test_the_planted_margins_of_the_channels_are_recovered() -> None:
    """Each order's margin share scatters by 3 points around its channel's: the sum's error follows from the weights."""
    orders = read_severny(SAMPLE / "severny_svet")["orders"]
    month = sample("severny_svet").month
    sums = sum_measures({"orders": month.tables["orders"]}, "year", "channel", keys=["revenue", "margin"])
    found = sums.groupby("channel")[["revenue", "margin"]].sum()
    for channel, planted in TRUTH["severny_svet"]["planted"]["margin_share"].items():
        own = orders[orders["channel"] == channel]
        scatter = float((own["margin"] / own["revenue"]).std())
        error = scatter * math.sqrt(float((own["revenue"] ** 2).sum())) / float(own["revenue"].sum())
        plain = float(own["margin"].sum() / own["revenue"].sum())
        assert 0.02 < scatter < 0.04 and error < 0.01
        assert abs(plain - planted) < 3.5 * error, channel
        assert found.at[channel, "margin"] / found.at[channel, "revenue"] == pytest.approx(plain)


def test_the_paid_channels_of_the_sample_have_the_planted_margins() -> None:
    returns = Returns.of(sample("severny_svet").month)
    found = returns.table("channel", pd.Timestamp("2024-11-01"), OCTOBER).set_index("scope")["margin_share"]
    planted = TRUTH["severny_svet"]["planted"]["margin_share"]
    assert {channel: round(share, 2) for channel, share in found.items()} == {c: planted[c] for c in found.index}
    own = Returns.of(sample("northlight").month).table("channel", pd.Timestamp("2024-11-01"), OCTOBER)
    assert own["margin_share"].tolist() == pytest.approx([TRUTH["northlight"]["planted"]["margin_share"]] * len(own))


# The section


def show(found: Composed) -> Any:
    section = show_returns(found.month, found.card, found.channels)
    assert section is not None
    return section


def test_the_section_names_who_does_not_pay_and_what_is_covered_while_deals_are_open() -> None:
    seen = show(sample("severny_svet"))
    said = text(seen)
    assert "The margin does not cover the advertising: Partner network (needs 264%, has 35.3%)" in said
    assert "already covered, with deals still open: Yandex Direct (needs 17.7%, has 40.1%)" in said
    assert "Over the last 12 months the margin does not cover the advertising: Partner network" in said
    assert seen.anchor == "returns" and markup(seen).count("<img") == 1
    pays = {row[0]: row[-1] for row in sheets(seen)["sheets"][0]["rows"]}
    assert pays == {"Yandex Direct": "pays already", "VK Ads": "deals open", "Partner network": "does not pay",
                    "All advertising": "pays already", "Company, all revenue": "pays already"}  # fmt: skip


def test_the_section_speaks_russian() -> None:
    use_language("ru")
    said = text(show(sample("severny_svet")))
    assert "уверен" in said.lower() and "не окупается" in said and "Does" not in said


def test_the_numbers_of_the_section_are_those_of_the_scorecard() -> None:
    seen = sample("northlight")
    rows = {row[0]: row for row in sheets(show(seen))["sheets"][1]["rows"]}
    whole = rows["Company, all revenue"]
    assert whole[1:] == [
        seen.value(key) for key in ("revenue", "margin", "spend", "roas", "revenue_roi", "romi", "roi")
    ]
    google = seen.channels[seen.channels["scope"] == "google_ads"].set_index("kpi")["value"]
    assert rows["Google Ads"][1:7] == [google[k] for k in ("revenue", "margin", "spend", "roas", "revenue_roi", "romi")]


def test_campaigns_of_the_sample() -> None:
    said = text(show(sample("northlight")))
    assert "Coffee subscription - generic, US" in said and "cannot be proven" in said
    assert "Share of revenue that names its campaign: Yandex Direct 31%" in text(show(sample("severny_svet")))
    unnamed = sample("severny_svet")
    leads = unnamed.month.tables["leads"]
    tags = leads["campaign"].replace({"Поиск_Люстры_Москва и СПб": "poisk_lyustry"})
    month = replace(unnamed.month, tables={**unnamed.month.tables, "leads": leads.assign(campaign=tags)})
    said = text(show(replace(unnamed, month=month)))
    assert "Leads name campaigns that the ad accounts do not have: poisk_lyustry" in said and "campaigns.csv" in said


def small(folder: Path, *, margin: str = "", campaign: str = "Search", channel: str = "google_ads") -> Composed:
    """The article's month as files."""
    quoted = campaign.replace('"', '""')
    ads = [f'2026-10-{day:02},google,{channel},"{quoted}",10,1,{spend}' for day, spend in ((1, 50_000), (31, 50_000))]
    (folder / "ads.csv").write_text("\n".join([AD_HEAD, *ads, ""]), "utf-8")
    orders = [
        f"1,2026-10-01,a,{channel},100000,{margin and 40000}",
        f"2,2026-10-31,b,{channel},50000,{margin and 20000}",
    ]
    (folder / "orders.csv").write_text("\n".join([ORDER_HEAD, *orders, ""]), "utf-8")
    return compose(folder)


def test_the_trap_in_the_report(tmp_path: Path) -> None:
    said = text(show(small(tmp_path, margin="yes")))
    assert "Are you sure? Google Ads: one month under several names" in said
    assert "called 50.0% and −40.0%" in said and "(60,000 − 100,000) / 100,000" in said
    assert "40,000 is lacking to cover the ads." in said.replace("40K", "40,000")


def test_a_report_without_a_margin_says_so(tmp_path: Path) -> None:
    seen = show(small(tmp_path))
    assert "ROMI is not shown: the margin is unknown." in text(seen) and "n/a and not 50.0%" in text(seen)
    assert {row[-1] for row in sheets(seen)["sheets"][0]["rows"]} == {"not known"}
    assert "<img" not in markup(seen)


def test_names_from_files_are_escaped(tmp_path: Path) -> None:
    """A campaign that leads name, and one that they alone name."""
    seen = small(tmp_path, margin="yes", campaign=HOSTILE)
    tables = seen.month.tables
    tables["leads"] = table("leads", lead_id=["L1", "L2"], created_at=["2026-10-01"] * 2, won=[True] * 2,
                            channel=["google_ads"] * 2, campaign=[HOSTILE, f"{HOSTILE} too"])  # fmt: skip
    tables["orders"] = tables["orders"].assign(lead_id=["L1", "L2"])
    page = markup(show(seen))
    assert HOSTILE not in page and page.count("&lt;img src=x") >= 2


def test_a_loss_is_proven_only_where_revenue_without_a_channel_would_not_cover_it() -> None:
    def verdict(unknown: float) -> str:
        tables = made()
        tables["orders"] = table("orders", ordered_at=["2026-10-06"] * 2, channel=["yandex_direct", "unknown"],
                                 revenue=[150_000.0, unknown], margin=[60_000.0, unknown * 0.4])  # fmt: skip
        found = Returns(tables).table("channel", OCTOBER, OCTOBER)
        assert found["unclaimed"].iloc[0] == pytest.approx(unknown / (150_000 + unknown))
        return str(found["verdict"].iloc[0])

    assert [verdict(unknown) for unknown in (0.0, 99_000.0, 101_000.0)] == ["loses", "loses", "unknown"]


def test_revenue_that_names_no_channel_at_all_proves_nothing() -> None:
    tables = made()
    tables["orders"] = tables["orders"].assign(channel="unknown")
    returns = Returns(tables)
    assert returns.table("channel", OCTOBER, OCTOBER)["verdict"].tolist() == ["unknown"]
    assert row_of(returns.table("company", OCTOBER, OCTOBER), COMPANY)["verdict"] == "loses"
    whole = returns.table("company", OCTOBER, OCTOBER)
    assert trap_row(whole, whole.iloc[:0]) is None, "nothing was sold that names the channel"


def test_companies_without_ads_or_sales(tmp_path: Path) -> None:
    copy_files(SAMPLE / "severny_svet", tmp_path, ["company.toml", "zakazy.csv"])
    assert "No export: advertising" in text(show(compose(tmp_path)))
    copy_files(SAMPLE / "severny_svet", tmp_path / "ads", ["company.toml", "direct_kampanii.csv"])
    assert "Revenue" in text(show(compose(tmp_path / "ads")))
    copy_files(SAMPLE / "severny_svet", tmp_path / "calls", ["company.toml", "zvonki.csv"])
    calls = compose(tmp_path / "calls")
    assert show_returns(calls.month, calls.card, calls.channels) is None


def test_an_unfinished_month_is_shown_for_its_days() -> None:
    seen = unfinished("severny_svet")
    rows = {row[0]: row for row in sheets(show(seen))["sheets"][1]["rows"]}
    assert rows["Company, all revenue"][1] == seen.value("revenue") and "1–18 October" in text(show(seen))
    assert "Over the last" not in text(show(seen))


# Words and the chart


def judged_rows(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return rate_returns(pd.DataFrame(
        [{"scope": name, "revenue": 100.0, "margin": margin, "spend": spend, "other_costs": 0.0}
         for name, margin, spend in rows]))  # fmt: skip


def test_findings() -> None:
    both = judged_rows(("vk_ads", 40, 20), ("meta_ads", 40, 60))
    assert finding_words(both) == "The margin does not cover the advertising: Meta Ads (needs 60.0%, has 40.0%)"
    assert finding_words(mark_open(both, {"meta_ads"}, ())).startswith("The margin covers the cost: VK Ads")
    assert finding_words(mark_open(both, {"meta_ads", "vk_ads"}, {"vk_ads"})) == (
        "Already covered, with deals still open: VK Ads (needs 20.0%, has 40.0%); not judged, deals are open: Meta Ads"
    )
    assert finding_words(mark_open(both.iloc[1:], {"meta_ads"}, ())).startswith("Nothing can be judged yet")
    assert finding_words(both.head(1)) == "The margin covers the cost everywhere"
    assert finding_words(judged_rows(("vk_ads", np.nan, 20))).endswith("is not known")


def test_the_trap_takes_the_channel_whose_two_numbers_have_two_signs() -> None:
    both = judged_rows(("vk_ads", 40, 20), ("meta_ads", 40, 60))
    whole = judged_rows((ADVERTISING, 80, 80), (COMPANY, 80, 80))
    assert trap_row(whole, both)["scope"] == "meta_ads"  # type: ignore[index]
    assert trap_row(whole, mark_open(both, {"meta_ads"}, ()))["scope"] == ADVERTISING  # type: ignore[index]
    assert trap_row(whole.iloc[:0], both.iloc[:0]) is None


def test_the_chart_draws_what_is_lacking_what_is_open_and_moves() -> None:
    found = judged_rows(("vk_ads", 40, 20), ("meta_ads", 40, 60), ("google_ads", 40, 300))
    ax = plot_margins(chart_rows(mark_open(found, {"vk_ads"}, ())), finding="f", far=1.0)
    vermilion = STATUSES["missed"].colour
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() for dot in dots] == ["#ffffff", vermilion, vermilion]
    assert [line.get_marker() for line in ax.lines if line.get_marker() != "o"] == ["|", "|", ">"]
    before = len(ax.lines), len(ax.texts)
    more = rate_returns(found.assign(other_costs=0.0, margin=70.0))
    assert move_margins(ax, chart_rows(more))
    assert (len(ax.lines), len(ax.texts)) == before
    assert [round(float(np.asarray(line.get_xdata())[0]), 2) for line in ax.lines if line.get_marker() == "o"] == [
        0.7
    ] * 3
    assert not move_margins(ax, chart_rows(more.head(1)))


# What is told of it


@pytest.mark.parametrize(("name", "comma"), [("return.md", "."), ("return.ru.md", ",")])
def test_the_documentation_counts_as_the_kit_does(root: Path, name: str, comma: str) -> None:
    row = row_of(Returns(made()).table("channel", OCTOBER, OCTOBER), "yandex_direct")
    page = (root / "docs" / name).read_text(encoding="utf-8")
    told = [line.split("|")[3].strip() for line in page.splitlines() if line.startswith("|") and " / 1" in line]
    numbers = [float(cell.rstrip(" %").replace(comma, ".").replace("−", "-")) for cell in told]
    shown = [row["roas"], 100 * row["drr"], 100 * row["revenue_roi"], 100 * row["romi"]]
    assert numbers == [round(number, 1) for number in shown]
