"""`kpi lesson`: the course with what is done of it, and a lesson as a page that leaves nothing behind."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import click
import nbformat
import psutil
import pytest

from kpi_helpers.cli import make_group
from kpi_helpers.commands import lesson as module
from kpi_helpers.commands import serving
from kpi_helpers.errors import KitError
from kpi_helpers.labels import kpi_name
from kpi_helpers.language import _, use_language
from kpi_helpers.lessons import progress as progress_module
from kpi_helpers.lessons.course import LESSONS
from kpi_helpers.lessons.progress import Progress, progress_file
from tests.commands import Kpi

ROOT = Path(__file__).parents[1]
ROOM = 120  # seconds that a busy machine may take to start a server
STARTED = re.compile(r"^(http://127\.0\.0\.1:\d+/\S+)\?token=([0-9a-f]{32})$", re.MULTILINE)


@pytest.fixture
def notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two tiny lessons; the second in Russian, too."""
    for place, numbers in (("lessons", (1, 2)), ("ru/lessons", (2,))):
        for lesson in LESSONS.values():
            if lesson.number in numbers:
                write_notebook(tmp_path / "notebooks" / place / f"{lesson.notebook}.ipynb")
    monkeypatch.setattr(module, "NOTEBOOKS", tmp_path / "notebooks")
    return tmp_path / "notebooks"


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would be shown; no server is started."""
    calls: list[dict[str, Any]] = []

    def show(notebook: Path, parameters: dict[str, str], told: Callable[[str], None], **how: Any) -> None:
        calls.append({"notebook": notebook, "parameters": parameters, **how})
        told("http://127.0.0.1:1/page?token=0")

    monkeypatch.setattr(serving, "show", show)
    return calls


def write_notebook(path: Path) -> Path:
    given = nbformat.v4.new_code_cell('data_dir = "d"\nlearner = ""\nlang = "en"', metadata={"tags": ["parameters"]})
    says = nbformat.v4.new_code_cell("print('said', [learner, lang])")
    cells = [nbformat.v4.new_markdown_cell("# Tiny"), given, says]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    return path


# The course


def test_without_a_name_the_course_is_listed_with_what_is_done(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "FOLDER", tmp_path)
    anna = Progress(progress_file("Anna", tmp_path), "Anna")
    anna.record("goals", "leave", "q", "5", "5", True)
    anna.record("honest_roi", "explore", "q", "", "", None)
    code, out, err = kpi("lesson", "--learner", "anna")
    rows = [re.split(r"\s{2,}", line.strip()) for line in out.splitlines() if line.startswith("  ")]
    assert (code, err) == (0, "")
    assert [row[:3] for row in rows] == [[str(row.number), row.title, row.key] for row in LESSONS.values()]
    assert [row[3] for row in rows] == [f"{row.minutes} min" for row in LESSONS.values()]
    assert [row[4] for row in rows] == ["finished", *["not begun"] * 3, "step 2 of 7", *["not begun"] * 7]
    assert "finished" not in kpi("lesson")[1]


def test_a_broken_file_of_progress_is_named_and_left_and_the_course_is_listed(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "FOLDER", tmp_path)
    (tmp_path / "learner.json").write_text("broken")
    code, out, err = kpi("lesson")
    assert code == 0 and len(err.splitlines()) == 1 and "learner.json" in err
    assert "1  Goals before numbers" in out
    assert [file.name for file in tmp_path.iterdir()] == ["learner.json"]


def test_a_file_of_another_learner_is_named_and_not_listed(
    kpi: Kpi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_module, "FOLDER", tmp_path)
    boris = Progress(progress_file("Boris", tmp_path), "Boris")
    boris.record("goals", "leave", "q", "5", "5", True)
    boris.path.rename(progress_file("Anna", tmp_path))
    code, out, err = kpi("lesson", "--learner", "Anna")
    assert code == 0 and "finished" not in out and "another learner's" in err and len(err.splitlines()) == 1


# A lesson


def test_what_is_asked_for_reaches_the_notebook(
    kpi: Kpi, notebooks: Path, shown: list[dict[str, Any]], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path)
    arguments = ("lesson", "metric_or_kpi", "--data", "mine", "--learner", "Анна", "--no-browser", "--port", "8890")
    code, out, err = kpi(*arguments, "--lang", "ru", "--", "--allow-root")
    assert (code, err) == (0, "") and "http://127.0.0.1:1/page?token=0" in out.splitlines()
    assert shown == [{
        "notebook": notebooks / "ru/lessons/02_metric_or_kpi.ipynb", "lab": False, "browser": False, "port": 8890,
        "parameters": {"data_dir": str(tmp_path / "mine"), "learner": "Анна", "lang": "ru"},
        "arguments": ("--allow-root",),
    }]  # fmt: skip


def test_what_is_not_asked_for_stays_as_the_notebook_has_it(
    kpi: Kpi, notebooks: Path, shown: list[dict[str, Any]]
) -> None:
    assert kpi("lesson", "1", "--lab")[0] == 0
    assert kpi("lesson", "1", "--lang", "ru")[0] == 0  # no Russian notebook is there: the English one speaks Russian
    assert [call["parameters"] for call in shown] == [{"lang": "en"}, {"lang": "ru"}]
    assert [(call["lab"], call["browser"], call["port"]) for call in shown] == [(True, True, 0), (False, True, 0)]


def test_without_voila_it_opens_in_jupyterlab_and_says_so(
    kpi: Kpi, notebooks: Path, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "has_voila", lambda: False)
    code, _said, err = kpi("lesson", "1")
    assert (code, shown[0]["lab"]) == (0, True) and len(err.splitlines()) == 1 and "Voila" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("99",), "'99'"), (("hones_roi",), "honest_roi"), (("1", "--data", "nowhere"), "nowhere"),
        (("3",), "03_conversion"),
        (("1", "--port", "http"), "'http'"), (("1", "--port", "99999"), "99999"), (("1", "--port", "９"), "'９'"),
        (("1", "--learner", "\ud800"), "learner"), (("1", "--data", ""), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_what_is_wrong_is_said_in_one_line(
    arguments: tuple[str, ...], words: str | None, lang: str, kpi: Kpi, notebooks: Path,
    shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(serving, "show", lambda notebook, given, told, **_how: serving.write_copy(
        notebook, notebook.with_name("copy.ipynb"), given))  # fmt: skip
    code, out, err = kpi("lesson", *arguments, "--lang", lang)
    if words is None:
        assert (code, err) == (0, "")
    else:
        assert (code, out) == (1, "") and len(err.splitlines()) == 1 and words in err


@pytest.mark.parametrize("learner", ['"; import os #', "a\nb", "\\", "'''", "{x}", "Анна 🙂"])
def test_a_name_gets_into_the_copy_as_text_alone(learner: str, tmp_path: Path) -> None:
    notebook = write_notebook(tmp_path / "a.ipynb")
    before = notebook.read_bytes()
    serving.write_copy(notebook, tmp_path / "b.ipynb", {"learner": learner, "lang": "ru"})
    assert notebook.read_bytes() == before
    cells = json.loads((tmp_path / "b.ipynb").read_text(encoding="utf-8"))["cells"]
    said: dict[str, str] = {}
    exec("\n".join("".join(cell["source"]) for cell in cells[1:3]), said)
    assert (said["learner"], said["lang"], said["data_dir"]) == (learner, "ru", "d")
    assert cells[2]["metadata"]["tags"] == ["injected-parameters"]


def test_a_parameter_that_the_notebook_lacks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="month"):
        serving.write_copy(write_notebook(tmp_path / "a.ipynb"), tmp_path / "b.ipynb", {"month": "2026-10"})
    assert not (tmp_path / "b.ipynb").exists()


# The server


def start_showing(notebook: Path, place: Path, lab: bool, *arguments: str) -> subprocess.Popen[str]:
    """The notebook shown by a program of its own, with nothing of the user's."""
    given = f"Path({str(notebook)!r}), {{'learner': 'Anna'}}, lambda address: print(address, flush=True)"
    code = (
        "from pathlib import Path; from kpi_helpers.commands.serving import show; "
        f"show({given}, lab={lab}, browser=False, arguments={arguments!r}); print('ended in order')"
    )
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "TMPDIR", "TEMP", "TMP")
    folders = {name: str(place / name.lower()) for name in names}
    for folder in folders.values():
        Path(folder).mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, **folders, "PYTHONPATH": str(ROOT)}, text=True, cwd=place,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=os.name == "posix",
    )  # fmt: skip


def left_of(place: Path) -> list[str]:
    """Folders and processes of the lesson that are still there."""
    folders = [path.name for path in (place / "tmpdir").iterdir() if path.name.startswith("kpi-lesson-")]
    running = [line for process in psutil.process_iter(["cmdline"]) if str(place) in (
        line := " ".join(process.info["cmdline"] or []))]  # fmt: skip
    return folders + running


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
@pytest.mark.parametrize(("lab", "number"), [(False, signal.SIGINT), (False, signal.SIGTERM), (True, signal.SIGINT)])
def test_the_page_is_shown_until_it_is_ended_and_nothing_is_left(lab: bool, number: int, tmp_path: Path) -> None:
    if not lab:
        pytest.importorskip("voila")
    notebook = write_notebook(tmp_path / "tiny.ipynb")
    before = notebook.read_bytes()
    program = start_showing(notebook, tmp_path, lab, "--allow-root")
    try:
        assert program.stdout is not None
        address = program.stdout.readline().strip()
        found = STARTED.fullmatch(address)
        assert found, address
        with urlopen(address, timeout=ROOM) as answer:
            page, rules = answer.read().decode(), answer.headers["Content-Security-Policy"]
        assert lab or rules.startswith("default-src 'self' ") and "http" not in rules, "it loads nothing from elsewhere"
        if not lab:
            assert "said [&#39;Anna&#39;, &#39;en&#39;]" in page and "print(" not in page
        with urlopen(found[1], timeout=ROOM) as closed:  # without the token it asks for it
            assert "/login" in closed.url
        assert left_of(tmp_path)
        program.send_signal(number)
        out, err = program.communicate(timeout=ROOM)
    finally:
        program.kill()
    assert (program.returncode, out.strip(), err) == (0, "ended in order", "")
    last = time.monotonic() + 20
    while left_of(tmp_path) and time.monotonic() < last:
        time.sleep(0.2)
    assert left_of(tmp_path) == [] and notebook.read_bytes() == before


def test_a_server_that_does_not_start_is_said_with_its_own_words(tmp_path: Path) -> None:
    program = start_showing(write_notebook(tmp_path / "tiny.ipynb"), tmp_path, False, "--ServerApp.port=none")
    _out, err = program.communicate(timeout=ROOM)
    assert program.returncode == 1
    last = err.strip().splitlines()[-1]
    assert last.startswith("kpi_helpers.errors.KitError: the server of the page did not start: ")
    assert left_of(tmp_path) == []


def test_a_port_in_use_is_refused_before_any_address_is_told(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        told: list[str] = []
        with pytest.raises(KitError, match=f"the port {port} cannot be used") as caught:
            serving.show(tmp_path / "none.ipynb", {}, told.append, lab=False, browser=False, port=port)
    assert not told and caught.value.next_step


def test_a_server_that_does_not_know_the_token_is_not_this_lesson() -> None:
    class Other(BaseHTTPRequestHandler):
        said = b""

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.said)

        def log_message(self, *_what: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        for said in (b"", b"<html>", b"5", b"[]"):
            Other.said = said
            assert not serving._answers(other.server_port, "0")
        other.shutdown()
    assert not serving._answers(serving._free_port(), "0")


@pytest.mark.skipif(os.name != "posix", reason="sends signals")
def test_a_server_that_breaks_down_is_said(tmp_path: Path) -> None:
    program = start_showing(write_notebook(tmp_path / "tiny.ipynb"), tmp_path, True, "--allow-root")
    try:
        assert program.stdout is not None and "token" in program.stdout.readline()
        (server,) = psutil.Process(program.pid).children()
        server.kill()
        out, err = program.communicate(timeout=ROOM)
    finally:
        program.kill()
    assert program.returncode == 1 and "in order" not in out
    assert "KitError: the server of the page has ended: " in err.strip().splitlines()[-1]
    assert left_of(tmp_path) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only there a server hears of it")
def test_of_a_program_that_is_killed_nothing_is_left_after_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = start_showing(write_notebook(tmp_path / "tiny.ipynb"), tmp_path, True, "--allow-root")
    try:
        assert program.stdout is not None and "token" in program.stdout.readline()
        (server,) = psutil.Process(program.pid).children()
        monkeypatch.setattr(serving, "gettempdir", lambda: str(tmp_path / "tmpdir"))
        serving._clear_left()
        assert len(list((tmp_path / "tmpdir").glob("kpi-lesson-*"))) == 1, "it is held"
    finally:
        program.kill()
        program.communicate(timeout=ROOM)
    psutil.wait_procs([server], timeout=ROOM)
    assert not server.is_running()
    assert list((tmp_path / "tmpdir").glob("kpi-lesson-*"))
    serving._clear_left()
    assert left_of(tmp_path) == []


# The README of the course


@pytest.mark.parametrize(("lang", "name"), [("en", "README.md"), ("ru", "README.ru.md")])
def test_the_readme_lists_the_lessons_of_the_course(lang: str, name: str) -> None:
    use_language(lang)
    text = (ROOT / "notebooks" / "lessons" / name).read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    assert rows == [
        f"| {row.number} | {_(row.title)} | {'; '.join(map(kpi_name, row.kpis))} | {row.minutes} |"
        for row in LESSONS.values()
    ]


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
def test_the_readme_shows_commands_that_are_understood(name: str) -> None:
    text = (ROOT / "notebooks" / "lessons" / name).read_text(encoding="utf-8")
    lines = re.findall(r"^python3 kit\.py kpi (.*?)(?:  +#.*)?$", text, re.MULTILINE)
    assert len(lines) == 7
    for line in lines:
        command, *arguments = line.split()
        made = make_group().get_command(click.Context(make_group()), command)
        assert made is not None
        made.make_context(command, arguments, obj="")
