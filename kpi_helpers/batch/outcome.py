"""How the work on one report ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LONGEST_REASON = 600  # characters: a message to the process that waits is sent in one piece

State = Literal["finished", "kept", "failed"]


@dataclass(frozen=True)
class Outcome:
    """`job` is the key of the report; `seconds` the time it took; `path` the report's folder, or the failed notebook.

    "kept": the report was finished before, and nothing has changed since.
    """

    state: State
    reason: str = ""
    seconds: float = 0.0
    path: str = ""
    job: str = ""
