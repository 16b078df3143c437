"""`kpi new`: a folder that is complete, reads back as the defaults, and is never written over anything."""

import csv
import io
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from kpi_helpers.catalogue import KPIS
from kpi_helpers.cli import main
from kpi_helpers.company import _PLACES, _SURVEY, Company, WorkingHours, read_company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import list_layouts
from kpi_helpers.exports.campaigns import COLUMNS as CAMPAIGN_COLUMNS
from kpi_helpers.exports.campaigns import read_campaigns
from kpi_helpers.exports.channels import COLUMNS as CHANNEL_COLUMNS
from kpi_helpers.exports.channels import read_channels
from kpi_helpers.exports.plain import read_rows
from kpi_helpers.goals import BASIC as GOAL_COLUMNS
from kpi_helpers.goals import check_goals
from kpi_helpers.language import LANGUAGES, _, use_language
from kpi_helpers.newcomer import compose, make_company

LAYOUTS = list_layouts()


def switched_on(text: str) -> str:
    """The settings with every line that is switched off switched on."""
    return re.sub(r"(?m)^# (?=\w+ = |\[\w+\])", "", text)


def example(readme: str, headings: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of the README's example that has these headings."""
    blocks = re.findall(r"```csv\n(.*?)```", readme, re.S)
    tables = [csv.DictReader(io.StringIO(block), delimiter=";" if ";" in block else ",") for block in blocks]
    [table] = [table for table in tables if tuple(table.fieldnames or ()) == headings]
    return list(table)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_folder_holds_what_the_kit_reads(tmp_path: Path, lang: str) -> None:
    made = make_company(tmp_path / "acme", lang=lang)
    names = {path.name for path in made}
    assert names == {"exports", "company.toml", "goals.csv", "channels.csv", "campaigns.csv", "README.md"}
    assert names == {path.name for path in (tmp_path / "acme").iterdir()}
    assert read_rows(tmp_path / "acme" / "goals.csv") == []
    first = {"en": ",".join(GOAL_COLUMNS).encode(), "ru": b"\xef\xbb\xbf" + ";".join(GOAL_COLUMNS).encode()}
    goals = tmp_path / "acme" / "goals.csv"
    assert goals.read_bytes() == first[lang] + b"\n"
    goals.write_bytes(goals.read_bytes() + {"en": b"cpl,,,1.5,,,,\n", "ru": b"cpl;;;1,5;;;;\n"}[lang])
    assert check_goals(read_rows(goals))["target"].tolist() == [1.5]
    assert read_channels(tmp_path / "acme" / "channels.csv") == ()
    assert read_campaigns(tmp_path / "acme" / "campaigns.csv") == ()


def test_new_settings_are_the_defaults_of_a_bare_folder(tmp_path: Path) -> None:
    make_company(tmp_path / "acme", lang="en")
    assert read_company(tmp_path / "acme") == Company(name="acme", language="en")


def test_new_russian_settings_are_the_defaults_in_russia(tmp_path: Path) -> None:
    make_company(tmp_path / "acme", lang="ru", name="«Ромашка»", currency="rub")
    expected = Company("«Ромашка»", "RUB", "ru", "Europe/Moscow", hours=replace(WorkingHours(), country="RU"))
    assert read_company(tmp_path / "acme") == expected


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_setting_is_there_and_valid_when_switched_on(tmp_path: Path, lang: str) -> None:
    text = switched_on(compose("Acme", lang)["company.toml"])
    (tmp_path / "company.toml").write_text(text, encoding="utf-8")
    read_company(tmp_path)
    data = tomllib.loads(text)
    sections = {key: value for key, value in data.items() if isinstance(value, dict)}
    written = {f"{section}.{key}" for section, inner in sections.items() for key in inner} | set(data) - set(sections)
    assert written == set(_PLACES) | {f"survey.{name}" for name in _SURVEY}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_readme_names_every_export_and_its_examples_are_valid(tmp_path: Path, lang: str) -> None:
    readme = compose("Acme", lang)["README.md"]
    goals = check_goals(example(readme, GOAL_COLUMNS))
    assert goals["target"].tolist() == [120, 0.8]
    rules = tmp_path / "channels.csv"
    rows = example(readme, CHANNEL_COLUMNS)
    rules.write_text("\n".join(",".join(row) for row in [CHANNEL_COLUMNS, *(row.values() for row in rows)]))
    assert [rule.channel for rule in read_channels(rules)] == ["email", "partner_network"]
    rows = example(readme, CAMPAIGN_COLUMNS)
    rules.write_text("\n".join(",".join(row) for row in [CAMPAIGN_COLUMNS, *(row.values() for row in rows)]))
    assert [rule.campaign for rule in read_campaigns(rules)] == [row["campaign"] for row in rows]
    use_language(lang)
    try:
        listed = {layout.key for layout in LAYOUTS if f"- **{_(layout.name)}**: {_(layout.get)}\n" in readme}
        unnamed = [key for key, row in KPIS.items() if _(row.name) not in readme]
    finally:
        use_language("en")
    assert listed == {layout.key for layout in LAYOUTS if not layout.unused} and unnamed == []


@pytest.mark.parametrize("name", ['Acme "and" \\Sons', "a\nb = 1", "{{ year }}", "#1", "Ünï 株式会社"])
def test_any_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    make_company(tmp_path / "acme", lang="en", name=name)
    assert read_company(tmp_path / "acme") == Company(name=name.replace("\n", " "), language="en")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for place in (tmp_path, tmp_path / "notes.txt"):
        with pytest.raises(KitError, match="is not an empty folder. Name a folder that does not exist yet."):
            make_company(place, lang="en")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_wrong_currency_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="currency = 'euro' is not allowed"):
        make_company(tmp_path / "acme", lang="en", currency="euro")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    make_company(tmp_path, lang="en")
    assert read_company(tmp_path).name == tmp_path.name


def test_the_command_speaks_and_writes_russian(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = tmp_path / "новая фирма"
    assert main(["new", str(home), "--lang", "ru", "--currency", "rub"]) == 0
    out = capsys.readouterr().out
    assert str(home / "README.md") in out.splitlines()
    assert f'kpi check "{home}"' in out
    assert "## Цели" in (home / "README.md").read_text(encoding="utf-8")
    assert (read_company(home).name, read_company(home).currency) == ("новая фирма", "RUB")
    assert main(["new", str(home), "--lang", "ru"]) == 1


def test_the_next_step_is_said_as_it_was_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KPI_CALLED", "python3 kit.py kpi")
    assert main(["new", str(tmp_path / "acme"), "--lang", "en"]) == 0
    assert f"then: python3 kit.py kpi check {tmp_path / 'acme'}" in capsys.readouterr().out
