"""How the work on one report ended, and what is known of a report."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass
class Row:
    """A report, and what became of it: `state` is "waiting", "finished", "kept" or "failed"; `path` and `folder` are
    below the folder of the batch.

    `folder` is empty where no report stands; else `files`, `made` (when, UTC), `took` (seconds) and `statuses` (how
    many goals are met, close, missed, without data) are those of the report that stands, be it of an earlier batch.
    """

    key: str
    client: str
    month: str
    report: str
    state: str = "waiting"
    reason: str = ""
    seconds: float = 0.0
    path: str = ""
    when: str = ""
    folder: str = ""
    files: list[str] = field(default_factory=list)
    made: str = ""
    took: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
