"""Finished or nothing, with the real fault each time: the old report stands, one line says why, nothing is left."""

import json
import logging
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from kpi_helpers.cli import main
from kpi_helpers.errors import KitError
from kpi_helpers.reports import execute, manifest, publish
from kpi_helpers.reports.render import order_report, render, render_report
from notebooks import Put, errors_in, everything, manifest_of, putter, write_company, write_notebook

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, mounts and limits of POSIX")


@pytest.fixture
def company(tmp_path: Path) -> Path:
    return write_company(tmp_path / "acme")


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Put:
    return putter(monkeypatch, tmp_path / "notebooks")


@pytest.fixture
def out(company: Path, tmp_path: Path, put: Put) -> Path:
    """A folder with a finished report."""
    put()
    render_report(company, "2026-10", tmp_path / "out")
    return tmp_path / "out"


# What a notebook can do

KILLED = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
THREAD = "from threading import Thread\nthread = Thread(target=lambda: 1 / 0)\nthread.start()\nthread.join()"
NOTEBOOKS = {
    "refused": ("from kpi_helpers.errors import KitError\nraise KitError('no day of it.', 'Take another.')",
                "no day of it. Take another."),
    "raised": ("1 / 0", "the report failed in cell 4: ZeroDivisionError: division by zero. Open the notebook "
                        "monthly_report.ipynb in JupyterLab to see where."),
    "exit 0": ("import sys\nsys.exit(0)", "cell 4 of the report ends it before its end: sys.exit. Take that out"),
    "exit 3": ("raise SystemExit(3)", "cell 4 of the report ends it before its end: sys.exit. Take that out"),
    "input": ("input('your name?')", "cell 4 of the report asks for something, and nobody is there to answer. Make it"),
    "thread": (THREAD, "the report failed in cell 4: in a thread: ZeroDivisionError: division by zero. Open"),
    "killed": (KILLED, "the report stopped before its end. Render it again."),
    "endless": ("while True: pass", "cell 4 of the report did not end within 2 seconds. Look in the notebook"),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["kpi", pytest.param("nbclient", marks=pytest.mark.slow)])
@pytest.mark.parametrize("fault", NOTEBOOKS)
def test_a_notebook_that_does_not_come_to_its_end(
    company: Path, out: Path, put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, engine: str
) -> None:
    before, failed = everything(out), tmp_path / "failed" / "october.ipynb"
    code, found = NOTEBOOKS[fault]
    put("print('first')", code)
    monkeypatch.setattr(execute, "ENGINE", engine)
    monkeypatch.setattr(execute, "TIME_LIMIT", 2)
    with pytest.raises(KitError) as raised:
        render(order_report(company, "2026-10", out), failed=failed)
    assert str(raised.value).startswith(found) and "\n" not in str(raised.value)
    assert everything(out) == before
    assert [path.name for path in failed.parent.iterdir()] == ["october.ipynb"]
    cells = nbformat.read(failed, as_version=4).cells
    assert [output.text for cell in cells for output in cell.get("outputs", []) if output.get("name") == "stdout"] == [
        "first\n"
    ]
    assert cells[-1].outputs == [] or fault == "thread"  # the rest did not run
    assert errors_in(failed) or fault == "thread"
    assert str(tmp_path) not in json.dumps(cells[0].metadata)


def test_what_stopped_it_is_said_in_russian(company: Path, tmp_path: Path, put: Put) -> None:
    put("import sys\nsys.exit()")
    with pytest.raises(KitError, match="ячейка 3 завершает отчёт раньше времени: sys.exit. Уберите эту строку"):
        render_report(company, "2026-10", tmp_path / "out", lang="ru")


@pytest.mark.parametrize("cells", [["1"], []], ids=["no mark at all", "nothing"])
def test_without_the_mark_of_completion_no_report_is_finished(
    company: Path, tmp_path: Path, put: Put, cells: list[str]
) -> None:
    put(*cells, record=False)
    with pytest.raises(KitError, match="never says that the report is complete"):
        render_report(company, "2026-10", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_mark_must_be_the_last_cell_s(company: Path, tmp_path: Path, put: Put) -> None:
    path = put()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("'more'", id="more"))
    nbformat.write(notebook, path)
    with pytest.raises(KitError, match="never says that the report is complete"):
        render_report(company, "2026-10", tmp_path / "out")


def test_every_cell_must_have_run(company: Path, tmp_path: Path, put: Put) -> None:
    put()
    made = render_report(company, "2026-10", tmp_path / "out")
    executed = nbformat.read(made / "monthly_report.ipynb", as_version=4)
    execute.check_finished(executed, "x")
    executed.cells[0].execution_count = None
    with pytest.raises(KitError, match="stopped before its end"):
        execute.check_finished(executed, "x")


def test_a_report_that_succeeds_takes_its_failed_notebook_away(company: Path, tmp_path: Path, put: Put) -> None:
    put()
    failed = tmp_path / "failed.ipynb"
    failed.write_text("{}")
    render(order_report(company, "2026-10", tmp_path / "out"), failed=failed)
    assert not failed.exists()


# Kernels


def broken_at_first(tmp_path: Path, times: int) -> Callable[[], type]:
    """Kernels whose process ends at once, so many times, and works then."""
    from jupyter_client.kernelspec import KernelSpec

    script = tmp_path / "kernel.py"
    script.write_text(
        "import os, sys\n"
        f"starts = open({str(tmp_path / 'starts')!r}, 'a+'); starts.write('x'); starts.seek(0)\n"
        f"if len(starts.read()) <= {times}: sys.exit(1)\n"
        "os.execv(sys.executable, [sys.executable, '-m', 'ipykernel_launcher', *sys.argv[1:]])\n"
    )

    class BrokenKernel(execute._own_kernel()):  # type: ignore[misc]
        @property
        def kernel_spec(self) -> KernelSpec:
            return KernelSpec(argv=[sys.executable, str(script), "-f", "{connection_file}"], language="python")

    return lambda: BrokenKernel


@pytest.mark.parametrize("times", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_the_start_of_a_kernel_is_tried_again(
    company: Path, tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    put()
    monkeypatch.setattr(execute, "ENGINE", "nbclient")
    kernels = broken_at_first(tmp_path, times)
    monkeypatch.setattr(execute, "_own_kernel", kernels)
    if times < execute.STARTS:
        assert (render_report(company, "2026-10", tmp_path / "out") / "report.json").exists()
    else:
        with pytest.raises(KitError, match="the notebook could not be started"):
            render_report(company, "2026-10", tmp_path / "out")
        assert not (tmp_path / "out").exists()
    assert len((tmp_path / "starts").read_text()) == min(times + 1, execute.STARTS)


def test_cells_are_never_run_twice(company: Path, tmp_path: Path, put: Put) -> None:
    put(f"open({str(tmp_path / 'ran')!r}, 'a').write('x')", KILLED)
    with pytest.raises(KitError, match="stopped before its end"):
        render_report(company, "2026-10", tmp_path / "out")
    assert (tmp_path / "ran").read_text() == "x"


@pytest.mark.parametrize("engine", ["kpi", "nbclient"])
def test_a_stale_kernel_of_the_user_does_not_matter(
    company: Path, tmp_path: Path, put: Put, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    put()
    stale = tmp_path / "jupyter" / "kernels" / "python3"
    stale.mkdir(parents=True)
    argv = [str(tmp_path / "gone" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (stale / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setattr(execute, "ENGINE", engine)
    from jupyter_client.kernelspec import KernelSpecManager

    assert KernelSpecManager().get_kernel_spec("python3").argv == argv
    assert (render_report(company, "2026-10", tmp_path / "out") / "report.json").exists()


# Disks and folders


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A small file system of its own in this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What `kpi report` says where it fails: one line."""

    def run(*arguments: object) -> str:
        assert main(["report", *map(str, arguments), "--month", "2026-10"]) == 1
        captured = capsys.readouterr()
        [line] = captured.err.strip().splitlines()
        assert captured.out == "" and line.startswith("kpi: ")
        return line

    return run


def test_a_full_disk(company: Path, tmp_path: Path, put: Put, said: Callable[..., str]) -> None:
    put()
    out = tmp_path / "small"
    with mounted(out, "size=512k"):
        render_report(company, "2026-10", out)
        before = everything(out)
        (company / "costs.csv").write_text("x" * 300_000)  # stands in report.json and in the notebook
        line = said(company, "--out", out)
        assert "the disk is full. Mend that, or choose another folder" in line and str(out) in line
        assert everything(out) == before


def test_files_that_may_not_grow(company: Path, out: Path, said: Callable[..., str]) -> None:
    before = everything(out)
    (company / "costs.csv").write_text("x" * 300_000)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        line = said(company, "--out", out)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "the disk is full" in line
    assert everything(out) == before


def test_a_disk_that_can_only_be_read(company: Path, tmp_path: Path, put: Put, said: Callable[..., str]) -> None:
    put("raise SystemError('it ran')")
    with mounted(tmp_path / "out", "ro"):
        assert "it can only be read." in said(company, "--out", tmp_path / "out")


@pytest.mark.skipif(hasattr(os, "getuid") and os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(company: Path, out: Path, said: Callable[..., str]) -> None:
    before = everything(out)
    (out / "acme").chmod(0o555)
    try:
        assert "it is not allowed." in said(company, "--out", out)
    finally:
        (out / "acme").chmod(0o755)
    assert everything(out) == before


def test_a_month_that_is_a_link_stays_one(company: Path, out: Path, tmp_path: Path) -> None:
    month, real = out / "acme" / "2026-10", tmp_path / "elsewhere" / "real"
    real.parent.mkdir()
    month.rename(real)
    month.symlink_to(real)
    before = manifest_of(real)
    assert render_report(company, "2026-10", out) == month
    assert month.is_symlink() and month.resolve() == real
    assert manifest_of(real)["rendered_at"] > before["rendered_at"]
    assert [path.name for folder in (month, real) for path in folder.parent.iterdir()] == ["2026-10", "real"]


@pytest.mark.parametrize("name", ["out", "out/acme", "out/acme/2026-10"])
def test_a_file_in_the_way(company: Path, tmp_path: Path, put: Put, said: Callable[..., str], name: str) -> None:
    put()
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("mine")
    before = everything(tmp_path)
    assert "a file of that name is in the way." in said(company, "--out", tmp_path / "out")
    assert everything(tmp_path) == before


# Kills

RENDER = """
import sys
from pathlib import Path
from kpi_helpers.reports import execute, order, publish
from kpi_helpers.reports.render import render_report
notebook, company, out = map(Path, sys.argv[1:4])
order.notebook_path = lambda _report, _lang: notebook
{fault}
render_report(company, "2026-10", out)
"""
AT_RENAME = """
import os, signal
execute.ENGINE = "nbclient"  # it starts faster where it starts but once
publish._exchange = lambda _one, _other: False
whole, renamed = Path.rename, []
def rename(self, target):
    renamed.append(whole(self, target))
    if len(renamed) == {renames}: os.kill(os.getpid(), signal.SIGKILL)
Path.rename = rename
"""
AT_MANIFEST = """
import os, signal
execute.ENGINE = "nbclient"
publish._swap = lambda _one, _other: os.kill(os.getpid(), signal.SIGKILL)
"""


def start(notebook: Path, company: Path, out: Path, fault: str = "") -> subprocess.Popen[bytes]:
    """A run of its own, in a process group of its own."""
    command = [sys.executable, "-c", RENDER.format(fault=fault), str(notebook), str(company), str(out)]
    return subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)


def left_in(out: Path) -> list[str]:
    return sorted(path.name for path in out.rglob(".2026-10*"))


def test_a_run_killed_in_the_middle_leaves_the_old_report_and_no_process(
    company: Path, out: Path, put: Put, tmp_path: Path
) -> None:
    before = everything(out)
    pid = tmp_path / "pid"
    slow = write_notebook(
        tmp_path / "slow" / "monthly_report.ipynb",
        f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)",
    )
    process = start(slow, company, out)
    wait_until(lambda: pid.exists() and pid.read_text() != "")
    os.kill(process.pid, signal.SIGKILL)  # the parent alone: nobody tells the others
    process.wait()
    wait_until(lambda: not is_running(int(pid.read_text())))
    assert len(left_in(out)) == 2  # the lock's file and what was not finished
    put("0")
    made = render_report(company, "2026-10", out)
    assert left_in(out) == []
    assert sorted(everything(made)) == sorted(name.split("/")[-1] for name in before if name.count("/") == 2)


@pytest.mark.parametrize(
    "fault",
    [AT_MANIFEST, AT_RENAME.format(renames=1), AT_RENAME.format(renames=2)],
    ids=["before the swap", "between the renames", "after the renames"],
)
def test_a_finished_report_of_a_killed_run_is_put_in_place(company: Path, out: Path, put: Put, fault: str) -> None:
    before = manifest_of(out / "acme" / "2026-10")
    (out / "acme" / "2026-10" / "mine.txt").write_text("left by hand")
    (company / "costs.csv").write_text("changed")
    notebook = put()
    process = start(notebook, company, out, fault)
    assert process.wait(timeout=120) == -signal.SIGKILL
    assert left_in(out)
    ordered = order_report(company, "2026-10", out)
    publish.heal(ordered.final)
    assert left_in(out) in ([], [".2026-10.lock"])
    assert manifest_of(ordered.final)["rendered_at"] > before["rendered_at"]
    assert manifest.is_whole(ordered.final, manifest_of(ordered.final))
    assert (ordered.final / "mine.txt").read_text() == "left by hand"
    [past] = (ordered.final / "past").iterdir()
    assert past.name == before["rendered_at"].replace(":", "-").replace(".", "-")
    assert json.loads((past / "report.json").read_text())["text"].startswith("date,kind")


def wait_until(true: Callable[[], Any], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    from psutil import STATUS_ZOMBIE, NoSuchProcess, Process

    try:
        return bool(Process(pid).status() != STATUS_ZOMBIE)
    except NoSuchProcess:
        return False


# Runs at once, and files that change


WAITING = """import time
from pathlib import Path
with open({ran!r}, "a") as file: file.write("x")
while not Path({waited!r}).exists(): time.sleep(0.02)"""


def test_a_second_run_waits_says_so_once_and_is_done(company: Path, tmp_path: Path, put: Put) -> None:
    ran, waited = tmp_path / "ran", tmp_path / "waited"
    put(WAITING.format(ran=str(ran), waited=str(waited)))
    said: list[str] = []

    def wait(line: str) -> None:
        said.append(line)
        waited.touch()

    ordered = order_report(company, "2026-10", tmp_path / "out")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(render, ordered)
        wait_until(ran.exists)
        render(ordered, told=wait)
        first.result()
    assert ran.read_text() == "x"  # what the first had made was what the second wanted
    render(ordered, told=said.append)
    assert ran.read_text() == "xx"  # who need not wait renders
    assert said == ["another run is writing the report of 2026-10: waiting for it."]
    assert len(list(ordered.final.parent.iterdir())) == 1


def test_exports_that_change_meanwhile_are_read_again(company: Path, tmp_path: Path, put: Put) -> None:
    flag = tmp_path / "flag"
    put(f"from pathlib import Path\nflag = Path({str(flag)!r})\n"
        "if not flag.exists(): flag.touch(); Path(data_dir, 'costs.csv').write_text('new')")  # fmt: skip
    made = render_report(company, "2026-10", tmp_path / "out")
    assert json.loads((made / "report.json").read_text())["text"] == "new"
    assert manifest.why_again(order_report(company, "2026-10", tmp_path / "out")) == ""


def test_a_notebook_that_changes_meanwhile_is_run_again(company: Path, tmp_path: Path, put: Put) -> None:
    flag, place = tmp_path / "flag", tmp_path / "notebooks" / "monthly_report.ipynb"
    path = put(f"from pathlib import Path\nflag, place = Path({str(flag)!r}), Path({str(place)!r})\n"
               "if not flag.exists(): flag.touch(); place.write_text(place.read_text() + ' ')")  # fmt: skip
    assert path == place
    ordered = order_report(company, "2026-10", tmp_path / "out")
    render(ordered)
    assert manifest.why_again(ordered) == ""


def test_what_others_log_is_not_silenced_for_good(company: Path, tmp_path: Path, put: Put) -> None:
    loggers = [logging.getLogger(name) for name in ("papermill", "asyncio")]
    before = [logger.level for logger in loggers]
    put("1 / 0")
    with pytest.raises(KitError):
        render_report(company, "2026-10", tmp_path / "out")
    assert [logger.level for logger in loggers] == before and logging.CRITICAL not in before


def test_exports_that_never_rest_are_a_failure(company: Path, tmp_path: Path, put: Put) -> None:
    put("from pathlib import Path\nwith Path(data_dir, 'costs.csv').open('a') as file: file.write('more')")
    with pytest.raises(KitError, match="the files in acme were changed while the report was made. Render it again"):
        render_report(company, "2026-10", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_report_is_rendered_where_the_waiting_run_wants_another(company: Path, tmp_path: Path, put: Put) -> None:
    ran, waited = tmp_path / "ran", tmp_path / "waited"
    put(WAITING.format(ran=str(ran), waited=str(waited)))
    one, other = (order_report(company, "2026-10", tmp_path / "out", currency=code) for code in ("USD", "EUR"))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(render, one)
        wait_until(ran.exists)
        render(other, told=lambda _said: waited.touch())
        first.result()
    assert ran.read_text() == "xx" and waited.exists()
    assert manifest_of(other.final)["fingerprint"]["parameters"]["currency"] == "EUR"
