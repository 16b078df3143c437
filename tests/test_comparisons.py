"""Shares compared: who is held against whom, what is refused, and what the words say of it."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE, compose, sample, text, unfinished
from frames import table
from matplotlib.colors import to_hex
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from kpi_helpers import compute_kpis, explore_channels, reports, sum_month
from kpi_helpers.card import comparisons_of
from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.comparisons import MARKS, mark_of, plot_comparisons, verdict_word
from kpi_helpers.company_tree import CompanyTree
from kpi_helpers.comparisons import (
    OTHERS,
    REFUSED,
    SHARES,
    compare_channels,
    compare_months,
    comparison_finding,
    comparison_note,
    comparison_rows,
    with_complements,
)
from kpi_helpers.comparisons.found import judge_rows
from kpi_helpers.comparisons.people import of_people
from kpi_helpers.differences import compare_shares
from kpi_helpers.drivers import read_tree
from kpi_helpers.errors import KitError
from kpi_helpers.labels import NBSP, channel_name
from kpi_helpers.language import LANGUAGES, use_language
from kpi_helpers.monthly import Month, past_of
from kpi_helpers.palette import STATUSES
from kpi_helpers.tables import data_table

COMPANIES = ("severny_svet", "northlight")
REAL = {"better", "worse", "changed"}
COUNTED = ["hits", "trials", "hits_before", "trials_before"]


def leads(*groups: tuple[str, str, int, int, int]) -> pd.DataFrame:
    """Leads by (channel, day, qualified, not, without a verdict)."""
    rows = [(channel, f"{day} 12:00", verdict) for channel, day, *counts in groups
            for verdict, count in zip((True, False, None), counts, strict=True) for _n in range(count)]  # fmt: skip
    channels, days, verdicts = (list(column) for column in zip(*rows, strict=True))
    return table("leads", lead_id=[str(n) for n in range(len(rows))], channel=channels, created_at=days,
                 qualified=verdicts)


def month_of(frame: pd.DataFrame, **more: pd.DataFrame) -> Month:
    """October 2026 with these leads alone, in the exports of the sample."""
    return replace(sample("severny_svet").month, tables={"leads": frame, **more})


def row(found: pd.DataFrame, **labels: str) -> Any:
    return found[np.logical_and.reduce([found[name] == label for name, label in labels.items()])].iloc[0]


# Who is held against whom


def test_a_channel_is_held_against_all_others_and_no_lead_stands_on_both_sides() -> None:
    month = month_of(leads(("a", "2026-10-05", 30, 10, 0), ("b", "2026-10-05", 12, 28, 0),
                           ("c", "2026-10-05", 9, 11, 0), ("a", "2026-09-05", 1, 1, 0)))
    found = compare_channels(month, ["qualification_rate"]).set_index("scope")
    assert found.loc["a", COUNTED].tolist() == [30, 40, 21, 60]
    assert found.loc["b", COUNTED].tolist() == [12, 40, 39, 60]
    alone = compare_shares(found[COUNTED])
    np.testing.assert_allclose(found["p_adjusted"], alone["p_adjusted"])
    assert found["verdict"].to_dict() == {"a": "higher", "c": "within_noise", "b": "lower"}
    assert (found["family"] == 3).all()


@pytest.mark.parametrize("company", COMPANIES)
def test_the_channels_of_the_sample_add_up_in_every_row(company: str) -> None:
    found = compare_channels(sample(company).month, ["qualification_rate", "visit_to_lead"])
    for name in ("hits", "trials"):
        sums = (found[name] + found[f"{name}_before"]).groupby(found["kpi"]).nunique()
        assert (sums == 1).all()
    card = sample(company).card.set_index("kpi")
    rate = found[found["kpi"] == "qualification_rate"].iloc[0]
    assert rate["hits"] + rate["hits_before"] == card.at["qualification_rate", "numerator"]


def test_best_first_also_where_less_is_better() -> None:
    found = compare_channels(visited(a=(1000, 0, 800, 300), b=(900, 0, 700, 100), c=(800, 0, 500, 200)),
                             ["bounce_rate", "visit_to_lead"])  # fmt: skip
    assert found["difference"].notna().all()
    bounces, leads_of = (found.loc[found["kpi"] == key, "difference"] for key in ("bounce_rate", "visit_to_lead"))
    assert bounces.is_monotonic_increasing and leads_of.is_monotonic_decreasing


def test_own_past_is_in_the_family() -> None:
    month = month_of(leads(("a", "2026-10-05", 30, 10, 0), ("b", "2026-10-05", 12, 28, 0),
                           ("a", "2026-09-05", 10, 30, 0)))
    found = compare_channels(month, ["qualification_rate"], own_past=True)
    assert found["against"].tolist() == [OTHERS, OTHERS, "month_before", "month_before"]
    assert (found["family"] == 3).all()  # b has no past
    assert row(found, scope="a", against="month_before")[COUNTED].tolist() == [30, 40, 10, 40]
    assert row(found, scope="b", against="month_before")["reason"] == "no_data"


def test_months_are_those_before_and_a_year_before() -> None:
    month = month_of(leads(("a", "2026-10-05", 80, 20, 0), ("a", "2026-09-05", 50, 50, 0),
                           ("a", "2025-10-05", 81, 19, 0), ("a", "2026-08-05", 1, 99, 0)))
    found = compare_months(month, ["qualification_rate"]).set_index("against")
    assert found.loc["month_before", COUNTED].tolist() == [80, 100, 50, 100]
    assert found.loc["year_before", COUNTED].tolist() == [80, 100, 81, 100]
    assert found["verdict"].tolist() == ["higher", "within_noise"]


def test_of_an_unfinished_month_the_same_days_are_compared() -> None:
    month = unfinished("northlight").month
    came = month.tables["leads"]["created_at"].dt.tz_localize(None)
    found = row(compare_months(month, ["qualification_rate"]), against="month_before")
    september = (came >= "2026-09-01") & (came < "2026-09-19")
    assert found["trials_before"] == september.sum()
    made = leads(("a", "2026-10-05", 9, 9, 1), ("a", "2026-10-20", 0, 0, 9), ("a", "2026-09-05", 9, 9, 2),
                 ("a", "2026-09-20", 0, 0, 9))
    of_18 = compare_months(replace(month_of(made), days=18), ["qualification_rate"]).iloc[0]
    assert of_18[["trials", "trials_before", "open", "open_before"]].tolist() == [19, 20, 1, 2]


# Visits of people


def visited(**channels: tuple[int, int | None, int, int]) -> Month:
    """October 2026 by channel: visits, robots among them, unique visitors, bounces; 20 leads of each."""
    names, numbers = list(channels), list(zip(*channels.values(), strict=True))
    day = ["2026-10-31"] * len(names)
    since = ["2026-10-01"] * len(names)
    traffic = table("traffic", date=day, since=since, channel=names, visits=numbers[0], robot_visits=numbers[1],
                    bounces=numbers[3])  # fmt: skip
    audience = table("audience", start=since, end=day, channel=names, visitors=numbers[2])
    return month_of(leads(*((name, "2026-10-05", 20, 0, 0) for name in names)), traffic=traffic, audience=audience)


def test_robots_make_no_rate_worse_and_no_other_channel_better() -> None:
    """October's burst: 4 948 robots by one channel. Of all visits 0.51 % after 0.72 % would be "really worse"."""
    rates = compare_months(sample("severny_svet").month, ["visit_to_lead", "qualification_rate"])
    found = row(rates, kpi="visit_to_lead", against="month_before")
    assert found[COUNTED].tolist() == [189, 37031 - 5688, 194, 26761 - 507]
    assert found["people"] and found["verdict"] == "within_noise"
    channels = compare_channels(sample("severny_svet").month, ["visit_to_lead"]).set_index("scope")
    assert channels.loc["referral", "trials"] == 5718 - 4948
    assert channels.loc["referral", "verdict"] == "within_noise"
    assert (channels["trials"] + channels["trials_before"]).unique().tolist() == [37031 - 5688]
    said = text(sample("severny_svet").section("funnel"))
    assert "No rate between the steps changed beyond chance" in said and "Visits of people" in said


def test_where_robots_are_not_told_on_both_sides_many_of_them_are_a_reason_to_refuse() -> None:
    few = compare_channels(visited(a=(1000, 20, 800, 300), b=(900, None, 700, 100)), ["visit_to_lead"])
    assert set(few["reason"]) == {""} and not few["people"].any()
    many = compare_channels(visited(a=(1000, 300, 800, 300), b=(900, None, 700, 100)), ["visit_to_lead"])
    assert set(many["reason"]) == {"robots"}
    both = compare_channels(visited(a=(1000, 300, 800, 300), b=(900, 0, 700, 100)), ["visit_to_lead"])
    assert both["people"].all() and sorted(both["trials"]) == [700, 900]


def test_bounces_have_as_many_witnesses_as_there_are_people() -> None:
    found = compare_channels(visited(a=(1000, 0, 500, 380), b=(1000, 0, 500, 320)), ["bounce_rate"])
    by_visits = compare_shares(found[COUNTED])
    assert set(by_visits["verdict"]) == {"higher", "lower"} and set(found["verdict"]) == {"within_noise"}
    halves = compare_shares(found[COUNTED] / 2)
    np.testing.assert_allclose(found["p_value"], halves["p_value"])
    northlight = compare_channels(sample("northlight").month, ["bounce_rate"])
    assert set(northlight["reason"]) == {"visitors"}  # unique visitors are known of the company alone
    assert comparison_note(northlight).startswith("Not compared: bounce rate — ")


@pytest.mark.parametrize("visits", [1.5, 2.0])
def test_equal_bounces_of_people_who_come_again_are_called_different_at_most_once_in_twenty(visits: float) -> None:
    chance, families = np.random.default_rng(5), 150
    alarms = {"visits": 0.0, "people": 0.0}
    for _n in range(families):
        counts = []
        for people in (np.array([9700, 6200, 4500, 2600, 1100]) / visits).astype(int):
            came = chance.geometric(1 / visits, people)
            habit = chance.beta(0.35 * 1.5, 0.65 * 1.5, people)
            counts.append((chance.binomial(came, habit).sum(), came.sum(), people))
        hits, trials, visitors = (np.array(part, dtype=float) for part in zip(*counts, strict=True))
        rows = pd.DataFrame({"kpi": "bounce_rate", "scope": "x", "against": OTHERS, "hits": hits, "trials": trials,
                             "hits_before": hits.sum() - hits, "trials_before": trials.sum() - trials, "reason": "",
                             "open": 0.0, "open_before": 0.0, "robots": 0.0, "robots_before": 0.0, "untold": 0.0,
                             "untold_before": 0.0, "unseen": 0.0, "unseen_before": 0.0, "visitors": visitors,
                             "visitors_before": visitors.sum() - visitors})  # fmt: skip
        alarms["people"] += judge_rows(of_people(rows))["verdict"].isin(["higher", "lower"]).any()
        alarms["visits"] += compare_shares(rows)["verdict"].isin(["higher", "lower"]).any()
    most = families * (0.05 + 2 * (0.05 * 0.95 / families) ** 0.5)
    assert alarms["people"] <= most < alarms["visits"]


def test_what_another_leaves_over_is_not_compared_twice() -> None:
    found = compare_months(sample("northlight").month)
    assert "retention_rate" in set(found["kpi"]) and "churn_rate" not in set(found["kpi"])
    assert set(compare_months(sample("northlight").month, ["churn_rate"])["kpi"]) == {"churn_rate"}


# What is refused, and what is too early


def test_a_verdict_that_open_leads_could_turn_is_too_early() -> None:
    past = ("a", "2026-09-05", 80, 20, 0)
    sure = compare_months(month_of(leads(("a", "2026-10-05", 60, 40, 0), past)), ["qualification_rate"]).iloc[0]
    assert (sure["verdict"], sure["reason"]) == ("lower", "")
    few = compare_months(month_of(leads(("a", "2026-10-05", 60, 38, 2), past)), ["qualification_rate"]).iloc[0]
    assert (few["verdict"], few["open"]) == ("lower", 2)  # 62 of 100 is still lower
    many = compare_months(month_of(leads(("a", "2026-10-05", 60, 25, 15), past)), ["qualification_rate"]).iloc[0]
    assert (many["verdict"], many["reason"]) == ("too_early", "open")
    assert many["share"] == 0.6  # counted as on the scorecard
    most = compare_months(month_of(leads(("a", "2026-10-05", 60, 10, 30), past)), ["qualification_rate"]).iloc[0]
    assert (most["verdict"], most["reason"]) == ("too_early", "unripe")
    assert np.isnan(most["difference"])


def test_open_deals_make_the_close_rate_of_the_last_month_unripe() -> None:
    for company in COMPANIES:
        found = compare_months(sample(company).month, ["close_rate"])
        assert found["reason"].tolist() == ["unripe", "unripe"]
        assert set(found["verdict"]) == {"too_early"}


def test_reasons_why_months_cannot_be_compared() -> None:
    month = sample("severny_svet").month
    found = compare_months(month).set_index(["kpi", "against"])["reason"]
    assert found["repeat_rate", "month_before"] == "overlapping"
    assert found["robot_share", "year_before"] == "no_data"  # robots are exported from June 2026 on
    assert found["bounce_rate", "year_before"] == "robots"  # those of October 2026, and none told a year before
    assert found["visit_to_lead", "year_before"] == "robots"
    assert found["visit_to_lead", "month_before"] in ("", "many_comparisons")
    june = replace(month, start=date(2026, 7, 1))
    held = compare_months(june, ["visit_to_lead", "bounce_rate"]).set_index(["kpi", "against"])["reason"]
    assert held["visit_to_lead", "month_before"] == "untracked"  # 17 and 18 June
    assert held["bounce_rate", "month_before"] == ""
    first = replace(month, start=date(2024, 11, 1), days=30)
    assert set(compare_months(first, ["bounce_rate"])["reason"]) == {"not_whole"}
    traffic = month.tables["traffic"]
    early = {**month.tables, "traffic": traffic[traffic["date"] < "2026-10-20"]}
    short = replace(month, tables=early, exports=replace(month.exports, tables=early))
    assert set(compare_months(short, ["visit_to_lead"])["reason"]) == {"ends_early"}


def test_what_is_refused_takes_no_part_in_the_family() -> None:
    found = compare_months(sample("severny_svet").month)
    known = found["difference"].notna()
    assert (found["family"] == known.sum()).all()
    assert set(found.loc[~known, "reason"]) <= set(REFUSED)
    assert set(found.loc[~known, "verdict"]) <= {"not_enough", "too_early"}


@pytest.mark.parametrize("key", ["cpl", "nps", "drr"])
def test_what_is_no_share_is_refused(key: str) -> None:
    with pytest.raises(KitError, match="is no share"):
        compare_months(sample("northlight").month, [key])
    with pytest.raises(KitError):
        compare_channels(sample("northlight").month, ["nothing"])


def test_a_company_without_exports_of_shares_has_nothing_to_compare() -> None:
    month = replace(sample("northlight").month, tables={})
    for found in (compare_months(month), compare_channels(month, SHARES)):
        assert found.empty
        assert comparison_finding(found) == "Nothing can be compared."
        assert comparison_note(found) == ""


# Beside the scorecard


CHANGES = {"change": ("month_before", "previous"), "year": ("year_before", "year_ago")}


@pytest.mark.parametrize("company", COMPANIES)
def test_every_change_of_a_share_on_the_scorecard_has_newcombe_s_interval(company: str) -> None:
    """By statsmodels, from the numerators and denominators of three months; robots off where `change_from` says so."""
    found, checked = sample(company), 0
    kpis = compute_kpis(sum_month(found.month)).set_index(["kpi", "period"])
    for one in found.card[found.card["kpi"].isin(SHARES)].to_dict("records"):
        for (name, (_against, before)), ago in zip(CHANGES.items(), (1, 12), strict=True):
            low, high, verdict = (one[f"{name}_{part}"] for part in ("low", "high", "verdict"))
            if np.isnan(low):
                assert verdict in ("unknown", "not_compared", "too_early") or KPIS[one["kpi"]].is_rolling, one["kpi"]
                continue
            if one["kpi"] == "bounce_rate" or abs(one[f"{name}_from"] - one[before]) > 1e-12:
                continue  # by people
            then = kpis.loc[(one["kpi"], pd.Timestamp("2026-10-01") - pd.DateOffset(months=ago))]
            ends = confint_proportions_2indep(one["numerator"], one["denominator"], then["numerator"],
                                              then["denominator"], compare="diff", method="newcomb")  # fmt: skip
            np.testing.assert_allclose((low, high), ends, atol=1e-9)
            assert verdict not in REAL or not low <= 0 <= high
            checked += 1
    assert checked >= 8


@pytest.mark.parametrize("company", COMPANIES)
def test_the_scorecard_s_verdicts_are_adjusted_by_holm_those_with_a_goal_by_themselves(company: str) -> None:
    found = sample(company)
    card = found.card.set_index("kpi")
    table = with_complements(comparisons_of(found.month, found.card))
    assert set(table.loc[table["asked"], "kpi"]) == set(
        card.index[card.index.isin(SHARES) & (card["status"] != "no_goal")]
    )
    told = table[(table["kpi"] != "churn_rate") & table["p_value"].notna()]
    families = [told[~told["asked"]], *(rows for _kpi, rows in told[told["asked"]].groupby("kpi"))]
    for rows in families:
        expected = multipletests(rows["p_value"], method="holm")[1]
        np.testing.assert_allclose(rows["p_adjusted"], expected, rtol=1e-9)
        assert (rows["family"] == len(rows)).all()
    assert len(families[0]) > 8 and all(len(rows) <= 2 for rows in families[1:]) and len(families) > 1
    for one in table.to_dict("records"):
        name = next(name for name, (against, _before) in CHANGES.items() if against == one["against"])
        verdict = card.at[one["kpi"], f"{name}_verdict"]
        if one["reason"] != "overlapping" and one["reason"] not in REFUSED:
            assert (verdict in REAL) == (one["p_adjusted"] < 0.05 and one["verdict"] != "too_early"), one
            assert card.at[one["kpi"], f"{name}_reason"] == one["reason"]


def test_what_one_scorecard_calls_better_its_complement_calls_better() -> None:
    card = sample("northlight").card.set_index("kpi")
    kept, lost = card.loc["retention_rate"], card.loc["churn_rate"]
    assert (lost["change_low"], lost["change_high"]) == (-kept["change_high"], -kept["change_low"])
    assert lost["change_verdict"] == kept["change_verdict"] and lost["change_family"] == kept["change_family"] > 8


def test_the_scorecard_says_how_its_changes_were_judged_and_names_what_it_could_not_compare() -> None:
    said = text(sample("severny_svet").section("scorecard"))
    assert "−2.0 pp ≈ not proven −11.7…+7.6" in said and "… too early to tell −21.1…−1.9" in said
    assert "A KPI with a goal is judged by itself: its two comparisons together (Holm)." in said
    assert "judged by how much the months usually move: repeat purchase rate, 12 months." in said
    assert "where they could turn the comparison, it is too early to tell." in said
    more = text(reports.show_more(sample("severny_svet").month, sample("severny_svet").card))
    assert "18 comparisons are judged together (Holm)." in more and "≈ not proven* −0.27…0.00" in more
    assert "* Alone it would be called real: conversion from visit to lead · last month." in more
    assert "Visits of people: robots are taken off on both sides." in more and "– not compared" in more


@pytest.mark.parametrize("company", COMPANIES)
def test_the_method_is_told_once_on_a_page_and_the_adjustment_only_where_it_matters(company: str) -> None:
    found = sample(company)
    rest = (reports.show_more, reports.show_service, reports.show_brand, reports.show_team)
    sections = [reports.show_scorecard(found.month, found.card, found.channels)]
    said = [text(section) for section in [*sections, *(show(found.month, found.card) for show in rest)]]
    assert [one.count("Newcombe") for one in said] == [1, 0, 0, 0, 0]
    for one in said:
        assert ("judged together (Holm)" in one) <= ("* Alone it would be called real" in one)
    assert not any("close rate · last month and close rate · last year" in one for one in said)


def test_the_tree_and_the_explorer_compare_shares_in_the_same_way() -> None:
    exports = sample("severny_svet").month.exports
    standing = CompanyTree(past_of(exports), read_tree("lead_business")).compare(pd.Timestamp("2026-10-01"), 1)
    node, card = standing.of("qualification_rate"), sample("severny_svet").card.set_index("kpi")
    ends = card.loc["qualification_rate", ["change_low", "change_high"]].astype(float)
    np.testing.assert_allclose([node["low"], node["high"]], ends, atol=1e-12)
    shares = standing.nodes[standing.nodes["low"].notna()]
    assert set(shares["family"]) == {len(shares)} and "leads" not in shares.index
    view = explore_channels(exports)
    view.kpi.value = "qualification_rate"
    shown = " ".join(re.sub(r"<[^>]+>", " ", view.table.value).split())
    assert "Partner network 0.0 0.0–2.7% −79.2 −80.9 … −75.9 ↓ really worse" in shown.replace(NBSP, " ")
    assert "8 comparisons are judged together (Holm). * Alone it would be called real: VK Ads." in shown
    view.scope.value = "company"
    assert "(−11.7…+7.6, within noise)" in view.still()


@pytest.mark.parametrize("company", COMPANIES)
@pytest.mark.parametrize("key", ["qualification_rate", "close_rate", "visit_to_lead", "bounce_rate", "ctr"])
def test_of_one_month_the_explorer_says_of_channels_what_the_report_says(company: str, key: str) -> None:
    """Open leads, robots and visits of the same person count alike in both."""
    month = sample(company).month
    view = explore_channels(month.exports)
    view.months.value = (pd.Timestamp(month.start),) * 2
    view.kpi.value = key
    shown = " ".join(re.sub(r"<[^>]+>", " ", view.table.value).split())
    for one in compare_channels(month, [key]).to_dict("records"):
        told = re.search(f"{re.escape(channel_name(one['scope']))} [^A-Z]*?{re.escape(verdict_word(one))}", shown)
        assert told, (one["scope"], one["verdict"], shown)


def test_of_equal_channels_a_family_calls_one_different_at_most_once_in_twenty() -> None:
    chance, families, alarms = np.random.default_rng(7), 400, 0.0
    for _n in range(families):
        trials = chance.integers(8, 120, size=8).astype(float)
        hits = chance.binomial(trials.astype(int), 0.7).astype(float)
        rows = pd.DataFrame({"kpi": "qualification_rate", "scope": "x", "against": OTHERS, "hits": hits,
                             "trials": trials, "hits_before": hits.sum() - hits, "trials_before": trials.sum() - trials,
                             "open": 0.0, "open_before": 0.0, "reason": ""})  # fmt: skip
        alarms += judge_rows(rows)["verdict"].isin(["higher", "lower"]).any()
    assert alarms / families <= 0.05 + 2 * (0.05 * 0.95 / families) ** 0.5


# The words and the chart


def test_the_small_print_names_the_number_of_comparisons_and_what_would_differ_alone() -> None:
    found = compare_channels(sample("severny_svet").month, ["qualification_rate"])
    note = comparison_note(found)
    assert "8 comparisons are judged together (Holm)." in note
    assert (found["reason"] == "many_comparisons").any()
    assert "* Alone it would be called real: Organic search." in note
    assert "Leads without a verdict count as lost" in note
    assert "robots" not in note and "goal" not in note
    months = comparison_note(compare_months(sample("northlight").month, ["bounce_rate", "ctr"]))
    assert "The report judges a KPI with a goal by itself." in months and "Bounces count by visitor" in months
    assert "One person sees an ad several times" in months


def test_the_finding_names_what_is_really_better_or_worse() -> None:
    month = month_of(leads(("a", "2026-10-05", 60, 20, 0), ("b", "2026-10-05", 20, 60, 0),
                           ("c", "2026-10-05", 5, 5, 0)))
    finding = comparison_finding(compare_channels(month, ["qualification_rate"]))
    assert finding == "Qualification rate — really better: a (75.0%); really worse: b (25.0%)"
    alike = month_of(leads(("a", "2026-10-05", 40, 40, 0), ("b", "2026-10-05", 41, 39, 0)))
    assert comparison_finding(compare_channels(alike, ["qualification_rate"])).endswith(
        "no channel differs from the others beyond chance"
    )


def test_lower_is_better_where_less_is() -> None:
    assert mark_of({"kpi": "bounce_rate", "verdict": "lower"}) is MARKS["better"]
    assert mark_of({"kpi": "visit_to_lead", "verdict": "lower"}) is MARKS["worse"]
    assert mark_of({"kpi": "visit_to_lead", "verdict": "not_enough", "difference": np.nan}) is MARKS["not_compared"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_chart_shows_a_verdict_by_shape_colour_and_word(lang: str) -> None:
    use_language(lang)
    found = compare_channels(sample("severny_svet").month, ["visit_to_lead"])
    ax = plot_comparisons(found, finding="f", subtitle="s")
    drawn = [line for line in ax.lines if line.get_marker() not in ("", "None")]
    dots = {round(float(np.asarray(line.get_ydata())[0])): line for line in drawn}
    words = [note.get_text() for note in ax.texts]
    for place, one in enumerate(found.to_dict("records")):
        mark, dot = mark_of(one), dots[place]
        assert (dot.get_marker(), to_hex(dot.get_color())) == (mark.marker, STATUSES[mark.status].colour.lower())
        assert np.asarray(dot.get_xdata()).tolist() == [one["difference"]]
        assert sum(text.startswith(f"{mark.shape} ") for text in words) > 0
    assert {mark_of(one).marker for one in found.to_dict("records")} == {"^", "v", "o"}
    low, high = ax.get_xlim()
    assert low < min(found["low"].min(), 0) and high > found["high"].max()


def test_names_from_files_are_escaped_and_drawn() -> None:
    evil = "<img src=x onerror=alert(1)>"
    month = month_of(leads((evil, "2026-10-05", 60, 20, 0), ("b", "2026-10-05", 20, 60, 0)))
    found = compare_channels(month, ["qualification_rate"])
    columns, rows = comparison_rows(found)
    page = data_table(columns, rows, note=comparison_note(found), caption=comparison_finding(found))
    assert "<img" not in page and "&lt;img" in page
    plot_comparisons(found, finding=comparison_finding(found))


# In the report


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("company", COMPANIES)
def test_the_sections_show_the_comparisons(company: str, lang: str) -> None:
    use_language(lang)
    for anchor in ("funnel", "channels", "traffic"):
        said = text(sample(company).section(anchor))
        assert {"en": "(Holm)", "ru": "Холма"}[lang] in said
        assert not {"None", "nan", "nan%"} & set(said.split())


def test_the_channels_section_tells_which_channel_differs_and_not_the_return() -> None:
    said = text(sample("severny_svet").section("channels"))
    assert "Qualification rate — really worse: Partner network (0.0%)" in said
    assert "ROAS" not in said and "ROMI" not in said
    assert "no channel differs from the others beyond chance" in text(sample("northlight").section("channels"))


def test_without_leads_the_channels_have_no_comparison_and_the_funnel_no_verdicts(tmp_path: Path) -> None:
    for name in ("company.toml", "ga4_traffic_acquisition.csv", "shopify_orders.csv"):
        (tmp_path / name).write_bytes((SAMPLE / "northlight" / name).read_bytes())
    shop = compose(tmp_path)
    assert "Holm" not in text(shop.section("funnel"))
    assert "Bounce rate" in text(shop.section("traffic"))
