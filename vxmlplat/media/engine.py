"""The work of the loop: all lines in four slots of 5 ms, each line served once in 20 ms.

A line's turn is to read the packet that has come in since its last turn, and then to send its own: a key
silences a prompt before the next packet goes out. Nothing watches the sockets in between: asking each of them
once in 20 ms, when its packet is there nearly always, costs less than being told of each packet, and no burst
of packets can delay what is to be sent. To ask in vain costs more than to read: a line that nothing has come
from for a second is *silent*, and not asked until the system tells of a packet, once in 20 ms.

*Plain* lines, which play and are listened to by nobody but the key decoder, are served right here from the
cursor on the line; the others, *worked* ones, go together through
:class:`~vxmlplat.media.worked.WorkedLines`.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from vxmlplat.media.config import MediaConfig
from vxmlplat.media.events import MediaEvent
from vxmlplat.media.joining import Room
from vxmlplat.media.line import Line
from vxmlplat.media.network import Network
from vxmlplat.media.prompts import PromptStore
from vxmlplat.media.recorder import RecordWriter
from vxmlplat.media.rtp import HEADER_SIZE, WORDS
from vxmlplat.media.sides import Sides
from vxmlplat.media.slots import SLOTS, Slot, Slots
from vxmlplat.media.stream import Stream

log = logging.getLogger(__name__)

_ROUND = 50
"""Rounds of 20 ms in which each line gets one look at its household."""

_MOST_AT_ONCE = 8
"""Packets read in one turn of a line: 8 are 400 a second, four times what a sender of 10 ms packets sends."""
_WATCHFUL_TURNS = 10
"""Turns in which a line that had more packets than turns is read until nothing is left."""
_MOST_OWED = 4
"""Turns without a packet that are remembered, for the packets that may have been late only."""
_SILENT_TURNS = 50
"""Turns without a packet after which a plain line is silent."""
_COLLECT_SECONDS = 0.001
_USUAL_SIZE = HEADER_SIZE + 160


class Engine:
    """All lines of the media process; :meth:`step` is one slot's work, :mod:`.loop` calls it in time."""

    def __init__(
        self,
        config: MediaConfig,
        network: Network,
        prompts: PromptStore,
        writer: RecordWriter,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.config = config
        self.network = network
        self.prompts = prompts
        self.writer = writer
        self.lines: dict[int, Line] = {}
        self.slots = Slots()
        self.rooms: dict[int, Room] = {}
        self.events: list[MediaEvent] = []
        self.sides = Sides(self, network.poller(), wall)
        self.late = 0.0
        self.strict = False
        self._faulted = 0.0
        self._clock = clock
        self._buffer = bytearray(2048)
        self._usual_payload = memoryview(self._buffer)[HEADER_SIZE:_USUAL_SIZE]
        self._held: set[Line] = set()
        self._count = 0
        self._polled = -1
        self._moment = clock()

    def now(self) -> float:
        """Media time: the moment at which the current slot began to work."""
        return self._moment

    def emit(self, event: MediaEvent) -> None:
        """Keep an event until the batch at the slot's end."""
        self.events.append(event)

    def watch_key(self, line: Line) -> None:
        """Look after a key until it is up."""
        self._held.add(line)

    def take_control(self, line: Line, packet: bytes) -> None:
        """RTCP that came on the line's RTP port."""
        self.sides.take_control(line, packet, None)

    def add(self, line: Line) -> None:
        """A new line."""
        self.lines[line.number] = line
        line.slot = self.slots.with_room()
        slot = self.slots[line.slot]
        slot.plain = [*slot.plain, line.stream]
        self.sides.add(line)

    def read_out(self, line: Line) -> None:
        """Take what has come since the line's last turn: the line is about to end."""
        self._catch_up(line.stream, self._moment)

    def remove(self, line: Line) -> None:
        """The line is over; its sockets are closed."""
        self._take_out(line)
        self._held.discard(line)
        del self.lines[line.number]
        self.sides.remove(line)
        line.ports.close()
        line.clear()

    def sort(self, line: Line) -> None:
        """Put a line where its needs are met; with its room's other members when it is joined."""
        if line.membership is None:
            self._place(line)
            return
        room = line.membership.room
        room.changed()
        for member in room.members:
            self._place(member.line)

    def _place(self, line: Line) -> None:
        if line.number not in self.lines:
            return
        self._take_out(line)
        if line.membership is not None:
            line.slot = line.membership.room.slot
        slot = self.slots[line.slot]
        line.sort()
        if line.plain:
            line.receiver.buffer(False)
            slot.plain = [*slot.plain, line.stream]
        else:
            if line.stream.jitter is None:
                line.receiver.buffer(True)
            slot.worked.add(line)

    def _take_out(self, line: Line) -> None:
        slot = self.slots[line.slot]
        if line in slot.worked:
            slot.worked.remove(line)
            return
        self.sides.watch_no_more(line)
        slot.plain = [stream for stream in slot.plain if stream is not line.stream]
        slot.silent = [stream for stream in slot.silent if stream is not line.stream]

    def hear_again(self, line: Line) -> None:
        """Something has come to a silent line."""
        slot, stream = self.slots[line.slot], line.stream
        slot.silent = [other for other in slot.silent if other is not stream]
        slot.plain = [*slot.plain, stream]
        stream.missed = 0
        self._catch_up(stream, self._moment)

    def _fall_silent(self, slot: Slot) -> None:
        """Ask no longer those whom nothing has come from."""
        for stream in slot.plain:
            if stream.missed >= _SILENT_TURNS:
                slot.silent = [*slot.silent, stream]
                self.sides.watch(stream.line)
        slot.plain = [stream for stream in slot.plain if stream.missed < _SILENT_TURNS]

    def empty_slots(self) -> int | None:
        """How many slots without lines come next; None when there are no lines."""
        return self.slots.empty_from(self._count % SLOTS)

    def pass_over(self, slots: int, now: float) -> None:
        """Nothing is to be done in the next so many slots; now is the time."""
        self._count += slots
        self._moment = now

    def begin_anew(self, now: float) -> None:
        """There are no lines: the first slot is the next, whenever it comes."""
        self.pass_over(-self._count % SLOTS, now)

    def skip(self, seconds: float) -> None:
        """The machine was away: the streams' time has gone on without us."""
        for line in self.lines.values():
            line.stream.stamp += int(seconds * 50) * line.codec.frame_ticks
            line.stream.watchful = line.stream.watchful or 1  # what came meanwhile must not wait for its turn

    def serve(self, now: float) -> None:
        """A step, whatever comes of it: the next slot and the other calls are served all the same."""
        try:
            self.step(now)
        except Exception:  # noqa: BLE001  # see above
            self._fault(now)

    def collect(self) -> None:
        """Take over what the helper threads have finished, for a moment only.

        A thousand lines may have waited for one prompt.
        """
        until = self._clock() + _COLLECT_SECONDS
        try:
            while (self.prompts.collect() or self.writer.collect()) and self._clock() <= until:
                pass
        except Exception:  # noqa: BLE001  # one call's prompt or recording must not end the others
            self._fault(self._moment)

    def step(self, now: float) -> None:
        """One slot: a turn for each of its lines."""
        self._moment = now
        index = self._count % SLOTS
        round_ = self._count // SLOTS
        self._count += 1
        slot = self.slots[index]
        if self._held:
            self._look_after_keys(now)
        self._serve(slot.plain, now, heard=True)
        if slot.silent:
            self._serve(slot.silent, now, heard=False)
        if slot.worked:
            slot.worked.tick(self._receive(slot.worked.begin(), now))
        if self.prompts.done or self.writer.done:
            self.collect()
        if round_ != self._polled:
            self._polled = round_
            self.sides.poll(now)
        turn = round_ % _ROUND
        if turn == 0:
            self._fall_silent(slot)
        for streams in (slot.plain, slot.silent, slot.worked.streams):
            for stream in streams[turn::_ROUND]:
                self.sides.household(stream.line, now)

    def _serve(self, streams: list[Stream], now: float, *, heard: bool) -> None:
        """Plain lines: receive, if they are ``heard``, and send, one after the other.

        The first half is that of :meth:`_receive`; a call in between would cost each line as much as its
        header does.
        """
        buffer, unpack, pack = self._buffer, WORDS.unpack_from, WORDS.pack
        for stream in streams:
            if heard:
                receive = stream.receive
                try:
                    size = receive(buffer)
                except OSError:  # nothing there, or an ICMP answer to what we sent
                    stream.missed += 1
                    stream.watchful = stream.watchful or 1
                else:
                    kind, sequence, stamp, ssrc = unpack(buffer)
                    if (
                        size == _USUAL_SIZE
                        and sequence == stream.expected
                        and kind == stream.usual
                        and ssrc == stream.far_ssrc
                    ):
                        stream.expected = sequence + 1 & 0xFFFF
                        stream.received += 1
                    else:
                        self._take(stream.line, bytes(buffer[:size]), now)
                    if stream.watchful:
                        self._catch_up(stream, now)
            at = stream.at
            end = at + 160
            if end <= stream.end:
                payload = stream.data[at:end]
                stream.at = end
            else:
                payload = stream.line.player.next_frame()
            sequence, stamp = stream.sequence, stream.stamp
            stream.sequence = sequence + 1
            stream.stamp = stamp + 160
            send = stream.send
            try:
                send(pack(stream.kind, sequence & 0xFFFF, stamp & 0xFFFFFFFF, stream.ssrc) + payload)
            except OSError:
                stream.line.sender.errors += 1

    def _receive(self, streams: list[Stream], now: float) -> list[bytes | None]:
        """Worked lines: receive only, and the frames of this tick, None where one is missing; what they send
        comes of all of them together.
        """
        buffer, payload, unpack = self._buffer, self._usual_payload, WORDS.unpack_from
        frames: list[bytes | None] = []
        for stream in streams:
            receive = stream.receive
            try:
                size = receive(buffer)
            except OSError:
                stream.missed += 1
                stream.watchful = stream.watchful or 1
                jitter = stream.jitter
            else:
                kind, sequence, stamp, ssrc = unpack(buffer)
                jitter = stream.jitter
                if (
                    size == _USUAL_SIZE
                    and sequence == stream.expected
                    and kind == stream.usual
                    and ssrc == stream.far_ssrc
                    and jitter is not None
                ):
                    stream.expected = sequence + 1 & 0xFFFF
                    stream.received += 1
                    if stamp == jitter.following:
                        jitter.frames[stamp] = payload.tobytes()
                        jitter.following = stamp + 160 & 0xFFFFFFFF
                    else:
                        jitter.put(stamp, payload.tobytes())
                else:
                    self._take(stream.line, bytes(buffer[:size]), now)
                    jitter = stream.jitter
                if stream.watchful:
                    self._catch_up(stream, now)
                    jitter = stream.jitter
            if jitter is None:
                frames.append(None)
                continue
            position = jitter.position
            frame = jitter.frames.pop(position, None)
            if frame is None:
                frame = jitter.missing()
            else:
                jitter.position = position + jitter.frame & 0xFFFFFFFF
            frames.append(frame)
        return frames

    def _catch_up(self, stream: Stream, now: float) -> None:
        """Read what else waits: after turns without a packet more may come in one, once a second to be
        sure, and at every turn while the sender's packets are shorter than a turn.
        """
        more = 0
        while more < _MOST_AT_ONCE - 1:
            try:
                size = stream.receive(self._buffer)
            except OSError:
                break
            more += 1
            self._take(stream.line, bytes(self._buffer[:size]), now)
        owed = min(stream.missed, _MOST_OWED) - more
        stream.missed = max(0, owed if more else owed - 1)
        stream.watchful = _WATCHFUL_TURNS if owed < 0 else max(stream.watchful - 1, min(stream.missed, 1))

    def _take(self, line: Line, packet: bytes, now: float) -> None:
        try:
            line.receiver.take(packet, now)
        except Exception:  # noqa: BLE001  # whatever one caller's packet has broken, the others' calls go on
            line.receiver.rejected += 1
            self._fault(now)

    def _fault(self, now: float) -> None:
        """Log what should not have been, once a second at most; raise it where the engine is tested."""
        if self.strict:
            raise
        if now - self._faulted >= 1.0:
            self._faulted = now
            log.exception("a fault in the media engine")

    def _look_after_keys(self, now: float) -> None:
        for line in list(self._held):
            line.keys.expire(now)
            if not line.keys.down:
                self._held.discard(line)
