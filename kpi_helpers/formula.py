"""The formula language of the KPI table: parse, evaluate, check units, show as mathematics.

A formula is text over named measures with `+ - * /`, numbers and brackets. One tree, parsed with `ast` against a
whitelist, gives the value, the names, the unit and the mathematics, so that what is read is what runs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from typing import Any

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.language import _

Unit = dict[str, int]
LARGEST = 10**15  # numbers: larger ones are written by nobody, and are no longer exact
LONGEST = 500  # characters: a formula is read by people, and deep nesting must not exhaust the stack

_OPERATORS: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", lambda a, b: a + b),
    ast.Sub: ("−", lambda a, b: a - b),
    ast.Mult: ("×", lambda a, b: a * b),
    ast.Div: ("/", lambda a, b: a / b),
}


@dataclass(frozen=True)
class Formula:
    """A parsed formula.

    >>> parse("spend / leads").evaluate({"spend": 1200.0, "leads": 8})
    150.0
    >>> parse("spend / leads").names
    ('spend', 'leads')
    """

    text: str

    @cached_property
    def tree(self) -> ast.expr:
        return _parse_tree(self.text)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The measures the formula needs, in the order of their first use."""
        walked = (node for node in _walk_in_order(self.tree) if isinstance(node, ast.Name))
        return tuple(dict.fromkeys(node.id for node in walked))

    @property
    def is_ratio(self) -> bool:
        """Whether the formula is one quantity over another."""
        return isinstance(self.tree, ast.BinOp) and isinstance(self.tree.op, ast.Div)

    @property
    def numerator(self) -> Formula:
        """What stands above the line (the whole formula where there is no line)."""
        return _of(self.tree.left) if isinstance(self.tree, ast.BinOp) and self.is_ratio else self

    @property
    def denominator(self) -> Formula | None:
        """What stands below the line, or None."""
        return _of(self.tree.right) if isinstance(self.tree, ast.BinOp) and self.is_ratio else None

    @property
    def divisors(self) -> tuple[Formula, ...]:
        """Everything that the formula divides by, the outermost first."""
        lines = (node for node in ast.walk(self.tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        return tuple(_of(node.right) for node in lines)

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The formula's value: numbers give a number, pandas Series give a Series. KeyError names a missing measure."""
        return _evaluate(self.tree, values)

    def expand(self, definitions: Mapping[str, Formula]) -> Formula:
        """The formula with the names that have a definition replaced by it, down to plain measures."""

        class Replace(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.expr:
                found = definitions.get(node.id)
                return self.visit(_parse_tree(found.text)) if found else node

        return _of(Replace().visit(_parse_tree(self.text)))

    def unit(self, units: Mapping[str, str]) -> str:
        """The formula's unit by the units of its measures; raises KitError where unlike things are added.

        >>> parse("spend / leads").unit({"spend": "money", "leads": "lead"})
        'money/lead'
        """
        return write_unit(_unit_of(self.tree, units, self.text))

    def to_mathml(self, name_of: Callable[[str], str], result: str = "") -> str:
        """The formula as MathML, names through `name_of` (escaped here); `result` stands before an equals sign."""
        body = _mathml(self.tree, name_of)
        if result:
            body = f"<mi>{escape(result)}</mi><mo>=</mo>{body}"
        return f'<math display="block"><mrow>{body}</mrow></math>'

    def to_text(self, name_of: Callable[[str], str]) -> str:
        """The formula in one line of words, for a hover text, a spreadsheet or a terminal."""
        return _text(self.tree, name_of)


@cache
def parse(text: str) -> Formula:
    """Parse and check a formula; KitError says what is not allowed in it.

    >>> parse("__import__('os')")
    Traceback (most recent call last):
    kpi_helpers.errors.KitError: Formula "__import__('os')": only names, numbers, + - * / and brackets are allowed.
    """
    _parse_tree(text)
    return Formula(text)


def check_unit(text: str, expected: str, units: Mapping[str, str]) -> None:
    """KitError unless the formula has the expected unit; the message names the unit of the missing factor."""
    formula = parse(text)
    for name in formula.names:
        if name not in units:
            unknown = _('Formula "{text}": {name} is unknown.').format(text=text, name=name)
            raise KitError(unknown, did_you_mean(name, units))
    found = formula.unit(units)
    wanted = read_unit(expected)
    missing = _combine(wanted, read_unit(found), -1)
    if missing:
        raise KitError(
            _('Formula "{text}" gives {found}, expected {expected}.').format(text=text, found=found, expected=expected),
            _("A factor measured in {missing} is missing.").format(missing=write_unit(missing)),
        )


def read_unit(text: str) -> Unit:
    """A unit as exponents: "money/order" -> {"money": 1, "order": -1}; "1" is a pure number."""
    above, _slash, below = text.partition("/")
    unit: Unit = {}
    for part, sign in ((above, 1), (below, -1)):
        for word in part.split("*"):
            if word.strip() not in ("", "1"):
                unit[word.strip()] = unit.get(word.strip(), 0) + sign
    return {word: power for word, power in unit.items() if power}


def write_unit(unit: Unit) -> str:
    """The text of a unit: the opposite of `read_unit`."""
    above = [word for word, power in unit.items() for _n in range(power)]
    below = [word for word, power in unit.items() for _n in range(-power)]
    return "*".join(above or ["1"]) + ("/" + "*".join(below) if below else "")


def _parse_tree(text: str) -> ast.expr:
    try:
        tree = ast.parse(text.strip()[: LONGEST + 1], mode="eval").body
        if len(text.strip()) > LONGEST:
            raise ValueError(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise KitError(_('Formula "{text}" cannot be read.').format(text=text)) from None
    for node in ast.walk(tree):
        allowed = (
            isinstance(node, (ast.Name, ast.Load, ast.operator))
            or (isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS)
            or (isinstance(node, ast.Constant) and _is_number(node.value))
        )
        if not allowed or (isinstance(node, ast.operator) and type(node) not in _OPERATORS):
            found = _('Formula "{text}": only names, numbers, + - * / and brackets are allowed.')
            raise KitError(found.format(text=text))
    return tree


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value < LARGEST


def _of(tree: ast.expr) -> Formula:
    return parse(ast.unparse(tree))


def _walk_in_order(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_walk_in_order(node.left), *_walk_in_order(node.right)]
    return [node]


def _evaluate(node: ast.expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return values[node.id]
    if isinstance(node, ast.Constant):
        return node.value
    assert isinstance(node, ast.BinOp)
    return _OPERATORS[type(node.op)][1](_evaluate(node.left, values), _evaluate(node.right, values))


def _combine(left: Unit, right: Unit, sign: int) -> Unit:
    words = dict.fromkeys([*left, *right])
    powers = {word: left.get(word, 0) + sign * right.get(word, 0) for word in words}
    return {word: power for word, power in powers.items() if power}


def _unit_of(node: ast.expr, units: Mapping[str, str], text: str) -> Unit:
    if isinstance(node, ast.Name):
        return read_unit(units[node.id])
    if not isinstance(node, ast.BinOp):
        return {}
    left, right = _unit_of(node.left, units, text), _unit_of(node.right, units, text)
    if isinstance(node.op, (ast.Mult, ast.Div)):
        return _combine(left, right, 1 if isinstance(node.op, ast.Mult) else -1)
    if left != right:
        found = _('Formula "{text}" adds {left} and {right}.')
        raise KitError(
            found.format(text=text, left=write_unit(left), right=write_unit(right)),
            _("Only quantities of one unit can be added or subtracted."),
        )
    return left


def _needs_brackets(node: ast.expr, parent: ast.operator, on_right: bool) -> bool:
    if not isinstance(node, ast.BinOp):
        return False
    sums = isinstance(node.op, (ast.Add, ast.Sub))
    if isinstance(parent, (ast.Mult, ast.Div)):
        return sums or (on_right and isinstance(parent, ast.Div))
    return on_right and isinstance(parent, ast.Sub) and sums


def _number(value: object) -> str:
    return f"{value:.15g}"


def _text(node: ast.expr, name_of: Callable[[str], str]) -> str:
    if isinstance(node, ast.Name):
        return name_of(node.id)
    if isinstance(node, ast.Constant):
        return _number(node.value)
    assert isinstance(node, ast.BinOp)
    sides = [
        f"({_text(side, name_of)})" if _needs_brackets(side, node.op, on_right) else _text(side, name_of)
        for side, on_right in ((node.left, False), (node.right, True))
    ]
    return f" {_OPERATORS[type(node.op)][0]} ".join(sides)


def _mathml(node: ast.expr, name_of: Callable[[str], str]) -> str:
    if isinstance(node, ast.Name):
        return f"<mi>{escape(name_of(node.id))}</mi>"
    if isinstance(node, ast.Constant):
        return f"<mn>{_number(node.value)}</mn>"
    assert isinstance(node, ast.BinOp)
    left, right = _mathml(node.left, name_of), _mathml(node.right, name_of)
    if isinstance(node.op, ast.Div):
        return f"<mfrac><mrow>{left}</mrow><mrow>{right}</mrow></mfrac>"
    sides = [
        f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>" if _needs_brackets(side, node.op, on_right) else inner
        for side, inner, on_right in ((node.left, left, False), (node.right, right, True))
    ]
    return f"<mo>{_OPERATORS[type(node.op)][0]}</mo>".join(sides)
