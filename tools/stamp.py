"""Where the kit's Python is, and the stamp in it that says what it was made for. Standard library only.

The stamp is "unfinished" while .venv is being changed and is put right last, in one step: whatever stops a set-up, the
next one sees what it left.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
UNFINISHED = {"unfinished": "yes"}


def program(name: str) -> str:
    """The path of a program of the kit's own Python."""
    return str(VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name)


def environment() -> dict[str, str]:
    """The surroundings of every child: the kit's own Python first, UTF-8 whatever the locale."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "__PYVENV_LAUNCHER__")}
    path = os.pathsep.join([os.path.dirname(program("python")), kept.get("PATH", os.defpath)])
    return {**kept, "PATH": path, "VIRTUAL_ENV": str(VENV), "PYTHONUTF8": "1",
            "OPENBLAS_NUM_THREADS": kept.get("OPENBLAS_NUM_THREADS", "1")}  # fmt: skip


def wanted() -> dict[str, str]:
    """The stamp of a finished set-up: this place, this Python, these dependencies."""
    dependencies = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        dependencies.update((ROOT / name).read_bytes())
    python = "{}.{}".format(*sys.version_info)
    return {"place": str(VENV), "python": python, "dependencies": dependencies.hexdigest()}


def read_stamp() -> dict[str, str]:
    """The stamp as it stands: empty where there is none, unfinished where it cannot be read."""
    try:
        stamp = json.loads((VENV / "kit.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        return UNFINISHED
    return stamp if isinstance(stamp, dict) else UNFINISHED


def write_stamp(stamp: dict[str, str]) -> None:
    """Put the stamp in place in one step: it is the old one or the new one, never half of one."""
    new = VENV / "kit.json.new"
    new.write_text(json.dumps(stamp, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(new, VENV / "kit.json")


def is_ready() -> bool:
    """Whether .venv is finished, and for this place, this Python and these dependencies."""
    return read_stamp() == wanted() and has_python()


def can_be_kept() -> bool:
    """Whether .venv need only be brought up to date: it is whole, stands where it was made, and has this Python."""
    stamp, want = read_stamp(), wanted()
    if not stamp:
        return has_python() and _made_by_hand_for_this_python()
    return has_python() and all(stamp.get(name) == want[name] for name in ("place", "python"))


def has_python() -> bool:
    """Whether the Python in .venv and the one that it was made from are both still there."""
    try:
        settings = (VENV / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    home = re.search(r"^home\s*=\s*(.+?)\s*$", settings, re.MULTILINE)
    return home is not None and Path(home[1]).is_dir() and Path(program("python")).exists()


def _made_by_hand_for_this_python() -> bool:
    """Whether a .venv without a stamp works, has this Python, and was made for this place: its scripts name it."""
    script = VENV / ("Scripts" if os.name == "nt" else "bin") / "activate"
    if not script.exists() or str(VENV) not in script.read_text(encoding="utf-8", errors="replace"):
        return False
    question = f"import sys, pip; sys.exit(list(sys.version_info[:2]) != {list(sys.version_info[:2])})"
    return subprocess.run([program("python"), "-c", question], env=environment(), capture_output=True).returncode == 0
