"""Who a learner is: one, however the name is typed."""

from __future__ import annotations

import unicodedata

from kpi_helpers.lettering import plain


def folded(learner: str) -> str:
    """A learner's name as it is compared: without capital letters, blanks around it and what is not shown.

    >>> folded(" Anna "), folded("ANNA")
    ('anna', 'anna')
    """
    return unicodedata.normalize("NFC", plain(learner).casefold())
