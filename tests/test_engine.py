"""Warm processes: started, ended, gone with their parent; and the engine's own ways."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from papermill.engines import NBClientEngine

from kpi_helpers.engine import forks, running
from kpi_helpers.errors import KitError

pytestmark = pytest.mark.skipif(not forks.can_fork(), reason="processes are forked on Linux only")


def tell(writer: Connection) -> None:
    import numpy

    facts = {
        "group": os.getpgrp(), "folder": os.getcwd(), "mark": os.environ.get("MARK"), "random": numpy.random.rand(),
        "loaded": "pandas" in sys.modules, "polars": "polars" in sys.modules, "arguments": sys.argv,
        "threads": len(os.listdir(f"/proc/{os.getppid()}/task")), "files": len(os.listdir("/proc/self/fd")),
        "left": [module for module in sys.modules if module == "left_by_another"],
    }  # fmt: skip
    sys.modules["left_by_another"] = sys
    writer.send(facts)


def sleep(seconds: float) -> None:
    time.sleep(seconds)


def leave(code: int) -> None:
    sys.exit(code)


def fail() -> None:
    raise ValueError("as expected")


def nest(writer: Connection) -> None:
    process = forks.start(sleep, 60, group=forks.own_group())
    grandchild = subprocess.Popen(["sleep", "60"])
    writer.send((process.pid, grandchild.pid, os.getpgid(process.pid or 0), os.getpgrp()))
    time.sleep(60)


def ask(target: Callable[..., Any]) -> Any:
    reader, writer = Pipe(duplex=False)
    process = forks.start(target, writer)
    writer.close()
    found = reader.recv()
    reader.close()
    return process, found


def gone(pid: int, within: float = 30.0) -> bool:
    """Whether the process ends in time, not even a zombie left."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not psutil.pid_exists(pid):
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def server() -> Iterator[int]:
    """The server's process id."""
    forks.end(forks.start(leave, 0))
    assert forks._server
    assert forks._server.process
    yield forks._server.process.pid


def test_a_process_is_warm_and_has_the_callers_circumstances(
    server: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MARK", "here")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["given"])
    process, facts = ask(tell)
    process.join()
    assert process.exitcode == 0
    assert facts["loaded"]
    assert (facts["mark"], facts["folder"], facts["arguments"]) == ("here", str(tmp_path), ["given"])
    assert facts["group"] == process.pid != os.getpgrp()
    assert (facts["threads"], facts["polars"]) == (1, False)


def test_what_makes_a_report_is_imported_before_so_that_a_kit_that_is_replaced_meanwhile_does_no_harm(
    server: int, tmp_path: Path
) -> None:
    found = tmp_path / "found"
    code = (
        "import sys; before = {*sys.modules}; import kpi_helpers.batch.run, kpi_helpers.reports.render\n"
        f"open({str(found)!r}, 'w').write(repr(sorted({{*sys.modules}} - before)))"
    )
    process = forks.start(exec, code)
    process.join()
    assert process.exitcode == 0 and found.read_text() == "[]"


def test_nothing_passes_from_one_process_to_the_next(server: int) -> None:
    (first, one), (second, two) = ask(tell), ask(tell)
    assert first.pid != second.pid
    assert one["random"] != two["random"]
    assert one["left"] == two["left"] == []
    assert one["files"] == two["files"]


@pytest.mark.parametrize(("target", "args", "code"), [(leave, (0,), 0), (leave, (7,), 7), (fail, (), 1)])
def test_how_a_process_ended_is_told(
    server: int, target: Callable[..., None], args: tuple[int, ...], code: int
) -> None:
    process = forks.start(target, *args)
    process.join()
    assert process.exitcode == code
    assert not process.is_alive()


def test_an_ended_process_is_gone_with_what_it_started(server: int) -> None:
    process, (inner, grandchild, group, own) = ask(nest)
    assert group == own == process.pid
    forks.end(process)
    assert process.exitcode == -signal.SIGKILL
    assert gone(inner)
    assert gone(grandchild)
    assert gone(process.pid)


def test_hundreds_of_processes_leave_no_files_and_no_zombies(server: int) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        process = forks.start(leave, 0)
        process.join()
        process.close()
    assert len(os.listdir("/proc/self/fd")) <= before
    assert psutil.Process(server).children() == []
    assert len(os.listdir(f"/proc/{server}/fd")) < 20


def test_a_server_that_was_killed_is_started_anew(server: int) -> None:
    running_one = forks.start(sleep, 60)
    os.kill(server, signal.SIGKILL)
    running_one.join(30)
    assert running_one.exitcode == 255
    assert gone(running_one.pid or 0)
    process, facts = ask(tell)
    assert facts["loaded"]
    assert forks._server
    assert forks._server.process
    assert forks._server.process.pid != server


def test_the_start_is_tried_again_when_there_is_no_process_to_be_had(
    server: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    fork, tries = forks._fork, []

    def scarce(*args: Any) -> forks.Forked:
        tries.append(args)
        if len(tries) < 3:
            raise OSError(errno.EAGAIN, "none to be had")
        return fork(*args)

    monkeypatch.setattr(forks, "PATIENCE", (0.01, 0.01))
    monkeypatch.setattr(forks, "_fork", scarce)
    process = forks.start(leave, 0)
    process.join()
    assert (process.exitcode, len(tries)) == (0, 3)
    monkeypatch.setattr(forks, "_fork", lambda *args: (_ for _ in ()).throw(OSError(errno.EAGAIN, "none")))
    with pytest.raises(OSError, match="none"):
        forks.start(leave, 0)


@pytest.mark.parametrize("inner", [False, True])
def test_everything_is_gone_when_the_parent_is_killed(inner: bool, tmp_path: Path) -> None:
    """Killed is the process that started the server, or only the one within that runs a report."""
    code = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import test_engine as t\n"
        "process, found = t.ask(t.nest)\n"
        "print(process.pid, *found[:2], t.forks._server.process.pid, flush=True)\n"
        "process.join(); import time; time.sleep(60)"
    )
    host = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert host.stdout
    report, cells, grandchild, server = map(int, host.stdout.readline().split())
    os.kill(report if inner else host.pid, signal.SIGKILL)
    assert gone(report)
    assert gone(cells)
    assert gone(grandchild)
    host.kill()
    host.wait()
    assert gone(server)
    host.stdout.close()


def test_a_script_without_a_guard_is_not_run_twice(tmp_path: Path) -> None:
    nb = write(tmp_path, "2 + 2")
    script = tmp_path / "script.py"
    script.write_text(
        "print('running', flush=True)\nimport papermill\n"
        f"papermill.execute_notebook({str(nb)!r}, {str(tmp_path / 'out.ipynb')!r}, "
        "engine_name='kpi', progress_bar=False)\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout == "running\n"
    assert done.stderr == ""
    assert nbformat.read(tmp_path / "out.ipynb", 4).cells[-1].outputs[0]["data"]["text/plain"] == "4"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.ipynb", "out.ipynb", "script.py"]


def write(folder: Path, *cells: str, kernel: str = "python3", language: str = "python") -> Path:
    made = nbformat.v4.new_notebook()
    made.metadata.kernelspec = {"name": kernel, "language": language, "display_name": kernel}
    made.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(made, folder / "in.ipynb")
    return folder / "in.ipynb"


def test_a_run_writes_no_profile_and_no_history(server: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("IPYTHONDIR", str(home / "ipython"))
    monkeypatch.setenv("TMPDIR", str(home))
    papermill.execute_notebook(write(tmp_path, "1 + 1"), None, engine_name="kpi", progress_bar=False)
    assert list(home.rglob("*")) == []


def test_the_process_is_gone_after_the_time_limit_even_where_it_does_not_listen(server: int, tmp_path: Path) -> None:
    from nbclient.exceptions import CellTimeoutError

    deaf = (
        "import os, signal, time\nprint(os.getpid(), flush=True)\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(60)"
    )
    target = tmp_path / "out.ipynb"
    with pytest.raises(CellTimeoutError):
        papermill.execute_notebook(
            write(tmp_path, deaf), target, engine_name="kpi", progress_bar=False, execution_timeout=1
        )
    assert gone(int(nbformat.read(target, 4).cells[-1].outputs[0]["text"]))


def test_what_a_process_is_to_do_at_its_exit_is_done(server: int, tmp_path: Path) -> None:
    last = "import atexit; atexit.register(lambda: open('last', 'w').close())"
    papermill.execute_notebook(write(tmp_path, last), None, engine_name="kpi", progress_bar=False, cwd=tmp_path)
    assert (tmp_path / "last").exists()


def test_half_a_character_does_not_stop_the_output(server: int, tmp_path: Path) -> None:
    done = papermill.execute_notebook(
        write(tmp_path, "print('a\\ud83d', 'b')"), None, engine_name="kpi", progress_bar=False
    )
    assert done.cells[-1].outputs[0]["text"] == "a? b\n"


@pytest.mark.parametrize(
    ("spec", "here"),
    [
        (["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], True),
        ([sys.executable, "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"], True),
        (["/removed/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], True),
        (["/bin/sh", "-m", "ipykernel_launcher", "-f", "{connection_file}"], False),
        (["python", "-m", "bash_kernel", "-f", "{connection_file}"], False),
        (["python", "-m", "ipykernel_launcher", "-f", "{connection_file}", "--matplotlib=agg"], False),
    ],
)
def test_only_kernels_of_this_python_run_here(
    spec: list[str], here: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import json

    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    text = {"argv": spec, "display_name": "x", "language": "python", "env": {}}
    (folder / "kernel.json").write_text(json.dumps(text))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    assert running.runs_here("python3") is here


def test_other_kernels_and_other_systems_are_left_to_papermills_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(
        NBClientEngine, "execute_managed_notebook", classmethod(lambda cls, nb_man, kernel, **_: seen.append(kernel))
    )
    other = write(tmp_path, "1", kernel="some_other", language="R")
    papermill.execute_notebook(other, None, engine_name="kpi", progress_bar=False)
    monkeypatch.setattr(running, "can_fork", lambda: False)
    papermill.execute_notebook(write(tmp_path, "1"), None, engine_name="kpi", progress_bar=False)
    assert seen == ["some_other", "python3"]


def test_a_cold_process_where_there_are_no_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "can_fork", lambda: False)
    process = forks.start(leave, 7)
    process.join()
    assert process.exitcode == 7
    forks.end(process)


def parametrized(folder: Path, cell: str, *tags: str) -> str:
    path = folder / "own.ipynb"
    cells = [nbformat.v4.new_code_cell(cell, metadata={"tags": list(tags)}), nbformat.v4.new_code_cell("1")]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return str(path)


def run_with(source: str, **parameters: Any) -> None:
    papermill.execute_notebook(source, None, parameters, engine_name="kpi", progress_bar=False)


def test_a_parameter_that_the_notebook_lacks_is_refused_before_anything_runs(tmp_path: Path) -> None:
    source = parametrized(tmp_path, f"open({str(tmp_path / 'ran')!r}, 'w')\nmonth: str = '2026-10'", "parameters")
    with pytest.raises(KitError, match="there is no parameter 'monht'. Did you mean month"):
        run_with(source, monht="2026-09")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("cell", "tags", "given"),
    [("1", (), "any"), ("%pylab\nmonth = 1", ("parameters",), "any"), ("a = month = 1", ("parameters",), "month")],
    ids=["no cell of parameters", "not plain Python", "declared"],
)
def test_other_parameters_are_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cell: str, tags: tuple[str, ...], given: str
) -> None:
    monkeypatch.setattr(running, "can_fork", lambda: False)
    ran = []
    monkeypatch.setattr(NBClientEngine, "execute_managed_notebook", lambda manager, *_given, **_options: ran.append(1))
    run_with(parametrized(tmp_path, cell, *tags), **{given: 2})
    assert ran == [1]
