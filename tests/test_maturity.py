import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from frames import ZONE, table
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from kpi_helpers.errors import KitError
from kpi_helpers.maturity import closing_curve, follow_deals, mature_months, rank_mature
from kpi_helpers.maturity.closing import Closing, fit_closing, sort_by_age

START, END = pd.Timestamp("2025-01-01"), date(2026, 3, 31)
LATER = date(2034, 1, 1)
NUMBERS = ["maturity", "maturity_low", "maturity_high", "matured", "matured_low", "matured_high"]


def simulated(seed, number=700, median=30.0):
    """Leads of fifteen months: one in four is won, large deals more slowly; one in ten of the lost is never closed."""
    chance = np.random.default_rng(seed)
    created = START + pd.to_timedelta(chance.uniform(0, 455, number), unit="D").round("s")
    large, won = chance.random(number) < 0.15, chance.random(number) < 0.25
    days = median * np.where(large, 2, 1) * np.where(won, 1.4, 1) * np.exp(chance.normal(0, 0.6, number))
    never = ~won & (chance.random(number) < 0.1)
    closed = pd.Series(created + pd.to_timedelta(days, unit="D").round("s")).mask(never)
    flags = [None if forgotten else bool(flag) for forgotten, flag in zip(never, won, strict=True)]
    return table("leads", lead_id=[str(n) for n in range(number)], created_at=list(created), closed_at=list(closed),
                 won=flags, amount=list(np.where(large, 150.0, 15.0) * chance.uniform(0.5, 1.5, number)),
                 channel=list(chance.choice(["email", "vk_ads"], number)))  # fmt: skip


def curve_of(days, ends):
    deals = pd.DataFrame({"days": days, "end": ends, "amount": np.nan, "month": START, "group": ""})
    ordered = sort_by_age(deals)
    return ordered, fit_closing(ordered, horizon=math.inf)


# The shares won, lost and open

def won_by(found: Closing, days: float) -> float:
    """The share of leads won up to an age in days."""
    return float(found.step[found.days <= days].sum())


def test_the_share_won_as_published():
    """cuminc of R's package cmprsk, as in statsmodels' own tests: three causes, censored last at equal times."""
    days = np.array([1, 1, 2, 4, 4, 4, 6, 6, 7, 8, 9, 9, 9, 1, 2, 2, 4, 4], dtype=float)
    cause = np.array([1, 1, 1, 2, 2, 2, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    for won, published in ((1, {1: 0.11111111, 2: 0.17037037, 9: 0.17037037}), (2, {2: 0, 4: 0.20740741}),
                           (3, {4: 0, 6: 0.17777778, 7: 0.26666667})):  # fmt: skip
        ends = np.where(cause == 0, "open", np.where(cause == won, "won", "lost"))
        _ordered, found = curve_of(days + (cause == 0) * 1e-9, ends)
        assert {day: round(won_by(found, day), 8) for day in published} == published


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(5, 80))
def test_the_share_won_is_that_of_statsmodels(seed, number):
    chance = np.random.default_rng(seed)
    days, state = chance.exponential(size=number), chance.integers(0, 3, number)
    _ordered, found = curve_of(days, np.array(["open", "won", "lost"])[state])
    theirs = CumIncidenceRight(days, state)
    if (state == 1).any():
        np.testing.assert_allclose([won_by(found, time) for time in theirs.times], theirs.cinc[0], atol=1e-12)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from(["won", "lost", "open"])), min_size=1, max_size=12))
def test_deals_that_count_twice_are_two_deals(rows):
    days, ends = [float(row[0]) for row in rows], [row[1] for row in rows]
    ordered, _found = curve_of(days, ends)
    weighted = fit_closing(ordered, np.arange(len(rows)) % 3, math.inf)
    repeated = ordered.loc[np.repeat(ordered.index, np.arange(len(rows)) % 3)]
    _ordered, plain = curve_of(repeated["days"], repeated["end"])
    for day in range(7):
        assert won_by(weighted, day) == pytest.approx(won_by(plain, day))


@pytest.mark.parametrize("ends", [["open", "won"], ["won", "open"]])
def test_at_the_moment_the_data_end_an_open_deal_is_no_longer_watched(ends):
    _ordered, found = curve_of([5.0, 5.0], ends)
    assert won_by(found, 5) == 1


def test_wins_at_ages_that_few_were_followed_to_are_not_foreseen():
    ordered, _found = curve_of([5.0, 9.0, 20.0, 30.0], ["won", "lost", "won", "open"])
    found = fit_closing(ordered, horizon=10)
    assert found.step.sum() == 0.25 and found.alive[-1] == 0.5


def test_the_curve_for_a_chart_sums_to_all_leads():
    deals = follow_deals(simulated(1), END)
    curve = closing_curve(deals)
    assert curve["days"].tolist() == list(range(len(curve))) and 430 < len(curve) < 456
    np.testing.assert_allclose(curve[["won", "lost", "open"]].sum(axis=1), 1)
    assert curve["won"].is_monotonic_increasing and curve["followed"].is_monotonic_decreasing
    assert curve.loc[0, "followed"] == len(deals) and curve["followed"].iloc[-1] >= 30
    assert closing_curve(deals.iloc[:29]).empty


# Which estimate is unbiased

def share_by(times, shares, ages):
    return np.concatenate([[0.0], shares])[np.searchsorted(times, ages, side="right")]


def test_a_loss_is_an_end_of_its_own_and_no_censoring():
    """A month two months old, in 40 worlds: what was known of its wins. Kaplan and Meier's estimate with the lost deals
    censored takes it for less mature, the days of the wins at hand for more."""
    seen, final, rows = 0.0, 0.0, []
    for seed in range(40):
        leads = simulated(seed)
        deals, whole = follow_deals(leads, END), follow_deals(leads, LATER)
        recent = deals["month"] == pd.Timestamp("2026-02-01")
        seen += (deals.loc[recent, "end"] == "won").sum()
        final += (whole.loc[recent, "end"] == "won").sum()
        ages, found = deals.loc[recent, "followed"].to_numpy(), fit_closing(sort_by_age(deals))
        censored = SurvfuncRight(deals["days"], (deals["end"] == "won").astype(int))
        wins = np.sort(deals.loc[deals["end"] == "won", "days"])
        rows.append([
            np.mean([won_by(found, age) for age in ages]) / found.step.sum(),
            share_by(censored.surv_times, 1 - censored.surv_prob, ages).mean() / (1 - censored.surv_prob[-1]),
            share_by(wins, np.arange(1, len(wins) + 1) / len(wins), ages).mean(),
        ])  # fmt: skip
    ours, kaplan_meier, of_wins = np.mean(rows, axis=0)
    truth = seen / final
    noise = math.sqrt(truth * (1 - truth) / final)
    assert abs(ours - truth) < 2 * noise
    assert kaplan_meier < truth - 4 * noise
    assert of_wins > ours + 0.02


@pytest.fixture(scope="module")
def grown():
    """The last four months of 30 worlds, as seen on the day and as they turned out."""
    found = []
    for seed in range(30):
        leads = simulated(100 + seed)
        now, whole = mature_months(leads, END), follow_deals(leads, LATER)
        won = whole[whole["end"] == "won"].groupby("month")["amount"].agg(won="size", amount="sum")
        final = won.stack().rename("final").rename_axis(["month", "measure"])
        found.append(now[now["month"] >= "2025-12-01"].join(final, on=["month", "measure"]))
    return pd.concat(found)


@pytest.mark.parametrize(("measure", "slack"), [("won", 0.03), ("amount", 0.1)])
def test_months_grow_to_what_was_expected_and_as_far_as_the_interval_says(grown, measure, slack):
    rows = grown[grown["measure"] == measure]
    assert (rows["reason"] == "").mean() > 0.8
    rows = rows[rows["reason"] == ""]
    assert rows["matured"].sum() == pytest.approx(rows["final"].sum(), rel=slack)
    assert rows["seen"].sum() < 0.8 * rows["final"].sum()
    inside = rows["final"].between(rows["matured_low"] - 1e-6, rows["matured_high"] + 1e-6)
    assert inside.mean() > 0.9


# Months

def test_what_is_possible_and_what_is_said_of_it():
    months = mature_months(simulated(3), END)
    deals = months[months["measure"] == "won"]
    assert (deals["matured_low"] >= deals["seen"]).all()
    assert (deals["matured_high"] <= deals["seen"] + deals["open"]).all()
    assert (months["matured_low"] <= months["matured"]).all() and (months["matured"] <= months["matured_high"]).all()
    np.testing.assert_allclose(months["maturity"] * months["matured"], months["seen"])
    assert months["maturity"].between(months["maturity_low"], months["maturity_high"]).all()
    assert set(months["verdict"]) == {"mature", "immature"}
    assert ((months["verdict"] == "mature") == (months["maturity"] >= 0.9)).all()
    by_age = deals.set_index("month")["maturity"]
    assert by_age["2026-03-01"] < by_age["2026-02-01"] < by_age["2026-01-01"] < 0.95


def test_an_earlier_day_sees_what_was_known_then():
    leads, day = simulated(4), date(2025, 12, 31)
    cut = pd.Timestamp("2026-01-01", tz=ZONE)
    known = leads[leads["created_at"] < cut].copy()
    later = known["closed_at"] >= cut
    known.loc[later, ["closed_at", "won"]] = [pd.NaT, pd.NA]
    pd.testing.assert_frame_equal(mature_months(leads, day), mature_months(known, day))


def test_the_order_of_rows_changes_nothing():
    leads = simulated(5)
    mixed = leads.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(mature_months(mixed, END, by="channel"), mature_months(leads, END, by="channel"))


def test_money_in_another_currency_is_as_mature():
    leads = simulated(6)
    there, here = (mature_months(frame, END) for frame in (leads.assign(amount=leads["amount"] * 90), leads))
    money = here["measure"] == "amount"
    np.testing.assert_allclose(there["maturity"], here["maturity"])
    np.testing.assert_allclose(there.loc[money, "matured_high"], 90 * here.loc[money, "matured_high"])


def test_channels_are_parts_of_their_month():
    leads = simulated(7)
    parts, whole = mature_months(leads, END, by="channel"), mature_months(leads, END)
    added = parts.groupby(["month", "measure"])[["leads", "open", "seen", "matured"]].sum()
    expected = whole.set_index(["month", "measure"])[["leads", "open", "seen", "matured"]].sort_index()
    pd.testing.assert_frame_equal(added, expected, check_dtype=False)


def test_a_month_whose_deals_all_ended_is_mature_even_where_nothing_can_be_foreseen():
    leads = table("leads", created_at=["2026-01-05", "2026-02-05"], closed_at=["2026-01-09", None], won=[True, None],
                  amount=[100.0, None])
    months = mature_months(leads, END)
    assert months[["measure", "seen", "matured", "verdict", "reason"]].to_numpy().tolist() == [
        ["won", 1.0, 1.0, "mature", ""], ["amount", 100.0, 100.0, "mature", ""],
        ["won", 0.0, pytest.approx(math.nan, nan_ok=True), "unknown", "not_enough"],
        ["amount", 0.0, pytest.approx(math.nan, nan_ok=True), "unknown", "not_enough"],
    ]


def test_a_running_month_is_unfinished():
    months = mature_months(simulated(8), date(2026, 3, 30)).set_index("month")
    assert set(months.loc["2026-03-01", "verdict"]) == {"unfinished"}


@pytest.mark.parametrize(("change", "reason", "of_money"), [
    (lambda leads: leads.iloc[:60], "not_enough", "not_enough"),
    (lambda leads: leads.assign(closed_at=leads["closed_at"].where(leads.index % 10 > 0)), "no_close_dates",
     "no_close_dates"),
    (lambda leads: leads.assign(amount=leads["amount"].where(leads.index % 10 > 0)), "", "no_amounts"),
    (lambda leads: leads[leads["created_at"] > pd.Timestamp("2026-01-15", tz=ZONE)], "short_history", "short_history"),
])
def test_where_the_pace_cannot_be_told_it_says_why(change, reason, of_money):
    leads = simulated(9, number=1500)
    months = mature_months(change(leads).reset_index(drop=True), END)
    still_open = months[months["open"] > 0]
    for measure, code in (("won", reason), ("amount", of_money)):
        rows = still_open[still_open["measure"] == measure]
        assert set(rows["reason"]) == {code}
        if code:
            assert rows[NUMBERS].isna().all(axis=None) and set(rows["verdict"]) == {"unknown"}
            assert rows["seen"].isna().all() if code == "no_amounts" else rows["seen"].notna().all()
    unknown = months.loc[months["reason"] == "no_amounts", "month"]
    assert unknown.nunique() == (months["month"].nunique() if of_money == "no_amounts" else 0)


def test_money_that_is_not_known_is_no_money_seen():
    leads = simulated(9, number=60).assign(amount=math.nan)
    months = mature_months(leads, END).set_index("measure")
    assert set(months.loc["amount", "reason"]) == {"not_enough"} and months.loc["amount", "seen"].isna().all()
    assert months.loc["amount", "matured"].isna().all() and months.loc["won", "seen"].notna().all()


def test_a_few_wins_without_money_are_taken_at_the_mean():
    leads = simulated(10)
    one = leads.index[leads["won"].fillna(False) & (leads["closed_at"] < pd.Timestamp(END, tz=ZONE))][0]
    even = leads.assign(amount=20.0)
    gap = mature_months(even.assign(amount=even["amount"].mask(leads.index == one)), END)
    pd.testing.assert_frame_equal(gap, mature_months(even, END))


# What a file may hold

def test_how_a_deal_stands():
    leads = table(
        "leads",
        created_at=[*["2026-01-01"] * 4, "2026-01-03", None, "2026-04-01", "2026-01-01"],
        closed_at=["2026-01-06", "2026-01-06", None, "2026-04-06", "2026-01-02", None, None, None],
        won=[True, False, None, True, True, None, None, None], stage=[*["x"] * 7, "gone"],
        amount=[5.0, 5.0, 5.0, 5.0, -5.0, 5.0, 5.0, 5.0],
    )
    deals = follow_deals(leads, END, ["gone"])
    assert deals["end"].tolist() == ["won", "lost", "open", "open", "won", "lost"]
    assert deals["days"].tolist() == [5, 5, 90, 90, 0, 90]
    assert deals["dated"].tolist() == [True, True, True, True, False, False]
    assert deals["amount"].dropna().tolist() == [5.0]


def test_a_closing_day_without_a_win_is_a_loss_unless_losses_are_named():
    rows = {"created_at": ["2026-01-01"] * 2, "closed_at": ["2026-01-06"] * 2}
    unnamed = table("leads", won=[True, None], **rows)
    named = table("leads", won=[False, None], **rows)
    assert follow_deals(unnamed, END)["end"].tolist() == ["won", "lost"]
    assert follow_deals(named, END)["end"].tolist() == ["lost", "open"]


def test_tallies_and_missing_columns():
    tally = table("leads", created_at=["2026-01-01"], leads=[50.0])
    assert follow_deals(tally, END).empty
    assert mature_months(tally, END).empty
    with pytest.raises(KitError, match="closed_at"):
        mature_months(tally.drop(columns="closed_at"), END)


def test_months_that_are_not_mature_have_no_rank():
    ranks = rank_mature(pd.Series([3.0, 9.0, 5.0, 5.0]), pd.Series(["mature", "unfinished", "mature", "mature"]))
    assert ranks.tolist()[0] == 3 and math.isnan(ranks[1]) and ranks.tolist()[2:] == [1, 1]
