"""The reader's language: gettext catalogues for everything a user reads. The messages in the code are English."""

from __future__ import annotations

import gettext as _gettext
import locale
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "ru")
LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"

_current = "en"  # one language a process: a report or a notebook speaks one


def N_(message: str) -> str:
    """Mark a message for translation where it is defined; `_` translates it where it is shown."""
    return message


@lru_cache
def _catalogue(lang: str) -> _gettext.NullTranslations:
    return _gettext.translation("kpi", LOCALE_DIR, [lang], fallback=lang == "en")


def _(message: str) -> str:
    """The message in the reader's language."""
    return _catalogue(_current).gettext(message) if message else ""


def in_all_languages(message: str) -> set[str]:
    """The message in every language of the kit."""
    return {_catalogue(lang).gettext(message) for lang in LANGUAGES}


def ngettext(one: str, many: str, n: int) -> str:
    """The message in the plural form that `n` takes in the reader's language."""
    return _catalogue(_current).ngettext(one, many, n)


def use_language(lang: str) -> str:
    """Switch to a language of `LANGUAGES` and return it; raises ValueError for any other."""
    if lang not in LANGUAGES:
        raise ValueError(f"no translation for language {lang!r}; there are {', '.join(LANGUAGES)}")
    global _current
    _current = lang
    return lang


def language() -> str:
    """The language in use: "en" or "ru"."""
    return _current


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """In this language meanwhile."""
    before = language()
    use_language(lang)
    try:
        yield
    finally:
        use_language(before)


def system_language() -> str:
    """The language of the user's locale settings, or English where the kit does not speak it."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    setting = next((os.environ[name] for name in names if os.environ.get(name)), locale.getlocale()[0] or "")
    return "ru" if setting.lower().startswith("ru") else "en"  # ru_RU.UTF-8; on Windows Russian_Russia
