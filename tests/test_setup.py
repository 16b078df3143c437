"""kit.py and its set-up: one that was stopped, moved or denied comes right, and says what it does in one line."""

import ast
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

import kit
from tools import installation, messages, stamp, steps

ENTRY = ("kit.py", "tools/messages.py", "tools/stamp.py", "tools/steps.py", "tools/installation.py")
SPEAKING = {"say", "Trouble", "run_step", "install_with"}


# The stamp


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare project, where tools/ believes itself to be."""
    for module in (stamp, installation, steps):
        monkeypatch.setattr(module, "ROOT", tmp_path)
        monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    (tmp_path / "requirements.lock").write_text("# pins\npandas==3.1\n")
    (tmp_path / "pyproject.toml").write_text('[dependency-groups]\ninstaller = ["uv==1"]\n')
    return tmp_path


def fake_venv(home: Path) -> None:
    """What `python -m venv` and an installation leave behind, as far as the set-up looks at it."""
    python = Path(stamp.program("python"))
    site_packages = stamp.VENV / ("Lib/site-packages" if sys.platform == "win32" else "lib/python3.11/site-packages")
    for folder in (python.parent, site_packages):
        folder.mkdir(parents=True, exist_ok=True)
    python.touch()
    (site_packages / "_kpi_kit.pth").touch()
    (stamp.VENV / "pyvenv.cfg").write_text(f"home = {home}\n", encoding="utf-8")


@pytest.fixture
def ready(place: Path) -> Path:
    fake_venv(place)
    stamp.write_stamp(stamp.wanted())
    return place


def test_a_finished_set_up_is_ready_and_starts_nothing(ready: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a program was started"))
    installation.set_up()
    assert not (ready / ".kit.lock").exists()


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_changed_dependencies_are_brought_in_without_a_new_venv(ready: Path, name: str) -> None:
    (ready / name).write_text((ready / name).read_text() + "# changed\n")
    assert not stamp.is_ready()
    assert stamp.can_be_kept()


@pytest.mark.parametrize("change", [{"place": "/elsewhere/.venv"}, {"python": "3.10"}, stamp.UNFINISHED])
def test_a_moved_or_other_or_unfinished_venv_is_made_anew(ready: Path, change: dict[str, str]) -> None:
    stamp.write_stamp({**stamp.wanted(), **change} if change != stamp.UNFINISHED else change)
    assert not stamp.is_ready()
    assert not stamp.can_be_kept()


@pytest.mark.parametrize("text", ["", "{hal", "[]", "\x00"])
def test_a_damaged_stamp_counts_as_unfinished(ready: Path, text: str) -> None:
    (stamp.VENV / "kit.json").write_text(text)
    assert stamp.read_stamp() == stamp.UNFINISHED
    assert not stamp.can_be_kept()


def test_a_venv_whose_python_is_gone_is_made_anew(ready: Path) -> None:
    (stamp.VENV / "pyvenv.cfg").write_text(f"home = {ready / 'gone'}\n")
    assert not stamp.is_ready()
    assert not stamp.can_be_kept()


# Setting up, with the steps played


class Played:
    """Plays the steps: each answers by the first of its rules that a word of the command matches."""

    def __init__(self, home: Path, rules: dict[str, tuple[int, str] | type[BaseException]]) -> None:
        self.home, self.rules, self.commands = home, rules, list[list[str]]()

    def __call__(self, number: int, message: str, command: list[str], lock: int, count: int = 0) -> tuple[int, str]:
        assert stamp.read_stamp() == stamp.UNFINISHED, "a step runs under a good stamp"
        self.commands.append(command)
        answer = next((answer for word, answer in self.rules.items() if word in command), (0, ""))
        if not isinstance(answer, tuple):
            raise answer
        if command[-1] == str(stamp.VENV):
            fake_venv(self.home)
        return answer


def play(place: Path, monkeypatch: pytest.MonkeyPatch, **rules: tuple[int, str] | type[BaseException]) -> Played:
    played = Played(place, {word.replace("_", "-"): answer for word, answer in rules.items()})
    monkeypatch.setattr(installation, "run_step", played)
    return played


def test_a_set_up_ends_ready_with_uv_and_a_link_in_plain_letters(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played = play(place, monkeypatch)
    installation.set_up()
    assert stamp.is_ready()
    assert ["uv" in command for command in played.commands] == [False, False, True, True]
    [link] = stamp.VENV.rglob("_kpi_kit.pth")
    assert (link.parent / link.read_text(encoding="ascii").strip()).resolve() == place.resolve()


@pytest.mark.parametrize("step", ["venv", "uv==1", "uv", "-e"])
def test_a_stopped_set_up_is_finished_by_the_next(place: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    play(place, monkeypatch, **{step: KeyboardInterrupt})
    with pytest.raises(KeyboardInterrupt):
        installation.set_up()
    assert stamp.read_stamp() == stamp.UNFINISHED
    again = play(place, monkeypatch)
    installation.set_up()
    assert stamp.is_ready()
    assert "venv" in again.commands[0]


def test_pip_goes_on_where_uv_fails(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played = play(place, monkeypatch, uv=(1, "dns error"))
    installation.set_up()
    assert stamp.is_ready()
    assert ["uv" in command for command in played.commands] == [False, False, True, False, False]


@pytest.mark.parametrize(
    ("output", "code", "line"),
    [
        ("NewConnectionError: [Errno -3] Temporary failure in name resolution", 75, "The network does not answer"),
        ("OSError: [Errno 28] No space left on device", 74, "The disk is full"),
        ("error: command 'gcc' failed", 75, "A package cannot be installed"),
    ],
)
def test_a_failed_installation_says_why_in_one_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], output: str, code: int, line: str
) -> None:
    play(place, monkeypatch, install=(1, output))
    assert kit.main(["setup"]) == code
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith(line)
    assert not stamp.is_ready()


def test_a_python_without_venv_is_told_what_to_install(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installation, "find_spec", lambda name: None if name == "ensurepip" else object())
    assert kit.main(["setup"]) == 69
    assert "apt install python3-venv" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_named(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / ".kit.lock").mkdir()
    assert kit.main(["setup"]) == 74
    assert ".kit.lock" in capsys.readouterr().err


def test_two_at_once_take_turns(place: Path) -> None:
    with installation.one_at_a_time(), open(place / ".kit.lock", "a") as second:
        assert not installation._lock(second.fileno(), wait=False)
    with open(place / ".kit.lock", "a") as third:
        assert installation._lock(third.fileno(), wait=False)


# Steps and commands


@pytest.fixture
def lock(place: Path) -> int:
    """The descriptor that a step holds; standard error stands in for it."""
    stamp.VENV.mkdir()
    return 2


def test_a_step_shows_how_far_it_is_and_keeps_all_that_was_said(lock: int, capfd: pytest.CaptureFixture[str]) -> None:
    code = "for n in range(40): print('Collecting', n)\nprint('Downloading x (9.1MiB)\\n + x'); raise SystemExit(3)"
    assert steps.run_step(1, "Making .venv", [sys.executable, "-c", code], lock, 80)[0] == 3
    shown = capfd.readouterr().err.splitlines()
    assert [line.strip() for line in shown] == ["[1/4] Making .venv", "20/80", "40/80", "Downloading x (9.1MiB)"]
    assert (stamp.VENV / "kit.log").read_text().endswith("Collecting 39\nDownloading x (9.1MiB)\n + x\n")


def test_a_stopped_step_ends_before_the_set_up_does(lock: int, monkeypatch: pytest.MonkeyPatch) -> None:
    children = []

    def stop(child: subprocess.Popen[str], *_: object) -> str:
        children.append(child)
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "follow", stop)
    with pytest.raises(KeyboardInterrupt):
        steps.run_step(1, "Making .venv", [sys.executable, "-c", "import time; time.sleep(60)"], lock)
    assert children[0].poll() not in (None, 0)


def test_uv_is_told_the_index_that_pip_knows(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index, mirror = "index-" + "url", "https://mirror.example/simple"
    said = f"global.{index}='{mirror}'\n:env:.cert='/etc/own.pem'\nglobal.timeout='9'\n"
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=said))
    assert steps.pip_settings() == {"UV_DEFAULT_INDEX": mirror, "SSL_CERT_FILE": "/etc/own.pem"}


def test_a_bare_report_is_made_for_both_sample_companies(root: Path) -> None:
    lines = kit.command_lines("report", [])
    assert [(line[line.index("--data") + 1], line[line.index("--lang") + 1]) for line in lines] == [
        ("data/sample/severny_svet", "ru"), ("data/sample/northlight", "en"),
    ]
    assert all((root / line[line.index("--data") + 1]).is_dir() for line in lines)
    assert kit.command_lines("report", ["--month", "2026-09"])[0][1:] == ["report", "--month", "2026-09"]


def test_the_first_failure_is_the_exit_code_and_the_rest_still_runs(tmp_path: Path) -> None:
    last = f"open({str(tmp_path / 'ran')!r}, 'w'); raise SystemExit(4)"
    assert kit.run([[sys.executable, "-c", "raise SystemExit(3)"], [sys.executable, "-c", last]]) == 3
    assert (tmp_path / "ran").exists()


# What kit.py says


def test_every_message_has_its_russian(root: Path) -> None:
    trees = [ast.parse((root / name).read_text(encoding="utf-8")) for name in ENTRY if name != "tools/messages.py"]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    speaking = [node for node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SPEAKING]
    given = {word.value for call in speaking for word in call.args if isinstance(word, ast.Constant)}
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)}
    assert len(speaking) > 10
    assert {text for text in given if isinstance(text, str)} <= set(messages.RUSSIAN)
    assert set(messages.RUSSIAN) <= texts, "a message that nothing says"


def test_the_russian_holds_the_same_places() -> None:
    def places(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name)

    assert {text for text, russian in messages.RUSSIAN.items() if places(text) != places(russian)} == set()
    assert all(re.search("[а-я]", russian) for russian in messages.RUSSIAN.values())


@pytest.mark.parametrize(("language", "words"), [("en_US.UTF-8", "kit.py has no"), ("ru_RU.UTF-8", "У kit.py нет")])
def test_a_wrong_command_is_answered_in_the_language_of_the_system(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    monkeypatch.setenv("LANG", language)
    assert kit.main(["reprot"]) == 64
    assert capsys.readouterr().err.startswith(words)


def test_help_names_every_command_in_both_languages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for language in ("en_US.UTF-8", "ru_RU.UTF-8"):
        monkeypatch.setenv("LANG", language)
        assert kit.main(["--help"]) == 0
        said = capsys.readouterr().out
        assert [name for name in kit.COMMANDS if f"kit.py {name} " not in said] == []


def test_an_old_python_is_told_in_one_line(root: Path) -> None:
    code = "import sys, runpy; sys.version_info = (3, 9, 1, 'final', 0); runpy.run_path('kit.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, encoding="utf-8")
    assert done.returncode == 69
    assert done.stderr == "This is Python 3.9.1; the kit needs Python 3.11 or newer.\n"


def test_old_pythons_can_read_what_tells_them(root: Path) -> None:
    for name in ("kit.py", "tools/messages.py"):
        ast.parse((root / name).read_text(encoding="utf-8"), feature_version=(3, 7))


@pytest.mark.parametrize("name", ENTRY)
def test_the_set_up_needs_the_standard_library_alone(root: Path, name: str) -> None:
    nodes = list(ast.walk(ast.parse((root / name).read_text(encoding="utf-8"))))
    named = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {module.split(".")[0] for module in named} <= sys.stdlib_module_names | {"tools"}
