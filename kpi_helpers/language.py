"""The reader's language: gettext catalogues for everything a user reads. The messages in the code are English."""

from __future__ import annotations

import gettext as _gettext
import os
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("en", "ru")
LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"

_current: ContextVar[str] = ContextVar("language", default="en")


def N_(message: str) -> str:
    """Mark a message for translation where it is defined; `_` translates it where it is shown."""
    return message


@lru_cache
def _catalogue(lang: str) -> _gettext.NullTranslations:
    return _gettext.translation("kpi", LOCALE_DIR, [lang], fallback=lang == "en")


def _(message: str) -> str:
    """The message in the reader's language."""
    return _catalogue(_current.get()).gettext(message) if message else ""


def ngettext(one: str, many: str, n: int) -> str:
    """The message in the plural form that `n` takes in the reader's language."""
    return _catalogue(_current.get()).ngettext(one, many, n)


def pgettext(context: str, message: str) -> str:
    """The message in the reader's language, where one English word needs different translations."""
    return _catalogue(_current.get()).pgettext(context, message)


def use_language(lang: str) -> str:
    """Switch to a language of `LANGUAGES` and return it; raises ValueError for any other."""
    if lang not in LANGUAGES:
        raise ValueError(f"no translation for language {lang!r}; there are {', '.join(LANGUAGES)}")
    _current.set(lang)
    return lang


def language() -> str:
    """The language in use: "en" or "ru"."""
    return _current.get()


def system_language() -> str:
    """The language of the user's locale settings, or English where the kit does not speak it."""
    setting = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "ru" if setting.lower().startswith("ru") else "en"
