"""What the kit shows and keeps of customers: the quarantine, what stands in a message, the key, the cache."""

import csv
import io
import os
import pickle
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kpi_helpers.commands.read import describe, problem_line
from kpi_helpers.company import Company
from kpi_helpers.exports import FileReading, TableReading, cache, people, read_exports, read_files
from kpi_helpers.exports.normalise import WITHOUT_IT
from kpi_helpers.exports.quarantine import quarantine, shown_value
from kpi_helpers.exports.rows import Problem
from kpi_helpers.exports.values import NO_FLAG, NOT_KNOWN
from kpi_helpers.language import _, use_language
from kpi_helpers.lettering import headings_shown, hide_people
from kpi_helpers.widgets.start_words import _problems

PLAIN = "Дата;Кампания;Показы;Клики;Расход\n"
DEALS = "ID,Название сделки,Дата создания сделки,Этап сделки,Рабочий email (контакт),Основной контакт,Бюджет\n"
COMMAND = "-2+3+cmd|' /C calc'!A0"
PROTECTED = "posix" if os.name == "posix" else ""


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the key lies, in a folder of the test's own."""
    monkeypatch.setattr("platformdirs.user_config_dir", lambda name: str(tmp_path / "config" / name))
    people._key.cache_clear()
    yield tmp_path / "config" / "kpi-kit" / "key"
    people._key.cache_clear()


@pytest.fixture
def kept_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache of the test's own, for files of any size."""
    monkeypatch.setattr(cache, "SMALL", 0)
    monkeypatch.setenv("KPI_CACHE", str(tmp_path / "cache"))
    cache._place.cache_clear()
    yield tmp_path / "cache" / "readings"
    cache._place.cache_clear()


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def rejected(folder: Path, text: str) -> list[FileReading]:
    return read_files(write(folder, deals=DEALS + text) / "deals.csv", Company())


def told(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


# The quarantine


def test_the_quarantine_holds_rejected_rows_but_no_customers(tmp_path: Path) -> None:
    files = rejected(tmp_path, "1,Lamp,01.10.2026 10:00:00,Новая,anna@example.com,Anna Smith,=1+1\n"
                               "2,Lamp,41.10.2026,Новая,bob@example.com,Bob Brown,5\n")  # fmt: skip
    text = quarantine(files)
    rows = told(text)
    assert rows[0] == ["File", "Line", "Column", "Value", "What is wrong", "What to do", "Whole row"]
    assert [row[:4] for row in rows[1:]] == [
        ["deals.csv", "2", "Бюджет", "'=1+1"], ["deals.csv", "3", "Дата создания сделки", "41.10.2026"]
    ]  # fmt: skip
    assert rows[2][6].startswith("2,") and "41.10.2026" in rows[2][6]
    assert not [word for word in ("anna@", "Smith", "bob@", "Brown") if word in text]
    assert "Bob Brown" in quarantine(files, people=True)
    assert quarantine([]) == ""


SLID = [
    "2,Lamp,Новая,bob@example.com,Bob Brown,5\n",  # without its date: a name slides towards it
    "2,Lamp,Bob Brown,Новая,bob@example.com,5\n",
    "2,Lamp,01.10.2026,Новая,Bob,Brown,5,7\n",
    "Bob Brown,Lamp,Bob,5\n",
]


@pytest.mark.parametrize("row", SLID)
def test_cells_that_slid_under_other_headings_show_no_customer(tmp_path: Path, row: str) -> None:
    files = rejected(tmp_path, "1,Lamp,01.10.2026 10:00:00,Новая,anna@example.com,Anna Smith,1\n" + row)
    problems = [problem for table in files[0].tables for problem in table.problems]
    shown = [quarantine(files), *map(problem_line, problems), str(describe("deals", files[0])), str(_problems(files))]
    assert problems and not [text for text in shown if "Bob" in text or "Brown" in text]


@dataclass(frozen=True)
class OfWidth(TableReading):
    """A reading that says how many headings there are."""

    width: int = 0


def test_a_row_of_another_width_shows_none_of_its_cells(tmp_path: Path) -> None:
    table = rejected(tmp_path, "2,Lamp,41.10.2026,Новая,bob@example.com,Bob Brown,5\n")[0].tables[0]
    given = {name: getattr(table, name) for name in TableReading.__dataclass_fields__}
    for cells, shown in ((("Bob", "41"), "…,…"), (("Bob", "41", ""), "Bob,41,"), (("Bob", "41", "", ""), "Bob,41,,"),
                         (("Bob", "41", "", "5"), "…,…,,…")):  # fmt: skip
        problem = Problem(2, "Дата", "41", "is not a date", "", cells)
        wide = OfWidth(**{**given, "problems": (problem,), "shown_columns": frozenset((0, 1, 2, 3)), "width": 3})
        assert told(quarantine([FileReading("a.csv", "", (wide,))]))[1][6] == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [("Анна Сидорова", "…"), ("2OO", "2OO"), ("3.апр", "3.апр"), ("41.10.2026", "41.10.2026"), ("#REF!", "#REF!"),
     ("ул. Ленина 5", "ул. … 5"), ("+7 900 123-45-67", "…"), ("< 10%", "< 10%"), ("", "")],
)  # fmt: skip
def test_what_should_be_a_number_is_shown_without_words(value: str, shown: str) -> None:
    assert shown_value(Problem(2, "Cost", value, "is not a number", "")) == shown


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_a_status_that_the_layout_does_not_know_is_shown(lang: str) -> None:
    use_language(lang)
    for reason in (_(NOT_KNOWN), _(WITHOUT_IT).format(reason=_(NO_FLAG))):
        assert shown_value(Problem(2, "Статус", "Отложен", reason, "")) == "Отложен"


RUN = [COMMAND, "=1+1", " =1+1", "\t=1+1", "\n=1+1", "@SUM(A1)", "+1+2", "-A1", "- x", "a;=1+1", "a,=1+1", 'a;"=1+1"',
       "a;-2+3", "a\n=1+1", "x;-1\n=2", "＝1+1"]  # fmt: skip
HARMLESS = ["-5", "-1,5", "+7", "-1 234,50", "-12 %", "-", "2026-10-01", "1;-5;-1.5%", "a-b", "x = y"]


@pytest.mark.parametrize("cell", [*RUN, *HARMLESS])
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_no_spreadsheet_runs_a_cell_wherever_it_divides(tmp_path: Path, lang: str, cell: str) -> None:
    use_language(lang)
    table = rejected(tmp_path, "2,Lamp,41.10.2026,Новая,bob@example.com,Bob Brown,5\n")[0].tables[0]
    given = {name: getattr(table, name) for name in TableReading.__dataclass_fields__}
    hostile = TableReading(**{**given, "problems": (Problem(2, cell, cell, cell, cell, (cell, cell)),)})
    text = quarantine([FileReading(cell, "", (hostile,))], people=True)
    own = ";" if lang == "ru" else ","
    assert len(set(told(text, own)[0])) == len(told(text, own)[0]) == 7
    for delimiter in (";", ",", "\t"):
        cells = [found for row in told(text, delimiter)[1:] for found in row]
        lines = [found.strip(' "\t\r\n') for found in cells]
        assert not [found for found in lines if found[:1] in tuple("=@＝") or found[:2] in ("-2", "+1", "-A", "- ")
                    and not found.lstrip("+- ").replace(",", "").replace(".", "").strip("% ").isdigit()]  # fmt: skip
    if cell in HARMLESS:
        assert told(text, own)[1][0] == cell


# What is shown of people


PHONES = [
    "+375 29 123-45-67", "+380 50 123 45 67", "+49 151 23456789", "+44 20 7946 0958", "+44 (0)20 7946 0958",
    "+998901234567", "(415) 555-2671", "415-555-2671", "415.555.2671", "+1 415 555 2671", "8 (900) 123-45-67",
    "89001234567", "+79001234567", "+7\u00a0900\u00a0123\u201145\u201167", "495 123-45-67", "(495) 123-45-67",
]  # fmt: skip
NO_PEOPLE = [
    "2026-10-01", "01.10.2026 10:00:00", "2026-10-01 2026-10-31", "2026-10-01T10:00:00+03:00", "01.10.2026-31.10.2026",
    "123456789", "23851234567890123", "20812345678", "1 234 567,89", "+1 234 567 890,00", "+123 456 789.00",
    "7 123 456,50", "8 123 456.50", "1,234,567.89", "120 000 000", "192.168.100.200", "300x250", "123-456-7890",
    "550e8400-e29b-41d4-a716-446655440000", "55.7558, 37.6173", "7 2026-10-01 12:30",
]  # fmt: skip


@pytest.mark.parametrize("phone", PHONES)
def test_telephone_numbers_of_all_countries_are_hidden(phone: str) -> None:
    assert hide_people(phone) == "…" and hide_people(f"Anna, {phone}; 5 items") == "Anna, …; 5 items"


@pytest.mark.parametrize("text", NO_PEOPLE)
def test_dates_ids_and_amounts_stay(text: str) -> None:
    assert hide_people(text) == text


def test_texts_that_differ_in_a_person_stay_different(key_file: Path) -> None:
    first, second = (people.hide_within(f"Звонки 8 800 555-35-{end}") for end in ("35", "36"))
    assert first != second and first.startswith("Звонки …") and "555" not in first
    assert first == people.hide_within("Звонки +7 (800) 555-35-35") and people.hide_within("Spring") == "Spring"


def test_of_a_row_without_known_headings_no_cell_is_named() -> None:
    assert headings_shown(["Иван Петров", "Москва"], ()) == []
    assert headings_shown(["Иван Петров", "Email", "Новый"], {1}) == ["Email"]
    assert headings_shown(["Date", "Clicks", " ", "anna@example.com"], {0, 1}) == ["Date", "Clicks", "…"]


# The key


def test_a_key_is_made_once_and_for_the_user_alone(key_file: Path) -> None:
    first = people.hide("anna@example.com")
    people._key.cache_clear()
    assert people.hide(" Anna@Example.com") == first and len(key_file.read_bytes()) == 32
    assert [path.name for path in key_file.parent.iterdir()] == ["key"]
    if PROTECTED:
        assert key_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damaged", [b"", b"short", b"x" * 33])
def test_a_damaged_key_is_made_anew(key_file: Path, damaged: bytes) -> None:
    key_file.parent.mkdir(parents=True)
    key_file.write_bytes(damaged)
    assert people._key() == key_file.read_bytes() != damaged and len(people._key()) == 32


def test_the_key_of_a_run_that_was_faster_is_taken(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def slower(part: Path, path: Path) -> None:
        path.write_bytes(b"k" * 32)
        link(part, path)

    monkeypatch.setattr(os, "link", slower)
    assert people._key() == b"k" * 32 and [path.name for path in key_file.parent.iterdir()] == ["key"]


def test_without_hard_links_the_key_is_kept_too(key_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_given: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", fail)
    assert people._key() == key_file.read_bytes()


def test_where_no_key_can_be_kept_one_serves_this_run_and_this_is_said(key_file: Path) -> None:
    key_file.parent.parent.mkdir()
    key_file.parent.write_bytes(b"a file where the folder should be")
    with pytest.warns(UserWarning, match="No key can be kept") as caught:
        first = people.hide("anna")
    assert len(caught) == 1 and len(people._key()) == 32
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert people.hide("anna") == first
    people._key.cache_clear()
    with pytest.warns(UserWarning):
        assert people.hide("anna") != first


# The cache


def test_an_unchanged_export_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept_in: Path) -> None:
    folder = write(tmp_path / "acme", a=PLAIN + "01.10.2026;A;100;10;1\n")
    first = read_exports(folder)
    monkeypatch.setattr("kpi_helpers.exports.file.read_sheets", None)
    again = read_exports(folder)
    assert again.tables["ads"].equals(first.tables["ads"]) and again.files[0].sha256 == first.files[0].sha256
    write(folder, a=PLAIN + "01.10.2026;A;100;11;1\n")
    with pytest.raises(TypeError):
        read_exports(folder)


def test_a_file_with_rejected_rows_is_not_kept(tmp_path: Path, kept_in: Path) -> None:
    read_exports(write(tmp_path / "acme", a=PLAIN + "01.10.2026;secret@example.com;1OO;10;1\n"))
    assert list(kept_in.iterdir()) == []


class Hostile:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("signed", [b"", b"0" * 32])
def test_what_another_has_put_into_the_cache_is_not_run(tmp_path: Path, kept_in: Path, signed: bytes) -> None:
    made = tmp_path / "made"
    assert cache.remembered(lambda: "a", 1, lambda: 1, lambda _found: True) == 1
    (path,) = kept_in.iterdir()
    path.write_bytes(signed + pickle.dumps(Hostile(made)))
    assert cache.remembered(lambda: "a", 1, lambda: 2, lambda _found: True) == 2 and not made.exists()
    assert cache.remembered(lambda: "a", 1, lambda: 3, lambda _found: True) == 2


def test_what_was_kept_of_one_file_is_not_taken_for_another(kept_in: Path) -> None:
    cache.remembered(lambda: "a", 1, lambda: 1, lambda _found: True)
    (first,) = kept_in.iterdir()
    cache.remembered(lambda: "b", 1, lambda: 2, lambda _found: True)
    (second,) = set(kept_in.iterdir()) - {first}
    second.write_bytes(first.read_bytes())
    assert cache.remembered(lambda: "b", 1, lambda: 3, lambda _found: True) == 3


@pytest.mark.skipif(not PROTECTED, reason="only POSIX knows these rights")
def test_a_folder_that_others_can_write_to_is_no_cache(kept_in: Path, tmp_path: Path) -> None:
    kept_in.mkdir(parents=True)
    kept_in.chmod(0o777)
    assert cache._place() is None
    cache._place.cache_clear()
    kept_in.chmod(0o700)
    assert cache._place() == kept_in
    cache._place.cache_clear()
    kept_in.rename(tmp_path / "elsewhere")
    kept_in.symlink_to(tmp_path / "elsewhere")
    assert cache._place() is None


def test_where_all_is_read_anew_nothing_is_forgotten(kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.remembered(lambda: "a", 1, lambda: 1, lambda _found: True)
    monkeypatch.setenv("KPI_CACHE", "off")
    cache._place.cache_clear()
    assert cache.remembered(lambda: "a", 1, lambda: 2, lambda _found: True) == 2 and len(list(kept_in.iterdir())) == 1
