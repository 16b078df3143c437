"""One error type for all that a user can get wrong: what was found, where, and the next step, in one line."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from kpi_helpers.language import _


class KitError(Exception):
    """A problem the user can mend.

    >>> str(KitError("no heading for spend.", "Export it again with Cost.", where="ads.csv"))
    'ads.csv: no heading for spend. Export it again with Cost.'
    """

    def __init__(self, found: str, next_step: str = "", *, where: str = "") -> None:
        self.found, self.next_step, self.where = found, next_step, where
        text = " ".join(part for part in (found, next_step) if part)
        super().__init__(f"{where}: {text}" if where else text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence with the known words nearest to `word`, or all of them where none is near and they are few.

    >>> did_you_mean("cpll", ["cpl", "cac"])
    'Did you mean cpl?'
    """
    choices = sorted(known)
    near = get_close_matches(word, choices, n=3, cutoff=0.6)
    if near:
        return _("Did you mean {words}?").format(words=", ".join(near))
    if 0 < len(choices) <= 12:
        return _("There are: {words}.").format(words=", ".join(choices))
    return ""
