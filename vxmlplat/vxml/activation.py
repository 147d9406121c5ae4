"""Which grammars are active, in which order, and what a match of each means (VoiceXML 2.0 §3.1.3, §3.1.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vxmlplat.documents import Resource
from vxmlplat.grammar.errors import (
    GrammarError,
    SemanticsError,
    UnsupportedBuiltinError,
    UnsupportedFormatError,
    UnsupportedLanguageError,
)
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.vxml import model, values
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event, badfetch
from vxmlplat.vxml.fetching import fetch_resource, request_for
from vxmlplat.vxml.library import LoadedGrammar
from vxmlplat.vxml.platform import ActiveGrammar, Mode

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context

Reference = model.GrammarRef | model.Phrase


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a match of an active grammar leads to.

    ``item``: the item's own grammar; ``form``: a form's, of ``dialog``; ``choice`` and ``link``: follow
    it; ``universal``: throw ``event``. ``of_root``: the grammar stands in the application root, where its
    relative references start.
    """

    kind: Literal["item", "form", "choice", "link", "universal"]
    of_root: bool = False
    dialog: model.Dialog | None = None
    choice: model.Choice | None = None
    link: model.Link | None = None
    event: str = ""


Candidate = tuple[Reference, Meaning]


def candidates(context: Context, item: model.FormItem, modal: bool) -> Iterator[Candidate]:
    """All grammars that may be active, by falling precedence: item, dialog, document, application root."""
    dialog = context.dialog
    assert dialog is not None
    own: list[Candidate] = [(ref, Meaning("item")) for ref in getattr(item, "grammars", ())]
    own += _of_links(getattr(item, "links", ()))
    if isinstance(item, model.MenuItem):
        own += _of_choices(dialog)
    yield from _in_order(own)
    if modal:
        return
    yield from _in_order(_of_form(dialog, document_scope=False) + _of_links(dialog.links))
    for loaded in context.documents():
        of_root = loaded is context.root
        wide: list[Candidate] = _of_links(loaded.document.links, of_root)
        for other in loaded.document.dialogs:
            if other is dialog:
                continue
            wide += _of_form(other, of_root, document_scope=True)
            if other.kind == "menu" and other.scope == "document":
                wide += _of_choices(other, of_root)
        yield from _in_order(wide)


def _in_order(found: list[Candidate]) -> list[Candidate]:
    return found if len(found) < 2 else sorted(found, key=lambda candidate: candidate[0].line)


def _of_links(links: Iterable[model.Link], of_root: bool = False) -> list[Candidate]:
    return [(ref, Meaning("link", of_root, link=link)) for link in links for ref in link.grammars]


def _of_choices(dialog: model.Dialog, of_root: bool = False) -> list[Candidate]:
    return [
        (ref, Meaning("choice", of_root, dialog, choice=choice))
        for choice in dialog.choices
        for ref in choice.grammars
    ]


def _of_form(dialog: model.Dialog, of_root: bool = False, *, document_scope: bool) -> list[Candidate]:
    """A form's grammars: all of them in the form itself, elsewhere those with document scope (§3.1.3)."""
    found: list[Candidate] = []
    for ref in dialog.grammars:
        scope = (ref.scope if isinstance(ref, model.GrammarRef) else None) or dialog.scope
        if not document_scope or scope == "document":
            found.append((ref, Meaning("form", of_root, dialog)))
    return found


Activation = tuple[tuple[ActiveGrammar, ...], tuple[Meaning, ...]]


async def active_grammars(
    context: Context, item: model.FormItem, modal: bool, modes: frozenset[Mode], universals: tuple[str, ...]
) -> Activation:
    """The grammars to listen with, and what each handle means.

    Raises :class:`Thrown` for a grammar that cannot be had. Where nothing was fetched or computed the
    answer is the same in every session and is remembered.
    """
    library = context.session.library
    nodes = (item, context.dialog, *(loaded.document for loaded in context.documents()))
    key = ("active", *map(id, nodes), modal, modes, universals)
    known: Activation | None = library.recall(key)
    if known is not None:
        return known
    gathering = _Gathering(modes)
    fixed = True
    for ref, meaning in candidates(context, item, modal):
        if isinstance(ref, model.Phrase):
            gathering.add(library.phrase(ref, ref.lang or context.lang), meaning)
        else:
            loaded, rules = await _grammar(context, ref, meaning)
            fixed = fixed and not loaded.parts and ref.srcexpr is None
            gathering.add(loaded.grammar, meaning, rules, ref.weight)
    if not modal:
        words = UNIVERSAL_WORDS.get(context.lang.split("-")[0].lower(), UNIVERSAL_WORDS["en"])
        for name in universals:
            for text in words[name]:
                grammar = library.phrase(model.Phrase(line=0, text=text), context.lang)
                gathering.add(grammar, Meaning("universal", event=name))
    activation = tuple(gathering.grammars), tuple(gathering.meanings)
    if fixed:
        library.remember(key, nodes, activation)
    return activation


class _Gathering:
    """Numbers the grammars of the modes that are allowed."""

    def __init__(self, modes: frozenset[Mode]) -> None:
        self._modes = modes
        self.grammars: list[ActiveGrammar] = []
        self.meanings: list[Meaning] = []

    def add(
        self, grammar: Grammar | None, meaning: Meaning, rules: tuple[str, ...] = (), weight: float = 1.0
    ) -> None:
        if grammar is None:
            return
        mode: Mode = "dtmf" if grammar.mode.value == "dtmf" else "voice"
        if mode in self._modes:
            self.grammars.append(ActiveGrammar(grammar, mode, len(self.meanings), rules, weight))
            self.meanings.append(meaning)


UNIVERSAL_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {"help": ("help",), "cancel": ("cancel",), "exit": ("exit",)},
    "zh": {"help": ("帮助", "help"), "cancel": ("取消", "cancel"), "exit": ("退出", "exit")},
}


async def _grammar(
    context: Context, ref: model.GrammarRef, meaning: Meaning
) -> tuple[LoadedGrammar, tuple[str, ...]]:
    document = context.root if meaning.of_root else context.leaf
    assert document is not None
    base = document.document.base
    library = context.session.library

    async def fetch(uri: str) -> Resource:
        return await fetch_resource(context, request_for(context, uri, ref.fetch, "grammar"))

    try:
        if ref.source is not None:
            return await library.inline(ref, values.resolve(base, ref.base) if ref.base else base, fetch), ()
        source = ref.src if ref.src is not None else context.chain.string(ref.srcexpr or "''")
        uri, rule = values.split_fragment(source.strip())
        if not uri.startswith("builtin:"):
            uri = values.resolve(base, uri)
        loaded = await library.grammar(uri, ref.type, ref.lang or context.lang, fetch)
    except GrammarError as error:
        raise Thrown(grammar_event(error)) from error
    if rule is None and loaded.grammar.root is None:
        raise Thrown(badfetch(f"{uri} names no root rule, and no fragment says which of its rules is meant"))
    if rule is not None and not uri.startswith("builtin:"):
        named = loaded.grammar.document.rules.get(rule)
        if named is None or not named.public:
            why = "has no rule" if named is None else "keeps to itself (it is not public) the rule"
            raise Thrown(badfetch(f"{uri} {why} {rule!r}"))
    return loaded, (rule,) if rule else ()


GRAMMAR_EVENTS: tuple[tuple[type[GrammarError], str], ...] = (
    (UnsupportedFormatError, "error.unsupported.format"),
    (UnsupportedBuiltinError, "error.unsupported.builtin"),
    (UnsupportedLanguageError, "error.unsupported.language"),
    (SemanticsError, "error.semantic"),
)


def grammar_event(error: GrammarError) -> Event:
    """The event for a grammar that cannot be used (§5.2.6)."""
    for kind, name in GRAMMAR_EVENTS:
        if isinstance(error, kind):
            return Event(name, str(error))
    return Event("error.badfetch", str(error))
