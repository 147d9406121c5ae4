"""The lines of a slot whose audio is worked on: recorded, listened to, bridged, mixed.

In each tick one frame is taken from every line's jitter buffer; those that somebody needs as samples are
decoded together into one matrix, which the detectors and the rooms then share.
"""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.codecs import FRAME_SAMPLES
from vxmlplat.media.concealment import comfort_noise, conceal
from vxmlplat.media.g711 import A_LAW, MU_LAW
from vxmlplat.media.joining import Mixer
from vxmlplat.media.line import Line
from vxmlplat.media.listening import Listening
from vxmlplat.media.recorder import CHUNK_FRAMES, Recording, Reel
from vxmlplat.media.rtp import WORDS
from vxmlplat.media.stream import Stream
from vxmlplat.media.tap import Tap

Floats: TypeAlias = NDArray[np.float32]

_MU_SILENCE = bytes([MU_LAW.silence]) * FRAME_SAMPLES
_LONG_REEL = 64
"""Ticks after which what no recording needs any more is let go; each takes its part once in 50."""

_FLUSH_TICKS = 5
"""Recordings are handed over in every fifth tick: to wake the writer for each of them costs more than to
write some of them together.
"""

_A_SILENCE = bytes([A_LAW.silence]) * FRAME_SAMPLES


class WorkedLines:
    """The worked lines of one slot. Decoded ones come first in ``lines``, µ-law, then A-law, then others.

    ``lines`` is replaced, never changed in place: a tick goes on with the lines that it began with.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.streams: list[Stream] = []
        self._changed = False
        self._mu = self._a = self._decoded = 0
        self._listening = Listening()
        self._mixer = Mixer()
        self._lines: list[Line] = []
        self._streams: list[Stream] = []
        self._reel = Reel()
        self._keeps_sent = False
        self._tapped: list[tuple[int, Tap]] = []
        self._due: dict[Recording, int] = {}
        self._ticks = self._next_flush = 0
        self._heard: list[Line] = []
        self._before: Floats = np.zeros((0, FRAME_SAMPLES), np.float32)

    def __len__(self) -> int:
        return len(self.lines)

    def __contains__(self, line: Line) -> bool:
        return line in self.lines

    def add(self, line: Line) -> None:
        """One more; also called when a line's needs have changed."""
        self._replace([*self.lines, line])

    def remove(self, line: Line) -> None:
        """One less."""
        for recording in line.recordings:
            recording.leave_reel()
        self._replace([other for other in self.lines if other is not line])

    def _replace(self, lines: list[Line]) -> None:
        self.lines = lines
        self.streams = [line.stream for line in lines]
        self._changed = True

    def _arrange(self) -> None:
        """Sort the lines by how they are decoded, and find the rooms' rows."""
        for line, frame in zip(self._heard, self._before, strict=True):
            line.ears["frame"] = frame
        self._replace(sorted(self.lines, key=_order))
        self._lines, self._streams, self._changed = self.lines, self.streams, False
        decoded = [line for line in self.lines if line.decoded]
        self._mu = sum(line.codec.law is MU_LAW for line in decoded)
        self._a = self._mu + sum(line.codec.law is A_LAW for line in decoded)
        self._decoded = len(decoded)
        self._heard = decoded
        self._before = np.zeros((self._decoded, FRAME_SAMPLES), np.float32)
        for row, line in enumerate(decoded):
            self._before[row] = line.ears.get("frame", 0)
        self._listening.arrange(decoded)
        recordings = [
            (row, recording) for row, line in enumerate(self.lines) for recording in line.recordings
        ]
        for row, recording in recordings:
            recording.take_from(self._reel, row)
        self._keeps_sent = any(recording.tracks[1] is not None for _, recording in recordings)
        self._tapped = [(row, tap) for row, line in enumerate(self.lines) for tap in line.taps]
        self._schedule([recording for _, recording in recordings])
        self._mixer.arrange(self.lines, self._decoded)

    def _schedule(self, recordings: list[Recording]) -> None:
        """When each recording hands over what it has gathered: the new ones where the fewest others do, since
        what began in the same tick would else come due in the same tick for ever.
        """
        ticks = self._ticks
        self._due = {recording: self._due[recording] for recording in recordings if recording in self._due}
        crowd = Counter(due % CHUNK_FRAMES for due in self._due.values())
        for recording in recordings:
            if recording not in self._due:
                last = ticks + recording.patience
                first = ticks + _FLUSH_TICKS - ticks % _FLUSH_TICKS
                moments = range(min(first, last), last + 1, _FLUSH_TICKS)
                due = min(moments, key=lambda tick: crowd[tick % CHUNK_FRAMES])
                crowd[due % CHUNK_FRAMES] += 1
                self._due[recording] = due
        self._next_flush = min(self._due.values(), default=ticks)

    def begin(self) -> list[Stream]:
        """The streams whose frames :meth:`tick` is to be given, in this order."""
        if self._changed:
            self._arrange()
        return self._streams

    def tick(self, frames: list[bytes | None]) -> None:
        """20 ms of all lines. What receiving has changed of them is seen to in the next tick."""
        lines, streams = self._lines, self._streams
        speech: Floats | None = None
        if self._decoded:
            speech = self._decode(frames)
            self._listening.hear(speech)
        given: list[bytes | None] = [None] * len(lines)
        self._mixer.mix(frames, speech, given)
        self._send(lines, streams, given)
        if self._due:
            self._record(frames, given)
        if self._tapped and speech is not None:
            for row, tap in self._tapped:
                if tap.of_sent:
                    tap.write_sent(given[row])
                else:
                    tap.write_received(speech[row])

    def _decode(self, frames: list[bytes | None]) -> Floats:
        lines = self._lines
        mu, a, count = self._mu, self._a, self._decoded
        speech = np.empty((count, FRAME_SAMPLES), np.float32)
        missing: list[int] = []
        if a:
            payloads = frames[:a]
            if None in payloads:
                missing = [row for row, frame in enumerate(payloads) if frame is None]
                for row in missing:
                    payloads[row] = _MU_SILENCE if row < mu else _A_SILENCE
            joined = b"".join(payloads)  # type: ignore[arg-type]  # no None is left
            codes = np.frombuffer(joined, np.uint8).reshape(a, FRAME_SAMPLES)
            if mu:
                np.take(MU_LAW.linear_float, codes[:mu], out=speech[:mu], mode="clip")
            if a > mu:
                np.take(A_LAW.linear_float, codes[mu:], out=speech[mu:a], mode="clip")
        for row in range(a, count):
            frame = frames[row]
            samples = lines[row].receiver.decoder.decode(frame) if frame is not None else ()
            if len(samples) == FRAME_SAMPLES:
                speech[row] = samples
            else:
                speech[row] = 0
                missing.append(row)
        if missing:
            speech[missing] = conceal(self._before[missing])
            for row in missing:
                level = lines[row].receiver.comfort_level
                if level is not None:
                    speech[row] = comfort_noise(FRAME_SAMPLES, level)
        self._before = speech
        return speech

    def _send(self, lines: list[Line], streams: list[Stream], given: list[bytes | None]) -> None:
        """Send to every line what it was given, or its own source; ``given`` tells afterwards what it was."""
        pack = WORDS.pack
        for row, stream in enumerate(streams):
            frame = given[row]
            if lines[row].special:
                given[row] = self._send_special(lines[row], frame)
                continue
            if frame is None:
                at = stream.at
                end = at + 160
                if end <= stream.end:
                    frame = stream.data[at:end]
                    stream.at = end
                else:
                    frame = stream.line.player.next_frame()
                given[row] = frame
            stamp = stream.stamp
            stream.stamp = stamp + 160
            if not frame:
                stream.line.sender.skip()
                continue
            sequence = stream.sequence
            stream.sequence = sequence + 1
            send = stream.send
            try:
                send(pack(stream.kind, sequence & 0xFFFF, stamp & 0xFFFFFFFF, stream.ssrc) + frame)
            except OSError:
                stream.line.sender.errors += 1

    @staticmethod
    def _send_special(line: Line, frame: bytes | None) -> bytes:
        """A line that sends keys, or whose packets are not plain 20 ms of G.711."""
        if line.keys_out is not None and line.keys_out.tick():
            return b""
        if frame is None:
            frame = line.stream.next_frame()
        line.sender.frame(frame)
        return frame

    def _record(self, frames: list[bytes | None], sent: list[bytes | None]) -> None:
        """Keep what recordings are to have, and hand over those whose second is full."""
        self._reel.add(frames, sent if self._keeps_sent else [])
        self._ticks += 1
        ticks = self._ticks
        if ticks < self._next_flush:
            return
        soonest = ticks + CHUNK_FRAMES
        for recording, due in self._due.items():
            if due <= ticks:
                due = self._due[recording] = ticks + recording.flush()
            soonest = min(soonest, due)
        self._next_flush = soonest
        if len(self._reel) >= _LONG_REEL:
            self._reel.drop(min(recording.taken for recording in self._due))


def _order(line: Line) -> int:
    if not line.decoded:
        return 3
    return 0 if line.codec.law is MU_LAW else 1 if line.codec.law is A_LAW else 2
