"""The recipes of docs/recipes: what can be tried without cron, GitHub, Airflow and jupyter-scheduler."""

import ast
import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
import yaml
from jinja2.sandbox import SandboxedEnvironment

from kpi_helpers.batch.plan import Wishes, read_plan
from kpi_helpers.commands import batch
from notebooks import write_company
from tests.folders import copy_files

KIT, REPORTS = "/opt/kpi-kit", "/srv/reports"
BARE = {"HOME": "/", "LOGNAME": "reports", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}  # what cron gives
posix = pytest.mark.skipif(not shutil.which("flock"), reason="a script for a shell with flock")


@pytest.fixture
def recipes(root: Path) -> Path:
    return root / "docs" / "recipes"


def cron_line(recipes: Path) -> tuple[str, str]:
    """The times of the crontab, and the command."""
    (line,) = [line for line in (recipes / "crontab").read_text().splitlines() if re.match(r"\d", line)]
    *times, command = line.split(maxsplit=5)
    return " ".join(times), command


def batches(text: str) -> Iterator[list[str]]:
    """The arguments of every `kpi batch` in a text, each shell variable as a month."""
    for found in re.findall(r"\bkpi\"? batch (clients\.yaml[^\n#`']*)", text):
        yield shlex.split(re.sub(r"\"?\$\{?\w+(:-\w+\})?\"?", "2026-10", found.split(">")[0]))


def test_every_batch_of_the_recipes_is_understood(recipes: Path, root: Path) -> None:
    files = [*recipes.iterdir(), root / "docs" / "recipes.md", root / "docs" / "recipes.ru.md"]
    asked = [words for file in files for words in batches(file.read_text(encoding="utf-8"))]
    assert len(asked) >= 5
    for words in asked:
        given = batch.command().make_context("batch", list(words)).params
        assert given["plan"] == "clients.yaml", words


def test_the_plan_is_one(recipes: Path, tmp_path: Path) -> None:
    shutil.copy(recipes / "clients.yaml", tmp_path)
    for company in ("northlight", "severny_svet"):
        write_company(tmp_path / "clients" / company)
    jobs = read_plan(tmp_path / "clients.yaml", Wishes(months=("2026-10",))).jobs
    assert [(job.name, job.lang) for job in jobs] == [("Northlight", ""), ("Северный свет", "ru")]


@pytest.fixture
def kit(recipes: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A kit in whose place `kpi` is a script; and a folder of reports beside it."""

    def make(script: str) -> Path:
        shutil.copytree(recipes, tmp_path / "kit" / "docs" / "recipes")
        kpi = tmp_path / "kit" / ".venv" / "bin" / "kpi"
        kpi.parent.mkdir(parents=True)
        kpi.write_text(f"#!/bin/sh\n{script}\n")
        kpi.chmod(0o755)
        (tmp_path / "srv").mkdir()
        return tmp_path / "srv"

    return make


def run_cron(recipes: Path, srv: Path) -> subprocess.CompletedProcess[str]:
    """The crontab's command as cron runs it, with other places."""
    command = cron_line(recipes)[1].replace(KIT, str(srv.parent / "kit")).replace(REPORTS, str(srv))
    return subprocess.run(["/bin/sh", "-c", command], cwd="/", env=BARE, capture_output=True, encoding="utf-8")


@posix
@pytest.mark.parametrize(
    ("code", "said"), [(0, ""), (3, "kpi batch ended with 3, see {log}\nacme: failed\n"), (1, "kpi batch ended with 1")]
)
def test_cron_hears_only_of_what_is_wrong(recipes: Path, kit: Callable[[str], Path], code: int, said: str) -> None:
    srv = kit(f'echo "acme: failed" >&2\necho "$@" >asked\nexit {code}')
    done = run_cron(recipes, srv)
    (log,) = (srv / "logs").iterdir()
    assert (done.returncode, log.read_text()) == (code, "acme: failed\n")
    assert done.stdout.startswith(said.format(log=log)) and bool(done.stdout) == bool(said) and done.stderr == ""
    assert (srv / "asked").read_text() == "batch clients.yaml --month last\n"


@posix
def test_a_second_run_stays_away(recipes: Path, kit: Callable[[str], Path]) -> None:
    srv = kit("touch started")
    with subprocess.Popen(["flock", str(srv / ".monthly.lock"), "-c", "echo locked; read -r _"], encoding="utf-8",
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as first:  # fmt: skip
        assert first.stdout and first.stdout.readline() == "locked\n"
        second = run_cron(recipes, srv)
        first.communicate("\n")
    assert second.returncode == 75 and "still at work" in second.stdout and not (srv / "started").exists()
    assert run_cron(recipes, srv).returncode == 0 and (srv / "started").exists()


@posix
@pytest.mark.slow
def test_cron_makes_the_reports(recipes: Path, kit: Callable[[str], Path], root: Path, sample_dir: Path) -> None:
    python = shlex.quote(sys.executable)
    srv = kit(f'PYTHONPATH={shlex.quote(str(root))} exec {python} -m kpi_helpers.cli "$@"')
    for company in ("northlight", "severny_svet"):
        copy_files(sample_dir / "northlight", srv / "clients" / company, ["costs.csv", "company.toml"])
    shutil.copy(recipes / "clients.yaml", srv)
    done = run_cron(recipes, srv)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done.stdout
    made = json.loads((srv / "reports" / "batch.json").read_text(encoding="utf-8"))["reports"]
    assert {(report["client"], report["state"]) for report in made} == {
        ("Northlight", "finished"), ("Северный свет", "finished"),
    }  # fmt: skip


def test_the_workflow_is_whole(recipes: Path) -> None:
    flow = yaml.safe_load((recipes / "github-actions.yml").read_text(encoding="utf-8"))
    when = flow[True]  # YAML 1.1 takes `on` for a truth value
    assert when["schedule"] == [{"cron": cron_line(recipes)[0]}] and "month" in when["workflow_dispatch"]["inputs"]
    (job,) = flow["jobs"].values()
    assert flow["permissions"] == {"contents": "read"} and job["timeout-minutes"] > 0
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert not any("${{" in run for run in runs), "what somebody else wrote is never put into a command"
    uses = [step["uses"].split("@")[0] for step in job["steps"] if "uses" in step]
    assert uses[-1] == "actions/upload-artifact"
    assert job["steps"][-1]["if"] == "${{ !cancelled() }}" and job["steps"][-1]["with"]["path"] == "reports"


def test_the_workflow_keeps_what_is_finished_where_others_failed(recipes: Path) -> None:
    flow = yaml.safe_load((recipes / "github-actions.yml").read_text(encoding="utf-8"))
    steps = flow["jobs"]["reports"]["steps"]
    named = [step.get("uses", "").split("@")[0] or step["name"] for step in steps]
    taken, made, kept = map(named.index, ("actions/cache/restore", "Make the reports", "actions/cache/save"))
    assert taken < made < kept  # actions/cache alone would save nothing after exit code 3
    assert steps[kept]["if"] == "${{ !cancelled() }}"
    assert steps[kept]["with"] == {name: steps[taken]["with"][name] for name in ("path", "key")}
    others = [step["with"]["path"] for step in steps if step.get("uses", "").startswith("actions/cache@")]
    assert others == ["kit/.venv"]


@pytest.mark.parametrize(
    ("ds", "named", "month"),
    [("2026-11-01", "", "2026-10"), ("2026-11-05", "", "2026-10"), ("2026-11-30", "", "2026-10"),
     ("2026-01-31", "", "2025-12"), ("2024-03-31", "", "2024-02"), ("2026-11-05", "2026-07", "2026-07")],
)  # fmt: skip
def test_the_dag_makes_the_month_before_whatever_the_day(recipes: Path, ds: str, named: str, month: str) -> None:
    tree = ast.parse((recipes / "airflow_dag.py").read_text(encoding="utf-8"))
    (template,) = [node.value for node in tree.body if isinstance(node, ast.Assign) and "MONTH" in ast.dump(node)]
    macros = SimpleNamespace(ds_add=lambda day, days: f"{date.fromisoformat(day) + timedelta(days=days)}")
    given = {"ds": ds, "macros": macros, "params": SimpleNamespace(month=named)}
    assert SandboxedEnvironment().from_string(ast.literal_eval(template)).render(given) == month


def test_the_dag_is_whole(recipes: Path, root: Path) -> None:
    source = (recipes / "airflow_dag.py").read_text(encoding="utf-8")
    compile(source, "airflow_dag.py", "exec")
    texts = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    notebook = next(str(text).lstrip("/") for text in texts if str(text).endswith("monthly_report.ipynb"))
    assert {KIT, REPORTS} <= set(texts) and (root / notebook).is_file()
    from papermill.engines import papermill_engines

    assert papermill_engines.get_engine("kpi").__name__ == "KpiEngine"


def test_the_notebook_of_a_batch_fails_where_the_batch_fails(
    recipes: Path, tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.read(recipes / "batch.ipynb", as_version=4)
    nbformat.validate(notebook)
    parameters, cell = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert parameters.metadata.tags == ["parameters"] and not cell.outputs
    monkeypatch.setenv("PYTHONPATH", str(root))
    names: dict[str, Any] = {"plan": str(tmp_path / "nowhere.yaml"), "month": "last"}
    with pytest.raises(subprocess.CalledProcessError) as raised:
        exec(cell.source, names)
    assert raised.value.returncode == 1 and "nowhere.yaml" in names["made"].stdout


@pytest.fixture
def server() -> Iterator[tuple[str, list[tuple[str, str, Any]]]]:
    """Takes what is sent to it for a job."""
    heard: list[tuple[str, str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.append((self.path, self.headers["Authorization"], content))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"job_id": "1"}')

        def log_message(self, *_words: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        Thread(target=made.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{made.server_port}", heard
        made.shutdown()


def test_a_job_of_jupyter_scheduler(
    recipes: Path, root: Path, server: tuple[str, list[tuple[str, str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, heard = server
    plan = 'C:\\новый "план".yaml'
    for month in (["2026-10"], []):
        monkeypatch.setattr(sys, "argv", ["schedule_job.py", address, "secret", plan, *month])
        runpy.run_path(str(recipes / "schedule_job.py"), run_name="__main__")
    (now, token, job), (later, _token, definition) = heard
    assert (now, later, token) == ("/scheduler/jobs", "/scheduler/job_definitions", "token secret")
    assert {name: ast.literal_eval(text) for name, text in job["parameters"].items()} == {
        "plan": plan, "month": "2026-10",
    }  # fmt: skip
    assert ast.literal_eval(definition["parameters"]["month"]) == "last" and definition["schedule"] == "15 5 1 * *"
    assert (root / job["input_uri"]).is_file() and "schedule" not in job


@pytest.mark.parametrize("name", ["recipes.md", "recipes.ru.md"])
def test_the_page_names_what_there_is(root: Path, recipes: Path, name: str) -> None:
    text = (root / "docs" / name).read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#:]+)\)", text))
    assert {f"recipes/{file.name}" for file in recipes.iterdir() if file.suffix != ".pyc" and file.is_file()} <= linked
    assert [link for link in linked if not (root / "docs" / link).exists()] == []
    assert " ".join(cron_line(recipes)) in text
    other = (root / "docs" / ({"recipes.md", "recipes.ru.md"} - {name}).pop()).read_text(encoding="utf-8")
    assert re.findall(r"^(?:```.*|#+)", text, re.M) == [*re.findall(r"^(?:```.*|#+)", other, re.M)]


def test_the_script_can_be_run(recipes: Path) -> None:
    assert os.access(recipes / "monthly.sh", os.X_OK)
