"""Keeps the Russian of the kit in step with its English.

`python tools/translations.py update` collects the messages, merges them into locale/ru/LC_MESSAGES/kpi.po (the package)
and notebooks.po (the prose of the notebooks), compiles kpi.mo and builds notebooks/ru/. Translate what is left empty in
the .po files and run it again. With `--check` it writes nothing and lists what is untranslated, wrong or out of date.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
if not __package__:  # run as a file, not installed
    sys.path.insert(0, str(ROOT))

from tools.msgids import Message, english_notebooks, messages_of_code, messages_of_notebooks  # noqa: E402
from tools.prose import build_russian  # noqa: E402
from tools.wording import faults_of  # noqa: E402

CATALOGUES = Path("locale/ru/LC_MESSAGES")
RUSSIAN_NOTEBOOKS = Path("notebooks/ru")
SOURCES: dict[str, Callable[[Path], Iterable[Message]]] = {
    "kpi": messages_of_code,
    "notebooks": messages_of_notebooks,
}


class RussianCatalogue(Catalog):
    """A catalogue whose heading says the same on every machine and every day."""

    def __init__(self) -> None:
        super().__init__(locale="ru", fuzzy=False, header_comment="# The Russian of the KPI kit.")

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        return [
            ("Language", "ru"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", self.plural_forms),
        ]


def read_catalogue(file: Path) -> Catalog:
    """The catalogue in a .po file; empty where there is none yet."""
    if not file.exists():
        return Catalog(locale="ru")
    with open(file, "rb") as opened:
        return read_po(opened, locale="ru", abort_invalid=True)


def merge(messages: Iterable[Message], known: Catalog) -> RussianCatalogue:
    """The messages in their order with the translations known by exactly their text: a changed message has none."""
    merged = RussianCatalogue()
    for message in messages:
        old = known.get(message.id, message.context)  # type: ignore[arg-type]
        plural = isinstance(message.id, tuple)
        fits = old is not None and (not plural or old.id == message.id) and isinstance(old.string, str) is not plural
        string = old.string if fits and old is not None and not old.fuzzy else ("", "", "") if plural else ""
        merged.add(message.id, string, [(message.file, 0)], context=message.context)
    return merged


def written(root: Path = ROOT) -> dict[Path, bytes]:
    """Everything that `update` writes: paths below `root` and bytes. ValueError names a notebook that resists."""
    catalogues = {
        domain: merge(collect(root), read_catalogue(root / CATALOGUES / f"{domain}.po"))
        for domain, collect in SOURCES.items()
    }
    files = {CATALOGUES / f"{domain}.po": _po_bytes(catalogue) for domain, catalogue in catalogues.items()}
    files[CATALOGUES / "kpi.mo"] = _mo_bytes(catalogues["kpi"])
    prose = catalogues["notebooks"]
    for path, notebook in english_notebooks(root).items():
        try:
            text = build_russian(notebook, path.parent, lambda message: _translation(prose, message))
        except ValueError as error:
            raise ValueError(f"notebooks/{path}: {error}") from None
        files[RUSSIAN_NOTEBOOKS / path] = text.encode()
    return files


def update(root: Path = ROOT) -> None:
    """Bring the catalogues and the Russian notebooks up to date."""
    files = written(root)
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    for path in _notebooks_without_source(root, files):
        (root / path).unlink()


def out_of_date(root: Path = ROOT) -> list[str]:
    """The files that `update` would write otherwise, or delete."""
    files = written(root)
    changed = [path for path, content in files.items() if not _holds(root / path, content)]
    return [path.as_posix() for path in [*changed, *_notebooks_without_source(root, files)]]


def faults(root: Path = ROOT) -> list[str]:
    """What is untranslated or wrong in the catalogues, one line each."""
    found = []
    for domain in SOURCES:
        file = CATALOGUES / f"{domain}.po"
        for message in list(read_catalogue(root / file))[1:]:
            one, many = (message.id, "") if isinstance(message.id, str) else message.id
            strings = message.string if isinstance(message.string, tuple) else (str(message.string or ""),)
            found += [f"{file.as_posix()}: {_shortened(one)}: {fault}" for fault in faults_of(one, many, strings)]
    return found


def _po_bytes(catalogue: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalogue, width=110, include_lineno=False)
    return re.sub(rb"\n+\Z", b"\n", file.getvalue())


def _mo_bytes(catalogue: Catalog) -> bytes:
    """The compiled catalogue; what is not translated is left out, so that the reader sees English and no gap."""
    file, whole = BytesIO(), RussianCatalogue()
    for message in list(catalogue)[1:]:
        if message.string and all(message.string):
            whole.add(message.id, message.string, context=message.context)
    write_mo(file, whole)
    return file.getvalue()


def _translation(catalogue: Catalog, text: str) -> str:
    message = catalogue.get(text)
    return str(message.string) if message is not None and message.string else text


def _notebooks_without_source(root: Path, files: dict[Path, Any]) -> list[Path]:
    built = [file.relative_to(root) for file in sorted((root / RUSSIAN_NOTEBOOKS).rglob("*.ipynb"))]
    return [path for path in built if path not in files and ".ipynb_checkpoints" not in path.parts]



def _holds(file: Path, content: bytes) -> bool:
    return file.exists() and file.read_bytes() == content


def _shortened(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["update"], ["--check"]):
        print("Usage: python tools/translations.py update | --check", file=sys.stderr)
        return 2
    checking = arguments == ["--check"]
    try:
        if not checking:
            update()
        stale = out_of_date()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    problems = [f"{name} is out of date; run: python tools/translations.py update" for name in stale] + faults()
    print(*problems or ["Everything is translated."], sep="\n")
    return 1 if problems and checking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
