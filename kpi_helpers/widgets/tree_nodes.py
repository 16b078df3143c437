"""The tree as widgets: the cards of the still picture, each under a button that the keyboard reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ipywidgets as widgets

from kpi_helpers.language import _
from kpi_helpers.tables import Card, card_html
from kpi_helpers.tables.tree import width_of

Choose = Callable[[str], None]


class NodeTree:
    """`root` shows cards; `choose` is told the key of the one that is clicked."""

    def __init__(self, choose: Choose) -> None:
        self.root = widgets.VBox().add_class("kpi")
        self._choose = choose
        self._shape: list[tuple[Any, ...]] = []
        self._shown: list[tuple[str, Any, Any]] = []  # key, card, button; a leaf may stand in several places

    def show(self, top: Card, beside: Sequence[Card]) -> None:
        """Show these cards: replace what differs, or build the tree anew where its nodes are others."""
        cards = [card for each in (top, *beside) for card in each.walk()]
        shape = [(card.key, card.sign, len(card.children)) for card in cards]
        if shape != self._shape:
            self._shape = shape
            self._build(top, beside)
        for card, (_key, shown, button) in zip(cards, self._shown, strict=True):
            shown.value = card_html(card)
            button.description = ", ".join(filter(None, (card.name, card.planned or card.value)))

    def _build(self, top: Card, beside: Sequence[Card]) -> None:
        old, self._shown = self.root.children, []
        trees = [self._tree(top)]
        if beside:
            words = widgets.HTML(f'<div class="kpi"><p class="tree-beside">{_("Beside the top")}</p></div>')
            trees += [words, *(self._tree(card) for card in beside)]
        self.root.children = trees
        _close(old)

    def _tree(self, card: Card) -> Any:
        top = _box([self._item(card)], "tree-top", width_of(card))
        return _box([top], "tree").add_class("tree-scroll")

    def _item(self, card: Card) -> Any:
        parts = [_box_of_words(card.sign, "sign")] if card.sign else []
        parts.append(self._node(card))
        if card.children:
            parts.append(_box([self._item(child) for child in card.children], "tree-children"))
        return _box(parts, "tree-item")

    def _node(self, card: Card) -> Any:
        shown, button = widgets.HTML(), widgets.Button(tooltip=_("Show what is known of it"))
        button.on_click(lambda _button: self._choose(card.key))
        self._shown.append((card.key, shown, button))
        return _box([shown, button], "node")

    def button(self, key: str) -> Any:
        """The first button of a node."""
        return next(button for shown, _card, button in self._shown if shown == key)


def _box(children: Iterable[Any], *names: str) -> Any:
    box = widgets.Box(list(children))
    for name in names:
        box.add_class(name)
    return box


def _box_of_words(text: str, name: str) -> Any:
    return widgets.HTML(text).add_class(name)


def _close(old: Iterable[Any]) -> None:
    """Widgets that are shown no more: the page need not keep them."""
    for widget in old:
        _close(getattr(widget, "children", ()))
        widget.close()
