import math
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers import labels
from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import month_span, write_change, write_interval, write_money, write_period, write_value
from kpi_helpers.language import LANGUAGES, use_language
from kpi_helpers.terms import MEASURES

STYLES = tuple(labels.STYLES)


@pytest.fixture
def russian() -> Iterator[None]:
    use_language("ru")
    yield
    use_language("en")


def spaced(text: str) -> str:
    """The text with a mark where the space does not break, narrow or not."""
    return text.replace(labels.NBSP, "_").replace("\u202f", "_")


@pytest.mark.parametrize(("value", "style", "english", "in_russian"), [
    (0.1234, "share", "12.3%", "12,3_%"),
    (1, "share", "100%", "100_%"),
    (-0.4, "share", "−40.0%", "−40,0_%"),
    (0.0, "share", "0.0%", "0,0_%"),
    (0.0035, "share", "0.35%", "0,35_%"),
    (-0.00001, "share", "0.00%", "0,00_%"),
    (1234567.8, "money", "$1,234,568", "1_234_568_₽"),
    (99.5, "money", "$99.50", "99,50_₽"),
    (-1234.5, "money", "−$1,234", "−1_234_₽"),
    (-0.001, "money", "$0.00", "0,00_₽"),
    (1.5, "multiple", "1.50", "1,50"),
    (12.34, "multiple", "12.3", "12,3"),
    (17.5, "points", "17.5", "17,5"),
    (2.346, "ratio", "2.35", "2,35"),
    (1234567, "count", "1,234,567", "1_234_567"),
])
def test_a_value_is_written_in_the_readers_way(value, style, english, in_russian, request):
    assert write_value(value, style, "USD") == english
    request.getfixturevalue("russian")
    assert spaced(write_value(value, style, "RUB")) == in_russian


@pytest.mark.parametrize(("value", "style", "english", "in_russian"), [
    (1234567, "money", "$1.2M", "1,2_млн_₽"),
    (12345, "money", "$12K", "12_тыс._₽"),
    (-12000, "money", "−$12K", "−12_тыс._₽"),
    (999999, "money", "$1M", "1_млн_₽"),
    (999999, "count", "1M", "1_млн"),
    (9999, "count", "9,999", "9_999"),
    (120400, "count", "120K", "120_тыс."),
    (0.1234, "share", "12%", "12_%"),
])
def test_axes_and_prose_take_short_numbers(value, style, english, in_russian, request):
    assert write_value(value, style, "USD", short=True) == english
    request.getfixturevalue("russian")
    assert spaced(write_value(value, style, "RUB", short=True)) == in_russian


@pytest.mark.parametrize("nothing", [None, math.nan, np.nan, math.inf, -math.inf])
@pytest.mark.parametrize("style", STYLES)
def test_no_value_is_a_dash_in_every_style(nothing, style):
    assert write_value(nothing, style, "USD") == "—"
    assert write_change(nothing, 1, style) == write_change(1, nothing, style) == "—"
    assert write_interval(nothing, 1, style) == ""


@given(st.floats(-1e12, 1e12), st.sampled_from(STYLES), st.booleans(), st.sampled_from(["", "RUB", "USD", "XYZ"]))
def test_every_number_can_be_written_with_one_kind_of_minus(value, style, short, currency):
    text = write_value(value, style, currency, short=short)
    assert "-" not in text
    assert not text.startswith("−") or any(digit in text for digit in "123456789")


def test_the_ruble_has_its_sign_in_both_languages_and_a_currency_without_one_its_code():
    assert write_money(1234.4, "RUB") == "₽1,234"
    assert spaced(write_money(1234.4, "CHF")) == "CHF_1,234"


def test_money_without_a_currency_is_the_number_alone():
    assert write_money(1234.5, "") == "1,234"
    assert write_money(1234567, "", short=True) == "1.2M"


@pytest.mark.parametrize(("now", "before", "style", "text"), [
    (0.25, 0.20, "share", "+5.0 pp"),
    (0.20, 0.25, "share", "−5.0 pp"),
    (120, 100, "money", "+20%"),
    (95, 100, "money", "−5.0%"),
    (100.001, 100, "count", "0.0%"),
    (20, 17.5, "points", "+2.5"),
    (-50, -100, "money", "+50%"),
    (1, 0, "money", "—"),
    (1, -1, "money", "—"),
])
def test_a_change_of_shares_is_in_percentage_points_and_of_the_rest_in_percent(now, before, style, text):
    assert write_change(now, before, style) == text


def test_an_interval_has_the_digits_its_width_allows():
    assert write_interval(0.2553, 0.3662, "share") == "26–37%"
    assert write_interval(0.781, 0.819, "share") == "78.1–81.9%"
    assert write_interval(14.14, 20.86, "points") == "14.1–20.9"


def test_amounts_of_an_interval_share_their_unit_or_keep_apart(russian):
    assert spaced(write_interval(37_900, 47_200, "money", "RUB")) == "37_900–47_200_₽"
    assert spaced(write_interval(1.5e6, 1.8e6, "money", "RUB", short=True)) == "1,5–1,8_млн_₽"
    assert spaced(write_interval(622e3, 1.8e6, "money", "RUB", short=True)) == "622_тыс._₽ – 1,8_млн_₽"


def test_whole_months_are_one_heading(russian):
    assert month_span(date(2025, 10, 1), date(2026, 10, 1)) == "Октябрь 2025 – октябрь 2026"
    assert month_span(date(2026, 10, 1), date(2026, 10, 1)) == "Октябрь 2026"


def test_months_and_days_in_english():
    assert labels.month_name(date(2026, 10, 1)) == "October 2026"
    assert labels.month_short(date(2026, 10, 1)) == "Oct"
    assert labels.write_date(date(2026, 10, 31)) == "31 October 2026"
    assert write_period(date(2026, 10, 1), date(2026, 10, 18)) == "1–18 October 2026"
    assert write_period(date(2026, 9, 28), date(2026, 10, 18)) == "28 September 2026 – 18 October 2026"
    assert write_period(date(2026, 10, 1), date(2026, 10, 1)) == "1 October 2026"


def test_months_and_days_in_russian(russian):
    assert labels.month_name(date(2026, 10, 1)) == "Октябрь 2026"
    assert labels.month_short(date(2026, 10, 1)) == "окт"
    assert spaced(labels.write_date(date(2026, 10, 31))) == "31 октября 2026_г."
    assert spaced(write_period(date(2026, 10, 1), date(2026, 10, 18))) == "1–18 октября 2026_г."


def test_russian_has_three_plural_forms(russian):
    assert [labels.write_days(n) for n in (1, 2, 5, 11, 21)] == ["1 день", "2 дня", "5 дней", "11 дней", "21 день"]


def test_words_are_joined_as_the_language_joins_them(request):
    assert labels.write_list([]) == ""
    assert labels.write_list(["a"]) == "a"
    assert labels.write_list(["a", "b", "c"]) == "a, b, and c"
    request.getfixturevalue("russian")
    assert labels.write_list(["a", "b", "c"]) == "a, b и c"


def test_names_not_known_are_shown_as_they_are():
    assert labels.kpi_name("nothing") == labels.measure_name("nothing") == "nothing"
    assert labels.channel_name("telegram / seeding") == "telegram / seeding"
    assert labels.channel_name(3) == "3"
    assert labels.owner_name("finance") == "finance"


def test_inside_a_formula_a_measure_has_its_own_name():
    assert (labels.kpi_name("leads"), labels.measure_name("leads")) == ("Leads", "leads")
    assert (labels.kpi_name("other_costs"), labels.measure_name("other_costs")) == (
        "Other marketing costs", "other marketing costs")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kpi_measure_channel_and_owner_has_a_name(lang, request):
    if lang == "ru":
        request.getfixturevalue("russian")
    written = [labels.kpi_name(key) for key in KPIS] + [labels.measure_name(key) for key in MEASURES]
    written += [labels.channel_name(key) for key in labels.CHANNELS]
    written += [labels.owner_name(row.owner) for row in KPIS.values()]
    assert all(written)
    assert {row.style for row in KPIS.values()} <= set(STYLES)
    assert {row.owner for row in KPIS.values()} <= set(labels.OWNERS)


def test_rates_have_two_decimals() -> None:
    assert [labels.write_rate(share) for share in (0.0312, 0.5, 0.0, math.nan)] == ["3.12%", "50.00%", "0.00%", "—"]
    use_language("ru")
    assert labels.write_rate(0.0312) == f"3,12{labels.NBSP}%"


def test_a_sentence_begins_with_a_large_letter() -> None:
    assert [labels.upper_first(text) for text in ("лиды и CTR", "CTR", "")] == ["Лиды и CTR", "CTR", ""]
