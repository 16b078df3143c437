"""Zip archives: their files, and refusal of what would burst when it is unpacked."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from kpi_helpers.errors import KitError
from kpi_helpers.language import N_, _

MOST_BYTES = 2 * 2**30  # unpacked
MOST_MEMBERS = 10_000
MOST_RATIO, RATIO_FROM = 200, 50 * 2**20  # of unpacked to packed bytes, where there are more unpacked bytes than that
ZIP = b"PK\x03\x04"
SPLIT = N_("Export a shorter period, or unpack it and put the files into the folder.")
UNPACK = N_("Unpack it and put the files that are in it into the folder.")
FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, KeyError)


class DamagedArchive(KitError):
    """An archive that cannot be unpacked."""

    def __init__(self) -> None:
        super().__init__(_("the archive is damaged."), _("Export it again."))


def open_archive(data: bytes) -> list[tuple[str, bytes]]:
    """The files in a zip archive, name and bytes, without folders, hidden files and what the Mac adds.

    An archive within it stays packed. Raises KitError where it is damaged, has a password, holds no file, or is too
    large.
    """
    opened = open_zip(data)
    members = [info for info in opened.infolist() if not info.is_dir() and not _is_hidden(member_name(info))]
    if any(info.flag_bits & 1 for info in members):
        raise KitError(_("the archive has a password."), _(UNPACK))
    try:
        files = [(member_name(info), opened.read(info)) for info in members]
    except FAULTS:
        raise DamagedArchive() from None
    if not files:
        raise KitError(_("there are no files in the archive."), _("Export it again."))
    return files


def open_zip(data: bytes) -> zipfile.ZipFile:
    """A zip file that can be unpacked safely. Raises KitError."""
    try:
        opened = zipfile.ZipFile(io.BytesIO(data))
    except FAULTS:
        raise DamagedArchive() from None
    sizes = [info.file_size for info in opened.infolist()]
    if len(sizes) > MOST_MEMBERS:
        raise KitError(_("there are {n} files in it: too many.").format(n=len(sizes)), _(SPLIT))
    unpacked = sum(sizes)
    if unpacked > MOST_BYTES or (unpacked > RATIO_FROM and unpacked > MOST_RATIO * len(data)):
        raise KitError(_("unpacked it would be {n} MB: too large.").format(n=unpacked // 2**20), _(SPLIT))
    return opened


def is_archive(data: bytes) -> bool:
    """Whether a zip file is an archive of files: neither a workbook nor another document."""
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except FAULTS:
        return False
    return not any(name.startswith(("xl/", "word/", "ppt/")) or name == "content.xml" for name in names)


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name as its writer meant it: Python reads unmarked names as cp437, Russian Windows writes cp866."""
    name = info.filename
    if not info.flag_bits & 0x800:
        raw = name.encode("cp437", errors="replace")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            russian = raw.decode("cp866")
            name = russian if re.search("[А-Яа-яЁё]{2}", russian) else name
    return re.sub(r"[\x00-\x1f\x7f]", " ", name.replace("\\", "/"))


def _is_hidden(name: str) -> bool:
    parts = name.split("/")
    return "__MACOSX" in parts or any(part.startswith((".", "~$")) for part in parts if part not in (".", ".."))
