"""A place to drop files. The upload button of ipywidgets cannot be dropped on and sends each file in one piece."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from kpi_helpers.errors import KitError
from kpi_helpers.language import _, language, use_language
from kpi_helpers.lettering import plain
from kpi_helpers.widgets.start_inbox import Inbox, Kept

HERE = Path(__file__).resolve().parent


class DropZone(anywidget.AnyWidget):
    """Files dropped go into the inbox that `open_inbox` gives when a drop begins.

    `value` counts the drops that are finished, `kept` says what became of the files of the last one, `inbox` where they
    are (None before the first). While `busy` nothing can be dropped.
    """

    _esm = (HERE / "start_drop.js").read_text(encoding="utf-8")
    words = traitlets.Dict().tag(sync=True)
    busy = traitlets.Bool(False).tag(sync=True)
    value = traitlets.Int(0)

    def __init__(self, open_inbox: Callable[[], Inbox]) -> None:
        self._open, self._language = open_inbox, language()
        self._coming: list[Kept] = []
        self._name = ""
        self.inbox: Inbox | None = None
        self.kept: tuple[Kept, ...] = ()
        super().__init__()
        self.on_msg(self._answer)

    def say_where(self, folder: str) -> None:
        """Name the folder that the next files go into."""
        hint = _("CSV, Excel or ZIP, several at once. They stay on this computer, in {folder}.")
        self.words = {
            "call": _("Drop your exports here"),
            "choose": _("Choose files"),
            "hint": hint.format(folder=folder),
            "sending": _("{n} of {all}: {file}"),
        }

    def _answer(self, _widget: Any, message: dict[str, Any], parts: list[memoryview]) -> None:
        """Every message with an id gets one answer: whether more of the file is wanted."""
        use_language(self._language)
        more = False
        try:
            more = self._take(message, parts)
        except KitError as error:
            self._refuse(str(error))
        except OSError as error:
            self._refuse(_("{file} cannot be used: {reason}.").format(file=self._name, reason=error.strerror))
        if "id" in message:
            self.send({"id": message["id"], "more": more})

    def _take(self, message: dict[str, Any], parts: list[memoryview]) -> bool:
        match message:
            case {"kind": "whole", "name": str(name), "size": int(size)}:
                inbox = self._begin(name, size)
                for part in parts:
                    inbox.add(part)
                self._coming.append(inbox.finish(size))
            case {"kind": "file", "name": str(name), "size": int(size)}:
                self._begin(name, size)
                return True
            case {"kind": "part"} if self.inbox:
                for part in parts:
                    self.inbox.add(part)
                return True
            case {"kind": "end", "size": int(size)} if self.inbox:
                self._coming.append(self.inbox.finish(size))
            case {"kind": "done"}:
                self._finish()
            case {"kind": "many", "most": int(most)}:
                self._name = ""
                self._refuse(_("These are more than {n} files. Copy them into the folder yourself.").format(n=most))
                self._finish()
            case {"kind": "fault"}:
                self._refuse(_("The browser could not read {file}. Drop it again.").format(file=self._name))
                self._finish()
        return False

    def _begin(self, name: str, size: int) -> Inbox:
        self._name = plain(name)
        if not self._coming or self.inbox is None:
            self.inbox = self._open()
        self.inbox.begin(name, size)
        return self.inbox

    def _refuse(self, said: str) -> None:
        if self.inbox:
            self.inbox.give_up()
        self._coming.append(Kept(self._name, "refused", said))

    def _finish(self) -> None:
        self.kept, self._coming = tuple(self._coming), []
        self.value += 1
