"""Return: what must not be said. Losses hidden by silent months, losses not proven, verdicts that turn by chance or by
the rule of attribution, deals still open."""

import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import sample, text
from frames import table
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.past import COMPANY
from kpi_helpers.returns import ADVERTISING, Returns
from kpi_helpers.returns.notes import months_words
from kpi_helpers.returns.ripeness import AHEAD, OPEN, mark_open, unripe_scopes
from kpi_helpers.returns.touches import credit_otherwise
from kpi_helpers.returns.words import finding_words
from tests.test_returns import OCTOBER, SEPTEMBER, judged_rows, made, row_of, show, small

NOVEMBER = pd.Timestamp("2025-11-01")
YEAR = [f"2025-{month:02}-05" for month in (11, 12)] + [f"2026-{month:02}-05" for month in range(1, 11)]


def yearly(**sold: list[Any]) -> dict[str, pd.DataFrame]:
    """100 000 spent in each of twelve months, and the orders given."""
    rows = len(sold["ordered_at"])
    base = {"order_id": [str(n) for n in range(rows)], "channel": ["yandex_direct"] * rows}
    return {
        "ads": table("ads", date=YEAR, platform=["p"] * 12, channel=["yandex_direct"] * 12, spend=[100_000.0] * 12),
        "orders": table("orders", **(base | sold)),
    }


# Months


def test_a_month_without_a_sale_counts_with_its_spend() -> None:
    """Two sales a year, 150 000 of margin each: 900 000 are lacking."""
    tables = yearly(ordered_at=["2025-11-10", "2026-10-10"], revenue=[300_000.0] * 2, margin=[150_000.0] * 2)
    returns = Returns(tables)
    for found in (returns.table("channel", NOVEMBER, OCTOBER), returns.table("company", NOVEMBER, OCTOBER)):
        assert set(found["months"]) == {12} and set(found["romi"]) == {-0.75} and set(found["verdict"]) == {"loses"}
    silent = row_of(returns.table("channel", SEPTEMBER, SEPTEMBER), "yandex_direct")
    assert (silent["revenue"], silent["margin"], silent["verdict"]) == (0.0, 0.0, "loses")
    unpriced = Returns(tables | {"orders": tables["orders"].assign(revenue=np.nan, margin=np.nan)})
    assert unpriced.table("channel", OCTOBER, OCTOBER)["revenue"].isna().all(), "an order of unknown revenue is a sale"


def test_of_deals_the_leads_tell_which_months_sold_nothing() -> None:
    leads = table("leads", lead_id=[str(n) for n in range(13)], created_at=[*YEAR, "2026-03-03"],
                  closed_at=[None] * 12 + ["2026-04-10"], channel=["yandex_direct"] * 13, won=[False] * 12 + [True],
                  amount=[None] * 12 + [300_000.0])  # fmt: skip
    returns = Returns({"ads": yearly(ordered_at=[])["ads"], "leads": leads}, margin_share=0.5)
    row = row_of(returns.table("channel", NOVEMBER, OCTOBER), "yandex_direct")
    assert (row["months"], row["romi"], row["verdict"]) == (12, -0.875, "loses")


def test_months_that_are_not_summed_are_said_and_their_sales_are_not_forgotten() -> None:
    tables = yearly(ordered_at=["2025-11-10", "2025-12-10", "2026-02-10"], revenue=[10_000.0, 10_000.0, 900_000.0],
                    margin=[5_000.0, 5_000.0, 450_000.0])  # fmt: skip
    tables["ads"] = tables["ads"].iloc[:2]
    found = Returns(tables).table("channel", NOVEMBER, OCTOBER)
    assert found["months"].tolist() == [2] and found["verdict"].tolist() == ["unknown"]
    assert months_words(found, 12) == "Summed: 2 months of 12, of which both ad spend and revenue are known."
    assert months_words(found, 2) == ""


def test_costs_known_of_one_month_count_though_another_does_not_tell_them() -> None:
    tables = {
        "ads": table("ads", date=["2026-09-05", "2026-10-05"], platform=["p"] * 2, channel=["vk_ads"] * 2,
                     spend=[100.0, 100.0]),
        "orders": table("orders", ordered_at=["2026-09-06", "2026-10-06"], channel=["vk_ads"] * 2,
                        revenue=[600.0, 600.0], margin=[300.0, 300.0]),
        "costs": table("costs", date=["2026-09-01"], kind=["agency"], channel=["vk_ads"], amount=[5000.0]),
    }  # fmt: skip
    found = Returns(tables).table("channel", SEPTEMBER, OCTOBER)
    assert found["verdict"].tolist() == ["ads_only"] and math.isnan(found["roi"].iloc[0])
    assert "VK Ads (needs 433%, has 50.0%)" in finding_words(found)


def test_what_came_back_from_an_ad_account_is_said(tmp_path: Path) -> None:
    tables = made()
    tables["ads"] = tables["ads"].assign(spend=-50_000.0)
    returns = Returns(tables)
    assert returns.table("channel", OCTOBER, OCTOBER).empty
    assert returns.credits(OCTOBER, OCTOBER).to_dict() == {"yandex_direct": -50_000.0}
    seen = small(tmp_path, margin="yes")
    seen.month.tables["ads"] = seen.month.tables["ads"].assign(spend=-5.0)
    said = text(show(seen))
    assert "More came back from the ad accounts than was spent (credits): Google Ads" in said
    assert "Nothing was spent" not in said


# What is not proven


def test_a_channel_without_tagged_sales_may_have_made_all_that_name_none() -> None:
    def verdict(unknown: float) -> str:
        tables = {
            "ads": table("ads", date=["2026-10-05"] * 2, platform=["p", "q"], channel=["yandex_direct", "vk_ads"],
                         spend=[100.0, 100.0]),
            "orders": table("orders", ordered_at=["2026-10-06"] * 2, channel=["yandex_direct", None],
                            revenue=[500.0, 2 * unknown], margin=[250.0, unknown]),
        }  # fmt: skip
        return str(row_of(Returns(tables).table("channel", OCTOBER, OCTOBER), "vk_ads")["verdict"])

    assert [verdict(unknown) for unknown in (0.0, 99.0, 101.0)] == ["loses", "loses", "unknown"]


def test_of_revenue_without_a_channel_a_part_by_spend_may_be_its_own() -> None:
    """Hardly a sale is tagged with the channel that takes most of the money."""
    tables = {
        "ads": table("ads", date=["2026-10-05"] * 2, platform=["p", "q"], channel=["yandex_direct", "vk_ads"],
                     spend=[100.0, 300.0]),
        "orders": table("orders", ordered_at=["2026-10-06"] * 3, channel=["yandex_direct", "vk_ads", None],
                        revenue=[990.0, 10.0, 1000.0], margin=[495.0, 5.0, 500.0]),
    }  # fmt: skip
    assert row_of(Returns(tables).table("channel", OCTOBER, OCTOBER), "vk_ads")["verdict"] == "unknown"


@pytest.mark.parametrize(("spend", "verdict"), [(300.0, "unknown"), (401.0, "loses"), (200.0, "earns")])
def test_margin_that_is_not_told_is_not_zero(spend: float, verdict: str) -> None:
    """Of half the revenue the margin is 200: of all it may be 400."""
    tables = {
        "ads": table("ads", date=["2026-10-05"], platform=["p"], channel=["vk_ads"], spend=[spend]),
        "orders": table("orders", ordered_at=["2026-10-06"] * 2, channel=["vk_ads"] * 2, revenue=[500.0, 500.0],
                        margin=[200.0, np.nan]),
    }  # fmt: skip
    assert Returns(tables).table("channel", OCTOBER, OCTOBER)["verdict"].tolist() == [verdict]


# About even


def of_gaps(gaps: list[float]) -> str:
    """The verdict on months that each leave so much of a margin of 2 000 over the spend."""
    days = [f"2026-{n:02}-05" for n in range(1, 13)][: len(gaps)]
    tables = {
        "ads": table("ads", date=days, platform=["p"] * len(gaps), channel=["vk_ads"] * len(gaps),
                     spend=[2000.0 - gap for gap in gaps]),
        "orders": table("orders", ordered_at=days, channel=["vk_ads"] * len(gaps), revenue=[5000.0] * len(gaps),
                        margin=[2000.0] * len(gaps)),
    }  # fmt: skip
    found = Returns(tables).table("channel", pd.Timestamp("2026-01-01"), pd.Timestamp("2026-12-01"))
    return str(found["verdict"].iloc[0])


@settings(max_examples=12, deadline=None)
@given(gaps=st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=12), seed=st.integers(0, 99))
def test_a_verdict_that_leaving_out_one_month_turns_is_about_even(gaps: list[float], seed: int) -> None:
    verdict, whole = of_gaps(gaps), sum(gaps)
    if any((whole - gap) * whole < 0 for gap in gaps):
        assert verdict == "even"
    assert verdict == of_gaps(random.Random(seed).sample(gaps, len(gaps)))
    assert of_gaps([gaps[0]] * len(gaps)) == ("earns" if gaps[0] >= 0 else "loses"), "months alike leave no doubt"
    assert of_gaps(gaps[:1]) != "even"


def test_the_channel_of_the_sample_that_one_month_would_turn() -> None:
    found = Returns.of(sample("severny_svet").month).table("channel", NOVEMBER, OCTOBER).set_index("scope")["verdict"]
    assert found.to_dict() == {"yandex_direct": "earns", "vk_ads": "even", "partner_network": "loses"}


# The rule of attribution


def touched(first: str, last: str) -> dict[str, pd.DataFrame]:
    """100 000 spent for a margin of 200 000, credited to the last touch of its order."""
    tables = made(margin=200_000.0)
    tables["orders"] = tables["orders"].assign(channel=last, lead_id="L1")
    tables["touches"] = table("touches", touched_at=["2026-10-02", "2026-10-04"], channel=[first, last],
                              lead_id=["L1", "L1"])  # fmt: skip
    return tables


def test_a_verdict_that_another_rule_turns_depends_on_the_rule() -> None:
    found = Returns(touched("email", "yandex_direct")).table("channel", OCTOBER, OCTOBER)
    assert found["verdict"].tolist() == ["rule"] and found["rule"].tolist() == ["first"]
    assert "Yandex Direct (ROMI 100% as written down, −100% by the first touch)" in finding_words(found)
    assert mark_open(found, {"yandex_direct"}, {"yandex_direct"})["verdict"].tolist() == [OPEN]
    same = Returns(touched("yandex_direct", "yandex_direct"))
    assert same.table("channel", OCTOBER, OCTOBER)["verdict"].tolist() == ["earns"] and same.credited == "last"


def test_sales_credited_otherwise_are_the_same_sales() -> None:
    month = sample("northlight").month
    orders = month.tables["orders"]
    found = credit_otherwise(orders, month.tables["touches"].sample(frac=1, random_state=3))
    assert found is not None and found[1] == "first"
    for name in ("revenue", "margin"):
        assert found[0][name].sum() == pytest.approx(orders[name].sum())
    paid = Returns.of(month).table("channel", NOVEMBER, OCTOBER).set_index("scope")
    assert paid["romi_otherwise"].round(3).to_dict() == {"google_ads": -0.046, "meta_ads": 0.148}
    assert set(paid["verdict"]) == {"rule"}
    assert credit_otherwise(orders, month.tables["touches"].assign(lead_id=None, order_id=None)) is None


def test_touches_of_one_moment_share_a_sale_evenly() -> None:
    tables = touched("email", "yandex_direct")
    tables["touches"] = tables["touches"].assign(touched_at=tables["touches"]["touched_at"].iloc[0])
    found = credit_otherwise(tables["orders"], tables["touches"])
    assert found is not None and found[0].set_index("channel")["margin"].to_dict() == {
        "email": 100_000.0, "yandex_direct": 100_000.0}  # fmt: skip


# Deals still open


def test_pays_already_is_said_only_of_what_the_leads_of_the_month_brought() -> None:
    """The sale of October is that of a lead of September: the leads of October have brought nothing yet."""
    tables = made(margin=200_000.0)
    tables["orders"] = tables["orders"].assign(lead_id="L1")
    tables["leads"] = table("leads", lead_id=["L1"], created_at=["2026-09-20"], channel=["yandex_direct"], won=[True],
                            closed_at=["2026-10-06"])  # fmt: skip
    found, open_now = Returns(tables), {"yandex_direct"}
    channels = found.table("channel", OCTOBER, OCTOBER)
    assert mark_open(channels, open_now, found.earned_by_leads(OCTOBER, OCTOBER))["verdict"].tolist() == [OPEN]
    tables["leads"] = tables["leads"].assign(created_at=tables["orders"]["ordered_at"])
    now = Returns(tables).earned_by_leads(OCTOBER, OCTOBER)
    assert mark_open(channels, open_now, now)["verdict"].tolist() == [AHEAD]
    tables["orders"] = tables["orders"].assign(lead_id=None)
    assert not Returns(tables).earned_by_leads(OCTOBER, OCTOBER), "which lead a sale came of is not known"


def test_a_small_open_channel_does_not_hide_the_loss_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of one per cent of the money waits, all of it in one channel."""
    coming = pd.DataFrame({"coming": [0.0, 900.0], "seen": [999_000.0, 100.0], "waits": 0.0, "leads": [50.0, 5.0],
                           "brought": [999_000.0, 100.0]}, index=["yandex_direct", "vk_ads"])  # fmt: skip
    monkeypatch.setattr("kpi_helpers.returns.ripeness.still_to_come", lambda month, months: coming)
    month = sample("severny_svet").month
    assert unripe_scopes(month, ["yandex_direct", "vk_ads"]) == {"vk_ads"}
    assert unripe_scopes(month, ["vk_ads"]) == {"vk_ads", ADVERTISING}
    whole = mark_open(judged_rows((ADVERTISING, 40, 80), (COMPANY, 40, 80)), {"vk_ads"}, ())
    assert whole["verdict"].tolist() == ["loses", "loses"]


def test_each_return_of_the_report_has_a_name_of_its_own() -> None:
    said = text(show(sample("severny_svet")))
    assert "ROMI by the month of the order: 481% with the margin of all revenue, 105% with that of the channels" in said
    assert "The company's ROI with all marketing costs" in said and "so far, by the month of the order" in said
    assert "Each sale counts for the one channel that the shop or the CRM wrote down with it." in said
