"""A comparison of two versions for other programs."""

from __future__ import annotations

from typing import Any

from kpi_helpers.revisions.comparing import Change, Comparison


def as_data(comparison: Comparison) -> dict[str, Any]:
    """The comparison for other programs: codes and unrounded numbers, [before, after]."""
    versions = {"before": comparison.before, "after": comparison.after}
    return {
        **{name: {"path": str(one.path), "client": one.client, "month": one.month, "currency": one.currency,
                  "rendered_at": one.rendered_at, "version": one.kit} for name, one in versions.items()},
        "traced": comparison.causes.is_traced,
        "inputs": [{"file": one.name, "kind": one.kind, "change": one.change, "rows": list(one.rows),
                    "tables": list(one.tables)} for one in comparison.causes.inputs],
        "parameters": {name: list(pair) for name, pair in comparison.causes.parameters.items()},
        "kit": {name: list(pair) for name, pair in comparison.causes.kit.items()},
        "changes": [_change_data(change) for change in comparison.changes],
    }  # fmt: skip


def _change_data(change: Change) -> dict[str, Any]:
    formulas = [row.get("formula", "") for row in (change.row, change.other)]
    return {
        "key": change.key, "scope": change.scope, "part": change.part, "cause": change.cause,
        "because": list(change.because), "comparable": change.is_comparable,
        "numbers": {name: list(pair) for name, pair in change.numbers.items()},
        **({"formula": formulas} if change.part == "formula" else {}),
    }  # fmt: skip
