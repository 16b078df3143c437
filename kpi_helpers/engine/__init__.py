"""The papermill engine `kpi`: the cells run in a process in which the libraries are already imported.

>>> from kpi_helpers.engine import KpiEngine
"""

from __future__ import annotations

from typing import Any


def __getattr__(name: str) -> Any:
    """The engine, imported when papermill asks for it: whoever only starts processes needs no papermill."""
    if name != "KpiEngine":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import papermill  # noqa: F401  which asks for the engine while it is imported

    from kpi_helpers.engine.running import KpiEngine

    return KpiEngine
