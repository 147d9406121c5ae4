"""What CCXML asks of the media plane: conferences and joins (CCXML 1.0 §10.4, §11)."""

from __future__ import annotations

from collections.abc import Sequence

from vxmlplat.calls.connection import Connection, Endpoint, Mixer
from vxmlplat.calls.control_patching import Joined
from vxmlplat.calls.exchange import Exchange, sound
from vxmlplat.calls.requests import handles
from vxmlplat.ccxml.requests import CreateConference, DestroyConference, Join, Unjoin
from vxmlplat.documents import DocumentError, FetchRequest
from vxmlplat.media.clips import Clip, FileClip, Tone
from vxmlplat.media.errors import MediaError
from vxmlplat.speech.errors import SpeechError

#: what ``entertone="'true'"`` and ``exittone="'true'"`` sound like
ENTER_TONE = (Tone((660.0,), 120), Tone((880.0,), 120))
EXIT_TONE = (Tone((880.0,), 120), Tone((660.0,), 120))


@handles(CreateConference)
async def _create(control: Exchange, request: CreateConference) -> None:
    known = next((m for m in control.mixers.values() if m.name and m.name == request.confname), None)
    if known is None:
        try:
            known = Mixer(control.plane.create_conference(), request.confname)
        except MediaError as error:
            control.failed(request, str(error))
            return
    known.ids.add(request.conferenceid)
    control.mixers[request.conferenceid] = known
    control.post("conference.created", conferenceid=request.conferenceid, confname=request.confname)


@handles(DestroyConference)
async def _destroy(control: Exchange, request: DestroyConference) -> None:
    if request.conferenceid not in control.mixers:
        control.failed(request, "there is no such conference any more")
        return
    control.leave_mixer(request.conferenceid)
    control.post("conference.destroyed", conferenceid=request.conferenceid)


@handles(Join)
async def _join(control: Exchange, request: Join) -> None:
    enter = await _tone(control, request.entertone, ENTER_TONE)
    leave = await _tone(control, request.exittone, EXIT_TONE)
    join_ids(
        control,
        request.id1,
        request.id2,
        full=request.duplex != "half",
        keys=not request.dtmfclamp,
        enter_tone=enter,
        exit_tone=leave,
    )


def join_ids(
    control: Exchange,
    id1: str,
    id2: str,
    *,
    full: bool,
    keys: bool = True,
    enter_tone: Sequence[Clip] = (),
    exit_tone: Sequence[Clip] = (),
) -> None:
    """Let the two hear each other; without ``full`` only ``id1`` hears. Answers with an event.

    A join of which this takes the place ends without one (§10.4.3): the document has done it.
    """
    try:
        joined = Joined(id1, id2, endpoint(control, id1), endpoint(control, id2), full, keys, exit_tone)
        control.patchbay.join(joined)
    except MediaError as error:
        control.post("error.conference.join", id1=id1, id2=id2, reason=str(error))
        return
    for side in (joined.one, joined.two):
        sound(side, enter_tone)
    control.post("conference.joined", id1=id1, id2=id2)


@handles(Unjoin)
async def _unjoin(control: Exchange, request: Unjoin) -> None:
    try:
        one, two = endpoint(control, request.id1), endpoint(control, request.id2)
        joined = control.patchbay.unjoin(one, two)
        if joined is None:
            raise MediaError("these two are not joined")
    except MediaError as error:
        control.failed(request, str(error))
        return
    for side in (one, two):
        sound(side, joined.exit_tone)
    control.post("conference.unjoined", id1=request.id1, id2=request.id2)


def endpoint(control: Exchange, identifier: str) -> Endpoint:
    """What an identifier names; MediaError when it cannot be joined with anything."""
    dialog = control.dialogs.get(identifier)
    if dialog is not None:
        place = control.places.get(identifier)
        if place is None:
            # Its prompts and keys are the connection's own: there is nothing that could be plugged elsewhere.
            raise MediaError("a dialog can be joined when it was started on a conference")
        return place
    found: Connection | Mixer | None = control.connections.get(identifier) or control.mixers.get(identifier)
    if found is None:
        raise MediaError(f"{identifier} is not there any more")
    return found


async def _tone(control: Exchange, value: str | None, usual: Sequence[Clip]) -> Sequence[Clip]:
    """``entertone`` and ``exittone``: true, false, or the address of a sound."""
    word = (value or "false").strip()
    if word.lower() in ("true", "false"):
        return usual if word.lower() == "true" else ()
    try:
        sound = await control.world.fetcher.fetch(FetchRequest(word))
        return (FileClip(await control.world.voice.decode(sound.body, sound.content_type)),)
    except (DocumentError, SpeechError) as error:
        control.note("tone %s cannot be played: %s", word, error)
        return ()
