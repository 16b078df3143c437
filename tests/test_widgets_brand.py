"""The view of the brand and the market, driven without a browser."""

from functools import cache
from pathlib import Path

import pandas as pd
from composed import SAMPLE

from kpi_helpers import explore_brand, read_exports
from kpi_helpers.brand import compare_two
from kpi_helpers.exports import Exports
from kpi_helpers.labels import write_value
from kpi_helpers.language import language, use_language
from kpi_helpers.surveys import answers_needed
from kpi_helpers.widgets.view import STILL_TYPE
from tests.small_company import made_exports
from tests.test_brand import HOSTILE, SETTINGS, answers_of, write_survey
from tests.test_widgets import WIDGET_TYPE


@cache
def severny_svet() -> Exports:
    return read_exports(SAMPLE / "severny_svet")


def test_two_waves_are_compared_with_the_interval_of_their_difference() -> None:
    view = explore_brand(severny_svet()).survey
    view.question.value, view.population.value = "awareness_unaided", "target"
    first, last = (wave for _name, wave in (view.before.options[0], view.wave.options[-1]))
    view.before.value = first
    found = compare_two(view._waves.plain, "awareness_unaided", "target", last, first)
    assert f"{100 * found['difference']:+.1f} pp" in view.words.value
    assert "October 2026 against January 2025: really higher." in view.words.value
    assert "One pair of 28" in view.words.value and "<img" in view.picture.widget.value
    view.before.value = last
    assert "Nothing to hold against each other." in view.words.value


def test_how_many_answers_the_next_wave_needs() -> None:
    view = explore_brand(severny_svet()).survey
    view.question.value = "awareness_aided"
    row = view._waves.plain.query("measure == 'awareness_aided' and population == 'all'").iloc[-1]
    needed = answers_needed(row["favourable"], row["unfavourable"], 0.05)
    assert f"two waves of {write_value(needed, 'count')} answers each" in view.words.value
    assert "beside the 180 of this one no next wave is large enough" in view.words.value


def test_a_wave_that_is_large_enough_says_what_the_next_one_needs(tmp_path: Path) -> None:
    rows = answers_of("2026-01-05", 2000, 3500, "f") + answers_of("2026-04-05", 2000, 3500, "f")
    view = explore_brand(read_exports(write_survey(tmp_path, rows))).survey
    assert "against the 3,500 answers of this wave" in view.words.value
    view.question.value = "nps"  # everybody is a promoter
    assert "more than there is room for" in view.words.value


def test_weights_can_be_switched_off_and_cost_answers(tmp_path: Path) -> None:
    rows = [*answers_of("2026-01-05", 30, 30, "f"), *answers_of("2026-01-06", 0, 70, "m"),
            *answers_of("2026-04-05", 80, 80, "f"), *answers_of("2026-04-06", 0, 20, "m")]  # fmt: skip
    known = SETTINGS + '[survey.population]\n"Sex" = { f = 0.5, m = 0.5 }\n'
    view = explore_brand(read_exports(write_survey(tmp_path, rows, known))).survey
    assert view.weighted.value and not view.weighted.disabled
    assert "50.0%" in view.words.value and "within noise" in view.words.value and ", weighted" in view.still()
    view.weighted.value = False
    assert "80.0%" in view.words.value and "really higher" in view.words.value and "not weighted" in view.still()
    assert explore_brand(severny_svet()).survey.weighted.disabled


def test_the_market_by_company_and_period() -> None:
    view = explore_brand(severny_svet()).market
    assert "Северный свет, Q3 2026: 10.8% of the market, +1.1 pp on the year before" in view.still()
    view.company.value = "Люменика"
    assert "<strong>Люменика</strong>" in view.words.value and "−1.9%" in view.words.value
    view.period.value = pd.Timestamp("2025-01-01")
    assert "Q1 2025" in view.picture.widget.value and "on the year before" not in view.picture.widget.value


def test_a_segment_and_hostile_names(tmp_path: Path) -> None:
    rows = [f"Q{quarter} 2026,{name},{segment},{sales}" for quarter in (1, 2) for segment in ("web", HOSTILE)
            for name, sales in ((HOSTILE, 1), ("us", 3))]  # fmt: skip
    (tmp_path / "market.csv").write_text("\n".join(["Period,Company,Segment,Sales", *rows, ""]), "utf-8")
    named = SETTINGS + f'[survey.waves]\n"{HOSTILE}" = 2026-01-01\n[market]\ncompany = "us"\n'
    view = explore_brand(read_exports(write_survey(tmp_path, answers_of("2026-01-05", 5, 10, "f"), named)))
    for segment in [value for _words, value in view.market.segment.options]:
        view.market.segment.value = segment
        page = view.still() + view.market.words.value + view.survey.words.value + view.survey.picture.widget.value
        assert HOSTILE not in page and "&lt;img src=x" in page
    assert "75.0% of the market" in view.market.picture.widget.value


def test_a_company_without_surveys_and_market_is_told_what_is_missing(tmp_path: Path) -> None:
    view = explore_brand(made_exports(tmp_path))
    bundle = view._repr_mimebundle_()
    assert view.survey is None and view.market is None and WIDGET_TYPE in bundle
    assert "Google Forms" in bundle[STILL_TYPE] and "No export: market" in bundle[STILL_TYPE]
    assert "<img" not in bundle[STILL_TYPE]


def test_answers_come_in_the_language_of_the_view() -> None:
    use_language("ru")
    view = explore_brand(severny_svet())
    use_language("en")
    view.survey.question.value = "csat"
    assert language() == "ru" and "октябрь 2026" in view.survey.words.value
    assert "Опрос" in view.survey.title and "Рынок" in view.market.words.value
