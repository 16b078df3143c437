"""Runs one step of the set-up and shows how far it is. Standard library only."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from typing import Any

from tools.messages import say
from tools.stamp import ROOT, VENV, environment, program

WORTH_SHOWING = re.compile(r" *(Downloading|Downloaded|Building|Resolved|Prepared|Installed) (?!.*\bkB\))")
PIP_SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}


def run_step(number: int, message: str, command: list[str], lock: int, count: int = 0) -> tuple[int, str]:
    """Run one step. Returns its exit code and what it said; all of that is added to .venv/kit.log, too.

    The step is a session of its own, so that all of it can be ended when this program is stopped; on POSIX it holds
    the lock, too, so that nobody else begins while a step outlives its killed parent.
    """
    sys.stderr.write(f"[{number}/4] ")
    say(message, count=count)
    alone: dict[str, Any] = {} if os.name == "nt" else {"pass_fds": (lock,), "start_new_session": True}
    with open(VENV / "kit.log", "a", encoding="utf-8") as log:
        child = subprocess.Popen(
            command, cwd=ROOT, env=surroundings(command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", **alone,
        )
        try:
            said = follow(child, log, count)
            return child.wait(), said
        except BaseException:
            end(child)
            raise


def follow(child: subprocess.Popen[str], log: Any, count: int) -> str:
    """Write down what the child says until it ends, and show the lines that tell how far it is."""
    said: list[str] = []
    collected = 0
    for line in child.stdout or ():
        said.append(line)
        log.write(line)
        if line.startswith("Collecting "):  # pip: one for each package
            collected += 1
            if collected % 20 == 0:
                sys.stderr.write(f"      {collected}/{count}\n")
        elif count and WORTH_SHOWING.match(line):
            sys.stderr.write(f"      {line.strip()}\n")
        sys.stderr.flush()
    return "".join(said)


def end(child: subprocess.Popen[str]) -> None:
    """End the child and all that it started, and wait until it is gone."""
    for name in ("SIGTERM", "SIGKILL"):
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, getattr(signal, name))
        else:
            child.kill()
        deadline = time.monotonic() + 5
        while child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)


def surroundings(command: list[str]) -> dict[str, str]:
    """The child's environment; uv also gets the index and the certificate that pip was told of."""
    found = environment()
    return {**pip_settings(), **found} if "uv" in command else found


def pip_settings() -> dict[str, str]:
    """The settings of pip, by files or environment, that uv would not find by itself."""
    listed = subprocess.run(
        [program("python"), "-m", "pip", "config", "list"], env=environment(), capture_output=True, encoding="utf-8",
        errors="replace",
    )
    pairs = re.findall(r"^[\w:.]+\.([\w-]+)='(.*)'$", listed.stdout, re.MULTILINE)
    return {PIP_SETTINGS[name]: value for name, value in pairs if name in PIP_SETTINGS}
