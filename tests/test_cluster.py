"""Reports on a Dask cluster: scheduler and workers are processes of their own, as on machines of their own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notebooks import write_company, write_notebook

pytest.importorskip("distributed", reason="the extra 'cluster' is not installed")

from kpi_helpers.batch import Job, cluster  # noqa: E402
from kpi_helpers.batch.cluster import run_on_cluster  # noqa: E402
from kpi_helpers.errors import KitError  # noqa: E402
from kpi_helpers.reports.manifest import is_whole, read_manifest  # noqa: E402

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers are ended by signals")
MONTHS = ("2026-09", "2026-10")
WORKERS = 3
SLOWLY = "import time\ntime.sleep(0.4)"
LIMIT = 120.0


@pytest.fixture(scope="module")
def kit(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the kit, as it is installed on another machine, with a tiny report."""
    place = tmp_path_factory.mktemp("kit")
    for name in ("kpi_helpers", "locale"):
        shutil.copytree(root / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    write_notebook(place / "notebooks" / "reports" / "monthly_report.ipynb", SLOWLY, SLOWLY, SLOWLY)
    return place


def dask(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """A process of Dask that imports the kit of this folder; it leads a group."""
    command = [sys.executable, "-m", "dask", *words, "--scheduler-file", str(folder.parent / "scheduler.json")]
    surroundings = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.Popen(command, cwd=folder.parent, env=surroundings, start_new_session=True,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


def worker(folder: Path) -> subprocess.Popen[bytes]:
    return dask(folder, "worker", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1")


def end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def scheduler(kit: Path) -> Iterator[str]:
    """The file of a scheduler."""
    process = dask(kit, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    yield str(kit.parent / "scheduler.json")
    end(process)


@pytest.fixture(scope="module")
def client(scheduler: str) -> Iterator[Any]:
    """Looks at the cluster from aside."""
    from distributed import Client

    with Client(scheduler_file=scheduler, set_as_default=False, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def workers(kit: Path, client: Any) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [worker(kit) for _number in range(WORKERS)]
    client.wait_for_workers(WORKERS, timeout=120)
    yield processes
    for process in processes:
        end(process)


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    """Two months of four clients."""
    folders = [write_company(tmp_path / f"client-{number}") for number in range(4)]
    return [Job("", str(folder), month, out=str(tmp_path / "reports")) for folder in folders for month in MONTHS]


def is_finished(job: Job) -> bool:
    return job.final.is_dir() and is_whole(job.final, read_manifest(job.final, job.report))


def refusal(scheduler: str, jobs: list[Job]) -> str:
    with pytest.raises(KitError) as raised:
        next(run_on_cluster(jobs, scheduler, LIMIT))
    return str(raised.value)


@pytest.mark.slow
@pytest.mark.usefixtures("workers")
def test_a_worker_is_killed_and_nothing_is_lost(scheduler: str, client: Any, jobs: list[Job], tmp_path: Path) -> None:
    pids, killed, cells = client.run(os.getpid), list[str](), dict[str, list[int]]()

    def kill_once(job: Job, done: int, _cells: int) -> None:
        cells.setdefault(job.key, []).append(done)
        busy = {address: keys for address, keys in client.processing().items() if any(job.key in key for key in keys)}
        if not killed and busy and done > 1:
            killed.append(job.key)
            os.kill(pids[next(iter(busy))], signal.SIGKILL)

    outcomes = {outcome.job: outcome for outcome in run_on_cluster(jobs, scheduler, LIMIT, kill_once)}
    assert {outcome.state for outcome in outcomes.values()} == {"finished"}, outcomes
    assert set(outcomes) == {job.key for job in jobs} == set(cells)
    assert all(is_finished(job) and outcomes[job.key].path == str(job.final) for job in jobs)
    assert cells[killed[0]] != sorted(cells[killed[0]]), "it was made anew from its first cell"
    left = [path.name for path in (tmp_path / "reports").rglob("*") if path.is_dir()]
    assert sorted(left) == sorted([*(Path(job.folder).name for job in jobs[::2]), *MONTHS * 4])
    client.wait_for_workers(WORKERS, timeout=120)  # the nanny has started another
    assert {outcome.state for outcome in run_on_cluster(jobs, scheduler, LIMIT)} == {"kept"}


@pytest.mark.slow
@pytest.mark.usefixtures("workers")
def test_a_failure_stops_no_other(scheduler: str, jobs: list[Job]) -> None:
    Path(jobs[0].folder, "costs.csv").unlink()  # the report's last cell reads it
    outcomes = {outcome.job: outcome for outcome in run_on_cluster(jobs, scheduler, LIMIT)}
    assert [outcomes[job.key].state for job in jobs] == ["failed"] * 2 + ["finished"] * 6
    assert "FileNotFoundError" in outcomes[jobs[0].key].reason and jobs[0].failed.is_file()


@pytest.mark.slow
@pytest.mark.usefixtures("workers")
def test_who_stops_the_batch_stops_the_reports(scheduler: str, jobs: list[Job]) -> None:
    def stop(_job: Job, _done: int, _cells: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run_on_cluster(jobs, scheduler, LIMIT, stop))
    time.sleep(6)  # a report that went on would be finished
    assert not any(job.final.exists() for job in jobs)
    assert {outcome.state for outcome in run_on_cluster(jobs, scheduler, LIMIT)} == {"finished"}


@pytest.mark.slow
@pytest.mark.usefixtures("workers")
def test_workers_that_are_not_like_this_machine_are_named(
    scheduler: str, client: Any, jobs: list[Job], kit: Path, tmp_path: Path
) -> None:
    (kit / "kpi_helpers" / "later.py").write_text("")
    (tmp_path / "kpi_helpers").mkdir()
    (tmp_path / "kpi_helpers" / "__init__.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'kpi_helpers'\")"
    )
    made = [worker(kit), worker(tmp_path)]
    try:
        client.wait_for_workers(WORKERS + 2, timeout=120)
        said = refusal(scheduler, jobs).splitlines()
    finally:
        (kit / "kpi_helpers" / "later.py").unlink()
        for process in made:
            end(process)
    assert sorted(line.split(": ", 1)[1] for line in said) == [
        "another version of the kit is installed there. Install the same version as here.",
        "the kit is not installed there. Install the same version as here.",
    ]
    assert not any(job.final.exists() for job in jobs)


@pytest.mark.slow
def test_a_scheduler_that_ends_takes_no_report_along(kit: Path, jobs: list[Job], tmp_path: Path) -> None:
    """Its reports fail with the reason; they are made the next time."""
    place = tmp_path / "other"
    place.mkdir()
    (place / "kit").symlink_to(kit)
    processes = [dask(place / "kit", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"),
                 worker(place / "kit")]  # fmt: skip

    def end_it(_job: Job, _done: int, _cells: int) -> None:
        if processes[0].poll() is None:
            end(processes[0])

    try:
        outcomes = list(run_on_cluster(jobs, wait_for_file(place / "scheduler.json"), LIMIT, end_it))
    finally:
        end(processes[1])
    assert {(outcome.state, outcome.reason) for outcome in outcomes} == {("failed", "the scheduler is gone.")}
    assert {outcome.job for outcome in outcomes} == {job.key for job in jobs}


@pytest.mark.slow
def test_a_cluster_without_workers(kit: Path, jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "kit").symlink_to(kit)
    process = dask(tmp_path / "kit", "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    file = wait_for_file(tmp_path / "scheduler.json")
    monkeypatch.setattr(cluster, "WORKERS_COME", 1)
    try:
        said = refusal(file, jobs)
    finally:
        end(process)
    assert said.startswith(f"the cluster at {file} has no workers. Start some with dask worker ")


def wait_for_file(path: Path) -> str:
    end = time.monotonic() + 60
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.1)
    return str(path)


@pytest.mark.parametrize(
    ("scheduler", "said"),
    [
        ("tcp://127.0.0.1:9", "no Dask scheduler answers at tcp://127.0.0.1:9. Start one with dask scheduler"),
        ("no such thing", "no Dask scheduler answers at no such thing."),
        ("carrier://pigeon", "no Dask scheduler answers at carrier://pigeon."),
        ("nowhere.json", "there is no file nowhere.json."),
    ],
)
def test_where_no_scheduler_is(
    scheduler: str, said: str, jobs: list[Job], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cluster, "ANSWER", 0.5)
    found = refusal(scheduler, jobs)
    assert found.startswith(said) and "\n" not in found
    assert caplog.text == ""


def test_the_extra_is_named_where_it_is_missing(jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert refusal("tcp://x:1", jobs) == "--scheduler needs Dask. Install the extra: pip install 'kpi-kit[cluster]'."


def test_nothing_to_do_asks_no_scheduler() -> None:
    assert list(run_on_cluster([], "tcp://127.0.0.1:9", LIMIT)) == []


OWN = {"code": "1", "libraries": {"pandas": "3.1", "Python": "3.13.1"}, "unseen": []}


@pytest.mark.parametrize(
    ("theirs", "said"),
    [
        (OWN, ""),
        ({**OWN, "code": "2"}, "another version of the kit"),
        ({**OWN, "libraries": {"pandas": "3.0", "Python": "3.13.1"}}, "pandas 3.0 is installed there, and 3.1 here."),
        ({**OWN, "libraries": {"Python": "3.13.1"}}, "pandas — is installed there"),
        ({**OWN, "unseen": ["/clients/acme"]}, "the folder /clients/acme is not seen there."),
        ({**OWN, "unseen": ["/out/.kpi-batch-x1"]}, "the folder /out is not seen there."),
        (ModuleNotFoundError("No module named 'kpi_helpers'"), "the kit is not installed there."),
        (Exception("ModuleNotFoundError(\"No module named 'kpi_helpers'\")"), "the kit is not installed there."),
        (ModuleNotFoundError("No module named 'pandas'"), "ModuleNotFoundError: No module named 'pandas'"),
        (ValueError("x"), "ValueError: x"),
    ],
)
def test_a_worker_that_cannot_make_the_reports(theirs: Any, said: str) -> None:
    fault = cluster._fault("tcp://w:1", theirs, OWN)
    assert str(fault or "").startswith(f"tcp://w:1: {said}" if said else "")
    assert (fault is None) == (said == "")
