"""``<transfer>`` on a telephone line: to a queue of the ACD, to a number, by REFER or by joining two lines.

VoiceXML 2.0 §2.3.7 and VoiceXML 2.1 §9. Each scheme of a destination has its handler in a table.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from vxmlplat.acd import Connected
from vxmlplat.acd.errors import UnknownQueue
from vxmlplat.calls.bridge import RING_BACK, Bridged, bridge
from vxmlplat.calls.call_data import from_user_to_user, parse, to_user_to_user
from vxmlplat.calls.errors import CallFailed, failure_word
from vxmlplat.calls.hot_keys import HotKeys
from vxmlplat.calls.line import Line
from vxmlplat.calls.succession import follow
from vxmlplat.calls.telephones import BadDestination
from vxmlplat.media.clips import FileClip
from vxmlplat.media.errors import MediaError
from vxmlplat.sip.errors import SipError
from vxmlplat.sip.events import LegEvent, Progress, ReferProgress, Referred
from vxmlplat.sip.leg import Leg
from vxmlplat.speech.errors import SpeechError
from vxmlplat.vxml.platform import Heard, TransferOutcome, TransferRequest, TransferResult

if TYPE_CHECKING:
    from vxmlplat.calls.telephone import Telephone
    from vxmlplat.documents import Resource

log = logging.getLogger(__name__)

_OUTCOMES: dict[str, TransferOutcome] = {"busy": "busy", "no_answer": "noanswer", "refused": "noanswer"}
_ERRORS = {
    401: "error.connection.noauthorization",
    403: "error.connection.noauthorization",
    404: "error.connection.baddestination",
    407: "error.connection.noauthorization",
    484: "error.connection.baddestination",
    604: "error.connection.baddestination",
}

Handler = Callable[["Telephone", TransferRequest], Awaitable[TransferResult]]
_SCHEMES: dict[str, Handler] = {}


def _scheme(*names: str) -> Callable[[Handler], Handler]:
    def register(handler: Handler) -> Handler:
        for name in names:
            if name in _SCHEMES:
                raise ValueError(f"transfers to {name}: have two handlers")
            _SCHEMES[name] = handler
        return handler

    return register


async def transfer(telephone: Telephone, request: TransferRequest) -> TransferResult:
    """Do what the document asks; every failure is a result, none is raised."""
    handler = _SCHEMES.get(request.dest.partition(":")[0].lower())
    if handler is None:
        return _failed("error.unsupported.uri", f"cannot transfer to {request.dest!r}")
    try:
        return await handler(telephone, request)
    except MediaError as error:
        if telephone.line.ended.done():
            return TransferResult("hangup")
        return TransferResult("network_busy", message=str(error))
    except BadDestination as error:
        return _failed("error.connection.baddestination", str(error))
    except CallFailed as error:
        return _not_connected(error)


def _failed(event: str, message: str) -> TransferResult:
    return TransferResult("error", error=event, message=message)


def _not_connected(error: CallFailed) -> TransferResult:
    if error.status in _ERRORS:
        return _failed(_ERRORS[error.status], str(error))
    return TransferResult(_OUTCOMES.get(error.reason, "network_busy"), message=str(error))


class _Wait:
    """The caller waits for the far end:

    ended by what is awaited, by leaving, or by a key that the document listens to.
    """

    def __init__(self, telephone: Telephone, request: TransferRequest) -> None:
        self.keys = HotKeys(request.grammars)
        self.heard: Heard | None = None
        self._line = telephone.line
        self._left: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def key(self, key: str) -> None:
        self.heard = self.heard or self.keys.key(key)
        if self.heard is not None and not self._left.done():
            self._left.set_result(None)

    async def until(self, waited_for: asyncio.Future[Any]) -> bool:
        """True when it came, False when the caller left or chose something else."""
        before, self._line.on_key = self._line.on_key, self.key
        try:
            waits: set[asyncio.Future[Any]] = {waited_for, self._line.ended, self._left}
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._line.on_key = before
        return waited_for.done() and not self._line.ended.done()

    def result(self) -> TransferResult:
        if self._line.ended.done():
            return TransferResult("hangup")
        return TransferResult("near_end_disconnect", heard=self.heard)


# ---------------------------------------------------------------------- to a queue


@_scheme("acd")
async def _to_queue(telephone: Telephone, request: TransferRequest) -> TransferResult:
    """``acd:QUEUE``:

    wait with music, then talk to an agent. The document goes on when the agent has hung up.
    """
    queue = request.dest.partition(":")[2].partition("?")[0]
    aai = request.aai or ""
    await telephone.world.keep_data(telephone.call.id, parse(aai))
    try:
        ticket = telephone.world.acd.enqueue(
            queue, telephone.call.id, ani=telephone.call.ani, user_to_user=aai
        )
    except UnknownQueue as error:
        return _failed("error.connection.baddestination", str(error))
    wait = _Wait(telephone, request)
    comfort = asyncio.create_task(telephone.queue_comfort(ticket, request.lang))
    try:
        if not await wait.until(ticket.outcome):
            return wait.result()
        outcome = ticket.outcome.result()
        if not isinstance(outcome, Connected):
            return TransferResult(
                "noanswer" if outcome.reason == "timeout" else "busy", message=outcome.reason
            )
        comfort.cancel()
        telephone.call.agent = outcome.agent

        def handed_on(address: str) -> None:
            user = telephone.world.telephones.registered_user(address)
            telephone.call.agent = telephone.world.acd.handed_on(ticket, user, address)

        return await _joined(telephone, request, _line_of(outcome), wait, handed_on)
    finally:
        comfort.cancel()
        ticket.abandon()  # after a talk: the agent goes to after-call work
        telephone.silence()
        if ticket.outcome.done() and isinstance(outcome := ticket.outcome.result(), Connected):
            # The agent may have answered in the moment in which the caller left.
            await asyncio.shield(_line_of(outcome).hangup())


def _line_of(outcome: Connected) -> Line:
    assert isinstance(outcome.line, Line)
    return outcome.line


# ---------------------------------------------------------------------- to a number


@_scheme("tel", "sip", "sips")
async def _to_number(telephone: Telephone, request: TransferRequest) -> TransferResult:
    data = parse(request.aai or "")
    if data:
        await telephone.world.keep_data(telephone.call.id, data)
    if request.kind == "bridge":
        return await _bridged(telephone, request)
    if request.kind == "blind":
        result = await _referred(telephone, request)
        if result is not None:
            return result
        # The caller's side does not take REFER (most trunks do not): the lines are joined here instead.
    joined = await _bridged(telephone, request)
    done = joined.outcome in ("far_end_disconnect", "maxtime_disconnect", "near_end_disconnect")
    return TransferResult("transferred", seconds=joined.seconds) if done and joined.heard is None else joined


async def _bridged(telephone: Telephone, request: TransferRequest) -> TransferResult:
    """Call the destination and join it to the caller.

    A consultation, once answered, leaves the two to each other where the caller's side can do that.
    """
    line = telephone.line
    if line.ended.done():
        return TransferResult("hangup")
    wait = _Wait(telephone, request)

    def ringing(progress: Progress) -> None:
        if progress.sdp is None and request.transferaudio is None and not line.channel.closed:
            line.channel.music(RING_BACK)

    def early(far: Line) -> None:
        if request.transferaudio is None and not line.channel.closed:
            line.channel.music()
            line.channel.bridge(far.channel, half=True)

    if request.transferaudio is not None:
        await _transfer_audio(telephone, request.transferaudio)
    limit = telephone.world.config.user_to_user_bytes
    data = to_user_to_user(telephone.call.id, request.aai, limit) if request.aai else None
    dialling = asyncio.ensure_future(
        telephone.world.telephones.place(
            request.dest,
            caller=telephone.call.ani,
            user_to_user=data,
            timeout=request.connecttimeout,
            on_ringing=ringing,
            on_early=early,
        )
    )
    try:
        if not await wait.until(dialling):
            return wait.result()
        far = dialling.result()
        if request.kind == "consultation":
            result = await _referred(telephone, request, far.leg)
            if result is not None and result.outcome == "transferred":
                return result
        return await _joined(telephone, request, far, wait)
    finally:
        telephone.silence()
        await asyncio.shield(_taken_back(dialling))


async def _transfer_audio(telephone: Telephone, audio: Resource) -> None:
    try:
        file = await telephone.world.voice.decode(audio.body, audio.content_type)
    except SpeechError as error:
        log.warning("call %s: transferaudio cannot be played: %s", telephone.call.id, error)
        return
    telephone.line.channel.music((FileClip(file),))


async def _taken_back(dialling: asyncio.Future[Line]) -> None:
    """Nothing of a call that nobody waits for may stay; one that was answered has ended with its bridge."""
    dialling.cancel()
    try:
        line = await dialling
    except (asyncio.CancelledError, CallFailed, BadDestination):
        return
    await line.hangup()


async def _joined(
    telephone: Telephone,
    request: TransferRequest,
    far: Line,
    wait: _Wait,
    on_succeeded: Callable[[str], None] | None = None,
) -> TransferResult:
    """Let the two talk; what the far end hands back in its BYE is kept with the call."""
    call, world = telephone.call, telephone.world

    def referred(asked: Referred) -> None:
        limit = world.config.user_to_user_bytes
        data = to_user_to_user(call.id, request.aai, limit) if request.aai else None
        follow(world.telephones, far, asked, caller=call.ani, data=data)

    bridged = await bridge(
        telephone.line,
        far,
        telephone.clock,
        maxtime=request.maxtime or None,
        on_key=wait.keys.key,
        on_referred=referred,
        on_succeeded=on_succeeded,
    )
    if bridged.user_to_user is not None:
        await telephone.world.keep_data(telephone.call.id, parse(from_user_to_user(bridged.user_to_user)))
    return _result(bridged)


def _result(bridged: Bridged) -> TransferResult:
    outcomes: dict[str, TransferOutcome] = {
        "caller": "hangup",
        "far": "far_end_disconnect",
        "maxtime": "maxtime_disconnect",
        "keys": "near_end_disconnect",
    }
    return TransferResult(outcomes[bridged.end], bridged.seconds, bridged.heard)


async def _referred(
    telephone: Telephone, request: TransferRequest, replaces: Leg | None = None
) -> TransferResult | None:
    """Ask the caller's side to call the destination itself; None when it refuses to.

    ``replaces`` is our own call to the destination, which the caller's takes over.
    """
    line = telephone.line
    final: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def watch(event: LegEvent) -> None:
        if isinstance(event, ReferProgress) and event.final and not final.done():
            final.set_result(event.status)

    before, line.on_leg = line.on_leg, watch
    limit = telephone.world.config.user_to_user_bytes
    try:
        data = to_user_to_user(telephone.call.id, request.aai, limit) if request.aai else None
        target = request.dest if replaces is None else replaces.remote_uri
        await line.leg.refer(target, user_to_user=data, replaces=replaces)
        waits: set[asyncio.Future[Any]] = {final, line.ended}
        async with asyncio.timeout(request.connecttimeout):
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    except SipError as error:
        log.info("call %s: REFER refused (%s); joining the lines here", telephone.call.id, error)
        return None
    except TimeoutError:
        return TransferResult("noanswer")
    finally:
        line.on_leg = before
    if line.ended.done() or 200 <= final.result() < 300:
        return TransferResult("transferred")
    return _not_connected(CallFailed(final.result(), failure_word(final.result())))
