from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.errors import KitError, did_you_mean


def test_an_error_says_where_what_and_the_next_step():
    error = KitError("no heading for spend.", "Export it again.", where="ads.csv")
    assert str(error) == "ads.csv: no heading for spend. Export it again."
    assert (error.found, error.next_step, error.where) == ("no heading for spend.", "Export it again.", "ads.csv")


def test_an_error_without_place_or_step_is_the_finding_alone():
    assert str(KitError("the folder is empty.")) == "the folder is empty."


def test_near_words_are_offered_nearest_first():
    assert did_you_mean("qualifcation_rate", ["cpl", "qualification_rate"]) == "Did you mean qualification_rate?"


def test_few_words_are_listed_where_none_is_near_and_many_are_not():
    assert did_you_mean("xyz", ["cpl", "cac"]) == "There are: cac, cpl."
    assert did_you_mean("xyz", [f"kpi_{n}" for n in range(13)]) == ""
    assert did_you_mean("xyz", []) == ""


@given(st.text(), st.lists(st.text(), max_size=20))
def test_any_word_gets_one_line_or_none(word, known):
    assert isinstance(did_you_mean(word, known), str)
    assert did_you_mean(word, []) == ""
