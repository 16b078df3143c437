"""Numbers written by learners: what the kit writes is read back, and nothing that is typed breaks the reader."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.errors import KitError
from kpi_helpers.labels import STYLES, write_difference, write_value
from kpi_helpers.language import LANGUAGES, use_language
from kpi_helpers.lessons.answers import read_answer

CURRENCIES = ["", "RUB", "USD", "EUR", "GBP", "KZT", "UAH", "BYN", "CNY", "JPY", "CHF", "PLN", "TRY", "CAD", "AUD",
              "BRL", "INR", "AED", "GEL", "AMD", "UZS", "XOF", "XYZ"]  # fmt: skip
ALL_STYLES = [*STYLES, "pp"]
PLACES = {"share": 4, "money": 2, "multiple": 2, "ratio": 2, "stars": 2, "months": 1, "points": 1, "count": 1}


def near(readings: set[float], value: float, step: float) -> bool:
    return any(abs(reading - value) <= step * 0.500001 + abs(value) * 1e-9 for reading in readings)


@pytest.mark.parametrize(
    ("said", "style", "readings"),
    [
        ("50 %", "share", {0.5}), ("50%", "share", {0.5}), ("50\u202f%", "share", {0.5}), ("50", "share", {0.5}),
        ("50 процентов", "share", {0.5}), ("50 per cent", "share", {0.5}), ("−40\u00a0%", "share", {-0.4}),
        ("0,5", "share", {0.5, 0.005}), ("0.5", "share", {0.5, 0.005}), ("0,5 %", "share", {0.005}),
        ("2,5", "share", {0.025}), ("5", "share", {0.05}), ("3.0", "share", {0.03}),
        ("1", "share", {0.01}), ("-0,4", "share", {-0.4, -0.004}), ("1", "pp", {0.01}),
        ("1,234 %", "share", {0.01234, 12.34}), ("-40", "share", {-0.4}),
        ("−40", "points", {-40.0}), ("– 40", "points", {-40.0}), ("минус 40", "points", {-40.0}),
        ("+5", "count", {5.0}), ("1\u00a0234,5", "count", {1234.5}), ("1\u202f234,5", "count", {1234.5}),
        ("1,234.5", "count", {1234.5}), ("1.234,5", "count", {1234.5}), ("1,234", "count", {1.234, 1234.0}),
        ("1'234", "count", {1234.0}), ("12345.67", "count", {12345.67}), (",5", "count", {0.5}),
        ("≈ 40", "count", {40.0}), ("5 points", "pp", {0.05}), ("4m", "months", None), ("5 pct", "money", None),
        ("около 40", "count", {40.0}), ("12 тыс.", "count", {12000.0}), ("1,2 млн", "count", {1.2e6}),
        ("1 234 ₽", "money", {1234.0}), ("$1,234", "money", {1.234, 1234.0}), ("−$1,234.50", "money", {-1234.5}),
        ("$-5", "money", {-5.0}), ("-$5", "money", {-5.0}), ("1 234 руб.", "money", {1234.0}), ("5 р.", "money", {5.0}),
        ("12K", "money", {12000.0}), ("$1.2M", "money", {1.2e6}), ("1,2 млн ₽", "money", {1.2e6}),
        ("3,4 тыс. руб.", "money", {3400.0}), ("5 USD", "money", {5.0}), ("$5 USD", "money", {5.0}),
        ("5 п.п.", "pp", {0.05}), ("+5 п. п.", "pp", {0.05}), ("5 pp", "pp", {0.05}), ("5 пп", "pp", {0.05}),
        ("5 процентных пунктов", "pp", {0.05}), ("5", "pp", {0.05}), ("0,05", "pp", {0.05, 0.0005}),
        ("0,5 п.п.", "pp", {0.005}), ("5 %", "pp", None), ("5 п.п.", "share", None),
        ("1,2x", "multiple", {1.2}), ("1,2×", "multiple", {1.2}), ("1,2 х", "multiple", {1.2}),
        ("×3", "multiple", {3.0}),
        ("в 3 раза", "multiple", None), ("3 раза", "multiple", {3.0}), ("150 %", "multiple", {1.5}),
        ("4 мес.", "months", {4.0}), ("4,5 месяца", "months", {4.5}), ("4 months", "months", {4.0}),
        ("4,5 ★", "stars", {4.5}), ("42 п.", "points", {42.0}), ("42 points", "points", {42.0}),
        ("", "count", None), ("   ", "share", None), ("—", "count", None), ("no", "count", None),
        ("много", "count", None),
        ("100 т.р.", "money", {100_000.0}), ("100 т. р.", "money", {100_000.0}), ("100 тр", "money", {100_000.0}),
        ("100 т.руб.", "money", {100_000.0}), ("5 трлн", "money", {5e12}), ("3000 ₽/мес", "money", {3000.0}),
        ("3000 ₽ / мес.", "money", {3000.0}), ("900 руб/лид", "money", {900.0}), ("$5/lead", "money", {5.0}),
        ("120 лидов", "count", {120.0}), ("5 шт", "count", {5.0}), ("5 шт.", "count", {5.0}),
        ("120 ads", "count", {120.0}),
        ("12 тыс. лидов", "count", {12000.0}), ("120 leads", "money", None), ("120 новых лидов", "count", None),
        ("5 руб.", "count", None), ("5 мес.", "count", None), ("5 t", "money", None), ("5t", "money", None),
        ("минус40", "points", {-40.0}), ("минус40 %", "share", {-0.4}), ("5 abc", "money", None),
        ("5 zł", "money", None),
        ("12 or 13", "count", None), ("12 13", "count", None), ("--5", "count", None), ("5-", "count", None),
        ("+-5", "count", None), ("50 ₽", "share", None), ("50 %", "money", None), ("50 %", "count", None),
        ("5 мес.", "money", None), ("1,23,45", "count", None), ("٣", "count", None), ("½", "count", None),
        ("9" * 400, "count", None), ("1e400", "count", None), ("nan", "count", None), ("inf", "share", None),
    ],
)  # fmt: skip
def test_what_a_written_number_means(said: str, style: str, readings: set[float] | None) -> None:
    if readings is None:
        with pytest.raises(KitError) as caught:
            read_answer(said, style)
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 200
        assert caught.value.next_step
    else:
        found = read_answer(said, style)
        assert sorted(found) == pytest.approx(sorted(readings))


@pytest.mark.parametrize(
    ("said", "currency", "right"),
    [
        ("$50", "USD", True), ("US$50", "USD", True), ("50 USD", "USD", True), ("$50 USD", "USD", True),
        ("50", "USD", True),
        ("50 dollars", "USD", True), ("€50", "USD", False), ("50 ₽", "USD", False), ("50 руб.", "USD", False),
        ("50 EUR", "USD", False), ("CA$50", "USD", False), ("€50 USD", "USD", False), ("50 ₽", "RUB", True),
        ("50 р.", "RUB", True), ("50 тыс. руб.", "RUB", True), ("$50", "RUB", False), ("50 KZT", "RUB", False),
        ("50 евро", "EUR", True), ("$50", "CAD", True), ("F CFA 50", "XOF", True), ("50 руб.", "BYN", True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", LANGUAGES)
def test_another_currency_is_told_apart(lang: str, said: str, currency: str, right: bool) -> None:
    use_language(lang)
    if right:
        assert read_answer(said, "money", currency) in ({50.0}, {50_000.0})
    else:
        with pytest.raises(KitError) as caught:
            read_answer(said, "money", currency)
        assert currency in str(caught.value) or "unit" in caught.value.found or said.startswith("€50 ")


@pytest.mark.parametrize("lang", LANGUAGES)
@given(
    st.floats(-1e11, 1e11, allow_subnormal=False) | st.floats(-30, 30) | st.integers(-2000, 2000),
    st.sampled_from(sorted(STYLES)), st.sampled_from(CURRENCIES),
)  # fmt: skip
def test_what_the_kit_writes_is_read_back(lang: str, value: float, style: str, currency: str) -> None:
    use_language(lang)
    written = write_value(value, style, currency)
    step = 10.0 ** -PLACES[style]
    if style == "share" and abs(value) >= 0.99:
        step = 0.01
    if style == "share" and 0.00994 <= abs(value) < 0.99:
        step = 0.001
    if style == "money" and abs(value) >= 100:
        step = 1
    if style == "multiple" and abs(value) >= 10:
        step = 0.1
    assert near(read_answer(written, style, currency), value, step), written


@pytest.mark.parametrize("lang", LANGUAGES)
@given(st.floats(-9e11, 9e11), st.sampled_from(["money", "count"]), st.sampled_from(CURRENCIES))
def test_short_amounts_are_read_back_within_their_rounding(lang: str, value: float, style: str, currency: str) -> None:
    use_language(lang)
    written = write_value(value, style, currency, short=True)
    assert near(read_answer(written, style, currency), value, max(0.12 * abs(value), 1.0)), written


@pytest.mark.parametrize("lang", LANGUAGES)
@given(st.floats(-1, 1))
def test_written_differences_of_shares_are_read_back(lang: str, value: float) -> None:
    use_language(lang)
    assert near(read_answer(write_difference(value, "share"), "pp"), value, 0.001)


@given(st.text(max_size=120), st.sampled_from(ALL_STYLES))
def test_whatever_is_typed_is_a_number_or_a_refusal(said: str, style: str) -> None:
    try:
        readings = read_answer(said, style)
    except KitError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert all(map(math.isfinite, readings))


@given(st.text(alphabet="0123456789.,+-−  \u00a0\u202f%$₽xхkкмппт.ptse()e'", max_size=20), st.sampled_from(ALL_STYLES))
def test_whatever_looks_like_a_number_is_a_number_or_a_refusal(said: str, style: str) -> None:
    test_whatever_is_typed_is_a_number_or_a_refusal.hypothesis.inner_test(said, style)


@pytest.mark.parametrize("style", ALL_STYLES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_example_that_is_shown_is_itself_read(lang: str, style: str) -> None:
    use_language(lang)
    with pytest.raises(KitError) as caught:
        read_answer("?", style)
    example = caught.value.next_step.split(": ", 1)[1]
    assert read_answer(example.rstrip("."), style)
