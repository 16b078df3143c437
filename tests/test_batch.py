"""A batch: each report in a process of its own, real faults in them, nothing lost, nothing made twice."""

import errno
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from batches import command, put_notebook, write_plan

from kpi_helpers.batch import run
from kpi_helpers.batch.jobs import Job, run_job
from kpi_helpers.batch.outcome import Outcome
from kpi_helpers.batch.plan import read_plan
from kpi_helpers.cli import main
from kpi_helpers.commands.progress import Progress, has_width
from kpi_helpers.engine import forks
from kpi_helpers.language import LANGUAGES, _, speaking
from notebooks import errors_in, everything, manifest_of, write_notebook

pytestmark = pytest.mark.skipif(not forks.can_fork(), reason="warm processes are forked")
LONG = 60.0  # seconds that something may take on a busy machine

Put = Callable[..., Path]
Kpi = Callable[..., tuple[int, str, str]]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Put:
    """Put a notebook with these cells in the place of the monthly report's; `client` is the client's name in it."""

    def put(*cells: str) -> Path:
        path = write_notebook(tmp_path / "notebooks" / "monthly_report.ipynb", *cells)
        put_notebook(monkeypatch, path)
        return path

    return put


@pytest.fixture
def kpi(capsys: pytest.CaptureFixture[str]) -> Kpi:
    """`kpi batch` as a function: exit code, standard output, standard error."""

    def kpi(*arguments: object) -> tuple[int, str, str]:
        code = main(["batch", *map(str, arguments)])
        return code, *capsys.readouterr()

    return kpi


def states(out: Path) -> dict[str, str]:
    data = json.loads((out / "batch.json").read_text(encoding="utf-8"))
    return {row["client"]: row["state"] for row in data["reports"]}


def times(out: Path) -> dict[str, str]:
    """When each report was made."""
    return {folder.parent.name: manifest_of(folder)["rendered_at"] for folder in sorted(out.glob("*/2026-10"))}


def start(notebook: Path, *arguments: object, **settings: Any) -> subprocess.Popen[str]:
    """`kpi batch` with a tiny notebook, in a process that can be killed."""
    said = command(notebook, "batch", *arguments)
    return subprocess.Popen(said, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **settings)


def wait_for(there: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + LONG
    while time.monotonic() < end:
        if found := there():
            return found
        time.sleep(0.05)
    pytest.fail(f"there was no {what}")


def below(process: subprocess.Popen[str]) -> list[int]:
    return [one.pid for one in psutil.Process(process.pid).children(recursive=True)]


def are_gone(pids: list[int]) -> bool:
    """Whether none of them runs; a dead child of a dead parent may wait to be buried."""
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                return False
    return True


# What is made, and what is not


def test_reports_are_made_once_and_again_when_something_changes(put: Put, kpi: Kpi, tmp_path: Path) -> None:
    put()
    plan, out = write_plan(tmp_path / "plan.yaml"), tmp_path / "reports"
    code, said, told = kpi(plan, "--jobs", 2)
    assert (code, said) == (0, f"{out / 'index.html'}\n")
    assert "3 reports were made." in told and "3/3 Client" in told
    assert states(out) == dict.fromkeys(("Client 1", "Client 2", "Client 3"), "finished")
    first = times(out)
    assert kpi(plan)[0] == 0
    assert times(out) == first and set(states(out).values()) == {"kept"}

    (tmp_path / "c2" / "costs.csv").write_text("date,kind,amount\n2026-10-01,rent,999\n")
    (out / "Client_3" / "2026-10" / "monthly_report.html").write_text("damaged")
    code, said, told = kpi(plan, "--dry-run")
    assert [line.partition("monthly_report")[2].strip() for line in said.splitlines()] == [
        "stands, nothing has changed", "exports, settings or goals have changed", "a file of it is damaged or gone",
    ]  # fmt: skip
    assert "2 of 3 reports would be made." in told and times(out) == first
    assert kpi(plan)[0] == 0
    again = times(out)
    assert [client for client in first if first[client] != again[client]] == ["Client_2", "Client_3"]
    assert kpi(plan, "--no-resume", "--only", "client 1")[0] == 0
    assert [client for client in first if times(out)[client] != again[client]] == ["Client_1"]


def test_a_dry_run_writes_nothing(put: Put, kpi: Kpi, tmp_path: Path) -> None:
    put("raise SystemExit('it ran')")
    plan = write_plan(tmp_path / "plan.yaml")
    before = everything(tmp_path)
    code, said, _told = kpi(plan, "--dry-run", "--json")
    assert code == 0 and everything(tmp_path) == before
    assert [(report["client"], report["month"], report["why"]) for report in json.loads(said)["reports"]] == [
        (f"Client {n}", "2026-10", "missing") for n in (1, 2, 3)
    ]


def test_only_some_of_them_and_the_others_stay_on_the_page(put: Put, kpi: Kpi, tmp_path: Path) -> None:
    put()
    plan, out = write_plan(tmp_path / "plan.yaml", head="months: 2026-09..2026-10"), tmp_path / "out"
    assert kpi(plan, "--out", out, "--only", "Client 1/2026-10", "--only", "Client_2")[0] == 0
    made = sorted(folder.relative_to(out).as_posix() for folder in out.glob("*/*") if folder.is_dir())
    assert made == ["Client_1/2026-10", "Client_2/2026-09", "Client_2/2026-10"]
    code, said, _told = kpi(plan, "--out", out, "--only", "Client 3/2026-09", "--json")
    assert code == 0
    assert [(row["client"], row["month"]) for row in json.loads(said)["reports"]] == [("Client 3", "2026-09")]
    assert len(json.loads((out / "batch.json").read_text())["reports"]) == 4
    for wrong, found in (("Client 4", "Did you mean Client 3"), ("Client 1/2026-11", "Did you mean Client 1/2026-1")):
        code, said, told = kpi(plan, "--out", out, "--only", wrong)
        assert code == 2 and found in told and said == ""


def test_a_plan_that_must_be_mended_runs_nothing(put: Put, kpi: Kpi, tmp_path: Path) -> None:
    put()
    plan = write_plan(tmp_path / "plan.yaml", head="months: 2026-10\nparameters: {clinet: x}")
    code, said, told = kpi(plan)
    assert (code, said) == (1, "") and not list((tmp_path / "reports").glob("C*"))
    assert told.count("there is no parameter 'clinet'. Did you mean client?") == 1
    assert kpi(tmp_path / "nowhere.yaml")[0] == 1
    for option, text in (("--jobs", "0"), ("--jobs", "1e3"), ("--month", "2026-13"), ("--time-limit", "10")):
        code, said, told = kpi(plan, option, text)
        assert (code, said) == (2, "") and repr(text) in told and told.count("\n") == 1


# Failures

FAULT = """
if client == "Client 1":
    raise ValueError("no such luck")
if client == "Client 2":
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_failure_stops_no_other_and_leaves_its_notebook(put: Put, kpi: Kpi, tmp_path: Path) -> None:
    plan, out = write_plan(tmp_path / "plan.yaml"), tmp_path / "reports"
    put()
    assert kpi(plan, "--only", "Client 1")[0] == 0
    stood = everything(out / "Client_1" / "2026-10")
    put(FAULT)
    code, said, told = kpi(plan, "--json")
    assert code == 3 and "1 report was made. 2 reports failed." in told
    rows = {row["client"]: row for row in json.loads(said)["reports"]}
    assert {client: row["state"] for client, row in rows.items()} == {
        "Client 1": "failed", "Client 2": "failed", "Client 3": "finished",
    }  # fmt: skip
    assert "ValueError: no such luck" in rows["Client 1"]["reason"]
    assert "stopped before its end" in rows["Client 2"]["reason"]
    assert everything(out / "Client_1" / "2026-10") == stood and not list((out / "Client_2").glob("**/*.html"))
    left = out / rows["Client 1"]["path"]
    assert left == out / "Client_1" / "2026-10.monthly_report.failed.ipynb"
    assert [error.evalue for error in errors_in(left)] == ["no such luck"]
    put()
    assert kpi(plan)[0] == 0
    assert states(out) == {"Client 1": "kept", "Client 2": "finished", "Client 3": "finished"}
    assert not list(out.glob("*/*.failed.ipynb"))


ENDS = """from kpi_helpers.errors import KitError
from kpi_helpers.language import _, use_language
use_language(lang)
if client == "Client 1":
    raise KitError(_("the disk is full."))
if client == "Client 2":
    1 / 0
import os, signal
os.killpg(os.getpgid(0), signal.SIGKILL)
"""
REASONS = ("the disk is full.", "the report failed in cell {cell}: {error}.",
           "it was ended by the system (signal {signal}).", "there is no folder {folder}.")  # fmt: skip


@pytest.mark.parametrize(("asked", "page"), [((), "ru"), (("--lang", "en"), "en")])
def test_what_failed_is_said_in_the_language_of_the_page(
    put: Put, kpi: Kpi, tmp_path: Path, asked: tuple[str, ...], page: str
) -> None:
    put(ENDS)
    plan, out = write_plan(tmp_path / "plan.yaml", 3, "months: 2026-10\nlanguage: ru"), tmp_path / "reports"
    other = next(lang for lang in LANGUAGES if lang != page)
    plan.write_text(plan.read_text().replace("}", f", language: {other}}}") + "- {client: Gone, folder: gone}\n")
    code, _said, told = kpi(plan, "--jobs", 2, *asked)
    reasons = {row["client"]: row["reason"] for row in json.loads((out / "batch.json").read_text())["reports"]}
    html = (out / "index.html").read_text(encoding="utf-8")
    with speaking(page):
        expected = [_(message) for message in REASONS]
    assert code == 3 and f'<html lang="{page}">' in html
    for reason, message in zip(reasons.values(), expected, strict=True):
        assert reason.startswith(message.partition("{")[0]) and reason in told
    assert [error.evalue for error in errors_in(out / "Client_1" / "2026-10.monthly_report.failed.ipynb")] != [
        reasons["Client 1"]
    ], "the notebook stays in the language of the report"


def test_a_process_that_is_killed_is_a_failure_of_its_report(put: Put, kpi: Kpi, tmp_path: Path) -> None:
    put("import os, signal, time\nif client == 'Client 2':\n    os.killpg(os.getpgid(0), signal.SIGKILL)")
    code, said, _told = kpi(write_plan(tmp_path / "plan.yaml"), "--jobs", 3, "--json")
    rows = {row["client"]: (row["state"], row["reason"]) for row in json.loads(said)["reports"]}
    assert code == 3
    assert rows == {
        "Client 1": ("finished", ""), "Client 2": ("failed", "it was ended by the system (signal 9)."),
        "Client 3": ("finished", ""),
    }  # fmt: skip


def test_a_failed_notebook_is_that_of_the_last_attempt(put: Put, kpi: Kpi, tmp_path: Path) -> None:
    plan, out = write_plan(tmp_path / "plan.yaml", 1), tmp_path / "reports"
    put("raise ValueError('first')")
    [first] = json.loads(kpi(plan, "--json")[1])["reports"]
    assert "2026-10.monthly_report.failed.ipynb" in first["reason"] and (out / first["path"]).exists()
    put("import os, signal\nos.killpg(os.getpgid(0), signal.SIGKILL)")
    [second] = json.loads(kpi(plan, "--json")[1])["reports"]
    assert (second["state"], second["path"]) == ("failed", "") and not list(out.glob("*/*.failed.ipynb"))


def test_a_process_that_cannot_be_started_fails_its_report_alone(
    put: Put, kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put()
    whole, asked = forks.start, list[str]()

    def start(target: Any, job: Any, *rest: Any, **given: Any) -> Any:
        asked.append(job.name)
        if job.name == "Client 2":
            raise OSError(errno.EAGAIN, "no room")
        return whole(target, job, *rest, **given)

    monkeypatch.setattr(forks, "start", start)
    code, said, _told = kpi(write_plan(tmp_path / "plan.yaml"), "--jobs", 1, "--json")
    rows = {row["client"]: (row["state"], row["reason"]) for row in json.loads(said)["reports"]}
    assert (code, asked) == (3, ["Client 1", "Client 2", "Client 3"])
    assert rows == {
        "Client 1": ("finished", ""), "Client 2": ("failed", "no process could be started: no room."),
        "Client 3": ("finished", ""),
    }  # fmt: skip


def test_a_folder_that_cannot_be_looked_into_fails_its_report(put: Put, tmp_path: Path) -> None:
    put()
    job = read_plan(write_plan(tmp_path / "plan.yaml", 1)).jobs[0]
    outcome = run_job(replace(job, out=str(tmp_path / ("x" * 300))))  # longer than a name may be
    assert (outcome.state, outcome.path) == ("failed", "") and "cannot be used" in outcome.reason


def test_standard_output_is_the_commands_alone(put: Put, tmp_path: Path) -> None:
    notebook = put("import atexit, os\natexit.register(os.write, 1, b'at the end')\nos.write(1, b'in a cell')")
    batch = start(notebook, write_plan(tmp_path / "plan.yaml", 1), "--json")
    said, told = batch.communicate(timeout=LONG)
    assert [row["state"] for row in json.loads(said)["reports"]] == ["finished"]
    assert "at the end" in told and "in a cell" not in told


def test_it_looks_around_while_reports_are_under_way(put: Put, tmp_path: Path) -> None:
    put("import time\ntime.sleep(2)")
    looks: list[float] = []
    job = read_plan(write_plan(tmp_path / "plan.yaml", 1)).jobs[0]
    [outcome] = run.run_here([job], 1, 60.0, None, lambda: looks.append(time.monotonic()))
    assert outcome.state == "finished" and len(looks) >= 3


STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
child.stdout.readline()
apart = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
apart.stdout.readline()
with open(os.path.join(data_dir, ".pids"), "w") as file:
    file.write(f"{os.getpid()} {child.pid} {apart.pid}")
time.sleep(600)
"""


def test_a_report_over_its_time_is_ended_with_all_it_started(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(STUBBORN)
    job = read_plan(write_plan(tmp_path / "plan.yaml", 1)).jobs[0]
    outcome = run.run_alone(job, 20.0)
    assert (outcome.state, outcome.reason) == ("failed", "it took longer than 20 seconds.")
    pids = [int(pid) for pid in (tmp_path / "c1" / ".pids").read_text().split()]
    assert len(pids) == 3
    wait_for(lambda: are_gone(pids), "end of what it had started")
    assert outcome.path == str(job.failed) and job.failed.exists() and not job.final.exists()


def test_a_report_that_cannot_be_told_to_stop_is_killed(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("import os, signal, time\nos.kill(os.getpgrp(), signal.SIGSTOP)\ntime.sleep(600)")
    monkeypatch.setattr(run, "PATIENCE", 0.5)
    job = read_plan(write_plan(tmp_path / "plan.yaml", 1)).jobs[0]
    outcome = run.run_alone(job, 5.0)
    assert (outcome.state, outcome.reason) == ("failed", "it took longer than 5 seconds.")
    assert not job.final.exists()


def test_settings_that_cannot_be_read_fail_their_client_alone(put: Put, kpi: Kpi, tmp_path: Path) -> None:
    put()
    plan = write_plan(tmp_path / "plan.yaml", 2)
    (tmp_path / "c1" / "company.toml").write_text("curency = 'USD'")
    code, said, _told = kpi(plan, "--json")
    rows = {row["client"]: (row["state"], row["reason"]) for row in json.loads(said)["reports"]}
    assert code == 3 and rows["Client 2"] == ("finished", "")
    assert rows["Client 1"][0] == "failed" and "unknown setting curency" in rows["Client 1"][1]


def test_a_client_without_its_folder_or_goals_fails_alone_and_is_tried_again(
    put: Put, kpi: Kpi, tmp_path: Path
) -> None:
    put()
    plan, out = write_plan(tmp_path / "plan.yaml", 2), tmp_path / "reports"
    with plan.open("a") as file:
        file.write("- {client: Gone, folder: gone}\n- {client: Aimless, folder: c1, goals: g.csv}\n")
        file.write("- {client: Two, folder: two}\n")
    for name in ("two/a", "two/b"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "company.toml").write_text("")
    reasons = {
        "Gone": f"there is no folder {tmp_path / 'gone'}.",
        "Aimless": f"there is no goals file {tmp_path / 'g.csv'}.",
        "Two": f"{tmp_path / 'two'} is not one company's folder: company.toml lies in a, b.",
    }
    code, said, told = kpi(plan, "--dry-run")
    assert code == 0 and "2 of 5 reports would be made." in told and "3 reports would fail." in told
    assert all(reason in said for reason in reasons.values())

    code, said, _told = kpi(plan, "--json")
    rows = {row["client"]: row for row in json.loads(said)["reports"]}
    assert code == 3 and {row["client"] for row in rows.values() if row["state"] == "finished"} == {
        "Client 1", "Client 2",
    }  # fmt: skip
    assert all(rows[client]["reason"].startswith(reason) for client, reason in reasons.items())
    assert "there is no goals file" in (out / "index.html").read_text(encoding="utf-8")
    (tmp_path / "g.csv").write_text("kpi,target\n")
    (tmp_path / "two" / "b" / "company.toml").unlink()
    (tmp_path / "two" / "costs.csv").write_text("date,kind,amount\n2026-10-01,rent,100\n")
    assert kpi(plan)[0] == 3
    assert states(out) == {"Client 1": "kept", "Client 2": "kept", "Gone": "failed", "Aimless": "finished",
                           "Two": "finished"}  # fmt: skip
    assert kpi(plan, "--only", "Client 1")[0] == 0


@pytest.mark.parametrize("named", [{}, {"filename": "batch.json"}])
def test_a_full_disk_is_said_in_a_line(
    put: Put, kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: dict[str, str]
) -> None:
    def full(*_given: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", *named.values())

    put()
    monkeypatch.setattr("kpi_helpers.batch.summary.write_safely", full)
    code, said, told = kpi(write_plan(tmp_path / "plan.yaml", 1))
    assert (code, said) == (1, "")
    assert told == "kpi: the disk is full. Free some space and run the command again.\n"


def test_a_log_says_which_report_where_there_are_several(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [Job("Acme", "acme", "2026-10", report) for report in ("monthly_report", "weekly")]
    for wanted in (jobs, jobs[1:]):
        Progress(wanted).report(jobs[1], Outcome("kept", job=jobs[1].key))
    several, one = capsys.readouterr().err.splitlines()
    assert several.startswith("kpi: 1/2 Acme, October 2026, weekly: nothing has changed")
    assert one == "kpi: 1/1 Acme, October 2026: nothing has changed"


def test_a_terminal_without_a_width_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", open(os.devnull, "w"))  # noqa: SIM115
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    for columns in (0, 80):
        monkeypatch.setattr(os, "get_terminal_size", lambda _number, columns=columns: os.terminal_size((columns, 24)))
        assert has_width() == (columns > 0)


# The end of the batch itself

WAITING = """
import time
from pathlib import Path
Path(data_dir, ".up").touch()
while Path(data_dir, ".wait").exists():
    time.sleep(0.05)
"""


@pytest.fixture
def halfway(put: Put, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A batch whose first report is finished and whose second is under way, and the processes it has started."""
    plan = write_plan(tmp_path / "plan.yaml")
    (tmp_path / "c2" / ".wait").touch()
    batch = start(put(WAITING), plan, "--jobs", 1, start_new_session=True)
    wait_for((tmp_path / "c2" / ".up").exists, "second report")
    yield batch, below(batch)
    batch.kill()
    batch.communicate()


Halfway = tuple[subprocess.Popen[str], list[int]]


def test_killed_and_resumed_nothing_is_lost_and_nothing_made_twice(kpi: Kpi, tmp_path: Path, halfway: Halfway) -> None:
    (batch, started), out = halfway, tmp_path / "reports"
    assert len(started) >= 3
    batch.kill()
    batch.communicate()
    wait_for(lambda: are_gone(started), "end of what it had started")
    assert states(out) == {"Client 1": "finished", "Client 2": "waiting", "Client 3": "waiting"}
    first = times(out)
    assert list(first) == ["Client_1"]
    (tmp_path / "c2" / ".wait").unlink()
    assert kpi(tmp_path / "plan.yaml")[0] == 0
    assert states(out) == {"Client 1": "kept", "Client 2": "finished", "Client 3": "finished"}
    assert times(out)["Client_1"] == first["Client_1"]
    assert sorted(path.name for path in out.glob("*/*")) == ["2026-10"] * 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_it_ends_what_it_started_and_says_so(tmp_path: Path, halfway: Halfway, number: int) -> None:
    if signal.getsignal(number) is signal.SIG_IGN:
        pytest.skip("nohup has the tests ignore this signal, and so does all that they start")
    (batch, started), out = halfway, tmp_path / "reports"
    batch.send_signal(number)
    said, told = batch.communicate(timeout=LONG)
    assert (batch.returncode, said) == (130, f"{out / 'index.html'}\n"), told
    lines = [line for line in told.splitlines() if line]
    assert lines[-2:] == ["kpi: 1 report was made. 2 reports are still to come.", "kpi: stopped."]
    wait_for(lambda: are_gone(started), "end of what it had started")
    assert json.loads((out / "batch.json").read_text())["state"] == "stopped"
    assert states(out) == {"Client 1": "finished", "Client 2": "waiting", "Client 3": "waiting"}
    assert not (out / "Client_2" / "2026-10").exists() and not list(out.glob("Client_2/**/*.html"))


def test_stopped_it_still_says_its_data(put: Put, tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan.yaml", 2)
    (tmp_path / "c1" / ".wait").touch()
    batch = start(put(WAITING), plan, "--jobs", 1, "--json", start_new_session=True)
    wait_for((tmp_path / "c1" / ".up").exists, "first report")
    batch.send_signal(signal.SIGINT)
    said, _told = batch.communicate(timeout=LONG)
    data = json.loads(said)
    assert (batch.returncode, data["state"], data["counts"]) == (130, "stopped", {"waiting": 2})


def test_two_batches_in_one_folder(kpi: Kpi, tmp_path: Path, halfway: Halfway) -> None:
    code, said, told = kpi(tmp_path / "plan.yaml")
    assert (code, said) == (1, "")
    assert f"another batch is writing to {tmp_path / 'reports'} (process {halfway[0].pid} on " in told
