"""What was read is remembered by the content of the file: an export that has not changed is not read again.

What is kept lies in the user's own cache folder and holds no more of customers than the tables do: hashes. It is signed
with the user's key: nothing is unpickled that the kit did not write. The environment's KPI_CACHE names another folder;
"off" reads everything anew.
"""

from __future__ import annotations

import hmac
import os
import pickle
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeVar

from kpi_helpers.exports.people import hide, sign
from kpi_helpers.language import language

SMALL = 50_000  # bytes: a smaller file is read as fast as it is remembered
SIGNATURE = 32  # bytes before what is kept
MOST_BYTES = 2 * 2**30  # kept in all
KIT = Path(__file__).resolve().parents[1]

Found = TypeVar("Found")


def remembered(key: Callable[[], object], size: int, read: Callable[[], Found], keep: Callable[[Found], bool]) -> Found:
    """What `read` gives, or gave before under the same key, to the same kit, in the same language.

    `keep` says whether it may be kept: what holds rejected rows as they stand is not written anywhere.
    """
    place = _place() if size > SMALL else None
    if place is None:
        return read()
    path = place / blake2b(repr((key(), language(), _kit(), hide("kit"))).encode(), digest_size=16).hexdigest()
    with suppress(Exception):  # nothing there, or left by a process that was killed, or by another version of pandas
        found: Found = pickle.loads(_signed_by_me(path))
        path.touch()
        return found
    found = read()
    if keep(found):
        with suppress(OSError):
            _keep(path, pickle.dumps(found))
    return found


@cache
def _place() -> Path | None:
    """The folder of what is remembered; None where nothing is to be, or can be."""
    chosen = os.environ.get("KPI_CACHE", "")
    if chosen == "off":
        return None
    from platformdirs import user_cache_dir

    place = Path(chosen or user_cache_dir("kpi-kit")) / "readings"
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place if _is_private(place) else None
    except OSError:
        return None


def _is_private(folder: Path) -> bool:
    """Whether nobody but the user can write or read in it, as far as the system knows such a thing."""
    if os.name != "posix":
        return True
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077


@cache
def _kit() -> tuple[tuple[str, int, int], ...]:
    """The state of the kit's own files: another kit may read otherwise."""
    files = (path for kind in ("*.py", "*.toml", "*.csv") for path in KIT.rglob(kind))
    states = sorted((str(path.relative_to(KIT)), path.stat()) for path in files)
    return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def _signed_by_me(path: Path) -> bytes:
    """What was kept under this name. ValueError where another has written it, or moved it here."""
    content = path.read_bytes()
    signature, data = content[:SIGNATURE], content[SIGNATURE:]
    if not hmac.compare_digest(signature, sign(path.name.encode() + data)):
        raise ValueError("not written by this user")
    return data


def _keep(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    part.write_bytes(sign(path.name.encode() + data) + data)
    os.replace(part, path)
    kept = sorted(((file.stat().st_mtime, file.stat().st_size, file) for file in path.parent.iterdir()), reverse=True)
    total = 0
    for _when, size, file in kept:
        total += size
        if total > MOST_BYTES:
            file.unlink(missing_ok=True)
