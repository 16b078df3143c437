"""English and Russian say the same: nothing untranslated, nothing stale, Russian as it is typeset."""

import gettext
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import CHANNELS, OWNERS
from kpi_helpers.language import _, ngettext, use_language
from kpi_helpers.terms import MEASURES, TABLES
from tools.msgids import Message, messages_of_code, messages_of_notebooks
from tools.prose import build_russian, split_markdown
from tools.translations import CATALOGUES, faults, main, merge, out_of_date, read_catalogue, update
from tools.wording import SAME_IN_BOTH, faults_of

FOLDER = PurePosixPath("reports")


@pytest.fixture
def russian() -> Iterator[None]:
    use_language("ru")
    yield
    use_language("en")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A tree with one message of every kind."""
    layouts, templates = tmp_path / "kpi_helpers" / "exports" / "layouts", tmp_path / "kpi_helpers" / "templates"
    for folder in (layouts, templates, tmp_path / "notebooks" / "reports"):
        folder.mkdir(parents=True)
    code = """f"({_('one')})"\n_(a["no"])\nN_("t" "wo")\nngettext("{n} day", "{n} days", 2)\npgettext("p", "x")\n"""
    (tmp_path / "kpi_helpers" / "a.py").write_text(code)
    (templates / "b.html").write_text('{% for a in b %}{{ _("three") }}{% endfor %}')
    (layouts / "c.toml").write_text('name = "four"\nget = "five"\n[recognise]\nheadings = ["Показы"]\n')
    nbformat.write(english(), tmp_path / "notebooks" / "reports" / "monthly.ipynb")
    return tmp_path


def english(**metadata: Any) -> Any:
    cells = [
        nbformat.v4.new_markdown_cell("# Title\n\nSee [data](../../data/README.md) and [next](next.ipynb).", id="aa"),
        nbformat.v4.new_code_cell(
            'lang = "en"  # or "ru"\ndata_dir = "data/sample/northlight"', id="bb", metadata={"tags": ["parameters"]}
        ),
        nbformat.v4.new_code_cell('print(lang)\nlang = "en"', id="cc"),
    ]
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def test_nothing_is_out_of_date(root: Path) -> None:
    assert out_of_date(root) == [], "run: python tools/translations.py update"


def test_everything_is_translated_well(root: Path) -> None:
    assert len(read_catalogue(root / CATALOGUES / "kpi.po")) > 200, "the catalogue was not found"
    assert faults(root) == []


def test_the_compiled_catalogue_says_what_its_source_says(root: Path) -> None:
    with open(root / CATALOGUES / "kpi.mo", "rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in list(read_catalogue(root / CATALOGUES / "kpi.po"))[1:]:
        if isinstance(message.id, str):
            assert compiled.gettext(message.id) == (message.string or message.id)
        elif all(message.string):
            assert tuple(compiled.ngettext(*message.id, n) for n in (1, 2, 5)) == message.string


def test_every_name_of_the_field_has_russian(russian: None) -> None:
    names = {text for row in KPIS.values() for text in (row.name, row.watch_out)}
    names |= {text for row in TABLES.values() for text in (row.name, row.source)}
    names |= {row.name for row in MEASURES.values()} | {*CHANNELS.values(), *OWNERS.values()}
    names -= SAME_IN_BOTH | {""}
    assert len(names) > 150
    assert {name for name in names if not re.search("[а-яё]", _(name), re.IGNORECASE)} == set()


def test_the_three_plural_forms(russian: None) -> None:
    assert [ngettext("{n} day", "{n} days", n).format(n=n) for n in (1, 3, 11, 21, 25)] == [
        "1 день", "3 дня", "11 дней", "21 день", "25 дней",
    ]  # fmt: skip


def test_catalogues_say_nothing_of_machine_day_or_line(root: Path) -> None:
    for domain in ("kpi", "notebooks"):
        text = (root / CATALOGUES / f"{domain}.po").read_text(encoding="utf-8")
        assert re.findall(r"^#: .*:\d+", text, re.MULTILINE) == []
        assert re.findall(r"^#(?:, fuzzy|~)|^\"(?:POT|PO)-|^#: /", text, re.MULTILINE) == []


def test_messages_of_every_kind_are_collected(small: Path) -> None:
    assert [(message.id, message.context) for message in messages_of_code(small)] == [
        ("one", None), ("two", None), (("{n} day", "{n} days"), None), ("x", "p"), ("three", None), ("four", None),
        ("five", None),
    ]  # fmt: skip
    assert [message.id for message in messages_of_notebooks(small)][0] == "Title"


def test_a_template_that_cannot_be_read_is_not_passed_over(small: Path) -> None:
    (small / "kpi_helpers" / "templates" / "broken.html").write_text('{{ _("lost") {% if %}')
    with pytest.raises(Exception, match="expected token"):
        list(messages_of_code(small))


def test_an_f_string_is_not_a_message(small: Path) -> None:
    (small / "kpi_helpers" / "a.py").write_text('x = 1\n_(f"{x} leads")')
    with pytest.raises(ValueError, match="a.py, line 2: an f-string cannot be translated"):
        list(messages_of_code(small))


def test_updating_translates_and_forgets_only_what_changed(small: Path) -> None:
    update(small)
    file = small / CATALOGUES / "notebooks.po"
    empty = file.read_text(encoding="utf-8")
    file.write_text(empty.replace('msgid "Title"\nmsgstr ""', 'msgid "Title"\nmsgstr "Итоги"'), encoding="utf-8")
    assert out_of_date(small) == ["notebooks/ru/reports/monthly.ipynb"]
    update(small)
    assert out_of_date(small) == []
    built = small / "notebooks" / "ru" / "reports" / "monthly.ipynb"
    assert nbformat.read(built, as_version=4).cells[0].source.startswith("# Итоги\n\nSee")
    source = small / "notebooks" / "reports" / "monthly.ipynb"
    source.write_text(source.read_text(encoding="utf-8").replace("# Title", "# Titles"), encoding="utf-8")
    assert out_of_date(small) == ["locale/ru/LC_MESSAGES/notebooks.po", "notebooks/ru/reports/monthly.ipynb"]
    update(small)
    assert "Итоги" not in file.read_text(encoding="utf-8")
    source.unlink()
    assert "notebooks/ru/reports/monthly.ipynb" in out_of_date(small)
    update(small)
    assert not built.exists()


def test_a_tree_without_translations_is_faulty(small: Path, root: Path) -> None:
    update(small)
    assert len(faults(small)) == 9
    shutil.copytree(root / CATALOGUES, small / CATALOGUES, dirs_exist_ok=True)
    assert out_of_date(small) != []


def test_a_plural_that_changed_has_no_translation() -> None:
    known = Catalog(locale="ru")
    known.add(("{n} day", "{n} days"), ("{n} день", "{n} дня", "{n} дней"))
    known.add("leads", "лиды")
    assert merge([Message(("{n} day", "{n} full days"), "a.py")], known).get("{n} day").string == ("", "", "")  # type: ignore[union-attr]
    assert merge([Message("Leads", "a.py")], known).get("Leads").string == ""  # type: ignore[union-attr]
    assert merge([Message("leads", "a.py")], known).get("leads").string == "лиды"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("one", "many", "translations", "fault"),
    [
        ("leads", "", ("",), "not translated"),
        ("{n} day", "{n} days", ("{n} день", "{n} дня", ""), "not translated"),
        ("{n} day", "{n} days", ("{n} день", "{n} дня", "дней"), "placeholders differ: {n} became none"),
        ("{a} of {b}", "", ("{a} из {с}",), "placeholders differ: {a}, {b} became {a}, {с}"),
        ("Leads", "", ("Leads",), "the same as in English"),
        ("Run `kpi list`.", "", ("Запустите `кпи лист`.",), "the `code` in it differs"),
        ("cost", "", ("pасход",), "letters of two alphabets in one word"),
        ("since May", "", ("лиды c мая",), "a Latin letter instead of a Russian word"),
        ("{n} %", "", ("{n} %",), "an ordinary space before a unit"),
        ("a - b", "", ("лиды — это",), "an ordinary space before a dash"),
        ("a - b", "", ("лиды - это",), "a hyphen instead of a dash"),
        ('the "lead"', "", ('слово "лид"',), '"straight quotes" instead of «ёлочки»'),
        ("report", "", ("отчет",), "е instead of ё"),
        ("wait...", "", ("ждём...",), "three dots instead of …"),
    ],
)
def test_each_kind_of_fault_is_found(one: str, many: str, translations: tuple[str, ...], fault: str) -> None:
    assert fault in list(faults_of(one, many, translations))


@pytest.mark.parametrize(
    ("one", "russian"),
    [
        ("CTR", "CTR"),
        ('"en" or "ru"', '"ru" или "en"'),
        ("{n} % of {total}", "{n}\u00a0% из {total}"),
        (r"So $\frac{\text{spend}}{\text{leads}}$.", r"Итак, $\frac{\text{расход}}{\text{лиды}}$."),
        ("cost per lead (CPL)", "стоимость лида (CPL) в CRM-системе"),
    ],
)
def test_sound_translations_have_no_faults(one: str, russian: str) -> None:
    assert list(faults_of(one, "", (russian,))) == []


def test_code_and_formulas_in_prose_are_left_alone() -> None:
    code = "Look:\n```python\nspend / leads\n```\n$$\n\\text{cpl}\n$$\n\n`kpi list`\n"
    spoken = [piece.text for piece in split_markdown(code + "| KPI |\n|---|\n- [x](y)  \n  more") if piece.speaks]
    assert spoken == ["Look:", "| KPI |", "[x](y)", "more"]


@given(st.lists(st.sampled_from(["# A b", "one two", "- item", "  more", "", "```", "| a | b |", "$$", "x  "])))
def test_splitting_loses_nothing(lines: list[str]) -> None:
    pieces = split_markdown("\n".join(lines))
    again = "\n".join(piece.before + piece.text + piece.after for piece in pieces)
    assert again.split() == " ".join(lines).split()
    assert split_markdown(again) == pieces


def test_the_russian_notebook_differs_in_prose_and_parameters_only() -> None:
    source = english(title="Month", kpi={"ru": {"data_dir": "data/sample/severny_svet"}})
    built = nbformat.reads(build_russian(source, FOLDER, lambda text: {"Month": "Месяц"}.get(text, text)), as_version=4)
    assert built.metadata == {"title": "Месяц", "kpi": {}}
    assert [cell.id for cell in built.cells] == ["aa", "bb", "cc"]
    assert built.cells[1].source == 'lang = "ru"  # or "ru"\ndata_dir = "data/sample/severny_svet"'
    assert built.cells[2].source == source.cells[2].source
    assert source.metadata.kpi.ru.data_dir == "data/sample/severny_svet", "the English notebook was changed"


def test_links_out_of_the_notebooks_reach_one_folder_further() -> None:
    built = json.loads(build_russian(english(), FOLDER, lambda text: text))
    assert "".join(built["cells"][0]["source"]).endswith("See [data](../../../data/README.md) and [next](next.ipynb).")


@pytest.mark.parametrize("parameters", ['month = ""', 'lang = "en"\nlang = "en"', "lang = None"])
def test_parameters_that_do_not_set_the_language_once_are_refused(parameters: str) -> None:
    notebook = english()
    notebook.cells[1].source = parameters
    with pytest.raises(ValueError, match="do not set lang to a text once"):
        build_russian(notebook, FOLDER, str)


def test_a_wrong_word_on_the_command_line_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["updaet"]) == 2
    assert "Usage" in capsys.readouterr().err
