"""Plans: YAML and tables say the same, and everything that is wrong is said at once."""

import csv
import io
import os
from datetime import date
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.batch.jobs import Job, look_at
from kpi_helpers.batch.months import read_months
from kpi_helpers.batch.plan import Wishes, read_limit, read_plan
from kpi_helpers.errors import KitError
from kpi_helpers.reports import order
from kpi_helpers.reports.order import safe_name

TODAY = date(2026, 11, 22)
HEADINGS = {"client": "клиент", "folder": "папка", "goals": "цели", "language": "язык", "currency": "валюта",
            "reports": "отчёты", "months": "месяцы"}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with folders of clients and a file of goals."""
    home = tmp_path_factory.mktemp("agency")
    for name in ("a", "b", "кофейня"):
        (home / name).mkdir()
    (home / "goals.csv").write_text("kpi,target\n")
    return home


def put_parameters(home: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have every report be a notebook with these parameters."""
    cell = nbformat.v4.new_code_cell(code, metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), home / "report.ipynb")
    monkeypatch.setattr(order, "notebook_path", lambda _report, _lang: home / "report.ipynb")


def read(home: Path, content: str | bytes, name: str = "plan.yaml", **wishes: Any) -> tuple[Job, ...]:
    path = home / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_plan(path, Wishes(today=TODAY, **wishes)).jobs


def mistakes(home: Path, content: str | bytes, name: str = "plan.yaml", **wishes: Any) -> list[str]:
    with pytest.raises(KitError) as caught:
        read(home, content, name, **wishes)
    return str(caught.value).splitlines()


# What a plan says


def test_a_plan_in_yaml(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_parameters(home, monkeypatch, "show_team = None\nweeks = None")
    jobs = read(home, """
        out: made
        months: 2026-09..2026-10
        language: ru
        parameters: {show_team: no, weeks: [1, 2.5, yes, x]}
        clients:
        - client: Acme
          folder: a
          language: en
          currency: usd
          goals: goals.csv
          months: [2026-08, last]
          products: pdf, email
          parameters: {weeks: 4}
        - folder: кофейня
    """)  # fmt: skip
    assert [(job.name, job.month) for job in jobs] == [
        ("Acme", "2026-08"), ("Acme", "2026-10"), ("кофейня", "2026-09"), ("кофейня", "2026-10"),
    ]  # fmt: skip
    acme, coffee = jobs[0], jobs[-1]
    assert acme.parameters == {"show_team": "no", "weeks": "4"}
    assert coffee.parameters == {"show_team": "no", "weeks": '[1, 2.5, true, "x"]'}
    assert (acme.lang, acme.currency, acme.goals, acme.products) == (
        "en", "USD", str(home / "goals.csv"), ("pdf", "email"),
    )  # fmt: skip
    assert (coffee.lang, coffee.currency, coffee.goals, coffee.products, coffee.client) == ("ru", "", "", (), "")
    assert acme.final == home / "made" / "Acme" / "2026-08" and acme.key == "Acme/2026-08/monthly_report"
    assert acme.failed == home / "made" / "Acme" / "2026-08.monthly_report.failed.ipynb"


def test_the_command_counts_before_the_plan(home: Path, tmp_path: Path) -> None:
    plan = (
        "out: x\nmonths: 2026-01\ntime_limit: 90s\nclients:\n- {folder: a, months: 2026-02, products: pdf}\n- folder: b"
    )
    (home / "p.yaml").write_text(plan)
    wishes = Wishes(str(tmp_path), ("last",), ("email",), "1h", again=True, today=TODAY)
    found = read_plan(home / "p.yaml", wishes)
    assert [(job.month, job.products, job.again) for job in found.jobs] == [
        ("2026-10", ("pdf", "email"), True), ("2026-10", ("email",), True),
    ]  # fmt: skip
    assert (found.out, found.time_limit, found.last) == (tmp_path, 3600.0, "2026-10")
    plain = read_plan(home / "p.yaml", Wishes(today=TODAY))
    assert (plain.out, plain.time_limit, plain.last) == (home / "x", 90.0, "")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_plan_as_excel_saves_it(home: Path, encoding: str) -> None:
    table = "Клиент;Папка;Язык;Месяцы\r\nКофейня на углу;кофейня;ru;окт.26\r\n;;;\r\nПекарня;a;;01.09.2026, 2026-10\r\n"
    jobs = read(home, table.encode(encoding), "plan.csv")
    assert [(job.name, job.lang, job.month) for job in jobs] == [
        ("Кофейня на углу", "ru", "2026-10"), ("Пекарня", "", "2026-09"), ("Пекарня", "", "2026-10"),
    ]  # fmt: skip


names = st.text("abcXYZ абвЖ1&é-", min_size=1, max_size=12).map(str.strip).filter(lambda name: name and name != "-")
months = st.builds("{}-{:02d}".format, st.integers(2020, 2027), st.integers(1, 12))
some_months = st.lists(months, min_size=1, max_size=3)
clients = st.fixed_dictionaries(
    {"client": names, "folder": st.sampled_from(("a", "b", "кофейня")), "months": some_months},
    optional={
        "language": st.sampled_from(("en", "ru")), "currency": st.sampled_from(("USD", "RUB")),
        "goals": st.just("goals.csv"), "reports": st.just(["monthly_report"]),
    },
)  # fmt: skip
plans = st.lists(clients, min_size=1, max_size=5, unique_by=lambda one: safe_name(str(one["client"])).casefold())


@given(plans, st.booleans(), st.sampled_from(",;\t"))
def test_a_table_says_what_yaml_says(home: Path, plan: list[dict[str, Any]], russian: bool, delimiter: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow([HEADINGS[name] if russian else name for name in HEADINGS])
    for one in plan:
        cells = (one.get(name, "") for name in HEADINGS)
        writer.writerow([", ".join(cell) if isinstance(cell, list) else cell for cell in cells])
    table = read(home, file.getvalue(), "plan.csv")
    assert table == read(home, yaml.safe_dump({"clients": plan}, allow_unicode=True))
    assert len(table) == sum(len(set(one["months"])) for one in plan)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-10", ["2026-10"]), ("2026-11..2027-01", ["2026-11", "2026-12", "2027-01"]), ("last", ["2026-10"]),
        ("2026-09..last", ["2026-09", "2026-10"]), ("Последний", ["2026-10"]), ("2026-10-01", ["2026-10"]),
        ("2026-10-01 00:00:00", ["2026-10"]), ("01.10.2026", ["2026-10"]), ("10.2026", ["2026-10"]),
        ("Oct-26", ["2026-10"]), ("окт.26", ["2026-10"]), ("Октябрь 2026", ["2026-10"]), ("мая 2026", ["2026-05"]),
    ],
)  # fmt: skip
def test_months_as_they_are_written(text: str, found: list[str]) -> None:
    assert read_months([text], TODAY) == found


@pytest.mark.parametrize(
    "text",
    ["2026-13", "2026-00", "26-10", "2026-10-15", "15.10.2026", "2000-01..2099-01", "", "..",
     "next", "2026", "2026-10..", "١٠.2026", "Foo-26", "3026-10"],
)  # fmt: skip
def test_what_is_no_month(text: str) -> None:
    with pytest.raises(KitError, match="cannot be read. Write it as 2026-10"):
        read_months([text], TODAY)


def test_every_month_that_is_wrong_is_said_once() -> None:
    with pytest.raises(KitError) as caught:
        read_months(["2026-13", "2026-10", "2026-12..2026-01", "soon", "2026-13"], TODAY)
    step = "Write it as 2026-10, 2026-08..2026-10 or last."
    assert str(caught.value).splitlines() == [
        f"month '2026-13' cannot be read. {step}",
        "'2026-12..2026-01' ends before it begins. Write the earlier month first.",
        f"month 'soon' cannot be read. {step}",
    ]


def test_the_last_month_in_january() -> None:
    assert read_months(["last"], date(2027, 1, 1)) == ["2026-12"]


@pytest.mark.parametrize("text", ["", "10", "0m", "m", "-1m", "1d", "10m 5s", "1e9s", "nan", "9999999h"])
def test_what_is_no_time_limit(text: str) -> None:
    with pytest.raises(KitError, match="time limit"):
        read_limit(text)


# What can be wrong in it


def test_every_mistake_is_said_at_once_with_its_line(home: Path) -> None:
    assert mistakes(home, """months: 2026-13
langage: ru
time_limit: long
clients:
- client: Acme
  folder: aa
- client: acme
  folder: b
  reports: monthly
  products: pdff
  currency: dollars
- client: index.html
  folder: a
  goals: g.csv
  folder: a
- client: X
  language: fr
""") == [
        "plan.yaml, line 2: unknown field 'langage'. Did you mean language?",
        "plan.yaml, line 15: folder stands here twice.",
        "plan.yaml: time limit 'long' cannot be read. Write it as 10m or 90s.",
        "plan.yaml: month '2026-13' cannot be read. Write it as 2026-10, 2026-08..2026-10 or last.",
        "plan.yaml, line 7 (acme): there is no report 'monthly'. Did you mean monthly_report?",
        "plan.yaml, line 7 (acme): currency = 'dollars' is not allowed. Expected: a currency code of three Latin "
        "letters, such as USD.",
        "plan.yaml, line 7 (acme): 'pdff' cannot be made. Did you mean pdf?",
        "plan.yaml, line 16 (X): there is no folder. Name the folder that holds the exports.",
        "plan.yaml, line 16 (X): there is no language 'fr'. There are: en, ru.",
        "plan.yaml, line 7 (acme): acme and Acme (plan.yaml, line 5) would get the same folder acme. Name one of them "
        "otherwise.",
        "plan.yaml, line 12 (index.html): index.html is the name of a file of the batch. Name the client otherwise.",
    ]  # fmt: skip


def test_every_mistake_of_a_table_is_said_with_its_line(home: Path) -> None:
    table = "client,folder,langage,months\nAcme,a,en,2026-10\nBeta,bb,en,2026-10\nGamma,b,en,soon,more\n"
    assert mistakes(home, table, "plan.csv") == [
        "plan.csv, line 1: unknown field 'langage'. Did you mean language?",
        "plan.csv, line 4: there are more cells than headings.",
        "plan.csv, line 4 (Gamma): month 'soon' cannot be read. Write it as 2026-10, 2026-08..2026-10 or last.",
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [("Acme", "ACME"), ("Caf\u00e9", "Cafe\u0301"), ("a/b", "a b"), ("ﬁrm", "firm"), ("x", "x."), ("🙂", "client")],
)
def test_two_clients_that_some_system_would_put_into_one_folder(home: Path, first: str, second: str) -> None:
    plan = yaml.safe_dump({"months": "2026-10", "clients": [
        {"client": first, "folder": "a"}, {"client": second, "folder": "b"}]}, allow_unicode=True)  # fmt: skip
    assert len(found := mistakes(home, plan)) == 1
    assert f"{second} and {first} (plan.yaml, line 2) would get the same folder" in found[0]


def test_what_has_a_field_is_no_parameter(home: Path) -> None:
    plan = "months: 2026-10\nparameters: {lang: ru}\nclients:\n- folder: a\n  parameters: {month: 2020-01}\n"
    assert mistakes(home, plan) == [
        "plan.yaml: lang has a field of its own: language. Write it there.",
        "plan.yaml, line 4 (a): month has a field of its own: months. Write it there.",
    ]


def test_every_parameter_that_is_wrong_is_said_once_with_the_other_mistakes(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_parameters(home, monkeypatch, "weeks = 4")
    plan = """months: 2026-10
parameters: {weaks: 1, weeks: x}
clients:
- {folder: a, parameters: {foo: 1, weeks: 2}}
- {folder: b, currency: dollars}
"""
    assert mistakes(home, plan) == [
        "plan.yaml: there is no parameter 'weaks'. Did you mean weeks?",
        "plan.yaml: parameter weeks = 'x' must be a whole number.",
        "plan.yaml, line 4 (a): there is no parameter 'foo'. There are: weeks.",
        "plan.yaml, line 5 (b): currency = 'dollars' is not allowed. Expected: a currency code of three Latin "
        "letters, such as USD.",
    ]


@pytest.mark.parametrize(
    ("plan", "found"),
    [
        ("clients:\n- a", "plan.yaml, line 2: names with values are expected here."),
        ("clients:\n- {folder: [a], months: 2026-10}", "plan.yaml, line 2: one value is expected here."),
        ("clients:\n- {folder: a, months: [[x]]}", "plan.yaml, line 2: one value is expected here."),
    ],
)
def test_what_cannot_be_read_is_not_missing_too(home: Path, plan: str, found: str) -> None:
    assert mistakes(home, plan) == [found]


@pytest.mark.parametrize("out", ["5", "yes", "2026-10-01"])
def test_a_folder_of_reports_is_a_name(home: Path, out: str) -> None:
    assert mistakes(home, f"out: {out}\nmonths: 2026-10\nclients:\n- folder: a") == [
        f"plan.yaml, line 1: '{out}' is not read as a name. Put a folder's name of this kind into quotation marks."
    ]
    jobs = read(home, f"out: '{out}'\nmonths: 2026-10\nclients:\n- folder: a")
    assert jobs[0].out == str(home / out)


def test_reports_cannot_go_into_a_file(home: Path) -> None:
    assert mistakes(home, "out: goals.csv\nmonths: 2026-10\nclients:\n- folder: a") == [
        f"plan.yaml: {home / 'goals.csv'} is a file, not a folder."
    ]


@pytest.mark.skipif(os.sep == "\\", reason="there it is a separator")
def test_a_path_as_windows_writes_it(home: Path) -> None:
    plan = "months: 2026-10\nclients:\n- {client: A, folder: x\\a, goals: g\\g.csv}\n"
    assert mistakes(home, plan) == [
        "plan.yaml, line 3 (A): there is no folder x\\a. Write / in place of \\.",
        "plan.yaml, line 3 (A): there is no goals file g\\g.csv. Write / in place of \\.",
    ]


def test_a_fault_met_when_looking_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_order: Any) -> str:
        raise RuntimeError("no clue")

    monkeypatch.setattr("kpi_helpers.batch.jobs.why_again", broken)
    [job] = read(home, "months: 2026-10\nclients:\n- folder: a")
    assert look_at(job).reason == "a fault of the kit: RuntimeError: no clue."


def test_a_tilde_that_is_nobodys_home_and_characters_no_path_has(home: Path) -> None:
    text = "months: 2026-10\nclients:\n- {client: A, folder: ~no-such-user/x, goals: ./~archive.csv}\n"
    assert [(job.folder, job.goals) for job in read(home, text)] == [
        (str(home / "~no-such-user" / "x"), str(home / "~archive.csv"))
    ]
    [job] = read(home, 'months: 2026-10\nclients:\n- {client: A, folder: "a\\0b", goals: "\\0"}\n')
    assert look_at(job).why == "unreadable"
    for out in ("~no-such-user/x", '"x\\0"'):
        assert "there is no folder" in mistakes(home, f"out: {out}\nmonths: 2026-10\nclients:\n- folder: a")[0]


@pytest.mark.parametrize(
    ("said", "products"), [("[]", ()), ("none", ()), ("Нет", ()), ("", ("pdf",)), ("email", ("email",))]
)
def test_a_client_may_want_no_products(home: Path, said: str, products: tuple[str, ...]) -> None:
    text = f"months: 2026-10\nproducts: pdf\nclients:\n- folder: a\n  products: {said}\n"
    assert [job.products for job in read(home, text)] == [products]
    assert [job.products for job in read(home, text, products=("email",))] == [
        tuple(dict.fromkeys((*products, "email")))
    ]


@pytest.mark.parametrize(
    ("text", "lang"),
    [("RU", "ru"), ("русский", "ru"), ("Russian", "ru"), ("Английский", "en"), ("english", "en"), ("En", "en")],
)
def test_languages_as_people_write_them(home: Path, text: str, lang: str) -> None:
    assert [job.lang for job in read(home, f"folder,months,language\na,2026-10,{text}\n", "plan.csv")] == [lang]
    assert read(home, f"language: {text}\nmonths: 2026-10\nclients:\n- folder: a")[0].lang == lang


def test_what_is_no_field_at_all_is_answered_with_the_fields(home: Path) -> None:
    found = mistakes(home, "folder,months,zzzzzz\na,2026-10,x\n", "plan.csv")
    assert found == [
        "plan.csv, line 1: unknown field 'zzzzzz'. "
        "There are: client, currency, folder, goals, language, months, products, reports."
    ]


def test_a_folder_that_is_not_there_is_looked_for_beside_the_plan_alone(
    root: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    (home / "plan.yaml").write_text("months: 2026-10\nclients:\n- {folder: docs, goals: pyproject.toml}\n")
    job = read_plan("plan.yaml", Wishes(today=TODAY)).jobs[0]
    assert (root / "docs").is_dir() and (root / "pyproject.toml").is_file()
    assert (job.folder, job.goals) == (str(home / "docs"), str(home / "pyproject.toml"))
    look = look_at(job)
    assert (look.why, look.mistake) == ("unreadable", "") and f"there is no folder {home / 'docs'}" in look.reason


def test_one_client_may_stand_on_several_lines_with_other_months(home: Path) -> None:
    assert len(read(home, "client,folder,months\nAcme,a,2026-09\nAcme,a,2026-10\n", "plan.csv")) == 2
    found = mistakes(home, "client,folder,months\nAcme,a,2026-10\nAcme,a,2026-10\n", "plan.csv")
    assert found == [
        "plan.csv, line 3 (Acme): the report of 2026-10 stands in the plan already: plan.csv, line 2 (Acme)."
    ]


@pytest.mark.parametrize("out", [".", "a", "a/reports"])
def test_reports_may_not_lie_among_the_exports(home: Path, out: str) -> None:
    found = mistakes(home, f"out: {out}\nmonths: 2026-10\nclients:\n- folder: a")
    assert found == [
        "plan.yaml, line 4 (a): the reports would lie among the exports. "
        "Choose another folder for the reports: out in the plan, or --out."
    ]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", "it is no plan"), ("- a", "it is no plan"), ("clients: []", "the plan names no client"),
        ("months: 2026-10", "the plan names no client"), ("clients: {a: b}", "line 1: clients must be a list"),
        ("clients:\n- a", "line 2: names with values are expected"), ("clients:\n- folder: a", "there is no month"),
        ("clients:\n- [", "it is no YAML"), ("\ta: b", "line 1: it is no YAML"), ("a: !!python/name:os.x", "unknown"),
        ("clients: &a\n- folder: a\n  months: 2026-10\n  parameters: {x: *a}", "large"),
        ("months: 2026-10\nclients:\n- folder: a\n  parameters: {x: &a [*a]}", "too large for a parameter"),
        ("months: 2026-10\nclients:\n- folder: [a, b]", "line 3: one value is expected here"),
        ("[" * 5000, "it is no YAML: RecursionError"), (b"a: \xc0", "not saved as UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_plan(home: Path, content: str | bytes, found: str) -> None:
    lines = mistakes(home, content)
    assert found in lines[0] and "plan.yaml" in lines[0]


def test_a_short_file_cannot_make_millions(home: Path) -> None:
    levels = "".join(f"  x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 9))
    plan = f"months: 2026-10\nparameters:\n  x0: &x0 [1]\n{levels}clients:\n- folder: a\n"
    assert mistakes(home, plan) == ["plan.yaml, line 2: it is too large for a parameter."]


@pytest.mark.parametrize("content", ["", "client,folder\n", b"\x89PNG\r\n\x1a\n", "<html><body>Sign in</body></html>"])
def test_what_is_no_table(home: Path, content: str | bytes) -> None:
    assert mistakes(home, content, "plan.csv")[0].startswith("plan.csv: ")


@given(st.binary(max_size=200), st.sampled_from(("plan.yaml", "plan.csv")))
def test_no_file_is_more_than_a_mistake(home: Path, content: bytes, name: str) -> None:
    try:
        read(home, content, name)
    except KitError as error:
        assert str(error)


@pytest.mark.parametrize("page", ["batch.md", "batch.ru.md"])
def test_the_plan_of_the_docs_is_one(root: Path, tmp_path: Path, page: str) -> None:
    text = (root / "docs" / page).read_text(encoding="utf-8")
    for folder in ("exports/acme", "exports/coffee", "goals"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "goals" / "coffee.csv").write_text("kpi,target\n")
    jobs = read(tmp_path, text.split("```yaml\n")[1].split("```")[0])
    assert [(job.name, job.month, job.products) for job in jobs] == [
        ("Acme", "2026-10", ()), ("Кофейня на углу", "2026-09", ("pdf", "email")),
        ("Кофейня на углу", "2026-10", ("pdf", "email")),
    ]  # fmt: skip
