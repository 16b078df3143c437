"""Words for what is to come: chances, landings, and how a forecast was made."""

from __future__ import annotations

from kpi_helpers.forecast import LEVEL, Forecast
from kpi_helpers.labels import NO_VALUE, is_missing, write_value
from kpi_helpers.language import _, ngettext
from kpi_helpers.pace import Pace

NEVER, ALWAYS = 0.01, 0.99  # chances beyond these are not told apart


def write_chance(chance: float) -> str:
    """A chance as people can use it.

    >>> write_chance(0.586), write_chance(0.999)
    ('59%', '> 99%')
    """
    if is_missing(chance):
        return NO_VALUE
    if chance < NEVER:
        return f"< {write_value(NEVER, 'share', short=True)}"
    if chance > ALWAYS:
        return f"> {write_value(ALWAYS, 'share', short=True)}"
    return write_value(chance, "share", short=True)


def rounded(value: float) -> float:
    """Three significant digits: a forecast is no account. Counts of hundreds come out whole.

    >>> rounded(44551452.9)
    44600000.0
    """
    return value if is_missing(value) or value == 0 else float(f"{value:.3g}")


def forecast_words(forecast: Forecast) -> list[str]:
    """How the months ahead were forecast and how far that can be trusted, a sentence each."""
    said = {
        "better": _("The forecast is exponential smoothing: in tests it came nearer than the year before did."),
        "not_better": _("The forecast repeats the months of the year before: in tests no other method came nearer."),
        "untested": _("The forecast repeats the months of the year before: the history is too short to test another."),
        "no_season": _("The forecast goes on from the last month: under 13 months no season can be known."),
        "rolling": _("The forecast goes on from the last month: what looks back over 12 months has no season."),
        "too_short": _("No forecast: it takes 4 months at least."),
        "stale": _("No forecast: the last year holds no known month."),
    }[forecast.reason]  # fmt: skip
    if not forecast.tests:
        return [said]
    tested = ngettext(
        "Of {n} test forecast of past months {share} lay in its {level} interval.",
        "Of {n} test forecasts of past months {share} lay in their {level} intervals.",
        forecast.tests,
    )
    share, level = (write_value(number, "share", short=True) for number in (forecast.coverage, LEVEL))
    return [said, tested.format(n=forecast.tests, share=share, level=level)]


def pace_words(pace: Pace | None) -> list[str]:
    """How the landing of the month under way was found."""
    if pace is None:
        return []
    how = {
        "weekdays": _("The landing weighs weekdays and holidays as the last months did."),
        "run_rate": _("The landing takes the days left as the average day so far."),
    }.get(pace.method)
    return [how] if how else []
