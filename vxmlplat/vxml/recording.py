"""``<record>`` (VoiceXML 2.0 §2.3.6)."""

from __future__ import annotations

from vxmlplat.vxml import model
from vxmlplat.vxml.activation import Meaning
from vxmlplat.vxml.events import HANGUP, NOINPUT, NOMATCH, Event
from vxmlplat.vxml.form import FormRun, visits
from vxmlplat.vxml.listening import HeardHere, dispatch, matched, prepare
from vxmlplat.vxml.media_types import check_media_type
from vxmlplat.vxml.outcomes import Outcome, Throw
from vxmlplat.vxml.platform import Match, NoInput, NoMatch, Recorded, RecordRequest
from vxmlplat.vxml.results import extras, fill_item, reading, set_lastresult


@visits(model.Record)
async def _visit_record(run: FormRun, item: model.Record) -> Outcome | None:
    context = run.context
    session = context.session
    unable = session.unable_to_wait()
    if unable is not None:
        return unable
    check_media_type(item.type)
    listening = await prepare(context, item, item.modal)
    settings = listening.settings
    prompts, timeout = session.take_queue()
    request = RecordRequest(
        prompts=prompts,
        grammars=listening.grammars,
        timing=settings.timing.with_timeout(timeout),
        recognition=settings.recognition,
        lang=context.lang,
        beep=item.beep,
        maxtime=item.maxtime,
        finalsilence=item.finalsilence,
        dtmfterm=item.dtmfterm,
        media_type=item.type,
        modes=settings.modes,
    )
    result = await session.wait(session.platform.record(request))
    if isinstance(result, Event):
        return Throw(result)
    if isinstance(result, Recorded):
        return await _recorded(run, item, result, listening.meanings)
    if isinstance(result, Match):
        if listening.meanings[result.nbest[0].handle].kind == "item":
            return Throw(NOINPUT)  # the item's own grammar ended a recording before there was one
        return await matched(run, result, listening.meanings)
    if isinstance(result, NoInput):
        return Throw(NOINPUT)
    if isinstance(result, NoMatch):
        return Throw(NOMATCH)
    session.caller_left()
    return Throw(HANGUP)


async def _recorded(
    run: FormRun, item: model.Record, result: Recorded, meanings: tuple[Meaning, ...]
) -> Outcome | None:
    context = run.context
    session = context.session
    heard = result.heard
    meaning = meanings[heard.handle] if heard is not None else None
    if heard is not None and meaning is not None and meaning.kind != "item":
        session.platform.accepted(heard)
        set_lastresult(context, (heard,), extras(context, result.mark, None))
        return await dispatch(run, HeardHere(heard, meaning, reading(heard)))
    shadow: dict[str, object] = {
        "duration": round(result.recording.seconds * 1000),
        "size": len(result.recording.resource.body),
        "maxtime": result.maxtime,
    }
    if result.termchar is not None and item.dtmfterm:
        shadow["termchar"] = result.termchar
    if heard is not None:
        shadow |= {"utterance": heard.utterance, "confidence": heard.confidence, "inputmode": heard.mode}
        set_lastresult(context, (heard,), extras(context, result.mark, None))
    if result.mark is not None:
        shadow |= extras(context, result.mark, None)
    fill_item(context, item, session.keep(result.recording), shadow)
    run.mark_filled(item)
    if result.hangup:
        session.caller_left()
        return Throw(HANGUP)
    return await run.execute_filled()
