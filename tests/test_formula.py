import ast
import math
from xml.etree import ElementTree

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kpi_helpers.errors import KitError
from kpi_helpers.formula import LONGEST, check_unit, parse, read_unit, write_unit

NAMES = ("spend", "leads", "orders", "revenue")
UNITS = {"spend": "money", "revenue": "money", "leads": "lead", "orders": "order", "managers": "manager",
         "calls_per_manager": "call/manager", "call_to_order": "order/call", "aov": "money/order"}

names = st.sampled_from(NAMES)
numbers = st.one_of(st.integers(0, 10**6), st.floats(0.001, 1000).map(lambda x: float(f"{x:.6g}")))


def joined(parts):
    return st.tuples(parts, st.sampled_from("+-*/"), parts).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})")


formulas = st.recursive(st.one_of(names, numbers.map(str)), joined, max_leaves=8)
values = st.fixed_dictionaries({name: st.floats(1, 1000) for name in NAMES})


def value_of(formula, given_values):
    try:
        return formula.evaluate(given_values)
    except ZeroDivisionError:
        return assume(False)


# What is allowed

@pytest.mark.parametrize("text", [
    "", " ", "spend /", "(spend", "spend spend", "spend // leads", "spend ** 2", "spend % 2", "-spend", "+spend",
    "f(x)", "spend.leads", "spend[0]", "'text'", "True", "None", "...", "1j", "spend if leads else 1", "spend > leads",
    "lambda: 1", "spend, leads", "x := 1", "[1]", "{1}", "spend and leads", "f'{spend}'", "*spend", "spend\x00",
    "1e999", "9" * 400, "__import__('os').system('true')", "(" * 250 + "spend" + ")" * 250, "1+" * 300 + "1",
    "spend\nleads", "await spend", "yield", "spend; leads", "b'1'", "spend @ leads", "spend | leads", "~spend",
    "not spend",
])
def test_everything_else_is_refused_with_one_readable_error(text):
    with pytest.raises(KitError, match="Formula") as caught:
        parse(text)
    assert caught.value.__cause__ is None


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        formula = parse(text)
    except KitError:
        return
    allowed = (ast.Name, ast.Constant, ast.BinOp, ast.operator, ast.Load)
    assert all(isinstance(node, allowed) for node in ast.walk(formula.tree))


def test_a_formula_at_the_length_limit_is_read_and_one_sign_more_is_not():
    longest = "+".join(["aa"] * ((LONGEST + 1) // 3))
    assert len(longest) <= LONGEST
    assert parse(longest).evaluate({"aa": 1}) == (LONGEST + 1) // 3
    with pytest.raises(KitError):
        parse("a" * (LONGEST + 1))


def test_names_stand_in_the_order_of_first_use():
    assert parse("(revenue - spend) / spend * leads").names == ("revenue", "spend", "leads")


# The value

@given(formulas, values)
def test_the_value_is_the_one_python_gives(text, given_values):
    expected = value_of(parse(text), given_values)
    assert expected == eval(text, {"__builtins__": {}}, given_values)


def test_series_give_a_series_and_a_missing_measure_is_named():
    spent = parse("spend / leads").evaluate({"spend": pd.Series([10.0, 30.0]), "leads": pd.Series([2.0, 4.0])})
    assert spent.tolist() == [5.0, 7.5]
    with pytest.raises(KeyError, match="leads"):
        parse("spend / leads").evaluate({"spend": 1.0})


@given(formulas, values)
def test_numerator_over_denominator_is_the_value(text, given_values):
    formula = parse(text)
    value = value_of(formula, given_values)
    above = formula.numerator.evaluate(given_values)
    below = formula.denominator.evaluate(given_values) if formula.denominator else 1
    assert formula.is_ratio == (formula.denominator is not None)
    assert above / below == value


def test_divisors_are_all_that_is_divided_by():
    divisors = parse("(spend / leads) / (revenue / orders)").divisors
    assert [divisor.text for divisor in divisors] == ["revenue / orders", "leads", "orders"]
    assert parse("spend * leads").divisors == ()


@given(formulas, formulas, values)
def test_expanding_a_name_is_evaluating_it_first(text, inner, given_values):
    inner_value = value_of(parse(inner), given_values)
    outer = value_of(parse(text), {**given_values, "leads": inner_value})
    definition = {"leads": parse(inner)}
    assume(len(text) + text.count("leads") * (len(inner) + 2) < LONGEST)
    once = parse(text.replace("leads", "lead_cost")).expand({"lead_cost": definition["leads"]})
    assert once.evaluate(given_values) == outer


# The unit

@given(st.dictionaries(st.sampled_from(["money", "lead", "order", "day"]), st.integers(-3, 3).filter(bool)))
def test_a_unit_is_read_as_it_is_written(unit):
    assert read_unit(write_unit(unit)) == unit


@pytest.mark.parametrize(("text", "unit"), [
    ("spend / leads", "money/lead"), ("1000 * spend / leads", "money/lead"), ("spend / revenue", "1"),
    ("(revenue - spend) / spend", "1"), ("spend * leads / orders / orders", "money*lead/order*order"),
    ("1 / (spend / leads)", "lead/money"), ("leads / leads * orders", "order"),
])
def test_units_multiply_and_cancel(text, unit):
    assert read_unit(parse(text).unit(UNITS)) == read_unit(unit)


@given(formulas, formulas)
def test_the_unit_of_a_product_is_the_product_of_the_units(left, right):
    try:
        one, other = read_unit(parse(left).unit(UNITS)), read_unit(parse(right).unit(UNITS))
    except KitError:
        return assume(False)
    product = read_unit(parse(f"({left}) * ({right})").unit(UNITS))
    quotient = read_unit(parse(f"({left}) / ({right})").unit(UNITS))
    words = set(one) | set(other)
    assert product == {w: n for w in words if (n := one.get(w, 0) + other.get(w, 0))}
    assert quotient == {w: n for w in words if (n := one.get(w, 0) - other.get(w, 0))}


@pytest.mark.parametrize("text", ["spend + leads", "leads - orders", "leads + 1", "spend / leads + spend"])
def test_unlike_things_are_not_added(text):
    with pytest.raises(KitError, match="adds .* and .*one unit"):
        parse(text).unit(UNITS)


def test_the_articles_revenue_formula_lacks_the_average_order():
    text = "managers * calls_per_manager * call_to_order"
    with pytest.raises(KitError, match="gives order, expected money. A factor measured in money/order is missing."):
        check_unit(text, "money", UNITS)
    check_unit(f"{text} * aov", "money", UNITS)


def test_an_unknown_name_is_named_with_the_near_ones():
    with pytest.raises(KitError, match="leeds is unknown. Did you mean leads?"):
        check_unit("spend / leeds", "money/lead", UNITS)


# Shown as mathematics

@given(formulas, values)
def test_the_text_shown_has_the_value_that_runs(text, given_values):
    formula = parse(text)
    shown = formula.to_text(lambda name: name).replace("×", "*").replace("−", "-")
    assert value_of(parse(shown), given_values) == pytest.approx(value_of(formula, given_values), rel=1e-9, abs=1e-6)


@given(formulas, values)
def test_the_mathml_shown_has_the_value_that_runs(text, given_values):
    formula = parse(text)
    shown = plain(ElementTree.fromstring(formula.to_mathml(lambda name: name)))
    assert value_of(parse(shown), given_values) == pytest.approx(value_of(formula, given_values), rel=1e-9, abs=1e-6)


def plain(node):
    """Presentation MathML as a formula."""
    if node.tag == "mfrac":
        return f"(({plain(node[0])}) / ({plain(node[1])}))"
    if len(node):
        return " ".join(plain(child) for child in node)
    return {"×": "*", "−": "-"}.get(node.text, node.text)


def test_brackets_stand_only_where_they_are_needed():
    shown = parse("(leads - (orders - spend)) * (1000 * spend) / (leads / orders)").to_text(str)
    assert shown == "(leads − (orders − spend)) × 1000 × spend / (leads / orders)"


def test_names_are_escaped_and_a_result_stands_before_the_equals_sign():
    shown = parse("spend / leads").to_mathml(lambda name: f"<b>{name}</b>", 'CPL "&"')
    assert "<b>" not in shown and "&lt;b&gt;spend&lt;/b&gt;" in shown
    assert list(ElementTree.fromstring(shown).itertext())[:2] == ['CPL "&"', "="]


@pytest.mark.parametrize("number", ["1000", "0.5", "1234567", "0.000125"])
def test_numbers_are_shown_in_full(number):
    assert math.isclose(float(parse(f"{number} * spend").to_text(str).split(" ")[0]), float(number), rel_tol=1e-15)
