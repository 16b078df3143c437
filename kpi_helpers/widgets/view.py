"""What every view shares: it answers in the reader's language, and is shown as a still picture where no kernel runs."""

from __future__ import annotations

import base64
import io
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets
from markupsafe import Markup
from matplotlib.axes import Axes

from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts import figure_html
from kpi_helpers.charts.paper import DPI, drawing_style, lift_words
from kpi_helpers.labels import kpi_name, owner_name
from kpi_helpers.language import _, language, use_language
from kpi_helpers.lettering import plain
from kpi_helpers.tables import notice, page_style, without_math

STILL_TYPE = "text/html"
_IMAGE = Markup(
    '<div class="kpi"><figure class="following">{caption}<div class="picture"><img alt="{alt}" width="{width}" '
    'height="{height}" src="data:image/png;base64,{picture}"></div></figure></div>'
)
NAMES_UNCUT = {"description_width": "initial"}

Choices = Sequence[tuple[str, Any]]


class View(ABC):
    """Controls above a picture and words. `root` is the widget; `still` the same as HTML that needs no kernel."""

    title: str
    root: widgets.Widget

    def __init__(self) -> None:
        self._language, self._quiet = language(), False

    @abstractmethod
    def still(self) -> str:
        """The view as it stands now, in HTML."""

    def listen(self, answer: Callable[[], None], *controls: Any) -> None:
        """Call `answer` when a control changes, in the language that the view was opened in."""

        def heard(_change: Any) -> None:
            if not self._quiet:
                use_language(self._language)
                answer()

        for control in controls:
            if isinstance(control, widgets.Button):
                control.on_click(heard)
            else:
                control.observe(heard, "value")

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Controls may be set here without an answer to each."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        use_language(self._language)
        bundle = self.root._repr_mimebundle_(**options)
        return {**bundle, "text/plain": self.title, STILL_TYPE: without_math(self.still())}


class Picture:
    """A chart that is replaced when it is drawn anew. An image widget would have no alternative text."""

    def __init__(self) -> None:
        self.widget = widgets.HTML()
        self._alt = self._caption = ""
        self._ax: Axes | None = None

    def show(self, ax: Axes, alt: str) -> None:
        """Show the figure of these axes; `alt` says its finding to who cannot see it."""
        self._ax, self._caption = ax, lift_words(ax)
        self.replace(_png(ax.get_figure(root=True)), alt)

    def replace(self, png: bytes, alt: str) -> None:
        """Show another picture of the same figure."""
        assert self._ax is not None
        self._alt = plain(alt)
        figure = self._ax.get_figure(root=True)
        assert figure is not None
        width, height = (round(inches * 100) for inches in figure.get_size_inches())
        picture = base64.b64encode(png).decode("ascii")
        caption = Markup(self._caption)
        self.widget.value = str(
            _IMAGE.format(caption=caption, alt=self._alt, width=width, height=height, picture=picture)
        )

    def still(self) -> str:
        """The picture as HTML, as small as it can be."""
        return figure_html(self._ax, self._alt) if self._ax is not None else ""


def _png(figure: Any) -> bytes:
    """Twice as large as a report's picture and made in half the time: it follows a slider."""
    raw = io.BytesIO()
    with drawing_style():
        figure.savefig(raw, format="png", dpi=DPI, pil_kwargs={"compress_level": 1})
    return raw.getvalue()


def choice(name: str, options: Choices, value: Any = None, *, tooltip: str = "", width: str = "auto") -> Any:
    """A drop-down of (words, value); the first one is chosen where `value` is None."""
    return widgets.Dropdown(
        options=options, value=options[0][1] if value is None else value, description=name, tooltip=tooltip or name,
        style=NAMES_UNCUT, layout={"width": width, "max_width": "100%"},
    )  # fmt: skip


def kpi_choices(keys: Sequence[str]) -> list[tuple[str, str]]:
    """KPIs for a drop-down: the name, so that typing finds it, and whose it is."""
    return [(f"{kpi_name(key)} · {owner_name(KPIS[key].owner)}", key) for key in keys]


def offer(control: Any, options: Choices, value: Any) -> None:
    """Put other options into a drop-down and keep `value` chosen where it is still there; else the first."""
    values = [offered for _words, offered in options]
    control.options = options
    control.value = value if value in values else values[0]


def row_of(*controls: Any) -> Any:
    """Controls side by side, in several lines where the page is narrow."""
    return widgets.HBox(controls, layout={"flex_flow": "row wrap", "grid_gap": "4px 24px", "align_items": "center"})


def still_page(*pieces: str) -> str:
    """Pieces of HTML as they stand without a kernel, with the style sheet and the way to make them answer."""
    advice = notice(_("A picture of the view."), _("Run the notebook to change the choice."))
    return "".join(pieces) + advice + page_style()
