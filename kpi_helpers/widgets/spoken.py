"""Names for screen readers, and a place for the focus, in the view that holds it: ipywidgets has no words for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget


class Spoken(anywidget.AnyWidget):
    """Nothing to see. It works on the element of class `kpi-lesson` around it."""

    _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

    def __init__(self) -> None:
        super().__init__(layout={"display": "none"})


def close_tree(widget: Any) -> None:
    """Close a widget that is no longer shown, with all that is in it: else the kernel keeps it for good."""
    for child in getattr(widget, "children", ()):
        close_tree(child)
    for part in (getattr(widget, "layout", None), getattr(widget, "style", None), widget):
        if part is not None:
            part.close()
