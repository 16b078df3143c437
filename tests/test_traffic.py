"""The quality of traffic day by day, and what was paid for it."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE, sample, text
from frames import table

from kpi_helpers.comparisons import PaidTraffic, judge_paid_traffic
from kpi_helpers.comparisons.paid import judge_channels
from kpi_helpers.monthly import prepare_month
from kpi_helpers.reports.paid_traffic import paid_sentences
from kpi_helpers.terms import UNKNOWN
from kpi_helpers.traffic import daily_visits, robot_burst, untracked_days, wasted

TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
NAN = float("nan")
START, END = date(2026, 10, 1), date(2026, 10, 31)


def traffic(visits: dict[int, float], robots: dict[int, float] | None = None) -> pd.DataFrame:
    """Visits by day of October, and robot visits: none where they are not named."""
    days = sorted(visits)
    return table(
        "traffic", date=[f"2026-10-{day:02}" for day in days], visits=[visits[day] for day in days],
        robot_visits=[(robots or {}).get(day, 0.0) for day in days],
    )  # fmt: skip


def steady(days: Any = range(1, 32)) -> dict[int, float]:
    return dict.fromkeys(days, 100.0)


def test_days_without_rows_are_missing_and_not_zero() -> None:
    daily = daily_visits(traffic({1: 10, 3: 30}), START, date(2026, 10, 3))
    assert daily["visits"].tolist()[::2] == [10, 30]
    assert np.isnan(daily["visits"].iloc[1])
    assert daily_visits(None, START, END)["visits"].isna().all()


def test_a_burst_is_the_days_with_far_more_robots_than_usual() -> None:
    burst = robot_burst(traffic(steady(), dict.fromkeys(range(1, 32), 2.0) | {9: 40, 10: 60}), START, END)
    assert burst is not None
    assert (burst.first.day, burst.last.day) == (9, 10)
    assert burst.share == 100 / 200
    assert burst.usual == pytest.approx(0.02)


def test_of_two_bursts_the_one_with_more_robot_visits_is_told() -> None:
    burst = robot_burst(traffic(steady(), {3: 50, 20: 70, 21: 70}), START, END)
    assert burst is not None
    assert (burst.first.day, burst.last.day, burst.share) == (20, 21, 0.7)
    assert burst.usual == 0  # the other burst is not usual either


@pytest.mark.parametrize(
    "robots",
    [{}, dict.fromkeys(range(1, 32), 8.0), dict.fromkeys(range(1, 32), 30.0), {5: 9.0}],
    ids=["none", "few every day", "many every day", "too few on one day"],
)
def test_no_burst(robots: dict[int, float]) -> None:
    assert robot_burst(traffic(steady(), robots), START, END) is None


def test_no_burst_where_robots_or_visits_are_not_known() -> None:
    known = traffic(steady(), {9: 60})
    assert robot_burst(None, START, END) is None
    assert robot_burst(known.assign(robot_visits=np.nan), START, END) is None
    assert robot_burst(known.assign(visits=np.nan), START, END) is None
    assert robot_burst(traffic({9: 0.0}), START, END) is None


def test_days_whose_robots_are_unknown_do_not_count_as_free_of_robots() -> None:
    half = traffic(steady(), dict.fromkeys(range(1, 32), 3.0) | {9: 60})
    half.loc[half["date"] > "2026-10-15", "robot_visits"] = np.nan
    burst = robot_burst(half, START, END)
    assert burst is not None and burst.usual == pytest.approx(0.03)


def test_a_day_alone_is_no_burst() -> None:
    first, last = date(2026, 10, 9), date(2026, 10, 11)
    days = traffic({9: 100, 10: 0, 11: 0}, {9: 60})
    assert robot_burst(days, first, first) is None  # one day alone is its own median
    assert robot_burst(days, first, last) is None
    burst = robot_burst(traffic({9: 100, 10: 100, 11: 100}, {9: 60}), first, last)
    assert burst is not None and (burst.first, burst.last, burst.share, burst.usual) == (first, first, 0.6, 0)


def test_untracked_days_lie_between_the_first_row_and_the_end_asked_for() -> None:
    frame = traffic(steady(day for day in range(5, 29) if day not in (12, 13)))
    assert [day.day for day in untracked_days(frame, START, END)] == [12, 13, 29, 30, 31]
    assert [day.day for day in untracked_days(frame, START, date(2026, 10, 28))] == [12, 13]
    assert untracked_days(frame, date(2026, 11, 1), date(2026, 11, 30)) == []
    assert untracked_days(frame, date(2026, 9, 1), date(2026, 9, 30)) == []
    assert untracked_days(None, START, END) == []


# Visits that were paid for


def sums(**channels: tuple[float, ...]) -> pd.DataFrame:
    """The sums of a month by channel: visits, robots, spend, leads, qualified leads, orders."""
    names = ("visits", "robot_visits", "spend", "leads", "qualified_leads", "orders")
    rows = [{"period": pd.Timestamp("2026-10-01"), "channel": channel, **dict(zip(names, numbers, strict=True))}
            for channel, numbers in channels.items()]  # fmt: skip
    return pd.DataFrame(rows)


def judge(**channels: tuple[float, ...]) -> pd.DataFrame:
    month = sums(**channels)
    return judge_channels(month, month, "qualified_leads")


def test_what_was_paid_for_visits_that_never_qualify() -> None:
    """By hand: all 900 of an empty channel; of 500 the fifth that 20 robots have in 100 visits; of 70 nothing known."""
    spend, visits = pd.Series([900.0, 500.0, 70.0, 40.0]), pd.Series([300.0, 100.0, 50.0, 0.0])
    robots = pd.Series([30.0, 20.0, np.nan, 0.0])
    paid = wasted(spend, visits, robots, pd.Series([True, False, False, False]))
    assert paid.iloc[:2].tolist() == [900.0, 100.0] and paid.iloc[2:].isna().all()


def test_an_empty_channel_is_one_whose_visits_are_proven_to_qualify_less_and_hardly_at_all() -> None:
    found = judge(direct=(10000, 0, 0, 90, 60, NAN), ads=(5000, 0, 500, 30, 20, NAN),
                  empty=(6000, 600, 300, 13, 0, NAN))
    assert found["state"].to_dict() == {"ads": "sound", "empty": "empty"}
    empty = found.loc["empty"]
    assert (empty["people"], empty["wasted"], empty["share"]) == (5400, 300, 0)
    assert empty["share_others"] == 80 / 15000
    assert empty["expected"] == pytest.approx(5400 * 80 / 15000)
    assert found.at["ads", "wasted"] == 0


@pytest.mark.parametrize(("channel", "state"), [
    ((6000, 0, 300, 13, 0, NAN), "empty"),
    ((400, 0, 300, 0, 0, NAN), "unproven"),  # too few visits
    ((6000, 0, 300, 13, 20, NAN), "sound"),
    ((6000, 0, 300, 13, 8, NAN), "unproven"),  # worse, but not nothing
    ((6000, 5990, 300, 13, 0, NAN), "unproven"),  # hardly any people came
    ((60000, 0, 300, 90, 5, NAN), "empty"),  # hardly ever
])
def test_states_of_paid_channels(channel: tuple[float, ...], state: str) -> None:
    assert judge(direct=(10000, 0, 0, 90, 60, NAN), bought=channel).at["bought", "state"] == state


def test_a_channel_that_sells_is_not_empty() -> None:
    direct = (10000, 0, 0, 90, 60, 200)
    assert judge(direct=direct, bought=(6000, 0, 300, 13, 0, 3)).at["bought", "state"] == "empty"
    assert judge(direct=direct, bought=(6000, 0, 300, 13, 0, 90)).at["bought", "state"] == "sound"


def test_leads_that_may_still_qualify_speak_for_the_channel() -> None:
    month = sums(direct=(10000, 0, 0, 90, 60, NAN), bought=(6000, 0, 300, 40, 0, NAN))
    for still_open, state in ((0, "empty"), (40, "unproven")):
        found = judge_channels(month, month, "qualified_leads", pd.Series({"bought": float(still_open)}))
        assert found.at["bought", "state"] == state


def test_results_without_a_channel_speak_for_every_channel() -> None:
    month = sums(direct=(10000, 0, 0, 90, 60, NAN), bought=(6000, 0, 300, 3, 0, NAN))
    sure = judge_channels(month, month, "qualified_leads")
    assert sure[["state", "why"]].loc["bought"].tolist() == ["empty", ""]
    found = judge_channels(month, month, "qualified_leads", None, 20.0)
    assert found[["state", "why", "wasted"]].loc["bought"].tolist()[:2] == ["unproven", "untold"]
    assert found.at["bought", "result"] == 0
    few = judge_channels(month, month, "qualified_leads", None, 2.0)
    assert few.at["bought", "state"] == "empty"
    assert paid_sentences(PaidTraffic(found, "qualified_leads", 1), "RUB") == [
        "No empty channel found. Results without a channel in the CRM may be theirs, so that it cannot be told: bought."
    ]


def test_the_crm_that_does_not_tag_a_channel_makes_it_not_empty() -> None:
    """Leads of the planted empty channel and of a good one whose tags are lost: neither is called empty."""
    month = sample("severny_svet").month
    lost = {key: frame.assign(channel=frame["channel"].mask(frame["channel"] == "vk_ads", UNKNOWN))
            if key in ("leads", "orders") else frame for key, frame in month.tables.items()}  # fmt: skip
    paid = judge_paid_traffic(replace(month, tables=lost))
    assert paid is not None and paid.channels.at["vk_ads", "result"] == 0
    assert paid.channels.at["vk_ads", "state"] == "unproven" and paid.channels.at["vk_ads", "why"] == "untold"


def test_a_channel_alone_has_nothing_to_compare_with() -> None:
    month = sums(bought=(6000, 0, 300, 3, 2, NAN))
    paid = PaidTraffic(judge_channels(month, month, "qualified_leads"), "qualified_leads", 1)
    assert paid.channels.at["bought", "why"] == "alone"
    assert paid_sentences(paid, "RUB") == ["No empty channel found. There is no other channel to compare with: bought."]


def test_channels_without_spend_or_visits_are_not_judged() -> None:
    found = judge(direct=(10000, 0, 0, 90, 60, NAN), free=(9000, 0, NAN, 0, 0, NAN), dark=(NAN, NAN, 300, 5, 2, NAN),
                  bought=(6000, NAN, 300, 13, 0, NAN))
    assert found.index.tolist() == ["bought"]
    assert found.at["bought", "people"] == 6000  # robots are not known


@pytest.mark.parametrize("month", [f"{month}" for month in pd.period_range("2024-11", "2026-10", freq="M")])
@pytest.mark.parametrize("company", ["severny_svet", "northlight"])
def test_the_planted_empty_channel_is_found_in_every_month_and_no_other(company: str, month: str) -> None:
    planted = TRUTH[company]["planted"].get("empty_traffic")
    paid = judge_paid_traffic(prepare_month(sample(company).month.exports, month))
    assert paid is not None
    expected = [planted["channel"]] if planted and month >= planted["from"][:7] else []
    assert paid.empty.index.tolist() == expected


@pytest.mark.parametrize("share", [1.0, 0.6])
def test_made_noise_raises_a_false_alarm_at_most_once_in_twenty(share: float) -> None:
    """Paid channels that qualify like the others, or at 0.6 of their share: none of them is empty."""
    chance, months, alarms = np.random.default_rng(11), 150, 0
    for _n in range(months):
        made = {}
        for place in range(7):
            visits, paid = float(chance.integers(200, 9000)), place < 4
            qualified = float(chance.binomial(int(visits), 0.005 * (share if paid else 1)))
            made[f"c{place}"] = (visits, 0.0, 1000.0 if paid else 0.0, 2 * qualified, qualified, NAN)
        alarms += bool((judge(**made)["state"] == "empty").any())
    assert alarms / months <= 0.05


def test_the_sentences_of_the_sample() -> None:
    composed = sample("severny_svet")
    said = text(composed.section("traffic"))
    assert "Partner network: ₽43,220 bought visits that never qualify (visits of people: 5,415)." in said
    leads = composed.month.tables["leads"]
    partner = leads[(leads["channel"] == "partner_network") & (leads["created_at"] >= "2026-08-01")]
    assert f"Of its {len(partner)} leads of the last 3 months not one qualified." in said
    assert not partner["qualified"].fillna(False).any()
    visits, leads_of = composed.value("visits"), composed.value("leads")
    burst = TRUTH["severny_svet"]["planted"]["robot_burst"]
    traffic = composed.month.tables["traffic"]
    came = traffic[traffic["date"].between(burst["first"], burst["last"]) & (traffic["channel"] == burst["channel"])]
    robots = came["robot_visits"].sum()
    assert f"{robots:,.0f} came by the channel “Links from other sites”. They cost no ad money." in said
    assert (f"Because of them conversion from visit to lead is {leads_of / visits:.2%} instead of "
            f"{leads_of / (visits - robots):.2%}") in said  # fmt: skip
    assert "No empty channel found: the visits of every paid channel bring results." in text(
        sample("northlight").section("traffic")
    )


def test_a_burst_in_a_paid_channel_is_priced_by_its_share_of_the_visits() -> None:
    composed = sample("severny_svet")
    days = [day.strftime("%Y-%m-%d") for day in pd.date_range("2026-10-01", "2026-10-31")]
    visits = [100.0 if "2026-10-10" <= day <= "2026-10-11" else 50.0 for day in days]
    robots = [60.0 if count == 100 else 1.0 for count in visits]
    tables = {**composed.month.tables,
              "traffic": table("traffic", date=days, channel=["vk_ads"] * 31, visits=visits, robot_visits=robots),
              "ads": table("ads", date=days, channel=["vk_ads"] * 31, spend=[10.0] * 31)}  # fmt: skip
    said = text(replace(composed, month=replace(composed.month, tables=tables)).section("traffic"))
    assert "of 120 robot visits 120 came by the channel “VK Ads”" in said
    assert "up to ₽12.00 of the channel’s ad spend of these days went to them" in said  # 20 spent, 120 of 200 visits


def test_too_few_visits_are_said_to_be_too_few() -> None:
    month = sums(direct=(10000, 0, 0, 90, 60, NAN), bought=(400, 0, 300, 0, 0, NAN))
    paid = PaidTraffic(judge_channels(month, month, "qualified_leads"), "qualified_leads", 1)
    assert paid_sentences(paid, "RUB") == ["No empty channel found. Too few visits to tell: bought."]
    shop = sums(direct=(10000, 0, 0, NAN, NAN, 200), bought=(6000, 0, 300, NAN, NAN, 0))
    told = paid_sentences(PaidTraffic(judge_channels(shop, shop, "orders"), "orders", 1), "RUB")
    assert told == ["bought: ₽300 bought visits that never buy (visits of people: 6,000). "
                    "Orders in this month: 0. In the other channels as many visits bring about 120."]
    few = sums(direct=(10000, 0, 0, 90, 60, NAN), bought=(60000, 0, 300, 90, 5, NAN))
    told = paid_sentences(PaidTraffic(judge_channels(few, few, "qualified_leads"), "qualified_leads", 3), "RUB")
    assert "5 of 90 leads of the last 3 months qualified." in told[0]
