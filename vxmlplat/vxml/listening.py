"""Listening: fields, initials, menus; what becomes of what was heard (VoiceXML 2.0 §2.1.6, §3.1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vxmlplat.vxml import model
from vxmlplat.vxml.activation import Meaning, active_grammars
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import HANGUP, MAXSPEECH, NOINPUT, NOMATCH, Event, semantic
from vxmlplat.vxml.exec_control import thrown_event
from vxmlplat.vxml.exec_transitions import follow
from vxmlplat.vxml.form import FormRun, visits
from vxmlplat.vxml.loading import load_document
from vxmlplat.vxml.media_types import check_media_type
from vxmlplat.vxml.outcomes import Enter, Outcome, Throw
from vxmlplat.vxml.platform import (
    ActiveGrammar,
    CollectRequest,
    Hangup,
    Heard,
    Match,
    MaxSpeechTimeout,
    NoInput,
    NoMatch,
)
from vxmlplat.vxml.properties import ListenSettings
from vxmlplat.vxml.results import (
    extras,
    fill_item,
    forget_lastresult,
    item_result,
    reading,
    set_lastresult,
    slot_of,
)
from vxmlplat.vxml.values import resolve

if TYPE_CHECKING:
    from vxmlplat.vxml.context import Context


@dataclass(frozen=True, slots=True)
class HeardHere:
    """An input with what it means and the shadow variables it brings: on its way into a form."""

    heard: Heard
    meaning: Meaning
    shadow: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listening:
    """What a wait listens with."""

    settings: ListenSettings
    grammars: tuple[ActiveGrammar, ...]
    meanings: tuple[Meaning, ...]


async def prepare(context: Context, item: model.FormItem, modal: bool) -> Listening:
    """Settings and grammars for an item."""
    settings = context.properties.listen
    grammars, meanings = await active_grammars(context, item, modal, settings.modes, settings.universals)
    return Listening(settings, grammars, meanings)


@visits(model.Field)
async def _visit_field(run: FormRun, item: model.Field) -> Outcome | None:
    return await _collect(run, item, item.modal)


@visits(model.Initial)
async def _visit_initial(run: FormRun, item: model.Initial) -> Outcome | None:
    return await _collect(run, item, False)


@visits(model.MenuItem)
async def _visit_menu(run: FormRun, item: model.MenuItem) -> Outcome | None:
    return await _collect(run, item, False)


async def _collect(run: FormRun, item: model.FormItem, modal: bool) -> Outcome | None:
    context = run.context
    session = context.session
    unable = session.unable_to_wait()
    if unable is not None:
        return unable
    listening = await prepare(context, item, modal)
    if listening.settings.record_utterance:
        check_media_type(listening.settings.record_type)
    if not listening.grammars:
        raise Thrown(context.semantic("there is no active grammar to listen with", item.line))
    prompts, timeout = session.take_queue()
    settings = listening.settings
    request = CollectRequest(
        prompts=prompts,
        grammars=listening.grammars,
        timing=settings.timing.with_timeout(timeout),
        recognition=settings.recognition,
        lang=context.lang,
        modes=settings.modes,
        record_utterance=settings.record_utterance,
        record_type=settings.record_type,
    )
    result = await session.wait(session.platform.collect(request))
    if isinstance(result, Match):
        return await matched(run, result, listening.meanings)
    if isinstance(result, NoMatch):
        shadow = extras(context, result.mark, result.recording)
        set_lastresult(context, result.nbest, shadow)
        return Throw(NOMATCH)
    forget_lastresult(context)
    if isinstance(result, Event):
        return Throw(result)
    if isinstance(result, NoInput):
        return Throw(NOINPUT)
    if isinstance(result, MaxSpeechTimeout):
        return Throw(MAXSPEECH)
    assert isinstance(result, Hangup)
    session.caller_left()
    return Throw(HANGUP)


async def matched(run: FormRun, match: Match, meanings: tuple[Meaning, ...]) -> Outcome | None:
    """Set the last result and go where the best reading leads."""
    context = run.context
    best = match.nbest[0]
    context.session.platform.accepted(best)
    shadow = extras(context, match.mark, match.recording)
    set_lastresult(context, match.nbest, shadow)
    if best.failure is not None:
        raise Thrown(semantic(best.failure))
    return await dispatch(run, HeardHere(best, meanings[best.handle], reading(best) | shadow))


async def dispatch(run: FormRun, here: HeardHere) -> Outcome | None:
    """Fill the item or form, follow the link or choice, or move to the dialog whose grammar matched."""
    context = run.context
    meaning = here.meaning
    if meaning.kind == "universal":
        return Throw(Event(meaning.event))
    if meaning.kind == "link":
        assert meaning.link is not None
        return await _follow(context, meaning, meaning.link.throwing, meaning.link.target, "link")
    if meaning.kind in ("form", "choice") and meaning.dialog is not run.dialog:
        assert meaning.dialog is not None
        return Enter(context.root if meaning.of_root else None, meaning.dialog.id, "input", here)
    return await process_heard(run, here)


async def process_heard(run: FormRun, here: HeardHere) -> Outcome | None:
    """Fill what the input fills in this dialog, and execute the filled actions (§2.1.6.2.3)."""
    context = run.context
    meaning = here.meaning
    run.just_filled.clear()
    if meaning.kind == "choice":
        choice = meaning.choice
        assert choice is not None
        return await _follow(context, meaning, choice.throwing, choice.target, "choice")
    if meaning.kind == "item":
        item = context.item
        assert isinstance(item, model.Field)
        fill_item(context, item, item_result(item, here.heard.interpretation), here.shadow)
        run.mark_filled(item)
    else:
        _fill_form(run, here)
    return await run.execute_filled()


def _fill_form(run: FormRun, here: HeardHere) -> None:
    """Mixed initiative: every input item whose slot is in the result (§3.1.6.1)."""
    for item in run.dialog.items:
        slot = item.slot if isinstance(item, model.Field) else (item.name,)
        if not item.is_input:
            continue
        found, value = slot_of(slot, here.heard.interpretation)
        if found:
            fill_item(run.context, item, value, here.shadow)
            run.mark_filled(item)
    if run.just_filled:
        for item in run.dialog.items:
            if isinstance(item, model.Initial):
                run.complete(item)


async def _follow(
    context: Context,
    meaning: Meaning,
    throwing: model.Throwing | None,
    target: model.Target | None,
    reason: str,
) -> Outcome:
    if throwing is not None:
        return Throw(thrown_event(context, throwing))
    assert target is not None
    root = context.root
    if root is None or not meaning.of_root:
        return await follow(context, target, reason)
    # A link of the application root: its relative reference starts from the root document.
    uri = target.next if target.next is not None else context.chain.string(target.expr or "''")
    loaded, dialog = await load_document(context, resolve(root.document.base, uri), target.fetch)
    return Enter(loaded, dialog, reason)
