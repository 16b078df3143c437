"""Schemes as YAML: a list of owners, each with a bonus and KPIs, or a list of rows with owner and KPI."""

from __future__ import annotations

from typing import Any

from kpi_helpers.errors import KitError, at_line
from kpi_helpers.language import _
from kpi_helpers.opening import compose, line_of, texts_of

BEGIN = "- owner: marketing"
MOST = 1000  # rows: aliases can make millions of a short file


def read_outline(text: str, where: str) -> tuple[list[dict[str, str]], list[int]]:
    """The rows as text, one for each KPI, and the line each begins on.

    Values are taken as they are written and nothing is built from them, so that no file can do harm. KitError where it
    is something else.
    """
    node = compose(text, where)
    if node is not None and node.id == "mapping" and [name.value for name, _value in node.value] == ["schemes"]:
        node = node.value[0][1]
    if node is None or node.id != "sequence":
        raise KitError(_("it is no list of schemes."), _("Begin it with {example}.").format(example=BEGIN), where=where)
    rows: list[dict[str, str]] = []
    lines: list[int] = []
    for scheme in node.value:
        own, kpis = _said(scheme, where)
        for item in kpis[: MOST + 1] or [None]:
            rows.append({**own, **(_said(item, where)[0] if item is not None else {})})
            lines.append(line_of(scheme if item is None else item))
        if len(rows) > MOST:
            raise KitError(_("it is too large for a file of schemes."), where=where)
    names = dict.fromkeys(name for row in rows for name in row)
    return [{**dict.fromkeys(names, ""), **row} for row in rows], lines


def _said(node: Any, where: str) -> tuple[dict[str, str], list[Any]]:
    """The values of a mapping as text, and what stands under `kpis`."""
    place = at_line(where, line_of(node))
    if node.id != "mapping":
        raise KitError(_("this is no scheme with names and values."), where=place)
    lists = [value.value for name, value in node.value if _are_kpis(name, value)]
    own = texts_of(((name, value) for name, value in node.value if not _are_kpis(name, value)), place)
    return own, lists[-1] if lists else []


def _are_kpis(name: Any, value: Any) -> bool:
    return bool(name.id == "scalar" and name.value == "kpis" and value.id == "sequence")
