import math
from fractions import Fraction
from itertools import permutations
from random import Random

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpi_helpers.amounts import round_to_sum
from kpi_helpers.catalogue import KPIS
from kpi_helpers.drivers import (
    better_of,
    evaluate,
    list_levers,
    list_trees,
    read_tree,
    solve_leaf,
    split_change,
    split_mix,
    split_tree,
    what_if,
)
from kpi_helpers.drivers.exact import as_fraction, evaluate_exactly
from kpi_helpers.errors import KitError, KitErrors
from kpi_helpers.formula import parse

NAN = math.nan
NAMES = "abcdef"
FORMULAS = ["a * b", "a * b * c", "a / b", "(a - b) / c", "a * b + c * d", "1.5 * a * b / c - 0.1 * d",
            "a * b * c * d * e * f", "a - b"]  # fmt: skip
amounts = st.one_of(st.integers(-10**6, 10**6), st.floats(-1e9, 1e9), st.sampled_from([0, 0.0, 0.1, 1 / 3, 1e-7]))
above_zero = st.one_of(st.integers(1, 10**6), st.floats(1e-6, 1e9))
rows = st.fixed_dictionaries(dict.fromkeys(NAMES, amounts))
positive_rows = st.fixed_dictionaries(dict.fromkeys(NAMES, above_zero))


def exactly(formula, row):
    return evaluate_exactly(parse(formula), {name: as_fraction(value) for name, value in row.items()})


def known(effects):
    assume(effects.attrs["reason"] == "")
    return effects


# One change, several drivers


@pytest.mark.parametrize(("before", "after", "method", "effects"), [
    ((200, 0.8, 1), (250, 0.7, 1), "shapley", (37.5, -22.5, 0)),
    ((100_000, 0.02, 50), (120_000, 0.018, 55), "shapley", (19933.33, -11566.67, 10433.33)),
    ((100_000, 0.02, 50), (120_000, 0.018, 55), "lmdi", (19896.80, -11498.02, 10401.22)),
    ((0, 0.8, 1), (250, 0.7, 1), "shapley", (187.5, -12.5, 0)),  # from nothing
    ((10, -2, 1), (10, 3, 1), "shapley", (0, 50, 0)),  # through zero
    ((-4, 5, 1), (4, 5, 1), "shapley", (40, 0, 0)),
    ((5, 7, 1), (5, 7, 1), "shapley", (0, 0, 0)),
    ((5, 7, 1), (5, 7, 1), "lmdi", (0, 0, 0)),
    ((2, 8, 1), (4, 4, 1), "lmdi", (16 * math.log(2), -16 * math.log(2), 0)),  # nothing changed in total
])  # fmt: skip
def test_known_splits(before, after, method, effects):
    names = ["leads", "rate", "price"]
    row, other = (dict(zip(names, values, strict=True)) for values in (before, after))
    split = split_change(row, other, "leads * rate * price", method)
    assert list(split.index) == names
    assert split.tolist() == pytest.approx(effects, abs=0.005)
    assert split.attrs["method"] == method


def by_definition(formula, before, after):
    """Shapley's value as he defines it: the mean over all orders of moving, one driver after the other."""
    names = parse(formula).names
    orders = list(permutations(names))
    effects = dict.fromkeys(names, Fraction(0))
    for order in orders:
        now = dict(before)
        for name in order:
            then = exactly(formula, now)
            now[name] = after[name]
            effects[name] += (exactly(formula, now) - then) / len(orders)
    return effects


@pytest.mark.parametrize("formula", [text for text in FORMULAS if "/" not in text and "f" not in text])
@settings(max_examples=30)
@given(rows, rows)
def test_it_is_the_mean_over_all_orders(formula, before, after):
    wanted = round_to_sum(by_definition(formula, before, after))
    assert known(split_change(before, after, formula)).to_dict() == wanted


@pytest.mark.parametrize("formula", FORMULAS)
@settings(max_examples=30)
@given(rows, rows, st.randoms(use_true_random=False))
def test_the_effects_add_up_to_the_change_to_the_last_digit_in_any_order(formula, before, after, random):
    effects = known(split_change(before, after, formula))
    shuffled = effects.tolist()
    random.shuffle(shuffled)
    change = effects.attrs["change"]
    assert sum(shuffled) == sum(effects.tolist()) == effects.sum() == change
    exact = exactly(formula, after) - exactly(formula, before)
    size = sum(abs(effect) for effect in shuffled)
    assert abs(Fraction(change) - exact) <= Fraction(size) * Fraction(2) ** -50 + Fraction(2) ** -1074


@settings(max_examples=30)
@given(positive_rows, positive_rows)
def test_lmdi_adds_up_too_and_is_near_shapley_where_little_changed(before, after):
    formula = "3 * a * b / c / c"
    effects = split_change(before, after, formula, "lmdi")
    assert sum(effects.tolist()) == effects.attrs["change"]
    change = exactly(formula, after) - exactly(formula, before)
    assert effects.attrs["change"] == pytest.approx(float(change), rel=1e-9, abs=1e-12 * effects.abs().sum())
    near = {name: value * (1.001 if name < "c" else 0.9995) for name, value in before.items()}
    little = split_change(before, near, formula)
    assert split_change(before, near, formula, "lmdi").tolist() == pytest.approx(little.tolist(), rel=1e-4)


@given(amounts, amounts)
def test_equal_drivers_have_equal_effects_but_for_one_step_of_rounding(before, after):
    effects = split_change(dict.fromkeys("abc", before), dict.fromkeys("abc", after), "a * b * c")
    step = Fraction(effects.abs().sum()) * Fraction(2) ** -50 + Fraction(2) ** -1074
    assert max(map(Fraction, effects)) - min(map(Fraction, effects)) <= step
    exact = by_definition("a * b * c", dict.fromkeys("abc", before), dict.fromkeys("abc", after))
    assert len(set(exact.values())) == 1


@given(rows, rows, st.permutations("abcd"))
def test_the_order_of_the_drivers_does_not_matter(before, after, order):
    effects = split_change(before, after, "a * b * c * d")
    again = split_change(before, after, " * ".join(order))
    assert again.to_dict() == effects.to_dict()
    assert list(again.index) == list(order)


@pytest.mark.parametrize("formula", FORMULAS)
@settings(max_examples=30)
@given(rows, rows, st.data())
def test_a_driver_that_did_not_move_has_no_effect(formula, before, after, data):
    still = data.draw(st.sampled_from(parse(formula).names))
    effects = known(split_change(before, {**after, still: before[still]}, formula))
    assert effects[still] == 0


@given(rows, rows)
def test_back_again_is_the_opposite(before, after):
    there, back = (known(split_change(*pair, "a * b - c")) for pair in ((before, after), (after, before)))
    assert back.tolist() == pytest.approx((-there).tolist(), rel=1e-12, abs=2.0**-40 * there.abs().sum())


def test_ten_drivers_are_split_and_eleven_are_not():
    names = [f"d{n}" for n in range(11)]
    before, after = dict.fromkeys(names, 1.1), dict.fromkeys(names, 1.3)
    effects = split_change(before, after, " * ".join(names[:10]))
    assert effects.tolist() == pytest.approx([(1.3**10 - 1.1**10) / 10] * 10)
    with pytest.raises(KitError, match="11 drivers changed; at most 10 .* Split the formula"):
        split_change(before, after, " * ".join(names))
    assert split_change(before, {**after, "d10": 1.1}, " * ".join(names))["d10"] == 0  # one that stands still is free


@pytest.mark.parametrize(("before", "after", "formula", "reason"), [
    ({"leads": NAN, "x": 1}, {"leads": 5, "x": 2}, "leads * x", "no_values:leads"),
    ({"leads": 5, "x": 1}, {"leads": None, "x": 2}, "leads * x", "no_values:leads"),
    ({"leads": 5, "x": 1}, {"leads": pd.NA, "x": 2}, "leads * x", "no_values:leads"),
    ({"leads": math.inf, "x": 1}, {"leads": 5, "x": 2}, "leads * x", "no_values:leads"),
    ({"x": 1}, {"x": 2}, "leads * x", "no_values:leads"),  # an export that is not there
    ({"spend": 5, "leads": 0}, {"spend": 5, "leads": 2}, "cpl", "zero:leads"),
    ({"x": 3, "y": 1}, {"x": 6, "y": 3}, "1 / (x - y)", "zero:x"),  # not at the ends: on the way
    ({"leads": 0, "qualified_leads": 0}, {"leads": 9, "qualified_leads": 3}, "qualification_rate * 2", "zero:leads"),
    ({"x": 1e300, "y": 1}, {"x": 1e300, "y": 1e300}, "x * y", "too_large"),
])  # fmt: skip
def test_what_is_not_known_is_said_and_not_guessed(before, after, formula, reason):
    effects = split_change(before, after, formula)
    assert effects.isna().all() and math.isnan(effects.attrs["change"])
    assert effects.attrs["reason"] == reason
    assert list(effects.index) == list((KPIS[formula].formula if formula in KPIS else parse(formula)).names)


@pytest.mark.parametrize(("before", "after", "formula", "method", "said"), [
    ({"x": 0}, {"x": 5}, "x", "lmdi", "LMDI needs values above zero, and x is 0. Choose the method shapley"),
    ({"x": -1, "y": -2}, {"x": -2, "y": -2}, "x * y", "lmdi", "above zero, and x is -1"),
    ({"x": 1}, {"x": 5}, "0 * x", "lmdi", "above zero"),
    ({"x": 1, "y": 2}, {"x": 2, "y": 3}, "x - y", "lmdi", "no sums"),
    ({"x": 1}, {"x": 5}, "x", "shaply", "no method 'shaply'. Did you mean shapley"),
    ({"leeds": 1}, {"leeds": 5}, "lead_s", "shapley", "'lead_s' is not known. Did you mean leeds"),
    ({"x": "5"}, {"x": 5}, "x", "shapley", "'5' is not a number"),
    ({"x": True}, {"x": 5}, "x", "shapley", "is not a number"),
    ({"x": 1}, {"x": 5}, "x ** 2", "shapley", "only names, numbers"),
])  # fmt: skip
def test_what_cannot_be_split_is_refused(before, after, formula, method, said):
    with pytest.raises(KitError, match=said):
        split_change(before, after, formula, method)


def test_rates_are_reckoned_from_the_measures_of_a_row():
    before = pd.Series({"leads": 200.0, "qualified_leads": 160.0})
    after = pd.Series({"leads": 250.0, "qualified_leads": 175.0})
    assert split_change(before, after, "leads * qualification_rate").tolist() == [37.5, -22.5]
    assert split_change({"leads": 3, "qualified_leads": 1}, {"leads": 3, "qualified_leads": 2},
                        "leads * qualification_rate").tolist() == [0, 1]  # thirds, and yet exact  # fmt: skip


@given(st.dictionaries(st.text(max_size=2), st.fractions(), max_size=8))
def test_rounded_parts_are_near_their_exact_values_and_add_up(parts):
    floats = round_to_sum(parts)
    step = 2 * sum(map(abs, parts.values()), Fraction(0)) * Fraction(2) ** -51
    assert all(abs(Fraction(floats[key]) - part) <= step for key, part in parts.items())
    values = list(floats.values())
    Random(1).shuffle(values)
    assert Fraction(sum(values)) == sum(map(Fraction, values))  # not one addition was rounded


# Channels


def channels(**cells):
    frame = pd.DataFrame(cells, index=["leads", "qualified_leads"], dtype="float64").T
    return frame.rename_axis("channel")


def mix(before, after, of="sum"):
    return split_mix(before, after, "qualified_leads", "leads", of)


def test_simpsons_paradox_is_shown():
    before, after = channels(search=(100, 80), social=(100, 20)), channels(search=(50, 42), social=(250, 60))
    assert (after.qualified_leads / after.leads > before.qualified_leads / before.leads).all()  # better everywhere
    split = mix(before, after, "rate")
    assert split.attrs["change"] == pytest.approx(102 / 300 - 0.5)  # and yet worse
    assert (split["rate"] > 0).all() and (split["mix"] < 0).all() and (split["volume"] == 0).all()
    assert split["rate"].tolist() == pytest.approx([(0.84 - 0.8) * (1 / 2 + 1 / 6) / 2, 0.04 * (1 / 2 + 5 / 6) / 2])
    assert split["mix"].sum() == pytest.approx((1 / 6 - 1 / 2) * 0.82 + (5 / 6 - 1 / 2) * 0.22)


def test_one_channel_is_a_plain_split():
    split = mix(channels(all=(200, 160)), channels(all=(250, 175)))
    assert split.loc["all"].to_dict() == {"volume": 37.5, "mix": 0, "rate": -22.5}


def test_a_shift_between_channels_alone_is_a_mix_effect():
    split = mix(channels(good=(50, 40), bad=(50, 10)), channels(good=(80, 64), bad=(20, 4)))
    assert (split[["volume", "rate"]] == 0).all(axis=None)
    average = (0.5 + 0.68) / 2
    assert split["mix"].tolist() == pytest.approx([30 * (0.8 - average), -30 * (0.2 - average)])
    assert split.attrs["change"] == 18


def test_a_channel_that_comes_or_goes_has_no_rate_effect():
    split = mix(channels(old=(100, 50)), channels(old=(100, 50), new=(100, 80)))
    assert split.loc["new", "rate"] == 0 and split.loc["old", "rate"] == 0
    assert split.to_numpy().sum() == split.attrs["change"] == 80
    back = mix(channels(old=(100, 50), new=(100, 80)), channels(old=(100, 50), new=(0, 0)))
    assert back.to_numpy().sum() == -80 and (back["rate"] == 0).all()


def test_from_nothing_all_is_volume():
    split = mix(channels(one=(0, 0), two=(0, 0)), channels(one=(30, 3), two=(10, 5)))
    assert split["volume"].sum() == 8 and (split[["mix", "rate"]] == 0).all(axis=None)
    nothing = channels(one=(0, 0))
    assert (mix(nothing, nothing) == 0).all(axis=None)


parts = st.tuples(st.integers(0, 5000), st.integers(0, 5000)).map(lambda pair: (max(pair), min(pair)))
tables = st.dictionaries(st.sampled_from(["search", "social", "email", "direct"]), parts, min_size=1)


@given(tables, tables, st.sampled_from(["sum", "rate"]))
def test_the_cells_add_up_to_the_change_to_the_last_digit(one, other, of):
    before, after = channels(**one), channels(**other)
    split = mix(before, after, of)
    if split.attrs["reason"]:
        assert of == "rate" and not (before.leads.sum() and after.leads.sum())
        return
    assert split.to_numpy().sum() == split.sum().sum() == split.sum(axis=1).sum() == split.attrs["change"]
    sums = [frame.qualified_leads.sum() / (frame.leads.sum() if of == "rate" else 1) for frame in (before, after)]
    assert split.attrs["change"] == pytest.approx(sums[1] - sums[0], abs=1e-9)
    swapped = mix(after, before, of).reindex(split.index)
    assert (swapped + split).abs().to_numpy().max() < 1e-9


@pytest.mark.parametrize(("before", "of", "reason"), [
    (channels(a=(NAN, 5)), "sum", "no_values:leads"),
    (channels(a=(5, NAN)), "sum", "no_values:qualified_leads"),
    (channels(a=(0, 5)), "sum", "zero:leads"),
    (channels(a=(0, 0)), "rate", "zero:leads"),
    (channels(a=(1e-300, 1e300)), "rate", "too_large"),
])  # fmt: skip
def test_what_is_not_known_of_a_channel_is_said(before, of, reason):
    split = mix(before, channels(a=(10, 5)), of)
    assert split.isna().all(axis=None) and split.attrs["reason"] == reason and math.isnan(split.attrs["change"])


@pytest.mark.parametrize(("before", "of", "said"), [
    (channels(email=(-1, 0)), "sum", "E-mail has a volume below zero"),
    (pd.concat([channels(email=(1, 0))] * 2), "sum", "E-mail has two rows. Sum them first"),
    (channels(a=(1, 0)).rename(columns={"leads": "lead"}), "sum", "no column 'leads'. Did you mean lead"),
    (channels(a=(1, 0)), "average", "no split of 'average'"),
])  # fmt: skip
def test_tables_that_cannot_be_split_are_refused(before, of, said):
    with pytest.raises(KitError, match=said):
        mix(before, channels(a=(10, 5)), of)


# Trees

MONTH = {"visits": 10_000, "leads": 210, "qualified_leads": 160, "won_leads": 43, "orders": 44, "revenue": 4_400_000,
         "spend": 100_000, "margin": 1_500_000}  # fmt: skip
AOV = "name: T\ntop: aov\nnodes:\n  aov: "
LEAF = "{{owner: sales, lever: Talk, cost: Time, speed: day{more}}}"


def written(tmp_path, text):
    file = tmp_path / "tree.yml"
    file.write_text(text, encoding="utf-8")
    return file


def managers(formula="managers * calls_each * conversion", calls="", more=""):
    leaf = LEAF.format(more="")[1:]
    return f"""\
name: Calls
top: revenue
nodes:
  revenue: {{formula: {formula}}}
  managers: {{name: Managers, unit: manager, {leaf}
  calls_each: {{name: Calls of a manager, unit: call/manager{calls}, {leaf}
  conversion: {{name: Orders for each call, unit: order/call, {leaf}
  {more}
"""


def test_the_articles_revenue_lacks_the_average_order(tmp_path):
    with pytest.raises(KitError) as caught:
        read_tree(written(tmp_path, managers()))
    assert str(caught.value) == (
        'tree.yml, line 4: Formula "managers * calls_each * conversion" gives order, expected money. A factor '
        "measured in money/order is missing. Perhaps: Average order value (aov), Cost per order (CPO) (cpo)."
    )
    aov = "aov: " + LEAF.format(more="")
    tree = read_tree(written(tmp_path, managers("managers * calls_each * conversion * aov", more=aov)))
    assert tree.leaves_below("revenue") == {"managers", "calls_each", "conversion", "aov"}
    values = {"managers": 5, "calls_each": 40, "conversion": 0.1, "revenue": 1, "orders": 1, "aov": 1000}
    assert evaluate(tree, values)["revenue"] == 20_000


@pytest.mark.parametrize("name", list_trees())
def test_the_trees_of_the_kit_give_what_was_measured(name):
    tree = read_tree(name)
    values = evaluate(tree, MONTH)
    for key in ("revenue", "orders", "visits", "spend"):
        assert values[key] == pytest.approx(MONTH[key], rel=1e-15), key
    assert values.attrs["reasons"] == {} and values.notna().all()
    levers = list_levers(tree, MONTH)
    assert set(levers.index) == tree.leaves_below("revenue")
    assert levers.loc["visits", "price"] == 10
    assert (levers[["owner", "lever", "cost"]] != "").all(axis=None)
    assert levers["speed"].tolist() == sorted(levers["speed"], key=["day", "month", "year"].index)


def test_both_trees_of_the_kit_are_there():
    assert list_trees() == ["lead_business", "shop"]
    assert read_tree("lead_business").formula_of().text == (
        "visits * visit_to_lead * qualification_rate * close_rate * orders_per_won_lead * aov"
    )


def test_the_formula_without_orders_for_each_lead_won_would_not_have_the_unit():
    """Leads won are no orders: the product of the catalogue's rates alone is not revenue."""
    units = {key: row.unit for key, row in KPIS.items()}
    text = "visits * visit_to_lead * qualification_rate * close_rate * aov"
    assert parse(text).unit(units) == "lead*money/order"


def test_a_tree_splits_its_change_over_its_leaves():
    tree, after = read_tree("lead_business"), {**MONTH, "qualified_leads": 140, "won_leads": 40, "revenue": 4_100_001}
    effects = split_tree(tree, MONTH, after)
    assert effects.sum() == effects.attrs["change"] == -299_999  # thirds and sevenths on the way, and yet exact
    assert effects["visits"] == effects["visit_to_lead"] == 0
    assert effects["qualification_rate"] < 0 < effects["close_rate"]
    missing = split_tree(tree, MONTH, {**after, "visits": NAN})
    assert missing.isna().all() and missing.attrs["reason"] == "no_values:visits"


def test_what_if_moves_one_leaf_and_leaves_the_rates():
    table = what_if(read_tree("lead_business"), MONTH, {"visits": 12_000})
    assert table.loc["revenue", "change"] == pytest.approx(880_000)
    assert table.loc["spend", "change"] == pytest.approx(20_000)
    rates = ["visit_to_lead", "qualification_rate", "close_rate", "aov", "drr"]
    assert (table.loc[rates, "change"] == 0).all()


@pytest.mark.parametrize(("changes", "said"), [
    ({"leads": 5}, "'leads' is no leaf of the tree"),
    ({"visit": 5}, "'visit' is no leaf of the tree. Did you mean visits"),
    ({"close_rate": 70}, "Close rate would have to be 7,000%, and cannot be above 100%"),
    ({"visits": -1}, "Visits would have to be −1, and cannot be below 0"),
    ({"visits": NAN}, "Visits: nan is not a number"),
    ({"visits": "many"}, "'many' is not a number"),
])
def test_what_nobody_can_set_is_refused(changes, said):
    with pytest.raises(KitError, match=said):
        what_if(read_tree("lead_business"), MONTH, changes)


@given(st.sampled_from(["visits", "visit_to_lead", "qualification_rate", "aov"]), st.floats(0.3, 1.2))
def test_the_leaf_that_is_solved_gives_the_top(leaf, factor):
    tree, top = read_tree("lead_business"), 4_400_000 * factor
    answer = solve_leaf(tree, MONTH, top, leaf)
    assert what_if(tree, MONTH, {leaf: answer}).loc["revenue", "after"] == pytest.approx(top, rel=1e-12)


@pytest.mark.parametrize(("formula", "top", "answer"), [
    ("x / (x + y)", "0.75", 6), ("y / x", "0.5", 4), ("(y - x) / x", "-0.5", 4), ("x - y", "-1", 1),
    ("2 * y - x * 3", "-2", 2), ("x * y / (x * 2)", "1", None), ("x * x - y", "14", None),
])  # fmt: skip
def test_sums_and_quotients_are_solved_and_what_cannot_be_is_said(tmp_path, formula, top, answer):
    nodes = "\n".join(f"  {name}: {{name: '{name}', unit: '1', {LEAF.format(more='')[1:]}" for name in "xy")
    top_node = f"t: {{name: t, unit: '1', formula: {formula}}}"
    tree = read_tree(written(tmp_path, f"name: T\ntop: t\nnodes:\n  {top_node}\n{nodes}"))
    if answer is None:
        with pytest.raises(KitError, match="no single value of x gives t = "):
            solve_leaf(tree, {"x": 1, "y": 2}, float(top), "x")
    else:
        assert solve_leaf(tree, {"x": NAN, "y": 2}, float(top), "x") == answer


def test_an_answer_beyond_a_bound_is_said_with_the_bound_and_what_it_gives(tmp_path):
    aov = "aov: " + LEAF.format(more="")
    text = managers("managers * calls_each * conversion * aov", ", low: 10, high: 60.7", aov)
    tree = read_tree(written(tmp_path, text))
    now = {"managers": 5, "calls_each": 40, "conversion": 0.1, "aov": 1000}
    assert solve_leaf(tree, now, 30_350, "calls_each") == 60.7  # the bound itself
    with pytest.raises(KitError, match="be 80.00, and cannot be above 60.70. At that bound Revenue is 30,350"):
        solve_leaf(tree, now, 40_000, "calls_each")
    with pytest.raises(KitError, match="be 2.00, and cannot be below 10.00. At that bound Revenue is 5,000"):
        solve_leaf(tree, now, 1000, "calls_each")


@pytest.mark.parametrize(("values", "top", "leaf", "said"), [
    (MONTH, 5e6, "spend_per_visit", "Ad spend for each visit does not move Revenue"),
    (MONTH, 5e6, "leads", "'leads' is no leaf"),
    ({**MONTH, "orders": NAN}, 5e6, "visits", "Average order value is not known. Give a value"),
    ({**MONTH, "leads": 0}, 5e6, "visits", "Qualification rate is not known"),
    (MONTH, NAN, "visits", "Revenue: nan is not a number"),
    (MONTH, 1e308, "visits", "no single value of Visits gives Revenue = a number too large"),
    ({**MONTH, "revenue": 0}, 5e6, "visits", "no single value"),
])  # fmt: skip
def test_what_cannot_be_solved_is_said(values, top, leaf, said):
    with pytest.raises(KitError, match=said):
        solve_leaf(read_tree("lead_business"), values, top, leaf)


def test_what_is_not_known_stays_unknown_up_to_the_top():
    values = evaluate(read_tree("lead_business"), {**MONTH, "leads": 0})
    unknown = ["qualification_rate", "qualified_leads", "won_leads", "orders", "revenue", "drr"]
    assert values.attrs["reasons"] == dict.fromkeys(unknown, "zero:leads")
    assert set(values.index[values.isna()]) == set(unknown) and values["leads"] == 0
    unset = evaluate(read_tree("shop"), MONTH, {"aov": NAN})
    assert unset.attrs["reasons"]["revenue"] == "no_values:aov" and math.isnan(unset["aov"])
    own = evaluate(read_tree("shop"), {})
    assert own.isna().all() and own.attrs["reasons"]["orders_per_visit"] == "no_values:orders"


@pytest.mark.parametrize(("text", "said"), [
    ("", "names with values are expected here. Begin with name, top and nodes"),
    ("- a\n- b", "line 1: names with values"),
    ("name: T\ntop: revenue", "there is no nodes"),
    ("name: [T\n", "line 2: it is no YAML"),
    ("name: T\nname: T\n", "line 2: name stands here twice"),
    ("title: T\n", "line 1: unknown setting 'title'"),
    ("name: {a: b}\ntop: x\nnodes: {}", "line 1: one value is expected"),
    ("name: T\ntop: revenu\nnodes:\n  aov: " + LEAF.format(more=""), "the top 'revenu' is no node"),
    (AOV + LEAF.format(more=", norn: 1"), "line 4: unknown setting 'norn'. Did you mean norm"),
    (AOV + LEAF.format(more=", norm: '1,5'"), "line 4: '1,5' is not a number. Write it with"),
    (AOV + LEAF.format(more=", norm: .nan"), "is not a number"),
    (AOV + LEAF.format(more=", unit: money"), "line 4: aov is in the catalogue"),
    (AOV + LEAF.format(more=", low: 5, high: 1"), "lower bound of aov is not below"),
    ("name: T\ntop: close_rate\nnodes:\n  close_rate: " + LEAF.format(more=", norm: 80"),
     "line 4: the norm of close_rate is not within its bounds. Write shares as fractions"),
    (AOV + "{owner: sale, lever: a, cost: b, speed: day}", "no owner 'sale'. Did you mean sales"),
    (AOV + "{owner: sales, lever: a, cost: b, speed: week}", "no speed 'week'"),
    (AOV + "{owner: sales, lever: a, speed: day}", "aov has no cost. A leaf says who"),
    (AOV + LEAF.format(more=", price: 'spend +'"), "line 4: Formula \"spend \\+\" cannot be read"),
    ("name: T\ntop: aov\nnodes:\n  av: " + LEAF.format(more=""), "av is not in the catalogue. Did you mean aov"),
    ("name: T\ntop: aov\nnodes:\n  a-b: " + LEAF.format(more=""), "line 4: 'a-b' cannot be the key"),
    ("name: T\ntop: aov\nnodes:\n  None: " + LEAF.format(more=""), "line 4: 'None' cannot be the key"),
    ("name: T\ntop: aov\nnodes:\n  [a]: " + LEAF.format(more=""), "line 4: one value is expected"),
    (AOV + "&a {owner: *a}", "line 4: one value is expected"),
    (AOV + "!!python/object/apply:os.getcwd []", "line 4: names with values are expected"),
    (AOV + "{formula: aov * 1}", "in a circle: aov → aov"),
    (AOV + "{formula: revenue / orders}", "revenue stands in a formula and is not known"),
    (AOV + "{formula: __import__('os')}", "only names, numbers"),
    (AOV + "{formula: 1, owner: sales}", "unknown setting 'owner'"),
    (AOV + LEAF.format(more="") + "\n  leads: " + LEAF.format(more=""),
     "line 5: leads stands in no formula. Use it"),
    ("name: T\ntop: x\nnodes:\n  x: " + LEAF.format(more=", name: x, unit: order, measured: orders / visits"),
     "gives order/visit, expected order. A factor measured in visit is missing. Perhaps: Visits"),
    ("name: T\ntop: visits\nnodes:\n  visits: " + LEAF.format(more=", price: visits"),
     "gives visit\\*visit, expected money"),
])  # fmt: skip
def test_each_fault_of_a_tree_is_named_with_its_line(tmp_path, text, said):
    with pytest.raises(KitError, match=said) as caught:
        read_tree(written(tmp_path, text))
    assert str(caught.value).startswith("tree.yml")
    assert "\n" not in str(caught.value)


def test_several_faults_are_named_one_a_line(tmp_path):
    nodes = "\n".join(f"  {name}: {{owner: me, lever: a, cost: b, speed: day}}" for name in ("visits", "aov"))
    with pytest.raises(KitErrors) as caught:
        read_tree(written(tmp_path, f"name: T\ntop: visits\nnodes:\n{nodes}\n"))
    assert [str(error).split(":")[0] for error in caught.value.errors] == ["tree.yml, line 4", "tree.yml, line 5"]


def test_files_that_are_no_trees_are_refused(tmp_path):
    with pytest.raises(KitError, match="no tree 'shops'. Did you mean shop"):
        read_tree("shops")
    with pytest.raises(KitError, match="missing.yml: cannot be opened"):
        read_tree(tmp_path / "missing.yml")
    (tmp_path / "wide.yml").write_bytes("name: Т".encode("utf-16"))
    with pytest.raises(KitError, match="wide.yml: is not saved as UTF-8"):
        read_tree(tmp_path / "wide.yml")
    with pytest.raises(KitError, match="tree.yml: it is too large"):
        read_tree(written(tmp_path, "#" * 300_000))
    with pytest.raises(KitError, match="it is no YAML"):
        read_tree(written(tmp_path, "[" * 100_000))


@given(st.text(max_size=80))
def test_any_text_is_a_tree_or_refused_with_a_message(tmp_path_factory, text):
    file = tmp_path_factory.mktemp("trees") / "tree.yml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(KitError, match="tree.yml"):
        read_tree(file)


# The top, the levers, and what the file itself says


def test_another_top_leaves_out_what_lies_above_it():
    tree = read_tree("lead_business").at("qualified_leads")
    leads = ["qualified_leads", "leads", "visits", "visit_to_lead", "qualification_rate"]
    assert list(tree.nodes) == [*leads, "spend", "spend_per_visit"]
    assert tree.beside == ("spend",)
    assert evaluate(tree, MONTH)["qualified_leads"] == 160
    same = read_tree("lead_business")
    assert same.at("revenue") == same and same.beside == ("drr",)
    assert read_tree("shop").at("orders").beside == ("spend",)  # margin and ROMI rest on the revenue
    assert read_tree("shop").at("romi").beside == ()
    with pytest.raises(KitError, match="top 'lead' is no node of the tree. Did you mean leads"):
        same.at("lead")


def test_what_the_file_says_stands_where_nothing_is_measured(tmp_path):
    aov = "aov: " + LEAF.format(more=", value: 900")
    text = managers("managers * calls_each * conversion * aov", ", value: 40", aov)
    tree = read_tree(written(tmp_path, text.replace("unit: manager,", "unit: manager, value: 5,")))
    said = evaluate(tree, {"conversion": 0.1})
    assert (said["managers"], said["aov"], said["revenue"]) == (5, 900, 5 * 40 * 0.1 * 900)
    assert evaluate(tree, {"conversion": 0.1, "orders": 2, "revenue": 600, "managers": 6})["revenue"] == 6 * 4 * 300
    assert evaluate(tree, {"conversion": 0.1, "orders": 0, "revenue": 600})["aov"] == 900


def test_a_style_is_taken_from_the_file_for_nodes_of_its_own(tmp_path):
    assert read_tree("shop").nodes["orders_per_visit"].style == "share"
    text = managers("managers * calls_each * conversion * aov", more="aov: " + LEAF.format(more=""))
    own = text.replace("unit: order/call,", "unit: order/call, style: share,")
    assert read_tree(written(tmp_path, own)).nodes["conversion"].style == "share"
    with pytest.raises(KitError, match="line 7: there is no style 'shares'. Did you mean share"):
        read_tree(written(tmp_path, own.replace("style: share", "style: shares")))


def test_levers_say_what_a_step_would_bring():
    levers = list_levers(read_tree("lead_business").at("qualified_leads"), {**MONTH, "qualified_leads": 105})
    assert levers.loc["visits", ["step", "brings"]].tolist() == pytest.approx([11_000, 10.5])
    assert levers.loc["qualification_rate", ["step", "brings"]].tolist() == pytest.approx([0.8, 210 * 0.8 - 105])
    assert levers.index.tolist() == ["qualification_rate", "visits", "visit_to_lead"]  # a day before a month, then size
    met = list_levers(read_tree("lead_business").at("qualified_leads"), {**MONTH, "qualified_leads": 205})
    assert met.loc["qualification_rate", ["step", "brings"]].tolist() == pytest.approx([1, 5])  # all, and no more
    lower = list_levers(read_tree("lead_business").at("drr"), MONTH)
    assert lower.loc["spend_per_visit", "step"] == 9 and lower.loc["spend_per_visit", "brings"] < 0
    unknown = list_levers(read_tree("shop"), {**MONTH, "orders": NAN})
    assert unknown[["step", "brings"]].isna().all(axis=None)


@pytest.mark.parametrize(("tree", "top", "key", "better"), [
    ("lead_business", "revenue", "won_leads", "higher"), ("lead_business", "revenue", "orders_per_won_lead", "higher"),
    ("lead_business", "revenue", "spend_per_visit", "neither"), ("lead_business", "drr", "spend_per_visit", "lower"),
    ("lead_business", "drr", "won_leads", "higher"), ("lead_business", "drr", "drr", "lower"),
    ("shop", "romi", "spend_per_visit", "lower"), ("shop", "romi", "margin_share", "higher"),
])  # fmt: skip
def test_better_is_what_makes_the_top_better(tree, top, key, better):
    assert better_of(read_tree(tree).at(top), key, MONTH) == better


@given(st.floats(0.5, 1.5), st.floats(0.6, 1.4))
def test_the_way_back_knows_the_leaves_that_were_moved(moved, factor):
    tree, changes = read_tree("lead_business"), {"close_rate": 43 / 160 * moved}
    answer = solve_leaf(tree, MONTH, 4_400_000 * factor, "visits", changes)
    top = what_if(tree, MONTH, {**changes, "visits": answer}).loc["revenue", "after"]
    assert top == pytest.approx(4_400_000 * factor, rel=1e-12)
    free = {**MONTH, "visits": NAN, "leads": 210}
    with pytest.raises(KitError, match="Conversion from visit to lead is not known"):
        solve_leaf(tree, free, 5e6, "visits", changes)
    assert solve_leaf(tree, free, 5e6, "visits", {**changes, "visit_to_lead": 0.02}) > 0


@pytest.mark.parametrize(("more", "said"), [
    (", value: 5, low: 6", "the value of aov is not within its bounds"),
    (", value: many", "'many' is not a number"), (", style: money", "aov is in the catalogue"),
])  # fmt: skip
def test_faults_of_values_and_styles_are_named(tmp_path, more, said):
    with pytest.raises(KitError, match=f"line 4: {said}"):
        read_tree(written(tmp_path, AOV + LEAF.format(more=more)))
