"""A learner's answers: kept at once, by several pages, and never at the cost of a file that is not theirs."""

import errno
import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.errors import KitError
from kpi_helpers.lessons import progress as module
from kpi_helpers.lessons.figures import Lot
from kpi_helpers.lessons.kept import Kept, Try, as_json, read_progress
from kpi_helpers.lessons.learners import folded
from kpi_helpers.lessons.progress import Progress, progress_file

NAMES = ["", "Anna", "Анна", "../../etc/passwd", "/", "a" * 300, "я" * 300, "🙂", "CON", "nul.json", "learner",
         "learner ", ".", "..", "-", "x\x00y", "\u202eevil", "a/b", "a_b", "a\\b", "\ud800", "=1+1", "%s{x}",
         ]  # fmt: skip


def begin(folder: Path, learner: str = "Anna") -> Progress:
    return Progress(progress_file(learner, folder), learner)


def answer(progress: Progress, said: Any = "50 %", right: bool | None = True, slip: str = "") -> None:
    progress.record("honest_roi", "leave", "abc123", said, str(said), right, slip)


def test_answers_come_back_as_they_were_given(tmp_path: Path) -> None:
    progress = begin(tmp_path / "new" / "folder")
    for said, right in (("50 %", False), (("a", "b"), True), ({"name": "Цель", "target": "10"}, None), ("", None)):
        answer(progress, said, right, "revenue_as_profit" if right is False else "")
    progress.seen("honest_roi", "blank", "fff")
    again = begin(tmp_path / "new" / "folder").tries("honest_roi")
    assert [one.said for one in again] == ["50 %", ("a", "b"), {"name": "Цель", "target": "10"}, "", ""]
    assert [one.right for one in again] == [False, True, None, None, None]
    assert [one.shown for one in again] == [False] * 4 + [True]
    assert again[0].slip == "revenue_as_profit" and again[0].question == "abc123" and again[0].at.tzinfo
    assert again == progress.tries("honest_roi") and progress.tries("goals") == []


@pytest.mark.parametrize("learner", NAMES)
def test_any_name_is_a_file_in_the_folder_that_can_be_written(learner: str, tmp_path: Path) -> None:
    path = progress_file(learner, tmp_path)
    assert path.parent == tmp_path and path.suffix == ".json" and not path.name.startswith(".")
    assert len(path.name.encode()) < 120 and path.name.isprintable()
    answer(begin(tmp_path, learner))
    assert len(begin(tmp_path, learner).tries("honest_roi")) == 1
    assert sorted(file.name for file in tmp_path.iterdir() if file.suffix == ".json") == [path.name]


@given(st.lists(st.text(max_size=30) | st.sampled_from(NAMES), min_size=2, max_size=8))
def test_two_learners_never_share_a_file_on_a_system_that_folds_names(names: list[str]) -> None:
    files = {folded(name): progress_file(name, Path("p")).name.casefold() for name in names}
    assert len(set(files.values())) == len(files)


def test_one_learner_is_one_however_the_name_is_typed() -> None:
    assert len({progress_file(name, Path()) for name in ("Zoë", " zoë ", "ZOË", "Zoe\u0308")}) == 1


@given(
    st.text(max_size=9) | st.sampled_from(NAMES), st.text(max_size=9) | st.sampled_from([*NAMES, "Zoë", "Zoe\u0308"])
)
def test_who_shares_a_file_has_the_same_questions(one: str, other: str) -> None:
    def drawn(learner: str) -> int:
        return Lot(learner, "goals").whole(0, 10**9)

    assert (drawn(one) == drawn(other)) == (progress_file(one, Path()) == progress_file(other, Path()))


def test_a_folder_that_no_system_takes_is_said_in_one_line() -> None:
    progress = begin(Path("\0x"))
    with pytest.raises(KitError, match="cannot be used") as caught:
        answer(progress)
    assert "\n" not in str(caught.value) and len(progress.tries("honest_roi")) == 1


def test_without_a_name_the_file_is_the_learners() -> None:
    assert progress_file("  ", Path("p")) == Path("p/learner.json") != progress_file("learner", Path("p"))


def _answer_often(folder: str, said: str) -> None:
    progress = begin(Path(folder))
    for n in range(15):
        answer(progress, f"{said}{n}")


def test_two_pages_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    pages = [context.Process(target=_answer_often, args=(str(tmp_path), said)) for said in "ab"]
    for page in pages:
        page.start()
    for page in pages:
        page.join(120)
        assert page.exitcode == 0
    said = [one.said for one in begin(tmp_path).tries("honest_roi")]
    assert sorted(said) == sorted(f"{page}{n}" for page in "ab" for n in range(15))
    assert [one for one in said if one[0] == "a"] == [f"a{n}" for n in range(15)]


def a_file(**changes: Any) -> dict[str, Any]:
    row = {"step": "leave", "question": "q", "said": "1", "written": "1", "right": True, "slip": "",
           "at": "2026-11-01T10:00:00+00:00", "shown": False}  # fmt: skip
    data = {"format": "kpi-progress", "version": 1, "learner": "Anna", "lessons": {"honest_roi": [row]}}
    for place, value in changes.items():
        (data if place in data else row)[place] = value
    return data


BROKEN: dict[str, bytes] = {
    "empty": b"", "no json": b"Anna: 5", "bytes": b"\xff\xfe\x00\x01" * 9, "half": json.dumps(a_file()).encode()[:-20],
    "list": b"[]", "null": b"null", "number": b"1", "deep": b"[" * 100_000, "digits": b"9" * 10_000,
    "notebook": b'{"cells": [], "nbformat": 4}', "too large": b" " * 9_000_000,
    **{
        f"{place} {value!r:.20}": json.dumps(a_file(**{place: value})).encode()
        for place, value in [
            ("format", "other"), ("version", 0), ("version", "1"), ("learner", 5), ("learner", "Bob"), ("lessons", []),
            ("lessons", {"a": 5}), ("lessons", {"a": [5]}), ("lessons", {"a": [{}]}), ("said", 5), ("said", [[1]]),
            ("said", {"a": {}}), ("said", "x" * 3000), ("right", 1), ("right", "yes"), ("shown", None),
            ("at", "yesterday"),
            ("at", 5), ("at", "0001-01-01T00:00:00+14:00"), ("at", "2026-11-01"), ("step", None), ("slip", "\ud800"),
        ]
    },
}  # fmt: skip


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("first", ["tries", "record"])
def test_a_foreign_file_is_said_once_moved_aside_and_never_overwritten(
    content: bytes, first: str, tmp_path: Path
) -> None:
    progress = begin(tmp_path)
    progress.path.write_bytes(content)
    with pytest.raises(KitError) as caught:
        progress.tries("honest_roi") if first == "tries" else answer(progress)
    assert "\n" not in str(caught.value) and "aside-1" in str(caught.value)
    answer(progress)
    kept = begin(tmp_path).tries("honest_roi")
    assert len(kept) == (1 if first == "tries" else 2) and kept == progress.tries("honest_roi")
    assert progress.path.with_name(f"{progress.path.stem}.aside-1.json").read_bytes() == content


def test_what_lies_aside_is_not_overwritten_either(tmp_path: Path) -> None:
    for n in (1, 2):
        progress = begin(tmp_path)
        progress.path.write_text(f"broken {n}")
        with pytest.raises(KitError):
            answer(progress)
    aside = sorted(tmp_path.glob("*.aside-*"))
    assert [file.read_text() for file in aside] == ["broken 1", "broken 2"]


def test_a_file_of_a_newer_kit_stays_where_it_is(tmp_path: Path) -> None:
    progress = begin(tmp_path)
    content = json.dumps(a_file(version=2, lessons={"new": "form"}))
    progress.path.write_text(content)
    with pytest.raises(KitError, match="newer"):
        answer(progress)
    answer(progress)  # said once
    assert progress.path.read_text() == content and len(progress.tries("honest_roi")) == 2


def full_disk(path: Path, content: bytes) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", str(path))


def test_on_a_full_disk_it_is_said_in_one_line_and_the_lesson_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress = begin(tmp_path)
    answer(progress, "1")
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_safely", full_disk)
        with pytest.raises(KitError, match="the disk is full") as caught:
            answer(progress, "2")
        assert "\n" not in str(caught.value)
        answer(progress, "3")
        assert [one.said for one in progress.tries("honest_roi")] == ["1", "2", "3"]
        assert [one.said for one in begin(tmp_path).tries("honest_roi")] == ["1"]
    assert not progress.is_kept
    answer(progress, "4")  # there is room again
    assert progress.is_kept
    assert [one.said for one in begin(tmp_path).tries("honest_roi")] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("spoil", [lambda folder: folder.write_text("a file"), lambda folder: (folder / "x").mkdir()])
def test_where_nothing_can_be_written_the_lesson_goes_on(spoil: Callable[[Path], object], tmp_path: Path) -> None:
    folder = tmp_path / "p"
    path = progress_file("Anna", folder)
    spoil(folder) if spoil.__code__.co_names[0] == "write_text" else path.mkdir(parents=True)
    progress = Progress(path, "Anna")
    with pytest.raises(KitError, match="cannot be used"):
        answer(progress, "1")
    answer(progress, "2")
    assert [one.said for one in progress.tries("honest_roi")] == ["1", "2"]


SAID = st.text(max_size=50) | st.lists(st.text(max_size=9)).map(tuple) | st.dictionaries(st.text(), st.text(max_size=9))


@settings(max_examples=60)
@given(st.lists(SAID, max_size=4))
def test_whatever_is_typed_is_kept_and_read_again(tmp_path_factory: pytest.TempPathFactory, texts: list[Any]) -> None:
    progress = begin(tmp_path_factory.mktemp("p"))
    for said in texts:
        answer(progress, said)
    kept = begin(progress.path.parent).tries("honest_roi")
    assert [one.said for one in kept] == texts


def test_half_a_letter_and_a_novel_are_kept_as_far_as_they_can_be(tmp_path: Path) -> None:
    progress = begin(tmp_path)
    answer(progress, "5\ud800")
    answer(progress, "word " * 2000)
    assert [one.said for one in begin(tmp_path).tries("honest_roi")] == ["5?", ("word " * 2000)[:2000]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(a_file())), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=150)
@given(st.sampled_from([*a_file(), *a_file()["lessons"]["honest_roi"][0]]), JSON)
def test_whatever_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: str, value: Any
) -> None:
    path = tmp_path_factory.mktemp("p") / "anna.json"
    path.write_text(json.dumps(a_file(**{place: value})))
    try:
        kept = read_progress(path)
    except KitError as error:
        assert len(str(error).splitlines()) == 1
    else:
        path.write_bytes(as_json(kept))
        assert read_progress(path) == kept
        assert isinstance(kept, Kept) and all(isinstance(one, Try) for tries in kept.lessons.values() for one in tries)
