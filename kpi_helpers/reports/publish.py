"""Finished or nothing: a report is written beside its place, synced, and put in it in one step."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE, S_ISDIR, S_ISREG
from typing import Any
from uuid import uuid4

from kpi_helpers.errors import KitError
from kpi_helpers.exports.quarantine import FILE as QUARANTINE
from kpi_helpers.folders import MANIFEST
from kpi_helpers.language import _
from kpi_helpers.reports.manifest import hash_file, is_whole, read_manifest
from kpi_helpers.reports.order import record_name
from kpi_helpers.stopping import is_stopped

TRIES = 20  # times that a folder is made again which another run takes away
LONGEST_WAIT = 3600  # seconds for another run to come to its end
PAST = "past"  # what stood there before, for comparisons


def behind_link(final: Path) -> Path:
    """The folder itself, where its name is a link to it: that one is replaced, and the link stays."""
    return Path(os.path.realpath(final)) if final.is_symlink() else final


@contextmanager
def alone_in(final: Path, tell: Callable[[str], None]) -> Iterator[bool]:
    """While no other run renders into this folder; whether another had to be waited for, which is told once.

    KitError where the other does not come to its end. New folders that stay empty are taken away.
    """
    from filelock import FileLock, Timeout

    new = [folder for folder in (final.parent, *final.parent.parents) if not folder.exists()]
    lock = FileLock(final.with_name(f".{final.name}.lock"))
    waited = False
    try:
        try:
            _acquire(lock, final)
        except Timeout:
            waited = True
            tell(_("another run is writing the report of {month}: waiting for it.").format(month=final.name))
            _wait_for(lock, final)
        try:
            yield waited
        finally:
            if os.name == "posix":  # elsewhere it goes by itself when it is let go
                Path(lock.lock_file).unlink(missing_ok=True)
            lock.release()
    finally:
        with suppress(OSError):
            for folder in new:
                folder.rmdir()


def _acquire(lock: Any, final: Path) -> None:
    """Take the lock; another run may take the folder away, as new and empty, before the lock's file is in it."""
    for left in reversed(range(TRIES)):
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
            return
        except FileNotFoundError:
            if not left:
                raise


def _wait_for(lock: Any, final: Path) -> None:
    from filelock import Timeout

    try:
        lock.acquire(timeout=LONGEST_WAIT, cancel_check=is_stopped)
    except Timeout:
        said = _("another run is writing the report of {month}.").format(month=final.name)
        raise KitError(said, _("Render it again.")) from None


@contextmanager
def unfinished(final: Path) -> Iterator[Path]:
    """A new folder beside the final one, for what is not finished; what is still there at the end is cleared."""
    folder = final.with_name(f".{final.name}-{uuid4().hex[:8]}")
    folder.mkdir()
    try:
        yield folder
    finally:
        _clear(folder)


def write(path: Path, content: bytes) -> None:
    """Write a file and have it on the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def put_in_place(folder: Path, final: Path, made: Collection[str], last: Mapping[str, bytes] | None = None) -> None:
    """Swap the finished folder in, with all else that lay in the old one; that one stands until the swap.

    `made` are the names of the new report's files; the files `last`, its manifest, are written after everything else.
    """
    if final.is_dir():
        _carry_over(final, folder, {*made, *(last or {})})
        folder.chmod(S_IMODE(final.stat().st_mode))
    for name, content in (last or {}).items():
        write(folder / name, content)
    _sync(folder)
    _swap(folder, final)


def heal(final: Path) -> bool:
    """Clear what killed runs left beside the folder; whether a finished report among it was put in its place."""
    if not final.parent.exists():
        return False
    left = sorted(path for path in final.parent.iterdir() if _is_left(path, final))
    healed = False
    for folder in left:
        if made := _newer(folder, final):
            put_in_place(folder, final, made)
            healed = True
    for folder in left:
        if folder.name.endswith("-old") and not final.exists():
            folder.rename(final)
        _clear(folder)
    return healed


def _clear(path: Path) -> None:
    """Take a folder away, or the link to one."""
    if path.is_symlink():
        path.unlink()
    shutil.rmtree(path, ignore_errors=True)


def _is_left(path: Path, final: Path) -> bool:
    return bool(re.fullmatch(rf"\.{re.escape(final.name)}-[0-9a-f]{{8}}(-old)?", path.name)) and path.is_dir()


def _newer(folder: Path, final: Path) -> set[str]:
    """The files of the reports in a folder that are whole and were made to replace those in the final one.

    Which of two follows the other is not told by their times: clocks are set back.
    """
    made = set[str]()
    standing = _manifests(final)
    for name, manifest in _manifests(folder).items():
        follows = name not in standing or manifest.get("replaces") == hash_file(final / name)
        if follows and is_whole(folder, manifest):
            made |= {name, *manifest["files"]}
    return made


def _manifests(folder: Path) -> dict[str, dict[str, Any]]:
    """The manifests in a folder that can be read, by their names."""
    found = {}
    for path in folder.glob(f"*{MANIFEST}"):
        with suppress(KitError):
            found[path.name] = read_manifest(folder, path.name.removesuffix(MANIFEST))
    return found


def _carry_over(final: Path, folder: Path, made: set[str]) -> None:
    """Take over what others have put into the old folder; of the report before only its data, where they differ."""
    standing = _manifests(final)
    before = {name: standing.pop(name) for name in list(standing) if name in made}
    others = {name for manifest in standing.values() for name in manifest["files"]}
    gone = {QUARANTINE, *(name for manifest in before.values() for name in manifest["files"])} - others
    for own in final.iterdir():
        if own.name not in made | gone:
            _take_over(own, folder / own.name)
    for name, manifest in before.items():
        _keep_past(final, folder, name, manifest["rendered_at"])


def _keep_past(final: Path, folder: Path, name: str, when: str) -> None:
    record = record_name(name.removesuffix(MANIFEST))
    old, new = final / record, folder / record
    if old.is_file() and new.is_file() and old.read_bytes() != new.read_bytes():
        past = folder / PAST / (re.sub(r"[^0-9TZ-]", "-", when)[:40] or "-")
        past.mkdir(parents=True, exist_ok=True)
        for kept in (record, name):
            _link(final / kept, past / kept)


def _take_over(source: Path, target: Path) -> None:
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, copy_function=_link)
    else:
        _link(source, target)


def _link(source: str | Path, target: str | Path) -> None:
    """The same file under another name; where the system has no such links, a copy."""
    Path(target).unlink(missing_ok=True)
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(source, target, follow_symlinks=False)


def _sync(folder: Path) -> None:
    """Have the folder and all that is new in it on the disk: what is linked stood there before."""
    for path in (*folder.rglob("*"), folder):
        state = path.lstat()
        is_new = S_ISREG(state.st_mode) and state.st_nlink == 1
        if is_new or (S_ISDIR(state.st_mode) and os.name == "posix"):
            _sync_one(path)


def _sync_one(path: Path) -> None:
    file = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _swap(folder: Path, final: Path) -> None:
    if not final.exists():
        folder.rename(final)
    elif not final.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(final))
    elif _exchange(folder, final):
        _clear(folder)
    else:
        old = folder.with_name(f"{folder.name}-old")
        final.rename(old)
        try:
            folder.rename(final)
        except OSError:
            old.rename(final)
            raise
        _clear(old)
    if os.name == "posix":
        _sync_one(final.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step, where the system can: then there is no moment without a report."""
    import ctypes

    here, both = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        swap = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):  # not Linux
        return False
    return bool(swap(here, os.fsencode(one), here, os.fsencode(other), both) == 0)
