"""Customers without their addresses: the same person gets the same short hash, and nobody can be read back from it."""

from __future__ import annotations

import os
import re
import secrets
import warnings
from functools import cache
from hashlib import blake2b
from pathlib import Path

from kpi_helpers.language import _
from kpi_helpers.lettering import hide_people

KEY_BYTES = 32
_PHONE = re.compile(r"[\s'+()\d-]{10,}")


def hide(person: str) -> str:
    """16 hex digits for an e-mail address, a telephone number or an id; case and punctuation do not matter."""
    text = person.strip().casefold()
    if _PHONE.fullmatch(text):
        text = re.sub(r"\D", "", text)
        text = f"7{text[1:]}" if len(text) == 11 and text[0] == "8" else text  # 8 is how +7 is dialled within Russia
    return blake2b(text.encode("utf-8", "surrogatepass"), key=_key(), digest_size=8).hexdigest()


def hide_within(text: str) -> str:
    """Text with "…" and 8 hex digits for each address and number in it: texts that differ in them stay different."""
    return hide_people(text, lambda person: hide(person)[:8])


def sign(data: bytes) -> bytes:
    """32 bytes that only this computer's user can make for these bytes."""
    return blake2b(data, key=_key(), digest_size=32, person=b"signature").digest()


@cache
def _key() -> bytes:
    """The secret of this computer's user, made on first use; where none can be kept, one for this run."""
    from platformdirs import user_config_dir

    path = Path(user_config_dir("kpi-kit")) / "key"
    try:
        return _kept(path) or _made(path)
    except OSError:
        said = _("No key can be kept on this computer: the hashes of customers differ from run to run.")
        warnings.warn_explicit(said, UserWarning, "kpi", 0)  # without the kit's own folder in it
        return secrets.token_bytes(KEY_BYTES)


def _kept(path: Path) -> bytes:
    """The key that lies there; b"" where there is none, or a damaged one."""
    key = path.read_bytes() if path.exists() else b""
    return key if len(key) == KEY_BYTES else b""


def _made(path: Path) -> bytes:
    """A new key, or the one that another run has made meanwhile. OSError where none can be kept."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".key.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)  # never over the key of another run
        except OSError:
            if not _kept(path):
                os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    if key := _kept(path):
        return key
    raise OSError("the key was not kept")
