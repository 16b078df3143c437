"""The view that moves money, driven without a browser: what if, bounds, the total, refusals, words, speed."""

import base64
import io
import re
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE
from matplotlib.colors import to_rgb
from PIL import Image

from kpi_helpers import move_budget, read_exports, response_words
from kpi_helpers.budget import Curves, best_split, what_if
from kpi_helpers.charts.response import SEEN
from kpi_helpers.exports import Exports
from kpi_helpers.language import language, use_language
from kpi_helpers.palette import PAPER
from kpi_helpers.response import AS_SEEN, BEYOND, MONTH, Advice, fit_weeks
from kpi_helpers.response_words import advice_words, experiment_words, refusal_words, write_result
from kpi_helpers.widgets.view import STILL_TYPE
from tests.small_company import daily_exports, made_exports
from tests.test_widgets import HOSTILE, WIDGET_TYPE


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kpi_helpers.widgets.budget.fit_weeks", lambda weeks: fit_weeks(weeks, draws=24))


@cache
def opened(company: str) -> Any:
    """A view to look at; a test that moves something puts it back by `as_opened`."""
    use_language("en")
    return move_budget(read_exports(SAMPLE / company))


def as_opened(company: str, result: str = "visits") -> Any:
    view = opened(company)
    view.keep.value, view.reach.value, view.result.value = True, AS_SEEN, result
    view.today.click()
    return view


def together(view: Any) -> float:
    return sum(view._spends.values())


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", html, flags=re.S)).split())


def test_it_opens_on_the_result_that_says_most() -> None:
    view = opened("severny_svet")
    assert [value for _words, value in view.result.options][0] == "qualified_leads" == view.result.value
    view = as_opened("severny_svet", "qualified_leads")
    assert "As today" in view.said.value and "Partner network" not in view.forms.value
    said = text_of(view.more.value)
    assert "Partner network" in said and "Money was spent, and nothing came." in said
    assert "24 October 2026" in said
    assert sorted(view.money.sliders) == ["vk_ads", "yandex_direct"]


def test_a_slider_moves_the_others_while_the_total_is_kept() -> None:
    view = as_opened("northlight")
    before, total = dict(view._spends), together(view)
    slider = view.money.sliders["google_ads"]
    slider.value = slider.min
    assert view._spends["google_ads"] < before["google_ads"] and view._spends["meta_ads"] > before["meta_ads"]
    assert together(view) == pytest.approx(total)
    assert view.money.sliders["meta_ads"].value == pytest.approx(view._spends["meta_ads"] * MONTH,
                                                                 abs=view.money.sliders["meta_ads"].step)  # fmt: skip
    view.keep.value = False
    slider.value = slider.max
    assert together(view) > total and "against today" in view.said.value
    view.today.click()
    assert view._spends == pytest.approx(before) and "As today" in view.said.value


def test_the_words_are_the_numbers_of_the_stage() -> None:
    view = as_opened("northlight")
    view.advised.click()
    expected = what_if(view.curves, view._spends).set_index("form")
    low, high = expected.loc["all", ["change_low", "change_high"]] * MONTH
    assert write_result(low, "visits", "", signed=True) in view.said.value
    assert write_result(high, "visits", "", signed=True) in view.said.value
    for form in view.curves.forms:
        assert write_result(expected.at[form, "outcome"] * MONTH, "visits", "") in view.forms.value
    best = best_split(view.curves, together(view), steps=100).groupby("channel")["spend"].mean()
    assert view._spends == pytest.approx(best.to_dict())
    view.today.click()


def test_bounds_hold_for_the_sliders_and_the_advice() -> None:
    view = as_opened("northlight")
    today = view.curves.spends["today"]
    view.reach.value = 0.2
    view.advised.click()
    for channel, spend in view._spends.items():
        assert 0.8 * today[channel] - 1e-6 <= spend <= 1.2 * today[channel] + 1e-6
        slider = view.money.sliders[channel]
        assert slider.min >= 0.8 * today[channel] * MONTH - 1e-6 and slider.max <= 1.2 * today[channel] * MONTH + 1e-6
        assert slider.min <= slider.value <= slider.max
    view.reach.value, view.keep.value = BEYOND, False
    view.money.sliders["meta_ads"].value = view.money.sliders["meta_ads"].max
    assert "No week was like this before: Meta Ads" in view.said.value
    view.reach.value = AS_SEEN
    assert "No week was like this" not in view.said.value and view._spends == pytest.approx(today.to_dict())


def test_one_channel_alone_may_still_have_more_or_less() -> None:
    view = as_opened("northlight")
    one = view.curves.spends.index[:1]
    responses = tuple(each for each in view.curves.responses if each.channel == one[0])
    alone = Curves(responses, view.curves.checks, view.curves.spends.loc[one], view.curves.step)
    made = move_budget(read_exports(SAMPLE / "northlight"))
    made._fitted = lambda _result, _period: (made.weeks, alone)
    made._learn()
    assert made.keep.disabled and not made.keep.value
    slider = made.money.sliders[one[0]]
    slider.value = slider.max
    assert "What if" in made.said.value and "nothing to move it to" in made.more.value
    made._fitted = lambda _result, _period: (made.weeks, view.curves)
    made._learn()
    assert made.keep.value and not made.keep.disabled


def test_a_slider_that_the_page_sends_back_unmoved_changes_nothing() -> None:
    view = as_opened("northlight")
    view.advised.click()
    before = dict(view._spends)
    view._move()
    assert view._spends == before
    view.today.click()


def test_more_visits_that_lose_money_are_named() -> None:
    view = as_opened("severny_svet")
    said = text_of(view.more.value)
    assert "All curves say: take from Yandex Direct, give to Partner network and VK Ads." in said
    assert "But more of this is not more profit" in said and "lose money in Partner network and VK Ads" in said
    assert "1 June 2026" in said and "9–15 October 2026" in said and "Visits say nothing of quality" in said


def to_rgb_255(colour: str) -> tuple[int, ...]:
    return tuple(round(part * 255) for part in to_rgb(colour))


def test_the_rings_follow_and_the_curves_stay() -> None:
    view = as_opened("northlight")
    before, axes = view.picture.widget.value, view.picture._ax
    slider = view.money.sliders["google_ads"]
    slider.value = slider.max
    assert view.picture.widget.value != before and view.picture._ax is axes
    png = base64.b64decode(re.search('base64,([^"]+)', view.picture.widget.value).group(1))
    colours = {colour for _count, colour in Image.open(io.BytesIO(png)).convert("RGB").getcolors(1 << 24)}
    assert {to_rgb_255(PAPER), to_rgb_255(SEEN)} <= colours
    view.today.click()
    assert view.picture.widget.value == before


def test_a_shorter_history_is_fitted_anew_and_a_choice_that_is_gone_falls_back(tmp_path: Path) -> None:
    view = as_opened("northlight")
    everything = view.curves
    assert [words for words, _value in view.period.options][1] == "the last 12 months"
    view.period.value = 52
    assert len(view.weeks) == 52 and view.curves is not everything
    view.period.value = 0
    assert view.curves is everything, "fitted once"


def test_a_company_whose_channels_all_refuse_is_told_why(tmp_path: Path) -> None:
    view = move_budget(daily_exports(tmp_path, "2026-01-05", "2026-03-29"))
    page = text_of(view.still())
    assert "No channel has a response curve for this result." in page and "<img" not in view.still()
    assert "12 weeks since the first spend, at least 26 are needed" in page
    assert view.advised.disabled and not view.money.sliders


def test_spend_that_never_changes_teaches_nothing(tmp_path: Path) -> None:
    view = move_budget(daily_exports(tmp_path, "2025-01-06", "2026-03-29"))
    page = text_of(view.still())
    assert "Spend hardly varied" in page and "two weeks a quarter more" in page


def test_monthly_spend_is_told_to_be_too_coarse(tmp_path: Path) -> None:
    exports = made_exports(tmp_path)
    exports.tables["ads"] = exports.tables["ads"].assign(spend=np.nan)
    page = text_of(move_budget(exports).still())
    assert "No export tells what was spent by day." in page
    assert "<img" not in move_budget(exports)._repr_mimebundle_()[STILL_TYPE]


def test_spend_without_any_result_says_what_to_add(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2026-01-05", "2026-03-29")
    del exports.tables["leads"]
    view = move_budget(exports)
    assert "No export tells by channel what the money brought" in view.still()


def renamed(exports: Exports, channel: str, name: str) -> Exports:
    for key, frame in exports.tables.items():
        if "channel" in frame:
            exports.tables[key] = frame.assign(channel=frame["channel"].replace(channel, name))
    return exports


def test_names_from_files_are_escaped() -> None:
    view = move_budget(renamed(read_exports(SAMPLE / "northlight"), "meta_ads", HOSTILE))
    everything = view.said.value + view.forms.value + view.more.value + view.picture.widget.value + view.still()
    everything += "".join(amount.value for amount in view.money._amounts.values())
    assert HOSTILE not in everything and "&lt;img src=x" in everything


def test_answers_come_in_the_language_of_the_view() -> None:
    use_language("ru")
    view = move_budget(read_exports(SAMPLE / "northlight"))
    view.result.value = "visits"
    use_language("en")
    view.advised.click()
    assert language() == "ru" and "Что, если" in view.said.value
    bundle = view._repr_mimebundle_()
    assert {WIDGET_TYPE, STILL_TYPE, "text/plain"} <= set(bundle)
    assert 'alt="' in bundle[STILL_TYPE] and "<script" not in bundle[STILL_TYPE]
    letters = re.findall(r"[A-Za-z]{4,}", text_of(re.sub(r'src="[^"]*"', "", view.still())))
    assert set(letters) <= {"Google", "Meta"}


# Words


def test_amounts_have_three_digits_or_so() -> None:
    written = [write_result(value, "leads", "") for value in (0.0234, 0.5, 9.876, 12.34, 1234.5, -3.2, np.nan)]
    assert written == ["0.02", "0.50", "9.88", "12.3", "1,234", "−3.20", "—"]
    assert write_result(1234.5, "margin", "RUB", signed=True) == "+₽1,234"
    assert write_result(0.001, "leads", "", signed=True) == "0.00"


@pytest.mark.parametrize("code", [*response_words._REFUSALS])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_every_refusal_says_why_and_what_would_help(code: str, lang: str) -> None:
    use_language(lang)
    check = {"refusal": code, "weeks": 12.0, "unknown_share": 0.25, "varied": 0.04, "moved_with": "vk_ads",
             "free_share": 0.3}  # fmt: skip
    why, step = refusal_words(check, 5.0)
    assert "{" not in why + step and len(step) > 10
    assert bool(re.search("[а-я]", why)) == (lang == "ru")


def test_every_refusal_of_the_stage_has_words() -> None:
    from kpi_helpers.budget import checks

    assert checks.check_history.__doc__
    codes = set(re.findall(r'"([a-z_]+)"', checks.check_history.__doc__)) - {""}
    assert codes - {"idle_weekdays"} <= set(response_words._REFUSALS)  # that one is of days, and weeks are given here


def advice(low: float, high: float, spend: float = 30.0, **directions: str) -> Advice:
    return Advice(directions, dict.fromkeys(directions, spend), low, high)


def test_what_the_curves_agree_on_is_said_as_it_is() -> None:
    curves = opened("northlight").curves
    share = float(curves.spends["today"].sum()) / 2
    real = advice_words(advice(1, 2, share, a="take", b="give"), curves, "leads", "")
    assert real[0] == "All curves say: take from a, give to b." and "more by every curve" in real[2] and len(real) == 3
    torn = advice_words(advice(-1, 2, share, a="differ", b="differ"), curves, "leads", "")
    assert torn[0].startswith("Within noise: ") and "experiment" in torn[0]
    assert torn[1:] == ["", "The curves do not agree on: a and b."]
    assert "leave the split" in advice_words(advice(0, 0, share, a="stay", b="stay"), curves, "leads", "")[0]
    assert "Only a has curves" in advice_words(advice(0, 0, share, a="stay"), curves, "leads", "")[0]
    assert "against today" in advice_words(advice(1, 2, 3 * share, a="give", b="give"), curves, "leads", "")[0]


def test_an_experiment_that_a_year_does_not_settle_is_not_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    curves: Curves = as_opened("northlight").curves
    today = curves.spends["today"]
    split = {"google_ads": 0.8 * today["google_ads"], "meta_ads": 1.2 * today["meta_ads"]}

    def settled(weeks: float) -> pd.DataFrame:
        return pd.DataFrame({"form": ["hill", "power"], "change": [4.0, -2.0], "sd": 1.0, "weeks": [2.0, weeks]})

    monkeypatch.setattr(response_words, "weeks_to_settle", lambda _curves, _split: settled(21))
    assert "21 weeks as today" in experiment_words(curves, split, "leads", "")[0]
    assert "a difference of 2.00 a week" in experiment_words(curves, split, "leads", "")[0]
    for weeks in (53, np.nan):
        monkeypatch.setattr(response_words, "weeks_to_settle", lambda _curves, _split, weeks=weeks: settled(weeks))
        assert "would not be seen within a year" in experiment_words(curves, split, "leads", "")[0]
    off = experiment_words(curves, split, "leads", "")[1]
    assert off.startswith("Switch Google Ads off in a tenth of the places")
    assert len(experiment_words(curves, {}, "leads", "")) == 1


def test_a_larger_part_is_switched_off_where_a_tenth_would_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    curves: Curves = as_opened("northlight").curves
    weeks = {0.1: 300.0, 0.25: 100.0, 0.5: 40.0}
    asked = []

    def switched_off(_curves: Curves, channel: str, part: float) -> pd.DataFrame:
        asked.append(part)
        return pd.DataFrame({"form": ["hill"], "change": [-5.0], "sd": 1.0, "weeks": [weeks[part]]})

    monkeypatch.setattr(response_words, "weeks_switched_off", switched_off)
    response_words._soonest_off.cache_clear()
    assert "off in half of the places, 40 weeks" in experiment_words(curves, {}, "leads", "")[0]
    assert asked == [0.1, 0.25, 0.5]
    response_words._soonest_off.cache_clear()
    weeks.update({0.25: 11.0})
    assert "off in a quarter of the places, 11 weeks" in experiment_words(curves, {}, "leads", "")[0]
    response_words._soonest_off.cache_clear()
    weeks.update({0.25: 100.0, 0.5: 60.0})
    assert "in half of the places would not show within a year" in experiment_words(curves, {}, "leads", "")[0]
    response_words._soonest_off.cache_clear()
    today = curves.spends["today"]
    split = {"google_ads": 0.8 * today["google_ads"], "meta_ads": 1.2 * today["meta_ads"]}
    response_words._soonest_off.cache_clear()
    monkeypatch.setattr(response_words, "weeks_to_settle", switched_off_never)
    [only] = experiment_words(curves, split, "leads", "")
    assert only.startswith("No experiment of a year would show it") and "larger change" in only
    response_words._soonest_off.cache_clear()


def switched_off_never(_curves: Curves, _split: Any) -> pd.DataFrame:
    return pd.DataFrame({"form": ["hill"], "change": [1.0], "sd": 1.0, "weeks": [900.0]})


def test_a_proven_empty_channel_can_be_switched_off_and_what_that_saves() -> None:
    said = text_of(as_opened("severny_svet", "qualified_leads").more.value)
    assert "Its visits are proven empty: switched off, it saves ₽39,836 a month." in said
    assert "proven empty" not in text_of(as_opened("northlight").more.value)


def test_what_can_do_nothing_is_not_offered() -> None:
    view = as_opened("northlight")
    assert view.today.disabled and not view.advised.disabled and view.forms.value == ""
    assert list(view.money.sliders) == list(view.curves.spends["today"].sort_values(ascending=False).index)
    view.advised.click()
    assert not view.today.disabled and view.advised.disabled and "<table" in view.forms.value
    view.today.click()
    assert view.today.disabled and view.forms.value == ""
