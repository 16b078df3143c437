"""A class's files of progress: who is where, what was mistaken, who is stuck; whatever lies in the folder."""

import csv
import errno
import io
import json
import math
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kpi_helpers.lessons.classroom import STUCK, read_class, standing_of
from kpi_helpers.lessons.course import LESSONS
from kpi_helpers.lessons.kept import Kept, Try, as_json
from kpi_helpers.lessons.misconceptions import MISCONCEPTIONS
from kpi_helpers.lessons.progress import progress_file
from kpi_helpers.lessons.questions import TRIES
from tests.commands import Kpi

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
SLIP, OTHER = sorted(MISCONCEPTIONS)[:2]


def one(
    step: str, right: bool | None = None, slip: str = "", *, minute: int = 0, question: str = "q", shown: bool = False
) -> Try:  # fmt: skip
    return Try(step, question, "7", "7", right, slip, START + timedelta(minutes=minute), shown)


BEGUN = (one("predict"), one("explore", minute=1))
DONE = (*BEGUN, one("blank", False, SLIP, minute=2), one("blank", True, minute=3), one("fresh", True, minute=4),
        one("leave", True, minute=5))  # fmt: skip
LOST = (*BEGUN, *(one("blank", False, SLIP, minute=2 + n) for n in range(STUCK)))


def hand_in(folder: Path, learner: str, tries: tuple[Try, ...], lesson: str = "honest_roi", file: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file if file else progress_file(learner, folder)
    path.write_bytes(as_json(Kept(learner, {lesson: tries})))
    return path


def test_where_a_learner_is_in_a_lesson() -> None:
    assert standing_of(BEGUN).step == 2 and math.isnan(standing_of(BEGUN).first_try)
    done = standing_of(DONE)
    assert (done.step, done.finished, done.first_try) == (7, True, 2 / 3)
    assert not standing_of(DONE[:-1]).finished
    seen = standing_of((*LOST, one("leave", False), one("leave", shown=True)))
    assert seen.finished and seen.first_try == 0
    assert standing_of([one("somewhere else", True)]) == standing_of([])


def test_a_question_asked_of_other_data_is_another_question() -> None:
    tries = (one("blank", False, question="a"), one("blank", True, question="a"), one("blank", True, question="b"))
    assert standing_of(tries).first_try == 0.5


def test_two_files_of_one_learner_are_one_without_doubles(tmp_path: Path) -> None:
    hand_in(tmp_path / "home", "Anna", DONE[:4])
    hand_in(tmp_path / "office", "ANNA", (*DONE[2:4], *DONE[4:]))
    found = read_class(tmp_path)
    assert [learner.name for learner in found.learners] == ["Anna"]
    name = progress_file("Anna", Path()).name
    assert found.learners[0].files == (f"home/{name}", f"office/{name}")
    assert found.learners[0].lessons["honest_roi"] == DONE


def test_answers_that_only_look_alike_both_count(tmp_path: Path) -> None:
    hand_in(tmp_path, "Anna", LOST[:3])
    hand_in(tmp_path / "b", "Anna", (replace(LOST[2], said="8"), replace(LOST[2], at=START + timedelta(hours=1))))
    assert len(read_class(tmp_path).learners[0].lessons["honest_roi"]) == 5


def test_files_without_a_name_are_learners_of_their_own(tmp_path: Path, kpi: Kpi) -> None:
    for place in ("a", "b"):
        hand_in(tmp_path / place, "", DONE)
    assert len(read_class(tmp_path).learners) == 2
    code, out, err = kpi("class", tmp_path)
    assert (code, err) == (0, "") and "(no name: a/learner.json)" in out and "several files" not in out


def test_the_class_as_a_table_with_misconceptions_and_who_is_stuck(tmp_path: Path, kpi: Kpi) -> None:
    hand_in(tmp_path, "Anna", DONE)
    hand_in(tmp_path, "Boris", LOST)
    hand_in(tmp_path, "Вера", BEGUN, lesson="goals")
    hand_in(tmp_path / "again", "Вера", (one("blank", False, OTHER),), lesson="goals")
    code, out, err = kpi("class", tmp_path)
    assert (code, err) == (0, "")
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.startswith("  ")}
    assert rows["Learner"] == [str(lesson.number) for lesson in LESSONS.values()]
    assert rows["Anna"] == [*"····", "●", "67%", *"·······"]
    assert out.index("  Anna") < out.index("  Boris") < out.index("  Вера")
    assert "Вера has several files, taken together: " in out
    mistaken = out.split("how many learners:\n")[1].splitlines()
    assert re.split(r"\s{2,}", mistaken[0].strip()) == [MISCONCEPTIONS[SLIP].name, "2", "lesson 5"]
    assert mistaken[1].split()[-3:] == ["1", "lesson", "1"]
    stuck = out.split("Who is stuck:\n")[1].splitlines()
    assert [re.split(r"\s{2,}", line.strip()) for line in stuck] == [
        ["Boris", "lesson 5", "step 5 of 7", f"{STUCK} wrong answers"]
    ]


def test_who_answered_right_in_the_end_is_not_stuck(tmp_path: Path) -> None:
    hand_in(tmp_path, "A", (*LOST, one("blank", True, minute=30)))
    hand_in(tmp_path, "B", LOST[:-1])
    hand_in(tmp_path, "C", LOST)
    hand_in(tmp_path, "D", (*LOST[:-1], one("blank", shown=True, minute=30)))
    stuck = read_class(tmp_path).stuck()
    assert [(found.learner.name, found.wrong, found.shown) for found in stuck] == [
        ("C", TRIES + 1, False), ("D", TRIES, True)
    ]  # fmt: skip


def test_broken_files_are_named_in_a_line_each_and_the_rest_is_shown(tmp_path: Path, kpi: Kpi) -> None:
    hand_in(tmp_path, "Anna", DONE)
    broken = {"a.json": b"{", "b/c.json": b"\xff\x00", "d\x1b[31m.json": b"[]", "e.json": b"[" * 99_999}
    for name, content in broken.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / ".hidden.json").write_text("?")
    (tmp_path / "anna-1.aside-1.json").write_text("?")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "notes.txt").write_text("?")
    code, out, err = kpi("class", tmp_path)
    assert code == 1 and "  Anna" in out
    assert len(err.splitlines()) == len(broken) and "b/c.json: " in err and "\x1b" not in err
    assert all((tmp_path / name).read_bytes() == content for name, content in broken.items())
    assert len(json.loads(kpi("class", tmp_path, "--json")[1])["errors"]) == len(broken)


@pytest.mark.parametrize("name", ["\x1b[2J", "=HYPERLINK(1)", 'a,b;c\n"d', "@x", "я" * 300, "\u202egnp", "+7"])
def test_a_hostile_name_steers_neither_the_terminal_nor_a_spreadsheet(name: str, tmp_path: Path, kpi: Kpi) -> None:
    hand_in(tmp_path / "in", name, LOST, file="x.json")
    file = tmp_path / "class.csv"
    code, out, _err = kpi("class", tmp_path / "in", "--csv", file)
    assert code == 0 and "\x1b" not in out and "\u202e" not in out and max(map(len, out.splitlines())) < 150
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline="")))
    assert len(rows) == 1 + len(LESSONS) and {len(row) for row in rows} == {7}
    assert not any(cell.startswith(("=", "+", "@", "\x1b")) for row in rows for cell in row)


def test_the_csv_says_what_the_table_says(tmp_path: Path, kpi: Kpi) -> None:
    hand_in(tmp_path / "in", "Anna", DONE)
    kpi("class", tmp_path / "in", "--csv", tmp_path / "class.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "class.csv").read_text(encoding="utf-8-sig"), newline="")))
    row = rows[LESSONS["honest_roi"].number - 1]
    assert list(row.values()) == ["Anna", "5", LESSONS["honest_roi"].title, "finished", "7", "7", "67"]
    assert rows[0]["State"] == "not begun" and rows[0]["Right at the first try, %"] == ""


def test_the_class_as_data(tmp_path: Path, kpi: Kpi) -> None:
    hand_in(tmp_path, "Anna", LOST)
    data = json.loads(kpi("class", tmp_path, "--json")[1])
    anna = data["learners"][0]
    assert anna["learner"] == "Anna" and list(anna["lessons"]) == list(LESSONS)
    assert anna["lessons"]["honest_roi"] == {"step": 5, "finished": False, "first_try": 0.0}
    assert anna["lessons"]["goals"] == {"step": 0, "finished": False, "first_try": None}
    assert data["misconceptions"] == [{"name": SLIP, "lesson": "honest_roi", "learners": 1}]
    assert [(row["learner"], row["lesson"], row["step"], row["wrong"]) for row in data["stuck"]] == [
        ("Anna", "honest_roi", "blank", STUCK)
    ]


def test_lessons_and_misconceptions_of_another_course_are_passed_over(tmp_path: Path, kpi: Kpi) -> None:
    hand_in(tmp_path, "Anna", (one("blank", False, "no such slip"),), lesson="no such lesson")
    hand_in(tmp_path / "b", "Boris", (one("no such step", False, "no such slip"),) * 4)
    code, out, err = kpi("class", tmp_path)
    assert (code, err) == (0, "") and "no such" not in out


def test_what_cannot_be_looked_into_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hand_in(tmp_path, "Anna", DONE)
    hand_in(tmp_path / "closed", "Boris", DONE)
    scan = os.scandir

    def refuse(place: str) -> object:
        if str(place).endswith("closed"):
            raise OSError(errno.EIO, "Input/output error", place)
        return scan(place)

    monkeypatch.setattr(os, "scandir", refuse)
    assert [learner.name for learner in read_class(tmp_path).learners] == ["Anna"]


def test_a_table_cannot_be_written_in_place_of_a_folder(tmp_path: Path, kpi: Kpi) -> None:
    hand_in(tmp_path / "in", "Anna", DONE)
    (tmp_path / "tables").mkdir()
    code, _out, err = kpi("class", tmp_path / "in", "--csv", tmp_path / "tables")
    assert code == 1 and "tables is a folder. Name the file to write" in err and len(err.splitlines()) == 1
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_no_folder_and_an_empty_one_are_said_in_a_line(lang: str, tmp_path: Path, kpi: Kpi) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        code, out, err = kpi("class", folder, "--lang", lang)
        assert (code, out) == (1, "") and len(err.splitlines()) == 1 and folder.name in err
