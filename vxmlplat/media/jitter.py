"""The jitter buffer: packets in whenever they come, one 20 ms frame out at each tick.

A stream's delay is found, not set: when the buffer runs dry the reader is given nothing and the stream's
time stands
still, so that the next packets are that much more delayed (up to a limit); when for some seconds there
was always a
frame to spare, one is dropped. A hole with packets behind it is a loss: time goes on over it.
"""

from __future__ import annotations

from vxmlplat.media.rtp import after

_CALM_TICKS = 250
_WRAP = 0xFFFFFFFF


class JitterBuffer:
    """One stream's packets in order of their timestamps.

    ``frame`` is a 20 ms frame in timestamp ticks; ``frame_bytes`` its size for codecs whose payload can
    be cut anywhere,
    0 for packet codecs, whose packets stay whole. ``initial`` and ``limit`` are frames of delay.
    """

    def __init__(self, frame: int = 160, frame_bytes: int = 160, initial: int = 2, limit: int = 10) -> None:
        self.frame = frame
        self.frame_bytes = frame_bytes
        self.initial = initial
        self.limit = limit
        self.late = 0
        self.concealed = 0
        self._frames: dict[int, bytes] = {}
        self._parts: dict[int, dict[int, bytes]] = {}
        self._next = 0
        self._playing = False
        self._dry = 0
        self._spare = limit
        self._ticks = 0

    def __len__(self) -> int:
        return len(self._frames)

    def put(self, timestamp: int, payload: bytes) -> None:
        """Take a packet in."""
        if not self._playing and not self._frames:
            self._next = timestamp
        ahead = after(timestamp, self._next)
        frame = self.frame
        if ahead < 0 or ahead > self.limit * frame * 2:
            if not self._place(timestamp, ahead):
                return
            ahead = after(timestamp, self._next)
        if self.frame_bytes and (len(payload) != self.frame_bytes or ahead % frame):
            self._put_parts(ahead, payload)
        else:
            self._frames[timestamp] = payload

    def _place(self, timestamp: int, ahead: int) -> bool:
        """A packet outside the window: too late, or the start of another time. False when it is of no use."""
        frame = self.frame
        if not self._playing and self._frames and -self.limit * frame <= ahead < 0:
            self._next = timestamp  # a packet overtaken by the stream's first one
            return True
        if -8 * self.limit * frame < ahead < 0 and self._dry < 50:
            self.late += 1
            return False
        self._frames.clear()
        self._parts.clear()
        self._next = timestamp
        return True

    def _put_parts(self, ahead: int, payload: bytes) -> None:
        """A packet of another length or phase: cut into the frames it touches, which are whole once all
        bytes are there."""
        frame = self.frame
        at = ahead
        while payload:
            index, offset = divmod(at, frame)
            part, payload = payload[: frame - offset], payload[frame - offset :]
            start = (self._next + index * frame) & _WRAP
            if len(part) == frame:
                self._frames[start] = part
            else:
                parts = self._parts.setdefault(start, {})
                parts[offset] = part
                if sum(map(len, parts.values())) >= frame:
                    del self._parts[start]
                    self._frames[start] = b"".join(parts[key] for key in sorted(parts))[:frame]
            at += frame - offset

    def get(self) -> bytes | None:
        """The frame of this tick; None when it is missing and has to be concealed."""
        frames = self._frames
        if not self._playing:
            if len(frames) < self.initial:
                return None
            self._playing = True
        position = self._next
        payload = frames.pop(position, None)
        if payload is not None:
            self._next = (position + self.frame) & _WRAP
            spare = len(frames)
            if spare < self._spare:
                self._spare = spare
            self._ticks += 1
            self._dry = 0
            if self._ticks >= _CALM_TICKS or spare > self.limit:
                self._settle(spare)
            return payload
        return self._missing()

    def _missing(self) -> bytes | None:
        self._spare = 0
        if not self._frames:
            self.concealed += 1
            self._dry += 1
            if self._dry > self.limit:
                self._playing = False  # the stream has paused: gather anew when it goes on
                self._parts.clear()
            return None
        nearest = min(self._frames, key=lambda stamp: after(stamp, self._next))
        gap = after(nearest, self._next)
        if gap <= self._dry * self.frame or gap > self.limit * self.frame:
            # The hole has been concealed while the buffer was dry, or silence suppression has ended.
            self._dry = 0
            self._next = (nearest + self.frame) & _WRAP
            return self._frames.pop(nearest)
        self._dry = 0
        self.concealed += 1
        self._parts.pop(self._next, None)
        self._next = (self._next + self.frame) & _WRAP
        return None

    def _settle(self, spare: int) -> None:
        """Give back delay that nobody needed."""
        calm = 1 if self._spare >= self.initial else 0
        excess = spare - self.initial if spare > self.limit else calm
        for _ in range(excess):
            self._frames.pop(self._next, None)
            self._next = (self._next + self.frame) & _WRAP
        self._ticks = 0
        self._spare = self.limit

    @property
    def flowing(self) -> bool:
        """Whether the stream is running, holes or not."""
        return self._playing
