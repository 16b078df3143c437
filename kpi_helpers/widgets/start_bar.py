"""A bar that says how far a piece of work is."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets
from markupsafe import Markup

from kpi_helpers.lettering import plain

_WORDS = Markup('<div class="kpi"><span class="note" role="status">{}</span></div>')


class Bar:
    """Hidden until there is work."""

    def __init__(self) -> None:
        self._bar = widgets.FloatProgress(min=0.0, max=1.0, layout={"width": "260px"})
        self._words = widgets.HTML()
        self.widget: Any = widgets.HBox(
            [self._bar, self._words],
            layout={"display": "none", "flex_flow": "row wrap", "grid_gap": "4px 14px", "align_items": "center"},
        )

    def show(self, done: int, everything: int, words: str) -> None:
        """So much is done of everything."""
        self._bar.value = done / max(everything, 1)
        self._words.value = str(_WORDS.format(plain(words)))
        self.widget.layout.display = None

    def hide(self) -> None:
        """The work is over."""
        self.widget.layout.display = "none"
