"""Files written whole or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

READABLE = 0o644  # a new file's rights; a temporary one is its owner's alone


def write_safely(path: Path, content: bytes) -> None:
    """Write a file beside its place, then rename it, so that no reader and no failure leaves half of it.

    A link is followed, and the file keeps its rights. OSError where it cannot be written: then all is as it was.
    """
    target = path.resolve()
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            if target.exists():
                shutil.copymode(target, beside)
            else:
                beside.chmod(READABLE)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
    try:
        beside.replace(target)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
