"""The paper that charts are drawn on: style, titles, months on an axis, and the finished picture."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import matplotlib
import numpy as np
import PIL.Image
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from kpi_helpers.charts.margins import Margins, hang_left, lay_out
from kpi_helpers.charts.scales import letters, line_width, text_width, wrap
from kpi_helpers.lettering import plain
from kpi_helpers.palette import INK, PAPER, QUIET

WIDTH = 7.2  # inches; shown 100 CSS pixels to the inch
DPI = 150
MOST_COLOURS = 8192  # of a picture with a palette
_STYLE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"], "font.size": 11, "text.usetex": False, "text.parse_math": False,
    "text.color": INK, "axes.edgecolor": QUIET, "axes.labelcolor": QUIET, "xtick.color": QUIET, "ytick.color": QUIET,
    "xtick.labelsize": 10.5, "ytick.labelsize": 10.5, "xtick.major.size": 0, "ytick.major.size": 0,
    "xtick.bottom": False, "ytick.left": False, "xtick.major.pad": 7,
    "axes.spines.top": False, "axes.spines.right": False, "axes.spines.left": False, "axes.spines.bottom": False,
    "axes.axisbelow": True, "axes.unicode_minus": True, "figure.facecolor": PAPER, "axes.facecolor": PAPER,
    "hatch.linewidth": 0.8, "path.simplify": False, "axes.grid": False,
}  # fmt: skip
_DRAWN = {"axes", "figure", "font", "grid", "hatch", "lines", "patch", "path", "savefig", "text", "xtick", "ytick"}
Look = dict[str, Any]


@contextmanager
def drawing_style() -> Iterator[None]:
    """The kit's style for the time of one drawing: the user's own settings stay as they are."""
    defaults: Look = {name: value for name, value in matplotlib.rcParamsDefault.items() if name.split(".")[0] in _DRAWN}
    settings: Any = {**defaults, **_STYLE}
    with matplotlib.rc_context(settings):
        yield


def new_axes(height: float, ax: Axes | None = None) -> Axes:
    """The axes given, or those of a new figure `height` inches high."""
    if ax is None:
        ax = Figure(figsize=(WIDTH, height), dpi=DPI, layout=Margins()).add_subplot()
    figure = ax.get_figure(root=True)
    assert figure is not None
    if not hasattr(figure.canvas, "get_renderer"):
        FigureCanvasAgg(figure)  # texts are measured before the figure is saved
    return ax


def head(
    ax: Axes, finding: str, subtitle: str = "", key: Sequence[tuple[str, str]] = (), *, level: float = 8.0
) -> Axes:
    """The finding as the title, a quiet subtitle and coloured words as the key, all from the left edge of the chart."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    lay_out(figure)
    box, aside = ax.get_window_extent(), hang_left(ax)
    left = -aside * 72 / figure.dpi
    right = box.x1 if len(figure.axes) > 1 else figure.bbox.x1 - 12
    room = (right - box.x0 + aside) * 72 / figure.dpi
    for words, size, look in (
        (key, 10.5, {}), ([(subtitle, QUIET)], 10.5, {"gid": "subtitle"}),
        ([(finding, INK)], 13.5, {"gid": "finding", "fontweight": "bold"}),
    ):  # fmt: skip
        if any(text for text, _colour in words):
            level += _lines(ax, words, left, level, room, size, look) + 5
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    return ax


def save(ax: Axes) -> bytes:
    """The figure as a PNG, with a palette where its colours are few; the same figure gives the same bytes."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    small = io.BytesIO()
    _with_palette(_pixels(figure)).save(small, "PNG")
    return small.getvalue()


def _with_palette(pixels: np.ndarray) -> PIL.Image.Image:
    """The picture in its 256 most frequent colours, where it has few; the rare others become the nearest of them."""
    picture = PIL.Image.fromarray(pixels).convert("RGB")
    counted: Any = picture.getcolors(MOST_COLOURS)
    if counted is None:
        return picture
    colours = np.array([colour for _count, colour in sorted(counted, key=lambda found: (-found[0], found[1]))], float)
    kept, rare = colours[:256], colours[256:]
    nearest = ((kept**2).sum(axis=1) - 2 * rare @ kept.T).argmin(axis=1)
    number_of = np.zeros(1 << 24, dtype=np.uint8)
    number_of[(colours @ (1, 1 << 8, 1 << 16)).astype(int)] = [*range(len(kept)), *nearest]
    packed = pixels.view("<u4")[..., 0] & 0xFFFFFF
    numbered = PIL.Image.fromarray(number_of[packed])
    numbered.putpalette(kept.astype(np.uint8).tobytes())
    return numbered


def _pixels(figure: Figure) -> np.ndarray:
    """The figure drawn once: `savefig` would draw it twice."""
    shown, dpi = figure.canvas, figure.dpi
    with drawing_style():
        try:
            figure.set_dpi(DPI)
            canvas = shown if type(shown) is FigureCanvasAgg else FigureCanvasAgg(figure)
            canvas.draw()
            return np.asarray(canvas.buffer_rgba()).copy()
        finally:
            figure.set_canvas(shown)
            figure.set_dpi(dpi)


def figure_html(ax: Axes, alt: str) -> str:
    """The figure as HTML with its picture inside; `alt` says the finding to who cannot see it.

    Finding and subtitle stand above the picture as text, so that they wrap on a narrow screen.
    """
    figure, words = ax.get_figure(root=True), _words(ax)
    assert figure is not None
    seen = [text.get_visible() for text in words]
    caption = lift_words(ax)
    picture = base64.b64encode(save(ax)).decode("ascii")
    for text, visible in zip(words, seen, strict=True):
        text.set_visible(visible)
    width, height = (round(inches * 100) for inches in figure.get_size_inches())
    return (
        f'<div class="kpi"><figure>{caption}<div class="scroll"><img alt="{escape(plain(alt), quote=True)}" '
        f'width="{width}" height="{height}" src="data:image/png;base64,{picture}"></div></figure></div>\n'
    )


def lift_words(ax: Axes) -> str:
    """Take finding and subtitle off the picture and give them as HTML, which wraps on a narrow screen."""
    words = _words(ax)
    for text in words:
        text.set_visible(False)
    lines = [(text.get_gid(), escape(" ".join(text.get_text().split("\n")))) for text in words]
    caption = "".join(f'<span class="{name}">{line}</span>' for name, line in lines)
    return f"<figcaption>{caption}</figcaption>" if caption else ""


def _words(ax: Axes) -> list[Text]:
    """Finding and subtitle, as `head` wrote them."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    texts = figure.findobj(Text)
    return [text for name in ("finding", "subtitle") for text in texts if text.get_gid() == name]


def _lines(
    ax: Axes, words: Sequence[tuple[str, str]], left: float, level: float, room: float, size: float, look: Look
) -> float:
    """Write words side by side (one word: wrapped) from `level` points above the axes and `left` points beside them;
    returns the height in points."""
    place, height = 0.0, 0.0
    options: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "va": "bottom", "ha": "left"}
    for text, colour in words:
        lines = wrap(letters(text), lambda part: line_width(part, size, look.get("fontweight", "normal")), room)[:4]
        ax.annotate(
            "\n".join(lines), (0, 1), xytext=(left + place, level), color=colour, fontsize=size, linespacing=1.25,
            annotation_clip=False, **options, **look,
        )  # fmt: skip
        place += text_width(ax, lines[0], size, **look) + 16
        height = max(height, len(lines) * size * 1.32)
    return height
