"""``<transfer>`` (VoiceXML 2.0 §2.3.7, VoiceXML 2.1 §9)."""

from __future__ import annotations

from typing import Any

from vxmlplat.vxml import model
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import HANGUP, TRANSFERRED, Event
from vxmlplat.vxml.fetching import fetch_resource, request_for
from vxmlplat.vxml.form import FormRun, visits
from vxmlplat.vxml.listening import HeardHere, dispatch, prepare
from vxmlplat.vxml.outcomes import Outcome, Throw
from vxmlplat.vxml.platform import TransferRequest
from vxmlplat.vxml.results import extras, fill_item, reading, set_lastresult


@visits(model.Transfer)
async def _visit_transfer(run: FormRun, item: model.Transfer) -> Outcome | None:
    context = run.context
    session = context.session
    unable = session.unable_to_wait()
    if unable is not None:
        return unable
    chain = context.chain
    dest = item.dest if item.dest is not None else chain.string(item.destexpr or "''")
    aai = item.aai if item.aaiexpr is None else chain.string(item.aaiexpr)
    if not dest.strip():
        raise Thrown(Event("error.connection.baddestination", "the destination of the transfer is empty"))
    listening = await prepare(context, item, modal=item.kind != "bridge")
    audio = None
    if item.transferaudio:
        request = request_for(context, context.resolve(item.transferaudio), model.NO_FETCH, "audio")
        try:
            audio = await fetch_resource(context, request)
        except Thrown:
            audio = None  # it is ignored (§2.3.7.2)
    prompts, timeout = session.take_queue()
    result = await session.wait(
        session.platform.transfer(
            TransferRequest(
                prompts=prompts,
                dest=dest.strip(),
                kind=item.kind,
                grammars=tuple(
                    one for one in listening.grammars if listening.meanings[one.handle].kind == "item"
                ),
                timing=listening.settings.timing.with_timeout(timeout),
                recognition=listening.settings.recognition,
                lang=context.lang,
                aai=aai,
                connecttimeout=60.0 if item.connecttimeout is None else item.connecttimeout,
                maxtime=item.maxtime or None,
                transferaudio=audio,
            )
        )
    )
    if isinstance(result, Event):
        return Throw(result)
    if result.outcome == "error":
        return Throw(Event(result.error or "error.connection", result.message))
    if result.outcome == "transferred":
        session.left = "transfer"
        return Throw(TRANSFERRED)
    shadow: dict[str, Any] = {"duration": result.seconds}
    heard = result.heard
    if heard is not None:
        session.platform.accepted(heard)
        shadow |= {"inputmode": heard.mode, "utterance": heard.utterance}
        set_lastresult(context, (heard,), extras(context, result.mark, None))
        meaning = listening.meanings[heard.handle]
        if meaning.kind != "item":
            return await dispatch(run, HeardHere(heard, meaning, reading(heard)))
    if result.outcome == "hangup":
        session.caller_left()
        return Throw(HANGUP)
    fill_item(context, item, result.outcome, shadow)
    run.mark_filled(item)
    return await run.execute_filled()
