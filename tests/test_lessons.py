"""What holds for every lesson: clear questions, wrong answers that are named, neighbours with other numbers.

A lesson's own numbers are held against the raw files in `test_lesson_<key>.py`.
"""

import math
import re
from collections.abc import Iterator
from functools import cache
from html import unescape
from itertools import combinations, product
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup
from oracle_misconceptions import TWINS
from printed import half_of_last_digit, value_of

from kpi_helpers.catalogue import KPIS
from kpi_helpers.charts.paper import save
from kpi_helpers.exports import read_exports
from kpi_helpers.labels import NO_VALUE, write_difference, write_value
from kpi_helpers.language import _, use_language
from kpi_helpers.lessons.course import LESSONS
from kpi_helpers.lessons.figures import Figures, Lot, figures_of
from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS
from kpi_helpers.lessons.questions import Choice, Draft, Number, Order, Question
from kpi_helpers.lessons.script import Pick, Run, Script, Shown, Slider
from kpi_helpers.lessons.sitting import Asked, digest

COMPANIES = ("northlight", "severny_svet")
LEARNERS = ("Anna", "Борис", "")  # the last two in English only: a composed lesson is dear
NEIGHBOURS = (*LEARNERS, "Chloé", "Dmitri", "Ева", "Fatima", "Georg", "Инна", "Jun", "Kim", "Лев")
DIFFERENT = 4  # blanks among twelve neighbours, at least
TENTH = 0.001  # of a percent: so much of a share the kit writes by itself
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?%?")
HELD_BY_THEIR_LESSONS = {  # numbers of no misconception: ranges, dates, sums; the lesson's own test has them
    "sample_as_truth", "chance_too_small", "chance_too_large", "year_or_last_month", "goal_nobody_moves",
    "mix_for_parts", "cheap_clicks", "due_without_hours", "day_off_as_working_day", "no_first_hour",
    "rule_of_thumb_as_law",  # “from 3 on”, which is no number of the company
}  # fmt: skip
HOLES = re.compile(r"\b(?:nan|inf|NaT)\b|\bNone\b(?! of)|[{}]")

every_lesson = pytest.mark.parametrize("key", LESSONS)
every_company = pytest.mark.parametrize("company", COMPANIES)
every_language = pytest.mark.parametrize("lang", ("en", "ru"))


@cache
def figures(company: str) -> Figures:
    return figures_of(Path("data/sample") / company)


@cache
def read_figures(company: str, _lang: str) -> Figures:
    return Figures(read_exports(Path("data/sample") / company))


@cache
def composed(company: str, key: str, learner: str, lang: str) -> Script:
    use_language(lang)
    return LESSONS[key].compose(figures(company), Lot(learner, key))


def script(company: str, key: str, learner: str = "Anna", lang: str = "en") -> Script:
    """The lesson for a learner, in the language that is spoken from now on."""
    found = composed(company, key, learner, lang)
    use_language(lang)
    return found


def scripts(company: str, key: str, lang: str = "en") -> Iterator[Script]:
    learners = LEARNERS if lang == "en" else LEARNERS[:1]
    return (script(company, key, learner, lang) for learner in learners)


def checked(one: Script) -> list[Question]:
    return [one.blank, *one.fresh, one.leave]


def asked(one: Script) -> list[Question]:
    return [one.predict, *checked(one)]


def plain(words: object) -> str:
    """What is read of words or of a fragment; NBSP as a space."""
    bare = re.sub(r"<[^>]*>", " ", words) if isinstance(words, Markup) else str(words)
    return " ".join(unescape(bare).split())


def signature(question: Question) -> tuple[Any, ...]:
    """What a learner sees of a question, and its answer."""
    options = tuple(option.words for option in getattr(question, "options", ()))
    return type(question), question.text, question.given, options, getattr(question, "answer", None)


def write_answer(question: Number, value: float) -> str:
    """A number as the kit writes it, in the style of the question; finer where the question asks for it."""
    if question.style == "pp":
        return write_difference(value, "share")
    if question.style == "share" and question.rounding < TENTH:
        return f"{100 * value:.{decimals_of(question)}f} %"
    return write_value(value, question.style, question.currency)


def decimals_of(question: Number) -> int:
    """How many decimals the question asks for; of percent, where shares or points are asked for."""
    percent = 100 if question.style in ("share", "pp") else 1
    return max(0, math.ceil(-math.log10(question.rounding * percent) - 1e-9))


# Words


def all_words(one: Script) -> Iterator[str]:
    for question in asked(one):
        yield question.text
        yield from (option.words for option in getattr(question, "options", ()))
        yield from question.hints
        if question is not one.predict:
            yield from (question.because, question.solution)
    yield one.explore.task
    yield from (control.name for control in one.explore.controls)
    for step in one.example:
        yield from (step.what, step.result)
    yield from one.remember


@every_lesson
@every_company
@every_language
def test_no_text_is_empty_or_has_holes(key: str, company: str, lang: str) -> None:
    for one in scripts(company, key, lang):
        for words in all_words(one):
            assert words.strip()
            assert not HOLES.search(words), words
        assert not any(HOLES.search(plain(question.given)) for question in asked(one))
        assert not any(HOLES.search(step.how) or step.result == NO_VALUE for step in one.example)


@every_lesson
@every_company
def test_a_lesson_has_all_its_steps(key: str, company: str) -> None:
    one = script(company, key)
    assert 3 <= len(one.example) <= 8
    assert 1 <= len(one.fresh) <= 3
    assert 2 <= len(one.remember) <= 4
    assert all(len(question.hints) >= 2 for question in checked(one)), "hints are graded"


# Right answers


@every_lesson
@every_company
def test_every_number_is_far_from_every_wrong_way_to_it(key: str, company: str) -> None:
    for one in scripts(company, key):
        for question in checked(one):
            assert not isinstance(question, Number) or question.is_clear, question.text


def spellings(question: Number) -> Iterator[str]:
    """The right answer as learners write it, rounded as it is asked for."""
    unit = {"share": "%", "pp": "pp"}.get(question.style, "")
    number = f"{question.answer * (100 if unit else 1):.{decimals_of(question)}f}"
    yield write_answer(question, question.answer)
    for form in (number, number.replace(".", ","), number.replace("-", "−")):
        yield from (form, f" {form} {unit}", f"{form}{unit}")


@every_lesson
@every_company
@every_language
def test_the_right_answer_is_right_in_any_spelling(key: str, company: str, lang: str) -> None:
    for one in scripts(company, key, lang):
        for question in checked(one):
            if isinstance(question, Number):
                for said in spellings(question):
                    assert question.check(said).right, (said, question.answer, question.text)
            elif isinstance(question, Choice | Order):
                assert question.check(question.answer).right  # type: ignore[arg-type]
                assert question.check(question.answer).words == question.because  # type: ignore[arg-type]


def stands_in(number: str, words: str) -> bool:
    """Whether the number is written there, not as a part of another one."""
    return bool(re.search(rf"(?<![\d.,−+-]){re.escape(number)}(?![\d]|[.,]\d)", words))


@every_lesson
@every_company
@every_language
def test_nothing_said_of_a_wrong_answer_gives_the_right_one_away(key: str, company: str, lang: str) -> None:
    for one in scripts(company, key, lang):
        for question in checked(one):
            named = [_(MISCONCEPTIONS[slip.name].words) for slip in question.slips]
            for words in map(plain, (*question.hints, *named)):
                if isinstance(question, Number):
                    assert not stands_in(plain(write_answer(question, question.answer)), words), words
                elif isinstance(question, Choice):
                    right = next(option.words for option in question.options if option.key == question.answer)
                    assert plain(right).rstrip(".") not in words, words


# Wrong answers


@every_lesson
@every_company
def test_every_computed_slip_is_what_its_misconception_computes(key: str, company: str) -> None:
    for one in scripts(company, key):
        for question in asked(one):
            for slip in question.slips:
                assert slip.figures or not isinstance(question, Number), f"{slip.name}: a number that nobody computed"
                if not slip.figures:
                    continue
                expected = TWINS[slip.name](**slip.figures)
                if isinstance(question, Number):
                    assert slip.value == pytest.approx(expected), slip.name
                else:
                    words = next(option.words for option in question.options if option.key == slip.value)  # type: ignore[attr-defined]
                    shown = NUMBER.findall(words)
                    near = [abs(value_of(number) - abs(expected)) <= half_of_last_digit(number) for number in shown]
                    assert any(near), (slip.name, words)


@every_lesson
@every_company
def test_every_number_offered_as_an_option_is_computed_or_stands_in_the_question(key: str, company: str) -> None:
    for one in scripts(company, key):
        for question in (asks for asks in asked(one) if isinstance(asks, Choice)):
            read = set(NUMBER.findall(f"{plain(question.text)} {plain(question.given)}"))
            for slip in question.slips:
                if not slip.figures and slip.name not in HELD_BY_THEIR_LESSONS:
                    words = next(option.words for option in question.options if option.key == slip.value)
                    assert read.issuperset(NUMBER.findall(plain(words))), (slip.name, words)


@every_lesson
@every_company
@every_language
def test_every_wrong_number_is_answered_by_its_misconception(key: str, company: str, lang: str) -> None:
    for one in scripts(company, key, lang):
        for question in (one for one in checked(one) if isinstance(one, Number)):
            for slip in question.slips:
                said = question.check(write_answer(question, slip.value))
                assert (said.right, said.slip) == (False, slip.name), (question.text, slip)
                assert said.words == _(MISCONCEPTIONS[slip.name].words)


@every_lesson
@every_company
@every_language
def test_options_are_different_and_each_slip_is_a_wrong_one(key: str, company: str, lang: str) -> None:
    for one in scripts(company, key, lang):
        for question in asked(one):
            if not isinstance(question, Choice | Order):
                continue
            keys = [option.key for option in question.options]
            assert len(set(keys)) == len(keys) == len({option.words for option in question.options}) >= 3, question.text
            possible = keys if isinstance(question, Choice) else [tuple(question.answer)]
            assert question.answer in possible
            values = [slip.value for slip in question.slips]
            assert len(set(values)) == len(values), "two misconceptions for one answer: the second is never named"
            for slip in question.slips:
                assert slip.value != question.answer
                assert slip.value in keys if isinstance(question, Choice) else sorted(slip.value) == sorted(keys)
                assert question.check(slip.value).slip == slip.name


@every_lesson
@every_company
def test_a_lesson_names_at_least_three_misconceptions(key: str, company: str) -> None:
    drafts = [question for question in asked(script(company, key)) if isinstance(question, Draft)]
    named = {slip.name for question in asked(script(company, key)) for slip in question.slips}
    assert len(named) >= 3 or drafts


def test_every_misconception_is_met_in_some_lesson() -> None:
    """In that of a form only where its judge names it."""
    met = {
        question.check(slip.value).slip if isinstance(question, Draft) else slip.name
        for key, company in product(LESSONS, COMPANIES)
        for one in scripts(company, key)
        for question in asked(one)
        for slip in question.slips
    }
    assert met - {""} == set(MISCONCEPTIONS)


@every_lesson
@every_company
def test_a_question_is_the_same_in_another_language(key: str, company: str) -> None:
    """So what was answered is taken up there."""
    marks = []
    for lang in ("en", "ru"):
        use_language(lang)  # its figures are read in that language, too
        one = LESSONS[key].compose(read_figures(company, lang), Lot("Anna", key))
        placed = [("predict", 0, one.predict), ("blank", 0, one.blank), ("leave", 0, one.leave)]
        placed += [("fresh", place, question) for place, question in enumerate(one.fresh)]
        marks.append([digest(Asked(*where)) for where in placed])
    assert marks[0] == marks[1] and len(set(marks[0])) == len(marks[0])


@every_lesson
@every_company
def test_every_slip_of_a_form_is_named_by_its_judge(key: str, company: str) -> None:
    for one in scripts(company, key):
        for question in (one for one in asked(one) if isinstance(one, Draft)):
            for slip in question.slips:
                verdict = question.check(slip.value)
                assert (verdict.right, verdict.slip) == (False, slip.name)


def test_every_misconception_that_computes_has_an_independent_twin() -> None:
    assert set(TWINS) == {name for name, one in MISCONCEPTIONS.items() if one.computes}


@every_language
def test_no_two_misconceptions_say_the_same(lang: str) -> None:
    use_language(lang)
    for said in ("name", "words"):
        texts = [_(getattr(one, said)) for one in MISCONCEPTIONS.values()]
        assert len(set(texts)) == len(texts)


# Neighbours


@every_lesson
@every_company
def test_neighbours_have_other_blanks(key: str, company: str) -> None:
    blanks = set()
    for learner in NEIGHBOURS:
        blanks.add(signature(script(company, key, learner).blank))
        if len(blanks) == DIFFERENT:
            return
    pytest.fail(f"{len(blanks)} different blanks among {len(NEIGHBOURS)} neighbours")


@every_lesson
@every_company
def test_a_learner_gets_the_same_lesson_again(key: str, company: str) -> None:
    once = script(company, key, "Anna")
    again = LESSONS[key].compose(figures(company), Lot(" anna", key))
    assert [*map(signature, asked(again))] == [*map(signature, asked(once))]
    assert list(again.example) == list(once.example)


# The prediction and the experiment


def predictions(question: Question) -> list[Any]:
    """Everything that may have been predicted, or a few numbers, and what a file may hold instead."""
    match question:
        case Choice():
            return [option.key for option in question.options] + ["\0", None]
        case Order():
            return [question.answer, question.answer[::-1], (), None]
        case Number():
            return [write_answer(question, question.answer), "10", "-3", "a lot", "", None]
    return [{}, None]


@every_lesson
@every_company
def test_every_prediction_is_answered_in_words_of_its_own(key: str, company: str) -> None:
    one = script(company, key)
    texts = {repr(said): [*map(plain, one.explain(said))] for said in predictions(one.predict)}
    for said, words in texts.items():
        assert len(words) >= 2, said
        assert all(part and not HOLES.search(part) for part in words), (said, words)
    if isinstance(one.predict, Choice):
        own = [texts[repr(option.key)] for option in one.predict.options]
        assert all(first != second for first, second in combinations(own, 2))


def settings(one: Script) -> Iterator[dict[str, Any]]:
    """What the controls begin with, then each moved to every end or choice by itself."""
    first: dict[str, Any] = {}
    moves: dict[str, list[Any]] = {}
    for control in one.explore.controls:
        match control:
            case Slider():
                first[control.key], moves[control.key] = control.value, [control.low, control.high]
            case Pick():
                first[control.key], moves[control.key] = (
                    control.value or next(iter(control.options)),
                    [*control.options],
                )
            case Run():
                first[control.key], moves[control.key] = 0, [1, 2]
    yield first
    for key, values in moves.items():
        yield from ({**first, key: value} for value in values)


def seen(shown: Shown) -> tuple[str, ...]:
    return shown.words, shown.alt, str(shown.table)


@every_lesson
@every_company
@every_language
def test_the_experiment_answers_every_move(key: str, company: str, lang: str) -> None:
    one = script(company, key, lang=lang)
    begun, *moved = [one.explore.show(values) for values in settings(one)]
    for shown in (begun, *moved):
        assert shown.words.strip() and (shown.ax is not None or shown.table)
        assert shown.ax is None or shown.alt.strip(), "a chart says its finding to those who do not see it"
        assert not any(HOLES.search(plain(Markup(words))) for words in seen(shown)), seen(shown)
    assert any(seen(shown) != seen(begun) for shown in moved), "something has to change"
    if begun.ax is not None:
        assert save(begun.ax).startswith(b"\x89PNG")


@every_lesson
@every_company
def test_the_same_move_shows_the_same(key: str, company: str) -> None:
    one = script(company, key)
    values = list(settings(one))[-1]
    assert seen(one.explore.show(values)) == seen(one.explore.show(values))


@every_lesson
@every_company
def test_sliders_begin_within_their_ends(key: str, company: str) -> None:
    controls = script(company, key).explore.controls
    assert len({control.key for control in controls}) == len(controls) > 0
    for control in controls:
        if isinstance(control, Slider):
            assert control.low <= control.value <= control.high and control.low < control.high and control.step > 0
        elif isinstance(control, Pick):
            assert len(control.options) > 1 and (not control.value or control.value in control.options)


# The course


def test_every_lesson_teaches_kpis_of_the_catalogue() -> None:
    for lesson in LESSONS.values():
        assert lesson.kpis and set(lesson.kpis) <= set(KPIS), lesson.key
