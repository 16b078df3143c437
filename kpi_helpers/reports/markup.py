"""HTML read as a tree, so that the pieces of a finished page can be found again by tag and class."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_WORDLESS = {"style", "script"}


@dataclass
class Node:
    """An element: its tag, attributes and contents, and where it begins and ends in the text that was read."""

    tag: str
    attrs: dict[str, str]
    start: int = 0
    end: int = 0
    parts: list[Node | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attrs.get("class", "").split()

    def all(self, *tags: str, name: str = "") -> Iterator[Node]:
        """The nearest elements below of these tags (or any) and of the class `name`, in their order.

        >>> [li.text() for li in read_markup('<ul><li class="a">1<li>2</li></li></ul>').all("li", name="a")]
        ['12']
        """
        for part in self.parts:
            if isinstance(part, Node):
                if (not tags or part.tag in tags) and (not name or name in part.classes):
                    yield part
                else:
                    yield from part.all(*tags, name=name)

    def first(self, *tags: str, name: str = "") -> Node | None:
        return next(self.all(*tags, name=name), None)

    def text(self, without: Callable[[Node], bool] = lambda node: False) -> str:
        """Its words, but for those of the elements that `without` names."""
        return "".join(
            part if isinstance(part, str) else part.text(without)
            for part in self.parts
            if isinstance(part, str) or not (part.tag in _WORDLESS or without(part))
        )


def read_markup(html: str) -> Node:
    """The tree of a page; what is not closed reaches to the end of what holds it."""
    reader = _Reader(html)
    reader.feed(html)
    reader.close()
    return reader.top


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.top = Node("", {}, 0, len(html))
        self._open = [self.top]
        self._lines = [0]
        for line in html.split("\n"):
            self._lines.append(self._lines[-1] + len(line) + 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs}, self._here())
        self._open[-1].parts.append(node)
        if tag not in _EMPTY:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if any(node.tag == tag for node in self._open):
            node = self._open.pop()
            while node.tag != tag:
                node = self._open.pop()
            node.end = self._here() + len(tag) + 3  # as the kit writes it: no spaces in closing tags

    def handle_data(self, data: str) -> None:
        self._open[-1].parts.append(data)

    def _here(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column
