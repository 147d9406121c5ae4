"""What CCXML asks of the media plane: conferences and joins (CCXML 1.0 §10.4, §11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.calls.connection import Connection, Mixer
from vxmlplat.calls.dialog import Dialog
from vxmlplat.calls.requests import handles
from vxmlplat.ccxml.requests import CreateConference, DestroyConference, Join, Unjoin
from vxmlplat.media.channel import ConferenceMode, MediaChannel
from vxmlplat.media.errors import MediaError

if TYPE_CHECKING:
    from vxmlplat.calls.control import CallControl


@handles(CreateConference)
async def _create(control: CallControl, request: CreateConference) -> None:
    known = next((m for m in control.mixers.values() if m.name and m.name == request.confname), None)
    if known is None:
        try:
            known = Mixer(control.plane.create_conference(), request.confname)
        except MediaError as error:
            control.failed(request, str(error))
            return
    known.ids.add(request.conferenceid)
    control.mixers[request.conferenceid] = known
    control.post("conference.created", conferenceid=request.conferenceid)


@handles(DestroyConference)
async def _destroy(control: CallControl, request: DestroyConference) -> None:
    control.leave_mixer(request.conferenceid)
    control.post("conference.destroyed", conferenceid=request.conferenceid)


@handles(Join)
async def _join(control: CallControl, request: Join) -> None:
    await join_ids(control, request.id1, request.id2, half=request.duplex == "half")


async def join_ids(control: CallControl, id1: str, id2: str, *, half: bool) -> None:
    """Let the two hear each other; ``half``: only ``id1`` hears."""
    one, two = _endpoint(control, id1), _endpoint(control, id2)
    try:
        if isinstance(one, Connection) and isinstance(two, Connection):
            _channel(one).bridge(_channel(two), half=half)
        elif isinstance(one, Connection) and isinstance(two, Mixer):
            mode = ConferenceMode.LISTEN if half else ConferenceMode.TALK
            _channel(one).join(two.conference, mode)
            two.members.add(one.id)
        elif isinstance(one, Mixer) and isinstance(two, Connection):
            if half:
                raise MediaError("a member of a conference that is heard and does not hear is not supported")
            _channel(two).join(one.conference)
            one.members.add(two.id)
        else:
            raise MediaError("these two cannot be joined")
    except MediaError as error:
        control.post("error.conference.join", id1=id1, id2=id2, reason=str(error))
        return
    control.post("conference.joined", id1=id1, id2=id2)


@handles(Unjoin)
async def _unjoin(control: CallControl, request: Unjoin) -> None:
    one, two = _endpoint(control, request.id1), _endpoint(control, request.id2)
    try:
        left = False
        for endpoint, other in ((one, two), (two, one)):
            if isinstance(endpoint, Connection) and endpoint.line is not None and not left:
                endpoint.line.channel.leave()
                left = True
                if isinstance(other, Mixer):
                    other.members.discard(endpoint.id)
        if not left:
            raise MediaError("these two are not joined")
    except MediaError as error:
        control.failed(request, str(error))
        return
    control.post("conference.unjoined", id1=request.id1, id2=request.id2)


def _endpoint(control: CallControl, identifier: str) -> Connection | Mixer | None:
    """A dialog stands for the connection that it runs on."""
    dialog = control.dialogs.get(identifier)
    if isinstance(dialog, Dialog):
        return next((c for c in control.connections.values() if c.dialog is dialog), None)
    return control.connections.get(identifier) or control.mixers.get(identifier)


def _channel(connection: Connection) -> MediaChannel:
    if connection.line is None or connection.over:
        raise MediaError("the connection is not connected")
    return connection.line.channel
