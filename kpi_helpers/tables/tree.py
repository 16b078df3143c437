"""A tree of KPIs as HTML: the top on the left, what it is made of to the right of it; an outline where it is narrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kpi_helpers.language import _
from kpi_helpers.tables.fragments import TEMPLATES, fragment
from kpi_helpers.tables.scorecard import VERDICTS

DEEP = 4  # levels that fit the page with wide cards


@dataclass(frozen=True)
class Card:
    """A node in words: all is text from anywhere, and is escaped; `norm` alone is HTML of the kit.

    `sign` joins it to the card before it ("×"). `planned` is what the node would be, `change` how it differs from what
    `verdict` (of the scorecard) judges. `again`: its parts are shown elsewhere in the tree.
    """

    key: str
    name: str
    value: str
    owner: str = ""
    owner_name: str = ""
    change: str = ""
    verdict: str = "unknown"
    effect: str = ""
    planned: str = ""
    norm: Markup = Markup("")
    reason: str = ""
    sign: str = ""
    again: bool = False
    chosen: bool = False
    children: tuple[Card, ...] = ()

    @property
    def verdict_word(self) -> str:
        """The arrow and the word of the verdict; "" where nothing is known."""
        arrow, word = VERDICTS.get(self.verdict, ("", ""))
        return " ".join(filter(None, (arrow, _(word))))

    @property
    def levels(self) -> int:
        """How many cards stand side by side."""
        return 1 + max((child.levels for child in self.children), default=0)

    def walk(self) -> Iterator[Card]:
        """The card and all below it."""
        yield self
        for child in self.children:
            yield from child.walk()


def tree_html(
    top: Card, beside: Sequence[Card] = (), *, finding: str = "", subtitle: str = "", notes: Sequence[str] = ()
) -> str:
    """The tree with its finding above and notes below; `beside` are branches that share its leaves, such as costs."""
    words = {"effect": _("effect"), "beside": _("Beside the top"), "again": _("its parts: see above")}
    return fragment("tree.html", top=top, beside=list(beside), width=width_of(top), width_of=width_of, words=words,
                    finding=finding, subtitle=subtitle, notes=list(notes))  # fmt: skip


def card_html(card: Card) -> str:
    """One card, as it stands in `tree_html`: to be replaced alone when a slider moves."""
    words = {"effect": _("effect"), "again": _("its parts: see above")}
    return fragment("tree_card.html", card=card, words=words)


def width_of(top: Card) -> str:
    """The class of a tree that says how wide its cards can be."""
    return "deep" if top.levels > DEEP else "wide"


def tree_style() -> str:
    """The style sheet of trees, beside that of every fragment."""
    return f"<style>{(TEMPLATES / 'tree.css').read_text(encoding='utf-8')}</style>"
