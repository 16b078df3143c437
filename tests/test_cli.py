"""The command `kpi`: it speaks the reader's language, accounts for files, and says every failure in one line."""

import ast
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import nbformat
import pytest

from kpi_helpers import cli
from kpi_helpers.catalogue import KPIS
from kpi_helpers.cli import COMMANDS
from kpi_helpers.commands import lab, report, wording
from kpi_helpers.errors import KitError
from kpi_helpers.folders import ROOT
from kpi_helpers.language import use_language
from kpi_helpers.reports import render
from kpi_helpers.reports.parameters import check_parameters, read_parameters
from tests.commands import Kpi

COSTS = "Month,Kind,Channel,Amount\n2026-09,Content,,1000.50\n2026-10,SEO,,2000\n2026-10,SEO,,many\nTotal,,,3000.50\n"
NORTHLIGHT = ("report", "--data", "data/sample/northlight")
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def start(*arguments: object, **environment: str) -> subprocess.Popen[bytes]:
    """The command in a process of its own, with nothing in its environment but this."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "kpi_helpers.cli", *map(str, arguments)], env={**kept, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, start_new_session=os.name == "posix",
    )  # fmt: skip


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A company with one export, in a folder whose name needs care."""
    home = tmp_path / "моя фирма"
    home.mkdir()
    (home / "company.toml").write_text('currency = "USD"\ntimezone = "Europe/Moscow"\n')
    (home / "costs.csv").write_text(COSTS)
    return home


# Language and help


@pytest.mark.parametrize("arguments", [["--lang", "ru", "--help"], ["--help", "--lang=ru"], ["--lang", "ru"]])
def test_help_speaks_russian_wherever_lang_stands(kpi: Kpi, arguments: list[str]) -> None:
    said = kpi(*arguments)
    text = said.out or said.err
    assert CYRILLIC.search(text)
    assert not any(word in text for word in ("Usage:", "Options:", "Show this", "Missing", "Help:"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_in_both_languages(kpi: Kpi, command: str) -> None:
    english, russian = kpi(command, "--help"), kpi(command, "--lang", "ru", "--help")
    assert (english.code, russian.code) == (0, 0)
    assert not CYRILLIC.search(english.out)
    assert "Examples:" in english.out
    assert [line for line in russian.out.splitlines() if line.strip() and not CYRILLIC.search(line)] == [
        line for line in russian.out.splitlines() if re.match(r" {4}kpi ", line)
    ]


def test_the_language_of_the_surroundings_counts_after_lang(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not CYRILLIC.search(kpi("--help").out)
    monkeypatch.setenv("LANG", "ru_RU.UTF-8")
    assert CYRILLIC.search(kpi("--help").out)
    monkeypatch.setenv("KPI_LANG", "en")
    assert not CYRILLIC.search(kpi("--help").out)
    assert CYRILLIC.search(kpi("--help", "--lang", "ru").out)


def test_what_click_says_is_what_the_catalogue_holds() -> None:
    sources = [path.read_text(encoding="utf-8") for path in Path(click.__file__).parent.glob("*.py")]
    said = {node.value for text in sources for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    listed = {*wording.CLICK_SAYS, *wording.click_counts(1), *wording.click_counts(2)}
    assert listed - said == set()


def test_help_documents_the_exit_codes(kpi: Kpi) -> None:
    text = kpi("--help").out
    assert [str(code) in text for code in (0, 1, 2, 70, 130)] == [True] * 5
    assert kpi().out == text
    assert re.fullmatch(r"kpi [\d.]+\n", kpi("--version").out)


# How it ends


@pytest.mark.parametrize(
    ("arguments", "found", "help_of"),
    [
        (["lsit"], "there is no command 'lsit'. Did you mean list?", "kpi"),
        (["list", "kpsi"], "'kpsi' is not one of 'kpis', 'layouts'", "kpi list"),
        (["list"], "Missing argument", "kpi list"),
        (["report"], "the company's folder is missing. Name it once: kpi report DIR.", "kpi report"),
        (["report", "a", "--data", "a"], "the company's folder is named twice.", "kpi report"),
        (["new", " "], "the folder needs a name.", "kpi new"),
        (["report", "--dat", "x"], "No such option '--dat'. (Did you mean one of: '--data'", "kpi report"),
        (["report", "--month"], "Option '--month' requires an argument.", "kpi report"),
        (["report", "--data", "x", "-p", "one"], "Option '-p' requires 2 arguments.", "kpi report"),
        (["report", "--data", "x", "-p", "month", "3"], "month has an option of its own: --month.", "kpi report"),
        (["check", "a", "b"], "Got unexpected extra argument (b)", "kpi check"),
        (["read"], "Missing argument", "kpi read"),
        (["list", "kpis", "--lang", "fr"], "'fr' is not one of 'en', 'ru'", "kpi list"),
        (["--lang", "en"], "Missing command.", "kpi"),
    ],
)
def test_wrong_usage_is_one_line_with_the_next_step(kpi: Kpi, arguments: list[str], found: str, help_of: str) -> None:
    said = kpi(*arguments)
    assert (said.code, said.out) == (2, "")
    assert found.split(" (Did")[0] in said.line
    assert said.line.endswith(f"Help: {help_of} --help")
    russian = kpi("--lang", "ru", *arguments) if "--lang" not in arguments else kpi("--lang", "ru")
    assert CYRILLIC.search(russian.line)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["check", "nowhere"], "there is no folder nowhere. Name the folder"),
        (["report", "--data", "nowhere", "--month", "2026-10"], "there is no folder nowhere."),
        ([*NORTHLIGHT, "--month", "2026-13"], "month '2026-13' cannot be read. Write it as 2026-10."),
        ([*NORTHLIGHT, "--goals", "nowhere.csv"], "there is no goals file nowhere.csv. Name an existing file"),
        ([*NORTHLIGHT, "--month", "2026-10", "-p", "langg", "x"], "no parameter 'langg'. Did you mean lang?"),
        (["read", "x.csv", "--data", "nowhere"], "there is no folder nowhere."),
        (["lab", "nowhere"], "there is no folder nowhere."),
        (["check", str(Path(__file__))], "test_cli.py is a file, not a folder."),
        (["new", "acme", "--currency", "РУБ"], "Expected: a currency code of three Latin letters, such as USD."),
        ([*NORTHLIGHT, "--month", "2026-10", "--currency", "РУБ"], "a currency code of three Latin letters"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], found: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = kpi(*arguments)
    assert (said.code, said.out) == (1, "")
    assert found in said.line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (KitError("found\x1b[31m", "next", where="a.csv"), 1, "kpi: a.csv: found[31m next"),
        (PermissionError(13, "Permission denied", "out"), 1, "kpi: out cannot be used: Permission denied."),
        (KeyboardInterrupt(), 130, "kpi: stopped."),
        (ValueError("odd\nnews"), 70, "kpi: a fault of the kit: ValueError: odd news. KPI_DEBUG=1 shows where."),
    ],
)
def test_every_end_has_its_code_and_one_line(
    kpi: Kpi, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    def fail(**_parameters: object) -> None:
        raise error

    monkeypatch.setattr("kpi_helpers.commands.listing.run", fail)
    said = kpi("list", "kpis")
    assert (said.code, said.line) == (code, line)
    monkeypatch.setenv("KPI_DEBUG", "1")
    assert ("Traceback" in kpi("list", "kpis").err) is isinstance(error, Exception)


@pytest.mark.parametrize("settings", [{"LANG": "C"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_json_is_utf8_wherever_it_is_printed(company: Path, settings: dict[str, str]) -> None:
    with start("read", company / "costs.csv", "--json", **settings) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    [found] = json.loads(out.decode("utf-8"))
    assert found["file"] == str(company / "costs.csv")
    assert "моя фирма".encode() in out


def test_the_system_speaks_russian() -> None:
    with start("report", "--data", "нет такой", LANG="ru_RU.UTF-8") as process:
        _out, err = process.communicate()
    assert process.returncode == 1
    assert CYRILLIC.search(err.decode("utf-8").replace("нет такой", ""))


@pytest.mark.skipif(os.name != "posix", reason="a pipe that is closed early")
def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    with start("list", "kpis", LANG="C") as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == cli.TO_MEND


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C goes to the whole group")
@pytest.mark.parametrize("seconds", [0, 0.25, 2])  # before the kernel, at its start, and while it works
def test_a_stopped_report_leaves_nothing(tmp_path: Path, seconds: float) -> None:
    with start(*NORTHLIGHT, "--month", "2026-10", "--out", tmp_path, LANG="C") as process:
        deadline = time.monotonic() + 60
        while not list(tmp_path.rglob(".2026-10-*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(seconds)
        os.killpg(process.pid, signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.decode().split() == ["kpi:", "stopped."]
    assert [path for path in tmp_path.rglob("*") if path.is_file() or path.name.startswith(".")] == []


# read


def test_read_accounts_for_every_row(kpi: Kpi, company: Path) -> None:
    said = kpi("read", company / "costs.csv", "--json")
    [found] = json.loads(said.out)
    [problem], [check] = found.pop("problems"), found.pop("checks")
    assert said.code == 0
    assert found == {
        "file": str(company / "costs.csv"), "platform": "own_table", "layout": "costs_table", "table": "costs",
        "known": 1, "rival": None, "period": {"from": "2026-09-01", "to": "2026-10-31"},
        "rows": {"in": 4, "used": 2, "totals": 1, "rejected": 1, "continued": 0},
        "doubled": 0, "repeated": 0, "yielded": 0,
        "sums": {"other_costs": 3000.5}, "currency": found["currency"], "unread": [], "passed_over": [], "not_read": [],
    }  # fmt: skip
    assert (problem["line"], problem["column"], problem["value"]) == (4, "Amount", "…")
    assert 0 <= check.pop("slack") < 1
    assert check == {"measure": "other_costs", "rows": 3000.5, "total": 3000.5, "largest": 3000.5, "agrees": True}
    assert problem["reason"] and problem["remedy"]


def test_read_says_it_in_words(kpi: Kpi, company: Path) -> None:
    english = kpi("read", company / "costs.csv").out
    assert "Rows           4 = 2 used + 1 total + 1 rejected\n" in english
    assert 'line 4, Amount: "…" ' in english
    assert "(costs_table; knows 100% of the headings)\n" in english
    assert "  Check          the totals row agrees: other marketing costs\n" in english
    (company / "costs.csv").write_text(COSTS.replace("3000.50", "3100.50"))
    differs = r"Check +other marketing costs: .*3,00\d.* 3,10\d.* difference of 100"
    assert re.search(differs, kpi("read", company / "costs.csv").out)
    russian = kpi("read", company / "costs.csv", "--lang", "ru").out
    assert re.search("Сверка +прочие затраты .*расхождение", russian)
    assert "3\u00a0000" in russian or "3\u00a0001" in russian


def test_a_file_of_which_every_row_is_rejected_must_be_mended(kpi: Kpi, company: Path) -> None:
    head = "Date,Campaign,Platform,Clicks,Impressions,Cost\n"
    (company / "ads.csv").write_text(head + "8/1/2026,A,Bing,5,50,2.5\n8/2/2026,A,Bing,5,50,2.5\n")
    said = kpi("check", company)
    assert said.code == 1 and kpi("read", company / "ads.csv").code == 1
    [line] = [line for line in said.out.splitlines() if "every row was rejected" in line]
    assert line.startswith("  ads.csv: ") and 'line 2, Date: "8/1/2026" may mean the day or the month first.' in line
    (company / "ads.csv").write_text(head + "8/1/2026,A,Bing,5,50,2.5\n8/22/2026,A,Bing,5,50,2.5\n")
    assert kpi("check", company).code == kpi("read", company / "ads.csv").code == 0


BROKEN = {
    "login.csv": b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in</body></html>",
    "empty.csv": b"",
    "junk.csv": bytes(range(256)) * 20,
    "other.csv": b"name,colour\nx,red\ny,blue\n",
    "goals.csv": b"kpi,scope\n",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_used_is_named_with_its_reason(kpi: Kpi, company: Path, name: str) -> None:
    (company / name).write_bytes(BROKEN[name])
    said = kpi("read", company / name, company / "costs.csv", "--json")
    broken, good = json.loads(said.out)
    assert (said.code, said.err) == (1, "")
    assert set(broken) == {*good, "reason"}
    assert (broken["file"], broken["platform"], broken["table"]) == (str(company / name), None, None)
    assert len(broken["reason"]) > 10
    in_words = kpi("read", company / name).out.splitlines()
    assert in_words[:2] == [str(company / name), f"  Not used: {broken['reason']}"]


def test_files_that_are_missing_or_locked_and_folders_without_exports(
    kpi: Kpi, company: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (company / "empty").mkdir()
    said = kpi("read", company / "none.csv", company / "empty", "--json")
    assert said.code == 1
    assert ["no such file" in found["reason"] or "no exports" in found["reason"] for found in json.loads(said.out)] == [
        True, True,
    ]  # fmt: skip

    read = Path.read_bytes

    def locked(path: Path) -> bytes:
        if path.name == "costs.csv":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", locked)
    said = kpi("read", company / "costs.csv")
    assert said.code == 1
    assert "Permission denied" in said.out


def test_a_folder_is_read_file_by_file_with_the_settings_above(kpi: Kpi, company: Path) -> None:
    exports = company / "exports"
    exports.mkdir()
    (company / "costs.csv").rename(exports / "costs.csv")
    (exports / "more.csv").write_text(COSTS.replace("2026", "2025"))
    found = json.loads(kpi("read", company, "--json").out)
    assert [Path(item["file"]).name for item in found] == ["costs.csv", "more.csv"]
    (company / "company.toml").write_text('currency = "Dollar"')
    for place in (company, exports / "costs.csv"):
        assert "currency = 'Dollar' is not allowed" in kpi("read", place).line
    assert kpi("read", exports / "costs.csv", "--data", exports).code == 0


RESTATED = {
    "early.csv": "Campaign,Day,Clicks,Impr.,Cost\nA,2026-10-01,1,10,5\nA,2026-10-02,1,10,5\n",
    "late.csv": "Campaign,Day,Clicks,Impr.,Cost\nA,2026-10-02,2,10,6\nA,2026-10-03,2,10,6\n",
}


def test_rows_that_a_later_export_repeats_are_said(kpi: Kpi, company: Path) -> None:
    for name, text in RESTATED.items():
        (company / name).write_text(text)
    early = next(item for item in json.loads(kpi("read", company, "--json").out) if "early" in item["file"])
    assert (early["rows"]["used"], early["repeated"], early["sums"]["clicks"]) == (2, 1, 1)
    for command in ("read", "check"):
        assert kpi(command, company).out.count("1 row repeated: the later export counts") == 1
    assert kpi("read", company / "early.csv").out.count("repeated") == 0


def test_values_from_files_cannot_steer_the_terminal(kpi: Kpi, company: Path) -> None:
    (company / "costs.csv").write_text(COSTS.replace("many", "\x1b]0;1OO\x07\u202e1"))
    said = kpi("read", company / "costs.csv")
    assert "1OO1" in said.out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", said.out)


# check


def test_check_finds_the_sample_in_order(kpi: Kpi, sample_dir: Path) -> None:
    said = kpi("check", sample_dir / "northlight", "--json")
    found = json.loads(said.out)
    assert (said.code, found["errors"], found["currency"]) == (0, [], "USD")
    assert found["period"] == {"from": "2024-11-01", "to": "2026-10-31"}
    asleep = {row["kpi"]: row for row in found["kpis"]["asleep"]}
    assert {*found["kpis"]["alive"], *asleep} == set(KPIS)
    assert not {*found["kpis"]["alive"]} & {*asleep}
    assert "call tracking" in asleep["missed_calls"]["next_step"]
    assert asleep["reach"]["reason"] == "the exports do not hold: reach"
    assert "cpl" in found["kpis"]["alive"]
    words = kpi("check", sample_dir / "northlight").out
    assert f"KPIs with data: {len(KPIS) - len(asleep)} of {len(KPIS)}." in words


@pytest.mark.parametrize(
    ("file", "content", "found"),
    [
        ("goals.csv", "kpi,target\ncpll,5\n", "goals.csv, line 2: there is no KPI 'cpll'. Did you mean"),
        ("company.toml", "curency = 'USD'", "company.toml: unknown setting curency. Did you mean currency?"),
        ("channels.csv", "a,b\n1,2\n", "channels.csv: needs the headings"),
        ("junk.csv", "name,colour\nx,red\n", "junk.csv"),
    ],
)
def test_check_names_what_must_be_mended(kpi: Kpi, company: Path, file: str, content: str, found: str) -> None:
    assert kpi("check", company).code == 0
    (company / file).write_text(content)
    said = kpi("check", company)
    assert (said.code, said.err) == (1, "")
    assert [line for line in said.out.splitlines() if line.startswith(f"  {found}")]
    data = json.loads(kpi("check", company, "--json").out)
    assert data["errors"] or any(item.get("reason") for item in data["files"])


def test_check_says_which_export_is_missing_and_which_lacks_a_column(kpi: Kpi, company: Path) -> None:
    (company / "orders.csv").write_text("Order ID,Order date,Revenue\n1,2026-10-01,10\n2,2026-10-02,20\n")
    found = {row["kpi"]: row for row in json.loads(kpi("check", company, "--json").out)["kpis"]["asleep"]}
    assert "revenue" not in found
    assert found["new_customers"] == {
        "kpi": "new_customers", "reason": "the exports do not hold: customers who bought", "next_step": "",
    }  # fmt: skip
    (company / "orders.csv").unlink()
    found = {row["kpi"]: row for row in json.loads(kpi("check", company, "--json").out)["kpis"]["asleep"]}
    assert {found[key]["reason"] for key in ("revenue", "new_customers", "churn_rate")} == {"no export: orders"}


DEALS = "Record ID,Deal Name,Deal Stage,Create Date,Original Traffic Source\n"


def notices(kpi: Kpi, company: Path) -> list[str]:
    said = kpi("check", company)
    assert said.code == 0
    found = json.loads(kpi("check", company, "--json").out)["notices"]
    assert all(f"  {notice}" in said.out for notice in found)
    return found


def test_check_lists_the_stages_that_the_settings_do_not_name(kpi: Kpi, company: Path) -> None:
    assert notices(kpi, company) == []
    deals = DEALS + "1,a,Договор,2026-10-01 10:00,Email Marketing\n2,b,Отказ,2026-10-01 10:00,Email Marketing\n"
    (company / "deals.csv").write_text(deals)
    qualified, won = notices(kpi, company)
    assert qualified == (
        "company.toml, section [leads]: say which stages are qualified. In the exports: Договор, Отказ."
    )
    assert "say which stages are won" in won
    (company / "company.toml").write_text('[leads]\nqualified = ["Дoговор"]\nwon = ["договор"]\n')  # a Latin o
    assert notices(kpi, company) == [
        "company.toml, leads.qualified: no lead has the stage 'Дoговор'. Did you mean Договор?"
    ]


def test_check_shows_how_to_name_a_channel(kpi: Kpi, company: Path) -> None:
    orders = "1,2026-10-01,google,10\n2,2026-10-02,google,20\n3,2026-10-02,Radio,1\n"
    (company / "orders.csv").write_text(f"Order ID,Order date,Source,Revenue\n{orders}")
    google, radio, keys = notices(kpi, company)
    assert google == (
        "no rule gives 'google' a channel. Rows: 2, of them orders: 2. Add to channels.csv: google,-,,CHANNEL"
    )
    assert radio.endswith("Add to channels.csv: Radio,,,CHANNEL")
    assert "organic_search" in keys
    own = "source;medium;campaign;channel\ngoogle;-;;organic_serch\nRadio;;;radio\n"
    (company / "channels.csv").write_text(own)
    assert notices(kpi, company) == [
        "channels.csv: the kit knows no channel 'organic_serch'. Did you mean organic_search?"
    ]


def test_check_names_goals_of_channels_that_are_not_there(kpi: Kpi, company: Path) -> None:
    (company / "orders.csv").write_text("Order ID,Order date,Source,Revenue\n1,2026-10-01,email,10\n")
    (company / "goals.csv").write_text("kpi,scope,target\nrevenue,emial,5\nrevenue,email,5\nrevenue,company,5\n")
    assert notices(kpi, company) == ["goals.csv: no export has the channel 'emial'. Did you mean email?"]


def test_check_lists_the_names_that_the_settings_do_not_know(kpi: Kpi, company: Path) -> None:
    goals = "Дата визита,Источник трафика,Визиты,Достижения цели (Заявка),Достижения цели (Чат)\n"
    (company / "metrika.csv").write_text(goals + "2026-10-01,Прямые заходы,5,1,2\n")
    assert notices(kpi, company) == ["company.toml: set actions.main. There are: Заявка, Чат."]
    (company / "market.csv").write_text("Period,Company,Sales\n2026-10,Acme,10\n2026-10,Other,30\n")
    (company / "company.toml").write_text('[actions]\nmain = "purchase"\n[market]\ncompany = "Akme"\n')
    assert notices(kpi, company) == [
        "company.toml, actions.main: the exports have no 'purchase'. There are: Заявка, Чат.",
        "company.toml, market.company: the exports have no 'Akme'. Did you mean Acme?",
    ]


def test_check_says_which_orders_lack_a_margin_and_whose_vat_differs(kpi: Kpi, company: Path) -> None:
    (company / "company.toml").write_text('vat = "excluded"\n')
    orders = "Order number,Order date,Сумма с НДС,Margin\n1,2026-10-01,10,4\n2,2026-10-02,20,\n"
    (company / "orders.csv").write_text(orders)
    assert notices(kpi, company)[:2] == [
        "1 order of 2 has no margin. Set margin.share in company.toml to fill it in.",
        "orders.csv holds amounts with VAT, but company.toml says vat = 'excluded'.",
    ]


def test_check_names_two_sources_of_the_same_days(kpi: Kpi, company: Path) -> None:
    (company / "ga.csv").write_text("Date,Session source / medium,Sessions\n20261001,google / cpc,10\n")
    (company / "metrika.csv").write_text("Date of visit,Traffic source,Sessions,Users\n2026-10-01,Direct traffic,5,4\n")
    [notice] = notices(kpi, company)
    assert "both cover 1 October 2026" in notice


def test_check_says_that_a_file_has_no_rows(kpi: Kpi, company: Path) -> None:
    (company / "ads.csv").write_text("Campaign,Day,Clicks,Impr.,Cost\n")
    assert re.search(r"ads\.csv +Advertising +0 +— +no rows", kpi("check", company).out)
    assert "line 1: 0 rows under the headings." in kpi("read", company / "ads.csv").out


def test_check_says_that_a_folder_is_empty(kpi: Kpi, company: Path) -> None:
    (company / "costs.csv").unlink()
    said = kpi("check", company)
    assert said.code == 1
    assert "there are no exports in the folder. Put the exported files into it." in said.out


# list


def test_the_lists_hold_every_kpi_and_layout(kpi: Kpi) -> None:
    kpis = json.loads(kpi("list", "kpis", "--json").out)
    assert [row["key"] for row in kpis] == list(KPIS)
    cpl = next(row for row in kpis if row["key"] == "cpl")
    assert cpl == {
        "key": "cpl", "name": "Cost per lead (CPL)", "formula": "spend / leads", "unit": "money/lead",
        "better": "lower", "owner": "marketing", "kind": "KPI", "tables": ["ads", "leads"],
    }  # fmt: skip
    layouts = json.loads(kpi("list", "layouts", "--json").out)
    folder = ROOT / "kpi_helpers" / "exports" / "layouts"
    assert [row["key"] for row in layouts] == sorted(path.stem for path in folder.glob("*.toml"))
    assert all(set(row) == {"key", "name", "platform", "tables", "get"} and row["get"] for row in layouts)


def test_the_lists_speak_both_languages(kpi: Kpi) -> None:
    assert "= ad spend / leads  (Advertising, Leads)" in kpi("list", "kpis").out
    russian = kpi("list", "kpis", "--lang", "ru").out
    assert all(key in russian for key in KPIS)
    assert "Стоимость лида (CPL)" in russian
    assert not re.search(r"  (KPI|metric)$", russian, re.MULTILINE)
    assert CYRILLIC.search(kpi("--lang", "ru", "list", "layouts").out)


# report and lab


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[tuple[Any, ...]]:
    """Calls of render_report, which writes one file and speaks another language."""
    calls: list[tuple[Any, ...]] = []

    def played(data: str, month: str, out: str, **options: Any) -> Path:
        calls.append((data, month, out, options))
        use_language("ru")
        (tmp_path / "report.html").write_text("")
        return tmp_path

    monkeypatch.setattr(render, "render_report", played)
    return calls


def test_report_hands_everything_on_and_prints_the_paths(kpi: Kpi, rendered: list[Any], tmp_path: Path) -> None:
    said = kpi("report", "--data", "acme", "--month", "2026-10", "--out", "o", "--currency", "usd", "--client", "Ä",
               "-p", "top", "5", "-p", "note", "a b")  # fmt: skip
    assert (said.code, said.out, said.err) == (0, f"{tmp_path / 'report.html'}\n", "")
    assert rendered == [("acme", "2026-10", "o", {
        "goals_file": "", "lang": "", "currency": "USD", "client": "Ä", "parameters": {"top": "5", "note": "a b"},
        "products": [], "progress": False,
    })]  # fmt: skip


def test_the_folder_of_a_report_may_be_named_without_an_option(kpi: Kpi, rendered: list[Any]) -> None:
    assert kpi("report", "acme", "--month", "2026-10").code == 0
    assert rendered[0][0] == "acme"


@pytest.mark.parametrize("arguments", [["--lang", "ru", "report"], ["report", "--lang", "ru"]])
def test_the_report_speaks_what_lang_asks_for(kpi: Kpi, rendered: list[Any], arguments: list[str]) -> None:
    assert kpi(*arguments, "--data", "acme", "--month", "2026-10").code == 0
    assert rendered[0][3]["lang"] == "ru"


def test_the_last_month_of_the_exports_is_taken_and_said(kpi: Kpi, rendered: list[Any], company: Path) -> None:
    said = kpi("report", "--data", company)
    assert rendered[0][1] == "2026-10"
    assert said.line == "kpi: the last month in the exports is October 2026."


def test_parameters_are_read_in_the_types_of_the_notebook(tmp_path: Path) -> None:
    kernel = {"display_name": "Python 3", "name": "python3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    source = 'name = "x"\ntop = 5\nshare = 0.5\ndeep = False\nkeys = ["cpl"]\nfree = None'
    notebook.cells = [nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})]
    path = tmp_path / "n.ipynb"
    nbformat.write(notebook, path)
    texts = {"name": "7", "top": "7", "share": "0.7", "deep": "true", "keys": '["cac"]', "free": "7"}
    values = {"name": "7", "top": 7, "share": 0.7, "deep": True, "keys": ["cac"], "free": "7"}
    assert read_parameters(path, texts) == values
    check_parameters(path, values)
    for name, text in {"top": "7.5", "share": "much", "deep": "7", "keys": "cac"}.items():
        with pytest.raises(KitError, match=f"parameter {name} = '{text}' must be "):
            read_parameters(path, {name: text})
    with pytest.raises(KitError, match="there is no parameter 'tip'. Did you mean top?"):
        read_parameters(path, {"tip": "7"})
    with pytest.raises(KitError, match="parameter top = 'many' must be a whole number."):
        check_parameters(path, {"top": "many"})


def test_an_option_of_report_is_no_free_parameter() -> None:
    declared = read_parameters(render.notebook_path(render.REPORT, "en"), dict.fromkeys(report.OPTIONS, "x"))
    assert set(declared) == set(report.OPTIONS)


def test_lab_opens_the_notebooks_and_hands_arguments_on(tmp_path: Path) -> None:
    python, *_, module, root, folder, opened = lab.command_line(())
    assert (python, module) == (sys.executable, "jupyterlab")
    assert (root, folder) == (
        f"--ServerApp.root_dir={lab.KIT}", f"--FileContentsManager.preferred_dir={lab.KIT / 'notebooks'}",
    )  # fmt: skip
    assert lab.command_line(("--no-browser", "--port", "1"))[-3:] == ["--no-browser", "--port", "1"]
    assert lab.command_line((str(tmp_path), "--port", "1"))[3:] == [
        f"--ServerApp.root_dir={tmp_path.resolve()}", f"--FileContentsManager.preferred_dir={tmp_path.resolve()}",
        "--port", "1",
    ]  # fmt: skip


def test_the_examples_of_lab_name_folders_that_exist(kpi: Kpi) -> None:
    named = re.findall(r"kpi lab (\w\S+)", kpi("lab", "--help").out)
    assert named and all((lab.KIT / folder).is_dir() and any((lab.KIT / folder).iterdir()) for folder in named)


def test_lab_becomes_jupyterlab(kpi: Kpi, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _program, line: started.append(line))
    monkeypatch.setattr(subprocess, "call", lambda line: started.append(line) or 0)
    assert kpi("lab", "--port", "8890", "--lang", "ru").code == 0
    assert started[0][-2:] == ["--port", "8890"]
    assert any(part.endswith(f"notebooks{os.sep}ru") for part in started[0]) == (lab.KIT / "notebooks" / "ru").is_dir()
