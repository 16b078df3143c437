#!/usr/bin/env python3
"""Sets the kit up and runs it: `python3 kit.py report`. Needs nothing but Python 3.11 or newer.

    kit.py report [ARGS]      render the reports of both sample companies into reports/; with ARGS: kpi report ARGS
    kit.py lab [ARGS]         open the notebooks in JupyterLab
    kit.py test [ARGS]        run the tests; with ARGS: pytest ARGS
    kit.py lint               check the code with ruff and mypy
    kit.py kpi ARGS           the kpi command
    kit.py python ARGS        the Python that the kit is installed in
    kit.py setup              only set up

The first start makes .venv beside this file with the versions of requirements.lock; later starts find it ready.
It may be stopped at any moment: the next start finishes the work.

Exit codes: that of the command, or 64 (not a command of kit.py), 69 (this Python cannot be used), 74 (the disk or
the files), 75 (the network or a package: try again), 130 (stopped).
"""

import os
import subprocess
import sys

from tools.messages import RUSSIAN_HELP, say, speaks_russian

if sys.version_info < (3, 11):  # noqa: UP036 - older Pythons read this file, too, up to here
    found = ".".join(map(str, sys.version_info[:3]))
    say("This is Python {found}; the kit needs Python {needed} or newer.", found=found, needed="3.11")
    sys.exit(69)

from tools.installation import STOPPED, Trouble, set_up  # noqa: E402
from tools.stamp import ROOT, environment, program  # noqa: E402

WRONG_USE = 64
COMMANDS = ("report", "lab", "test", "lint", "kpi", "python", "setup")
SAMPLES = (("severny_svet", "ru"), ("northlight", "en"))


def command_lines(command: str, arguments: list[str]) -> list[list[str]]:
    """What the command runs, one after another."""
    kpi, python = program("kpi"), program("python")
    if command == "report" and not arguments:
        return [[kpi, *sample_report(company, language)] for company, language in SAMPLES]
    folders = [f"--ServerApp.root_dir={ROOT}", f"--FileContentsManager.preferred_dir={ROOT / 'notebooks'}"]
    lines = {
        "report": [[kpi, "report", *arguments]],
        "lab": [[python, "-m", "jupyterlab", *folders, *arguments]],
        "test": [[python, "-m", "pytest", *(arguments or ["-n", "2"])]],
        "lint": [[python, "-m", "ruff", "check", *(arguments or ["."])], [python, "-m", "mypy"]],
        "kpi": [[kpi, *arguments]],
        "python": [[python, *arguments]],
        "setup": [],
    }
    return lines[command]


def sample_report(company: str, language: str) -> list[str]:
    return ["report", "--data", f"data/sample/{company}", "--month", "2026-10", "--lang", language, "--out", "reports/"]


def run(lines: list[list[str]]) -> int:
    """Run them all, the last in place of this program where the system can, and return the first code that is not 0."""
    codes = [call(line) for line in lines[:-1]]
    if lines and not any(codes) and os.name == "posix":
        os.execve(lines[-1][0], lines[-1], environment())
    codes += [call(line) for line in lines[-1:]]
    return next(filter(None, codes), 0)


def call(line: list[str]) -> int:
    """Run one to its end. Ctrl-C reaches it too, and it may have its own answer to that: wait for it."""
    child = subprocess.Popen(line, env=environment())
    try:
        return child.wait()
    except KeyboardInterrupt:
        child.wait()
        raise


def main(arguments: list[str]) -> int:
    command, *rest = arguments or ["--help"]
    if command in ("-h", "--help", "help"):
        print(RUSSIAN_HELP if speaks_russian() else __doc__, end="")
        return 0
    if command not in COMMANDS:
        say("kit.py has no command {command}. Commands: {commands}", command=command, commands=", ".join(COMMANDS))
        return WRONG_USE
    try:
        set_up()
    except Trouble as trouble:
        say(trouble.message, **trouble.values)
        return trouble.code
    except KeyboardInterrupt:
        say("Stopped. The next start finishes the work.")
        return STOPPED
    if command in ("test", "lint", "lab") or (command == "report" and not rest):
        os.chdir(ROOT)  # elsewhere paths are the caller's own
    if command in ("kpi", "report"):  # which is on no path of the caller's: its examples say how it is called
        os.environ["KPI_CALLED"] = f"{'py' if os.name == 'nt' else 'python3'} {sys.argv[0]} kpi"
    try:
        return run(command_lines(command, rest))
    except KeyboardInterrupt:
        return STOPPED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
