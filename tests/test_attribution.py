import itertools
import math
import random
from fractions import Fraction

import pandas as pd
import pytest
from frames import table
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.amounts import round_to_sum
from kpi_helpers.attribution import RULES, attribute, compare_claims
from kpi_helpers.errors import KitError

START = pd.Timestamp("2026-10-01")
CHANNELS = ["vk_ads", "email", "direct", "social", None]
touch = st.tuples(st.sampled_from("abc"), st.integers(0, 6), st.sampled_from(CHANNELS))
amounts = st.one_of(st.none(), st.decimals(-1000, 100_000, places=2).map(float))
world = st.tuples(
    st.lists(st.tuples(st.integers(0, 6), amounts), min_size=1, max_size=3),
    st.lists(touch, max_size=10),
)


def at(hour):
    return START + pd.Timedelta(hours=hour + 0.5)


def deals(rows):
    return pd.DataFrame({"lead_id": list("abc")[: len(rows)], "created_at": [at(hour) for hour, _m in rows],
                         "amount": pd.Series([money for _h, money in rows], dtype="float64")})  # fmt: skip


def touches_of(rows):
    times = pd.to_datetime(pd.Series([at(hour) for _k, hour, _c in rows], dtype="datetime64[us]"))
    return pd.DataFrame({"lead_id": pd.Series([row[0] for row in rows], dtype="str"), "at": times,
                         "channel": pd.Series([row[2] for row in rows], dtype="str")})  # fmt: skip


def by_hand(rule, channels):
    """The rule's shares for touches in a known order."""
    last = len(channels) - 1
    if rule == "position" and last > 1:
        return [Fraction(2, 5), *[Fraction(1, 5) / (last - 1)] * (last - 1), Fraction(2, 5)]
    if rule in ("linear", "position"):
        return [Fraction(1, last + 1)] * (last + 1)
    fitting = [place for place, channel in enumerate(channels) if channel != "direct"] or [*range(last + 1)]
    chosen = {"first": 0, "last": last, "last_non_direct": fitting[-1]}[rule]
    return [Fraction(place == chosen) for place in range(last + 1)]


def credited(rule, rows, touches):
    """The credit of each channel: touches of one moment are put in every order in turn."""
    credit = {}
    for name, (until, money) in zip("abc", rows, strict=False):
        own = {(hour, channel or "unknown") for key, hour, channel in touches if key == name and hour <= until}
        moments = [[*group] for _hour, group in itertools.groupby(sorted(own), key=lambda one: one[0])]
        orders = [list(itertools.chain(*parts)) for parts in itertools.product(*map(itertools.permutations, moments))]
        for order in orders if own else [[(0, "unknown")]]:
            channels = [channel for _hour, channel in order]
            for channel, share in zip(channels, by_hand(rule, channels), strict=True):
                records, value = credit.get(channel, (0, 0))
                part = share / len(orders)
                credit[channel] = (records + part, value + part * Fraction(repr(money or 0.0)))
    return credit


@settings(max_examples=60)
@given(world)
def test_every_rule_credits_as_a_recount_touch_by_touch(world):
    rows, touches = world
    found = attribute(deals(rows), touches_of(touches), value="amount").set_index(["rule", "channel"])
    for rule in RULES:
        expected = credited(rule, rows, touches)
        seen = found.loc[rule]
        assert set(expected) <= set(seen.index)
        for channel, line in seen.iterrows():
            records, value = expected.get(channel, (0, 0))
            assert line["records"] == pytest.approx(float(records), abs=1e-9)
            if any(money is not None for _h, money in rows):
                assert line["value"] == pytest.approx(float(value), abs=1e-9)
            else:
                assert math.isnan(line["value"])


@settings(max_examples=60)
@given(world, st.randoms(use_true_random=False))
def test_by_every_rule_the_parts_are_all_there_was_to_the_last_digit(world, chance: random.Random):
    rows, touches = world
    found = attribute(deals(rows), touches_of(touches), value="amount")
    total = float(sum(Fraction(repr(money)) for _h, money in rows if money is not None))
    for _rule, part in found.groupby("rule"):
        values, records = part["value"].tolist(), part["records"].tolist()
        chance.shuffle(values)
        assert sum(records) == len(rows)
        if any(money is not None for _h, money in rows):
            assert sum(values) == total


@settings(max_examples=30)
@given(world, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_repeated_ones_change_anything(world, chance: random.Random):
    rows, touches = world
    found = attribute(deals(rows), touches_of(touches), value="amount")
    mixed = touches_of(chance.sample(touches, len(touches)) + touches[:2])
    mixed.index = pd.Index([7] * len(mixed))
    again = attribute(deals(rows).sample(frac=1, random_state=chance.randrange(99)), mixed, value="amount")
    pd.testing.assert_frame_equal(again, found)


@settings(max_examples=30)
@given(world)
def test_the_credit_of_two_halves_adds_up_to_that_of_all(world):
    rows, touches = world
    records, seen = deals(rows), touches_of(touches)
    whole = attribute(records, seen).set_index(["rule", "channel"])["records"]
    halves = [attribute(records.iloc[place : place + 1], seen) for place in range(len(records))]
    added = pd.concat(halves).groupby(["rule", "channel"])["records"].sum()
    pd.testing.assert_series_equal(added.sort_index(), whole.sort_index(), rtol=1e-12)


def test_the_rules_side_by_side():
    seen = touches_of([("a", 0, "vk_ads"), ("a", 1, "email"), ("a", 2, "social"), ("a", 3, "direct")])
    found = attribute(deals([(4, 1000.0)]), seen, value="amount")
    credit = found.pivot(index="rule", columns="channel", values="value")
    assert credit.loc["first", "vk_ads"] == credit.loc["last", "direct"] == 1000
    assert credit.loc["last_non_direct", "social"] == 1000
    assert credit.loc["linear"].tolist() == [250] * 4
    assert credit.loc["position", ["vk_ads", "email", "social", "direct"]].round(9).tolist() == [400, 100, 100, 400]


def test_only_touches_before_and_within_the_days_asked_for_count():
    seen = touches_of([("a", 0, "vk_ads"), ("a", 30, "email"), ("a", 60, "social")])
    last = attribute(deals([(49, None)]), seen, rules=["last", "linear"], days=1).set_index(["rule", "channel"])
    assert last["records"].to_dict() == {("last", "email"): 1, ("linear", "email"): 1}
    none = attribute(deals([(49, None)]), seen, rules=["last"], days=0.5)
    assert none[["channel", "records"]].to_numpy().tolist() == [["unknown", 1.0]]


def test_of_orders_that_give_days_alone_touches_of_the_same_day_count():
    orders = pd.DataFrame({"order_id": ["a"], "ordered_at": [START]})
    seen = pd.DataFrame({"order_id": ["a", "a"], "at": [at(14), at(30)], "channel": ["email", "social"]})
    assert attribute(orders, seen, "order_id", "ordered_at", rules=["last"])["channel"].tolist() == ["email"]


def test_the_channel_that_the_crm_wrote_down_stands_beside_the_rules():
    leads = table("leads", lead_id=["a", "b"], created_at=["2026-10-02"] * 2, channel=["email", None])
    seen = pd.DataFrame({"lead_id": ["a"], "at": [START.tz_localize("Europe/Moscow")], "channel": ["vk_ads"]})
    found = attribute(leads, seen, rules=["first"]).set_index(["rule", "channel"])["records"]
    assert found.to_dict() == {("first", "email"): 0, ("first", "unknown"): 1, ("first", "vk_ads"): 1,
                               ("recorded", "email"): 1, ("recorded", "unknown"): 1, ("recorded", "vk_ads"): 0}


def test_without_records_or_touches():
    assert attribute(deals([]), touches_of([])).empty
    alone = attribute(deals([(1, 5.0)]), pd.DataFrame({"lead_id": [], "at": [], "channel": []}), value="amount")
    assert set(alone["channel"]) == {"unknown"} and set(alone["value"]) == {5.0}


@pytest.mark.parametrize(("change", "choices", "said"), [
    ({}, {"rules": ["lst"]}, "Did you mean last"),
    ({"lead_id": ["a", "a"]}, {}, "stands twice"),
    ({"lead_id": ["a", None]}, {}, "no number"),
    ({"created_at": [at(1), pd.NaT]}, {}, "no time"),
    ({}, {"value": "profit"}, "no column profit"),
    ({"created_at": [at(1).tz_localize("UTC")] * 2}, {}, "time zone"),
])
def test_what_cannot_be_attributed_is_refused(change, choices, said):
    records = deals([(1, 1.0), (2, 1.0)]).assign(**change)
    with pytest.raises(KitError, match=said):
        attribute(records, touches_of([("a", 0, "email")]), **choices)


@given(st.dictionaries(st.text(max_size=3), st.fractions(-(10**9), 10**9), max_size=8),
       st.randoms(use_true_random=False))
def test_rounded_parts_keep_their_sum(parts, chance):
    rounded = round_to_sum(parts)
    values = list(rounded.values())
    chance.shuffle(values)
    assert sum(values) == math.fsum(values)
    size = float(sum(map(abs, parts.values())))
    assert abs(math.fsum(values) - sum(parts.values())) <= 2.0**-52 * size
    assert all(abs(rounded[name] - part) <= 2.0**-51 * size for name, part in parts.items())


# The platforms' own counts

def test_two_platforms_that_claim_the_same_sales_count_them_twice():
    ads = table("ads", channel=["vk_ads", "google_ads", "vk_ads", "email"],
                platform_conversions=[50.0, 70.0, 10.0, None], platform_revenue=[500.0, 300.0, None, None])
    orders = table("orders", channel=["vk_ads"] * 40 + ["google_ads"] * 50 + [None] * 10, revenue=[10.0] * 100)
    found = compare_claims(ads, orders, "revenue").set_index(["measure", "channel"])
    assert found.loc[("conversions", "")].tolist() == [130, 100, 1.3, 30, "more_than_all"]
    assert found.loc[("conversions", "vk_ads")].tolist() == [60, 40, 1.5, 20, "more_than_own"]
    assert found.loc[("revenue", "")].tolist() == [800, 1000, 0.8, 0, "fits"]
    assert found.loc[("conversions", "email"), "verdict"] == "no_claims"
    assert found.loc[("conversions", "unknown"), "recorded"] == 10
    assert found.loc["conversions"].drop("")["recorded"].sum() == 100


def test_claims_of_a_channel_without_sales_have_no_ratio_and_rows_of_tallies_count_as_many():
    ads = table("ads", channel=["vk_ads"], platform_conversions=[5.0])
    leads = table("leads", channel=["email", "email"], leads=[None, 9.0])
    found = compare_claims(ads, leads).set_index("channel")
    assert math.isnan(found.loc["vk_ads", "ratio"]) and found.loc["vk_ads", "excess"] == 5
    assert found.loc[""].tolist()[1:] == [5, 10, 0.5, 0, "fits"]


def test_without_any_records_nothing_is_called_a_double_count():
    found = compare_claims(table("ads", channel=["vk_ads"], platform_conversions=[5.0]), table("orders"))
    assert found["verdict"].tolist() == ["no_records", "no_records"]
    with pytest.raises(KitError, match="platform_conversions"):
        compare_claims(pd.DataFrame({"channel": []}), table("orders"))
