"""Layouts from their TOML files, checked key by key: one short file per export."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.exports.headings import Heading, read_heading
from kpi_helpers.exports.layout import Condition, Each, Layout, Rule, Shape
from kpi_helpers.exports.values import plain
from kpi_helpers.formula import parse
from kpi_helpers.language import _
from kpi_helpers.opening import read_toml
from kpi_helpers.terms import TABLES

FOLDER = Path(__file__).parent / "layouts"


@cache
def list_layouts() -> tuple[Layout, ...]:
    """The layouts that come with the kit, sorted by key."""
    return read_layouts(FOLDER)


def read_layouts(folder: Path) -> tuple[Layout, ...]:
    """The layouts in a folder, one per .toml file. Raises KitError naming the file and the key that is wrong."""
    return tuple(read_layout(path) for path in sorted(folder.glob("*.toml")))


def read_layout(path: Path) -> Layout:
    """One layout. Raises KitError naming the file and the key that is wrong."""
    return _Reader(path.name).layout(path.stem, read_toml(path))


class _Reader:
    """Checks a layout's data key by key; every complaint names the file and the key."""

    def __init__(self, file: str) -> None:
        self.file = file

    def layout(self, key: str, data: dict[str, Any]) -> Layout:
        recognise, rows = self.table(data, "recognise"), self.table(data, "rows")
        plain_keys = {"name", "platform", "get", "currency", "yields_to", "unused"}
        tables = {name: self.table(data, name) for name in data if name not in {*plain_keys, "recognise", "rows"}}
        self.known("", tables, TABLES)
        self.known("recognise", recognise, ("headings", "without", "preamble", "questions", "generic", "shapes"))
        row_keys = ("totals", "total_where_empty", "last_is_total", "repeats", "keep", "continued_where_empty",
                    "continues")  # fmt: skip
        self.known("rows", rows, row_keys)
        if bool(tables) == ("unused" in data) or not (recognise.get("headings") or recognise.get("shapes")):
            self.wrong("recognise.headings" if tables else "[table]", data.get("recognise"), "a list of headings")
        return Layout(
            key, self.text(data, "name"), self.text(data, "platform"), self.text(data, "get"),
            self.headings(recognise, "headings"), self.headings(recognise, "without"),
            self.pattern("recognise.preamble", recognise.get("preamble", "")),
            self.heading("currency", data["currency"]) if "currency" in data else None,
            self.headings(rows, "totals"),
            self.heading("rows.total_where_empty", rows["total_where_empty"]) if "total_where_empty" in rows else None,
            tuple(self.condition("rows.keep", item) for item in self.items(rows.get("keep", []))),
            self.headings(rows, "continued_where_empty"),
            self.heading("rows.continues", rows["continues"]) if "continues" in rows else None,
            {name: self.columns(name, columns) for name, columns in tables.items()},
            {name: self.each(name, columns["each"]) for name, columns in tables.items() if "each" in columns},
            self.switch(recognise, "questions"),
            self.switch(recognise, "generic"),
            self.shapes(recognise.get("shapes", [])),
            self.switch(rows, "last_is_total"),
            self.switch(rows, "repeats"),
            tuple(self.items(data.get("yields_to", []))),
            self.text(data, "unused") if "unused" in data else "",
        )  # fmt: skip

    def shapes(self, value: Any) -> tuple[Shape, ...]:
        if not isinstance(value, list) or not all(isinstance(item, list) and len(item) == 2 for item in value):
            self.wrong("recognise.shapes", value, "a list of pairs: a name and a regular expression")
        return tuple(Shape(str(name), self.pattern("recognise.shapes", pattern)) for name, pattern in value)

    def switch(self, data: dict[str, Any], key: str) -> bool:
        value = data.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, value, "true or false")
        return value

    def columns(self, table: str, columns: dict[str, Any]) -> dict[str, Rule]:
        self.known(table, [name for name in columns if name != "each"], TABLES[table].columns)
        return {name: self.rule(f"{table}.{name}", value) for name, value in columns.items() if name != "each"}

    def rule(self, key: str, value: Any) -> Rule:
        if isinstance(value, str):
            return Rule(heading=self.heading(key, value))
        if isinstance(value, list) and value:
            return Rule(first=tuple(self.rule(key, item) for item in value))
        if not isinstance(value, dict):
            self.wrong(key, value, "a heading in quotes, a list of rules or a rule in braces")
        sources = {name: value[name] for name in ("source", "medium", "campaign") if name in value}
        known = [*Rule.__dataclass_fields__, *sources]
        self.known(key, value, [name for name in known if name not in ("first", "channel")])
        rest = {name: item for name, item in value.items() if name not in sources}
        rule = Rule(
            **{
                **rest,
                **({"heading": self.heading(key, value["heading"])} if "heading" in value else {}),
                "where": {name: self.rule(f"{key}.{name}", item) for name, item in self.table(value, "where").items()},
                "channel": {name: self.rule(f"{key}.{name}", item) for name, item in sources.items()},
                "values": {plain(name): item for name, item in self.table(value, "values").items()},
                "extract": self.pattern(f"{key}.extract", value.get("extract", "")),
                "preamble": self.pattern(f"{key}.preamble", value.get("preamble", "")),
                "clock": self.heading(f"{key}.clock", value["clock"]) if "clock" in value else None,
                "when": self.condition(f"{key}.when", value["when"]) if "when" in value else None,
            }
        )
        self.check(key, rule)
        return rule

    def check(self, key: str, rule: Rule) -> None:
        for name in ("scale", "min", "max"):
            number = getattr(rule, name)
            if number is not None and (isinstance(number, bool) or not isinstance(number, (int, float))):
                self.wrong(f"{key}.{name}", number, "a number")
        if rule.formula:
            self.formula(key, rule)
        if rule.order not in ("", "day first", "month first"):
            self.wrong(f"{key}.order", rule.order, '"day first" or "month first"')
        if rule.span not in ("", "week", "month", "quarter", "year"):
            self.wrong(f"{key}.span", rule.span, '"week", "month", "quarter" or "year"')
        if rule.stages not in ("", "qualified", "won"):
            self.wrong(f"{key}.stages", rule.stages, '"qualified" or "won"')
        found = (rule.heading, rule.formula, rule.channel, rule.question, rule.stated, rule.preamble)
        if not any(found) and rule.const is None:
            self.wrong(key, "{}", "a heading, const, formula, source, question, preamble or stated")

    def formula(self, key: str, rule: Rule) -> None:
        try:
            names = parse(rule.formula).names
        except KitError as error:
            raise KitError(str(error), where=f"{self.file}: {key}.formula") from None
        if set(names) != set(rule.where):
            self.wrong(f"{key}.where", sorted(rule.where), "the names of the formula: " + ", ".join(names))

    def each(self, table: str, value: Any) -> Each:
        if not isinstance(value, dict) or set(value) != {"heading", "name", "value"}:
            self.wrong(f"{table}.each", value, "heading, name and value")
        self.known(f"{table}.each", [value["name"], value["value"]], TABLES[table].columns)
        return Each(self.heading(f"{table}.each", value["heading"]), value["name"], value["value"])

    def condition(self, key: str, value: Any) -> Condition:
        if not isinstance(value, dict) or len(value) != 2 or "heading" not in value or not {"is", "not"} & set(value):
            self.wrong(key, value, 'heading and "is" or "not"')
        among = value.get("is", value.get("not"))
        if not isinstance(among, list) or not all(isinstance(item, str) for item in among):
            self.wrong(key, among, "a list of texts")
        return Condition(self.heading(key, value["heading"]), tuple(map(plain, among)), "not" in value)

    def headings(self, data: dict[str, Any], key: str) -> tuple[Heading, ...]:
        found = data.get(key, [])
        if not isinstance(found, list):
            self.wrong(key, found, "a list of headings")
        return tuple(self.heading(key, item) for item in found)

    def items(self, value: Any) -> list[Any]:
        return value if isinstance(value, list) else [value]

    def heading(self, key: str, value: Any) -> Heading:
        if not isinstance(value, str) or not value.strip():
            self.wrong(key, value, "a heading in quotes")
        return read_heading(value)

    def pattern(self, key: str, value: Any) -> str:
        try:
            groups = re.compile(value).groups
        except (re.error, TypeError):
            self.wrong(key, value, "a regular expression")
        if key.endswith(("extract", ".preamble")) and not key.startswith("recognise") and value and groups != 1:
            self.wrong(key, value, "a regular expression with one pair of brackets")
        return value

    def text(self, data: dict[str, Any], key: str) -> str:
        if not isinstance(data.get(key), str) or not data[key].strip():
            self.wrong(key, data.get(key), "text in quotes")
        return data[key]

    def table(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        if not isinstance(data.get(key, {}), dict):
            self.wrong(key, data[key], "a section")
        return data.get(key, {})

    def known(self, section: str, keys: Any, allowed: Any) -> None:
        for key in keys:
            if key not in allowed:
                full = f"{section}.{key}" if section else str(key)
                found = _("unknown key {key}.").format(key=full)
                raise KitError(found, did_you_mean(str(key), allowed), where=self.file)

    def wrong(self, key: str, value: Any, expected: str) -> None:
        raise KitError(
            _("{key} = {value} is not allowed.").format(key=key, value=repr(value)),
            _("Expected: {expected}.").format(expected=expected),
            where=self.file,
        )
