"""Makes .venv beside kit.py and installs the pinned set in it. Standard library only."""

import contextlib
import errno
import os
import re
import shutil
import signal
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import find_spec

from tools.messages import say
from tools.stamp import ROOT, UNFINISHED, VENV, can_be_kept, is_ready, program, wanted, write_stamp
from tools.steps import run_step

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NO_PYTHON, NO_FILES, NO_PACKAGES, STOPPED = 69, 74, 75, 130  # exit codes

NETWORK_DOWN = re.compile(
    r"name resolution|name or service not known|getaddrinfo|NameResolutionError|NewConnectionError|dns error"
    r"|tunnel error|connection (refused|reset|aborted|timed out)|ConnectTimeout|ReadTimeout|network is unreachable"
    r"|error sending request|ProxyError|operation timed out",
    re.IGNORECASE,
)
DISK_FULL = re.compile(r"no space left on device|disk quota exceeded|os error (28|112)\b|WinError 112\b", re.IGNORECASE)


class Trouble(Exception):
    """What ends the set-up: an exit code and one line for the reader."""

    def __init__(self, code: int, message: str, **values: object) -> None:
        super().__init__(message)
        self.code, self.message, self.values = code, message, values


def set_up() -> None:
    """Make .venv ready; do nothing where it is. Raises Trouble, or KeyboardInterrupt when stopped."""
    if is_ready():
        return
    try:
        with stoppable(), one_at_a_time() as lock:
            if not is_ready():
                _set_up(lock)
    except OSError as error:
        raise file_trouble(error) from error


def _set_up(lock: int) -> None:
    if not can_be_kept():
        make_venv(lock)
    write_stamp(UNFINISHED)
    install(lock)
    write_stamp(wanted())
    say("Ready.")


@contextlib.contextmanager
def stoppable() -> Iterator[None]:
    """Let a closed window or a polite kill stop the set-up as Ctrl-C does."""
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), signal.default_int_handler) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[int]:
    """Hold the folder's lock and yield its descriptor. The lock falls with the process: a crash leaves none behind."""
    with open(ROOT / ".kit.lock", "a") as file:
        if not _lock(file.fileno(), wait=False):
            say("Another set-up is running in this folder; waiting for it.")
            while not _lock(file.fileno(), wait=True):
                pass
        yield file.fileno()


def _lock(file: int, wait: bool) -> bool:
    """Take the lock; false where another holds it (on Windows also after ten seconds of waiting)."""
    try:
        if sys.platform == "win32":
            os.lseek(file, 0, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError as error:
        if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
            raise
        return False
    return True


def make_venv(lock: int) -> None:
    """Make .venv from nothing, with the Python that runs this (or the one behind it, where this one is a .venv's)."""
    no_venv = Trouble(
        NO_PYTHON, "This Python has no venv, which the kit needs. On Debian or Ubuntu: apt install python3-venv"
    )
    if not (find_spec("venv") and find_spec("ensurepip")):
        raise no_venv
    remove_venv()
    VENV.mkdir()
    write_stamp(UNFINISHED)
    base = getattr(sys, "_base_executable", None) or sys.executable
    code, output = run_step(1, "Making .venv", [base, "-m", "venv", str(VENV)], lock)
    if code:
        raise install_trouble(output) if DISK_FULL.search(output) else no_venv


def remove_venv() -> None:
    if VENV.is_symlink() or VENV.is_file():
        VENV.unlink()
    elif VENV.exists():
        write_stamp(UNFINISHED)  # a removal that is cut short must not leave a good stamp
        shutil.rmtree(VENV)


def install(lock: int) -> None:
    """Install the pinned set, then the kit itself, with uv; with pip where uv cannot."""
    pip, uv = ([program("python"), "-m", *words, "install"] for words in (["pip"], ["uv", "pip"]))
    code, output = run_step(2, "Fetching the installer", [*pip, installer()], lock)
    if code and (NETWORK_DOWN.search(output) or DISK_FULL.search(output)):
        raise install_trouble(output)
    tools = [pip] if code else [uv, pip]
    lines = re.findall(r"^\w", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    packages = "Installing up to {count} packages; the first time takes some minutes"
    install_with(tools, 3, packages, ["-r", "requirements.lock"], lock, len(lines))
    install_with(tools, 4, "Installing the kit itself", ["--no-deps", "--no-build-isolation", "-e", "."], lock)
    make_link_relative()


def install_with(tools: list[list[str]], number: int, message: str, what: list[str], lock: int, count: int = 0) -> None:
    """Try the tools in turn and forget those that fail. Raises Trouble when none is left, or the disk is full."""
    while True:
        code, output = run_step(number, message, [*tools[0], *what], lock, count)
        if not code:
            return
        if len(tools) == 1 or DISK_FULL.search(output):
            raise install_trouble(output)
        say("uv could not do it; going on with pip")
        tools.pop(0)


def make_link_relative() -> None:
    """Let the installed link to this folder say "../..": Python before 3.13 reads it in the locale's encoding, and
    starts no more under LC_ALL=C, nor finds the kit on Windows, where the folder's name has other letters.
    """
    [site_packages] = VENV.glob("Lib/site-packages" if os.name == "nt" else "lib/python*/site-packages")
    [link] = site_packages.glob("_kpi_kit.pth")
    link.write_text(os.path.relpath(ROOT, site_packages) + "\n", encoding="ascii")


def installer() -> str:
    """The requirement for uv, from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return project["dependency-groups"]["installer"][0]


def install_trouble(output: str) -> Trouble:
    """What a failed installation means to the reader, by what the tool said."""
    if DISK_FULL.search(output):
        return Trouble(NO_FILES, "The disk is full. Make room (about 1.5 GB) and run the command again.")
    message = "A package cannot be installed in this Python ({found}); details: {log}"
    if NETWORK_DOWN.search(output):
        message = "The network does not answer, so the packages cannot be fetched. Try again later; details: {log}"
    return Trouble(NO_PACKAGES, message, found="{}.{}".format(*sys.version_info), log=VENV / "kit.log")


def file_trouble(error: OSError) -> Trouble:
    """What an error of the file system means to the reader."""
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return install_trouble("No space left on device")
    message = "The set-up cannot write its files ({reason}). Close the programs that use .venv and check your rights."
    return Trouble(NO_FILES, message, reason=f"{error.filename}: {error.strerror}")
