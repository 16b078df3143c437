import io
import itertools
import warnings
from collections.abc import Iterator
from datetime import time
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.text import Text
from PIL import Image

from kpi_helpers import charts, language
from kpi_helpers.charts.hours import plot_hours
from kpi_helpers.charts.scales import _Values
from kpi_helpers.company import WEEKDAYS, WorkingHours
from kpi_helpers.language import LANGUAGES, _, use_language
from kpi_helpers.palette import ACCENT, PAPER, STATUSES

HOSTILE = 'a $x$ $\\frac{ & <script>alert(1)</script> "q" \u202egnp.exe\n😀 ' + "verylong" * 12
MONTHS = list(pd.date_range("2025-10-01", periods=13, freq="MS"))
DAYS = list(pd.date_range("2026-10-01", periods=31))
VALUES = [330.0, 340, 351, 330, 360, 372, 365, np.nan, 390, 401, 380, 399, 412]


@pytest.fixture(params=LANGUAGES, autouse=True)
def lang(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    import gettext

    if not gettext.find("kpi", language.LOCALE_DIR, [request.param]):
        monkeypatch.setattr(language, "_catalogue", lambda _lang: gettext.NullTranslations())
    yield use_language(request.param)
    use_language("en")


def channels(names: list[str]) -> pd.DataFrame:
    value = np.linspace(0.9, 0.3, len(names))
    return pd.DataFrame(
        {"channel": names, "value": value, "low": value - 0.1, "high": value + 0.1, "denominator": range(len(names))}
    )


def goal_rows() -> pd.DataFrame:
    rows = [("leads", 412, 380, "met"), ("cpl", 1710, 1200, "missed"), ("romi", -0.4, 0.3, "missed"),
            ("qualification_rate", 0.71, 0.8, "close"), ("revenue", 9e7, 3e7, "met"), ("nps", np.nan, 30, "no_data"),
            ("spend", 5e5, np.nan, "no_goal"), ("retention_rate", 0.5, 0.6, "not_enough")]  # fmt: skip
    return pd.DataFrame(rows, columns=["kpi", "value", "goal", "status"]).assign(scope="company")


def cohorts() -> tuple[pd.DataFrame, pd.Series]:
    full = [1.0, *(0.3 / since for since in range(1, 13))]
    shares = [[*full[: 13 - first], *[np.nan] * first] for first in range(13)]
    return pd.DataFrame(shares, index=MONTHS), pd.Series(range(100, 1400, 100), index=MONTHS)


def week(most: int) -> pd.DataFrame:
    """A week by hours, from nothing to `most` an hour, of which from none to all are bad."""
    judged = pd.DataFrame(np.linspace(0, most, 168).round().reshape(7, 24), index=list(WEEKDAYS))
    bad = (judged * np.linspace(0, 1, 24)).round()
    return pd.concat({"came": judged + 1, "judged": judged, "good": judged - bad}, axis=1)


DRAWN: dict[str, Any] = {
    "trend": lambda text: charts.plot_trend(
        MONTHS, VALUES, style="count", goal=410, unfinished=True, finding=text, subtitle=text
    ),
    "long trend": lambda text: charts.plot_trend(
        list(pd.date_range("2022-11-01", periods=48, freq="MS")), np.linspace(1e6, 4e6, 48), style="money",
        currency="RUB", goal=4e6, low=np.linspace(9e5, 3e6, 48), high=np.linspace(2e6, 5e6, 48), finding=text,
    ),
    "signals": lambda text: charts.plot_trend(
        MONTHS, VALUES, style="count", goal=360, limits=([320] * 13, [395] * 13), finding=text, subtitle=text,
        signals=["", "", "", _("signal: unusually low"), "", "", "", "", "", *[_("signal: unusually high")] * 2, "",
                 _("signal: unusually high")],
    ),
    "funnel": lambda text: charts.plot_funnel(
        [("Visits", 18400, ""), (text, 412, text[:20]), ("Orders", 0, "0 %")], finding=text
    ),
    "channels": lambda text: charts.plot_channels(
        channels(["yandex_direct", "vk_ads", text, "email"]), "qualification_rate", company=0.88, finding=text
    ),
    "pace": lambda text: charts.plot_pace(
        DAYS, [*np.arange(10.0, 190, 10), *[np.nan] * 13], np.linspace(13, 400, 31), (330, 345, 360), finding=text
    ),
    "goals": lambda text: charts.plot_against_goal(goal_rows(), currency="RUB", finding=text, subtitle=text),
    "traffic": lambda text: charts.plot_traffic_quality(
        DAYS, [600] * 31, [50] * 20 + [1500] * 3 + [50] * 8, burst=(DAYS[20], DAYS[22]), finding=text
    ),
    "cohorts": lambda text: charts.plot_cohorts(*cohorts(), finding=text, subtitle="share"),
    "hours": lambda text: plot_hours(
        week(40), WorkingHours(("mon", "tue", "thu", "sat"), time(8, 30)), "chats", finding=text, subtitle=text
    ),
    "hours in hundreds": lambda text: plot_hours(week(999), WorkingHours(WEEKDAYS, closes=time(23, 59)), finding=text),
}  # fmt: skip


def texts(ax: Axes) -> list[Text]:
    """The texts that are seen: tick labels outside the axis are not."""
    figure = ax.get_figure(root=True)
    figure.draw_without_rendering()
    hidden = set()
    for axis, (low, high) in ((ax.xaxis, sorted(ax.get_xlim())), (ax.yaxis, sorted(ax.get_ylim()))):
        for tick in axis.get_major_ticks():
            if not low <= tick.get_loc() <= high:
                hidden |= {tick.label1, tick.label2}
    return [text for text in figure.findobj(Text) if text.get_visible() and text.get_text() and text not in hidden]


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in texts(ax)]


@pytest.mark.parametrize("name", DRAWN)
@pytest.mark.parametrize("finding", ["Leads 412: 8 % above goal", HOSTILE], ids=["plain", "hostile"])
def test_texts_do_not_touch_and_stay_on_the_paper(name: str, finding: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax = DRAWN[name](finding)
    seen = texts(ax)
    boxes = [text.get_window_extent().shrunk(0.98, 0.8) for text in seen]
    paper = ax.get_figure(root=True).bbox
    for text, box in zip(seen, boxes, strict=True):
        assert paper.x0 - 2 <= box.x0 and box.x1 <= paper.x1 + 2, text.get_text()
        assert paper.y0 - 2 <= box.y0 and box.y1 <= paper.y1 + 2, text.get_text()
    for (one, first), (other, second) in itertools.combinations(zip(seen, boxes, strict=True), 2):
        assert not first.overlaps(second), (one.get_text(), other.get_text())


@pytest.mark.parametrize("name", DRAWN)
def test_text_is_never_mathematics_and_has_no_direction_marks(name: str) -> None:
    for text in texts(DRAWN[name](HOSTILE)):
        assert not text.get_parse_math()
        assert not text.get_usetex()
        assert "\u202e" not in text.get_text()


@pytest.mark.parametrize("name", DRAWN)
def test_same_bytes_whatever_the_user_has_set(name: str) -> None:
    first = charts.save(DRAWN[name]("Leads 412"))
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "lines.linewidth": 9, "axes.grid": True}):
        before = dict(matplotlib.rcParams)
        second = charts.save(DRAWN[name]("Leads 412"))
        assert dict(matplotlib.rcParams) == before
    assert first == second
    assert Image.open(io.BytesIO(first)).width == 1080
    assert len(first) < 100_000


def test_no_pyplot_figure_is_left_open() -> None:
    import matplotlib.pyplot

    DRAWN["trend"]("x")
    assert matplotlib.pyplot.get_fignums() == []


def test_axes_given_are_drawn_on() -> None:
    from matplotlib.figure import Figure

    left, right = Figure(figsize=(12, 4), layout="constrained").subplots(1, 2)
    assert charts.plot_trend(MONTHS, VALUES, style="count", ax=left, finding="left one") is left
    assert charts.plot_funnel([("a", 3, "")], ax=right) is right
    assert "left one" in words(left)


def test_trend_labels_the_last_value_and_marks_an_unfinished_month(lang: str) -> None:
    done = charts.plot_trend(MONTHS, VALUES, style="count", goal=380)
    assert "412" in words(done)
    assert to_hex(done.lines[-2].get_markerfacecolor()) == ACCENT.lower()
    hollow = charts.plot_trend(MONTHS, VALUES, style="count", unfinished=True)
    assert any(text.startswith("412\n") for text in words(hollow))
    assert PAPER in {line.get_markerfacecolor() for line in hollow.lines}
    assert {"en": "Oct\n2025", "ru": "окт\n2025"}[lang] in words(done)


def rings(ax: Axes) -> list[list[float]]:
    return [list(line.get_xdata()) for line in ax.lines if line.get_markersize() == 13]


def test_signals_are_ringed_and_named_once_and_the_usual_range_ends_in_numbers() -> None:
    low, high = _("signal: unusually low"), _("signal: unusually high")
    signals = ["", "", low, *[""] * 6, high, high, "", high]
    ax = charts.plot_trend(MONTHS, VALUES, style="count", limits=([320.4] * 13, [395.6] * 13), signals=signals)
    assert rings(ax) == [[2, 9, 10, 12]]
    assert words(ax).count(high) == 1 and words(ax).count(low) == 1, "where words would touch the newest stays"
    assert any("321" in word for word in words(ax)) and any("395" in word for word in words(ax))
    assert ax.get_ylim()[0] == 0
    assert rings(charts.plot_trend(MONTHS, VALUES, style="count", signals=[""] * 13)) == []


def test_a_signal_of_a_missing_month_and_a_range_that_ended_are_no_harm() -> None:
    usual = [320.0] * 9 + [np.nan] * 4
    signals = ["", "", "", "", "", "", "", "lost", "", "", "", "", ""]
    high = [low + 75 for low in usual]
    ax = charts.plot_trend(MONTHS, VALUES, style="ratio", limits=(usual, high), signals=signals)
    assert rings(ax) == [] and "lost" not in words(ax)
    assert not any("320" in word for word in words(ax))
    nothing = [np.nan] * 13
    assert charts.plot_trend(MONTHS, nothing, style="share", limits=(nothing, nothing), signals=signals)


def test_marks_leave_a_chart_without_them_as_it_was() -> None:
    plain = charts.save(charts.plot_trend(MONTHS, VALUES, style="count", goal=380))
    assert charts.save(charts.plot_trend(MONTHS, VALUES, style="count", goal=380, signals=[""] * 13)) == plain


def test_trend_of_sums_starts_at_zero_and_of_shares_does_not() -> None:
    assert charts.plot_trend(MONTHS, VALUES, style="count").get_ylim()[0] == 0
    assert charts.plot_trend(MONTHS, [value / 500 for value in VALUES], style="share").get_ylim()[0] > 0.5


def test_trend_without_any_value() -> None:
    ax = charts.plot_trend(MONTHS, [np.nan] * 13, style="money", currency="USD", finding="Nothing yet")
    assert charts.save(ax).startswith(b"\x89PNG")


@pytest.mark.parametrize(("key", "first"), [("cpl", "email"), ("qualification_rate", "yandex_direct")])
def test_channels_best_first(key: str, first: str) -> None:
    from kpi_helpers.labels import channel_name

    table = channels(["yandex_direct", "vk_ads", "email"])
    table.loc[1, "value"] = np.nan
    names = [label.get_text() for label in charts.plot_channels(table, key).get_yticklabels()]
    assert names[0] == channel_name(first)
    assert names[-1] == channel_name("vk_ads")


def test_only_the_largest_of_many_channels_and_the_subtitle_says_so() -> None:
    ax = charts.plot_channels(channels([f"campaign {n}" for n in range(50)]), "ctr", subtitle="clicks")
    assert len(ax.get_yticks()) == 20
    assert "campaign 49" in words(ax) and "campaign 0" not in words(ax)
    assert any("20" in text and "50" in text for text in words(ax))


def test_bars_against_goal_are_parts_of_the_goal_in_the_colour_of_their_status() -> None:
    ax = charts.plot_against_goal(goal_rows())
    bars = [(round(bar.get_width(), 3), to_hex(bar.get_facecolor())) for bar in ax.patches]
    assert bars[0] == (round(412 / 380, 3), STATUSES["met"].colour.lower())
    assert bars[1] == (round(1710 / 1200, 3), STATUSES["missed"].colour.lower())
    assert len(bars) == 6  # no bar without a value or a goal
    assert max(width for width, _colour in bars) == 1.6  # revenue, three times its goal, ends in an arrow head


def test_cohort_cells_show_share_and_customers() -> None:
    shown = words(charts.plot_cohorts(*cohorts()))
    assert "30%" in shown or "30\u00a0%" in shown
    assert str(round(100 * 0.3)) in shown


def test_axis_numbers_never_look_the_same() -> None:
    ax = charts.plot_trend(MONTHS, np.linspace(0.021, 0.024, 13), style="share")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(set(labels)) == len(labels) > 1


def test_alternative_text_is_escaped() -> None:
    html = charts.figure_html(DRAWN["funnel"]("x"), 'leads "412" <b>')
    assert 'alt="leads &quot;412&quot; &lt;b&gt;"' in html
    assert 'width="720"' in html and "data:image/png;base64," in html


def test_an_axis_of_whole_amounts_has_no_cents() -> None:
    written = _Values("money", "")
    assert written.format_ticks([0.0, 50.0, 100.0]) == ["0", "50", "100"]
    assert [text.replace(",", ".") for text in written.format_ticks([0.0, 0.5, 1.0])] == ["0", "0.50", "1.00"]
