"""Schemes as YAML: a list of owners, each with a bonus and KPIs, or a list of rows with owner and KPI."""

from __future__ import annotations

from typing import Any

from kpi_helpers.errors import KitError
from kpi_helpers.language import _

BEGIN = "- owner: marketing"
MOST = 1000  # rows: aliases can make millions of a short file


def read_outline(text: str, where: str) -> tuple[list[dict[str, str]], list[int]]:
    """The rows as text, one for each KPI, and the line each begins on.

    Values are taken as they are written and nothing is built from them, so that no file can do harm. KitError where it
    is something else.
    """
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or type(error).__name__
        place = _("{file}, line {line}").format(file=where, line=mark.line + 1) if mark else where
        step = _("Look at the indents, colons and quotation marks.")
        raise KitError(_("it is no YAML: {reason}.").format(reason=reason), step, where=place) from None
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
            lines.append((scheme if item is None else item).start_mark.line + 1)
        if len(rows) > MOST:
            raise KitError(_("it is too large for a file of schemes."), where=where)
    names = dict.fromkeys(name for row in rows for name in row)
    return [{**dict.fromkeys(names, ""), **row} for row in rows], lines


def _said(node: Any, where: str) -> tuple[dict[str, str], list[Any]]:
    """The values of a mapping as text, and what stands under `kpis`."""
    place = _("{file}, line {line}").format(file=where, line=node.start_mark.line + 1)
    if node.id != "mapping":
        raise KitError(_("this is no scheme with names and values."), where=place)
    said: dict[str, str] = {}
    kpis: list[Any] = []
    for name, value in node.value:
        if name.id == "scalar" and name.value == "kpis" and value.id == "sequence":
            kpis = value.value
        elif name.id != "scalar" or value.id != "scalar":
            raise KitError(_("{name} holds more than one value.").format(name=str(name.value)[:40]), where=place)
        else:
            said[name.value.strip().casefold()] = "" if value.tag.endswith(":null") else value.value
    return said, kpis
