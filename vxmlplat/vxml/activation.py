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
from vxmlplat.vxml.events import Event
from vxmlplat.vxml.fetching import fetch_resource, request_for
from vxmlplat.vxml.loading import LoadedDocument
from vxmlplat.vxml.platform import ActiveGrammar, Mode

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context

Reference = model.GrammarRef | model.Phrase


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a match of an active grammar leads to.

    ``item``: the item's own grammar; ``form``: a form's, of ``dialog`` in ``document``; ``choice`` and
    ``link``: follow it; ``universal``: throw ``event``. ``document`` is where relative references start from.
    """

    kind: Literal["item", "form", "choice", "link", "universal"]
    document: LoadedDocument | None = None
    dialog: model.Dialog | None = None
    choice: model.Choice | None = None
    link: model.Link | None = None
    event: str = ""


Candidate = tuple[Reference, Meaning]


def candidates(context: Context, item: model.FormItem, modal: bool) -> Iterator[Candidate]:
    """All grammars that may be active, by falling precedence: item, dialog, document, application root,
    platform."""
    leaf, dialog = context.leaf, context.dialog
    assert leaf is not None
    assert dialog is not None
    own: list[Candidate] = [(ref, Meaning("item")) for ref in getattr(item, "grammars", ())]
    own += _of_links(getattr(item, "links", ()), leaf)
    if isinstance(item, model.MenuItem):
        own += _of_choices(dialog, leaf)
    yield from _in_order(own)
    if modal:
        return
    yield from _in_order(_of_form(dialog, leaf, document_scope=False) + _of_links(dialog.links, leaf))
    for loaded in context.documents():
        wide: list[Candidate] = _of_links(loaded.document.links, loaded)
        for other in loaded.document.dialogs:
            if other is dialog:
                continue
            wide += _of_form(other, loaded, document_scope=True)
            if other.kind == "menu" and other.scope == "document":
                wide += _of_choices(other, loaded)
        yield from _in_order(wide)


def _in_order(found: list[Candidate]) -> list[Candidate]:
    return found if len(found) < 2 else sorted(found, key=lambda candidate: candidate[0].line)


def _of_links(links: Iterable[model.Link], document: LoadedDocument) -> list[Candidate]:
    return [(ref, Meaning("link", document, link=link)) for link in links for ref in link.grammars]


def _of_choices(dialog: model.Dialog, document: LoadedDocument) -> list[Candidate]:
    return [
        (ref, Meaning("choice", document, dialog, choice=choice))
        for choice in dialog.choices
        for ref in choice.grammars
    ]


def _of_form(dialog: model.Dialog, document: LoadedDocument, *, document_scope: bool) -> list[Candidate]:
    """A form's grammars: all of them in the form itself, elsewhere those with document scope (§3.1.3)."""
    found: list[Candidate] = []
    for ref in dialog.grammars:
        scope = (ref.scope if isinstance(ref, model.GrammarRef) else None) or dialog.scope
        if not document_scope or scope == "document":
            found.append((ref, Meaning("form", document, dialog)))
    return found


async def active_grammars(
    context: Context, item: model.FormItem, modal: bool, modes: frozenset[Mode], universals: tuple[str, ...]
) -> tuple[tuple[ActiveGrammar, ...], tuple[Meaning, ...]]:
    """The grammars to listen with, and what each handle means. Raises :class:`Thrown` for one that cannot
    be had."""
    active: list[ActiveGrammar] = []
    meanings: list[Meaning] = []

    def add(grammar: Grammar | None, rules: tuple[str, ...], weight: float, meaning: Meaning) -> None:
        if grammar is not None and grammar.mode.value in modes:
            mode: Mode = "dtmf" if grammar.mode.value == "dtmf" else "voice"
            active.append(ActiveGrammar(grammar, mode, len(meanings), rules, weight))
            meanings.append(meaning)

    for ref, meaning in candidates(context, item, modal):
        if isinstance(ref, model.Phrase):
            lang = ref.lang or context.lang
            add(context.session.library.phrase(ref, lang), (), 1.0, meaning)
        else:
            grammar, rules = await _grammar(context, ref, meaning.document or context.leaf)
            add(grammar, rules, ref.weight, meaning)
    if not modal:
        for name in universals:
            for words in UNIVERSAL_WORDS.get(context.lang.split("-")[0].lower(), UNIVERSAL_WORDS["en"])[name]:
                phrase = model.Phrase(line=0, text=words)
                add(
                    context.session.library.phrase(phrase, context.lang),
                    (),
                    1.0,
                    Meaning("universal", event=name),
                )
    return tuple(active), tuple(meanings)


UNIVERSAL_WORDS: dict[str, dict[str, tuple[str, ...]]] = {
    "en": {"help": ("help",), "cancel": ("cancel",), "exit": ("exit",)},
    "zh": {"help": ("帮助", "help"), "cancel": ("取消", "cancel"), "exit": ("退出", "exit")},
}


async def _grammar(
    context: Context, ref: model.GrammarRef, document: LoadedDocument | None
) -> tuple[Grammar, tuple[str, ...]]:
    assert document is not None
    library = context.session.library

    async def fetch(uri: str) -> Resource:
        return await fetch_resource(context, request_for(context, uri, ref.fetch, "grammar"))

    try:
        if ref.source is not None:
            base = document.document.base
            return await library.inline(ref, values.resolve(base, ref.base) if ref.base else base, fetch), ()
        source = ref.src if ref.src is not None else context.chain.string(ref.srcexpr or "''")
        uri, rule = values.split_fragment(source.strip())
        if not uri.startswith("builtin:"):
            uri = values.resolve(document.document.base, uri)
        grammar = await library.grammar(uri, ref.type, ref.lang or context.lang, fetch)
    except GrammarError as error:
        raise Thrown(grammar_event(error)) from error
    return grammar, (rule,) if rule else ()


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
