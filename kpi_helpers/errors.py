"""One error type for all that a user can get wrong: what was found, where, and the next step, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from kpi_helpers.language import _, ngettext

MOST = 25  # problems that are named: who has more begins with these


class KitError(Exception):
    """A problem the user can mend.

    >>> str(KitError("no heading for spend.", "Export it again with Cost.", where="ads.csv"))
    'ads.csv: no heading for spend. Export it again with Cost.'
    """

    def __init__(self, found: str, next_step: str = "", *, where: str = "") -> None:
        self.found, self.next_step, self.where = found, next_step, where
        text = " ".join(part for part in (found, next_step) if part)
        super().__init__(f"{where}: {text}" if where else text)


class KitErrors(KitError):
    """Several problems at once, one a line; `errors` are all of them.

    >>> print(KitErrors.of([KitError("no date.", where="a.csv"), KitError("no spend.", where="b.csv")]))
    a.csv: no date.
    b.csv: no spend.
    """

    def __init__(self, errors: Sequence[KitError]) -> None:
        self.errors = tuple(errors)
        shown = [str(error) for error in self.errors[:MOST]]
        if more := len(self.errors) - len(shown):
            shown.append(ngettext("and {n} more.", "and {n} more.", more).format(n=more))
        super().__init__("\n".join(shown))

    @staticmethod
    def of(errors: Sequence[KitError]) -> KitError:
        """One problem as it is, several as one error."""
        return errors[0] if len(errors) == 1 else KitErrors(errors)


def at_line(file: str, line: int) -> str:
    """A line of a file, as the `where` of a problem."""
    return _("{file}, line {line}").format(file=file, line=line)


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
