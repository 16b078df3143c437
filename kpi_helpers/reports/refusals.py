"""What the system refuses while a report is written, in the reader's words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpi_helpers.errors import KitError
from kpi_helpers.language import N_, _

REASONS = {
    errno.ENOSPC: N_("the disk is full"), errno.EDQUOT: N_("the disk is full"), errno.EFBIG: N_("the disk is full"),
    errno.EACCES: N_("it is not allowed"), errno.EPERM: N_("it is not allowed"),
    errno.EROFS: N_("it can only be read"), errno.ENOTDIR: N_("a file of that name is in the way"),
    errno.EEXIST: N_("a file of that name is in the way"),
}  # fmt: skip


@contextmanager
def explained(final: Path) -> Iterator[None]:
    """What the system refuses is said in one line, with the next step."""
    try:
        yield
    except OSError as error:
        reason = _(REASONS[error.errno]) if error.errno in REASONS else error.strerror or str(error)
        found = _("{file} cannot be used: {reason}.").format(file=error.filename or final, reason=reason)
        raise KitError(found, _("Mend that, or choose another folder for the reports.")) from error
