"""The jitter buffer: packets in whenever they come, one 20 ms frame out at each tick.

A stream's delay is found, not set: when the buffer runs dry the reader is given nothing and the stream's time
stands still, so that the next packets are that much more delayed (up to a limit); when for some seconds there
was always a frame to spare, one is dropped. A hole with packets behind it is a loss: time goes on over it.
"""

from __future__ import annotations

from vxmlplat.media.rtp import after

_CALM_LOOKS = 5
_WRAP = 0xFFFFFFFF
_NONE = -1


class JitterBuffer:
    """One stream's packets in order of their timestamps.

    ``frame`` is a 20 ms frame in timestamp ticks; ``frame_bytes`` its size for codecs whose payload can be
    cut anywhere, 0 for packet codecs, whose packets stay whole. ``initial`` and ``limit`` are frames of
    delay. ``following`` is the timestamp of the next whole frame of a stream in good order, which may be
    entered into ``frames`` straight away, as the loop does; everything else is for :meth:`put`. ``position``
    is the timestamp of the frame of this tick, which may be taken out straight away, ``position`` moved on;
    when it is not there, :meth:`missing` says what is.
    """

    def __init__(self, frame: int = 160, frame_bytes: int = 160, initial: int = 2, limit: int = 10) -> None:
        self.frame = frame
        self.frame_bytes = frame_bytes
        self.initial = initial
        self.limit = limit
        self.late = 0
        self.concealed = 0
        self.frames: dict[int, bytes] = {}
        self.following = _NONE
        self._parts: dict[int, dict[int, bytes]] = {}
        self._next = 0
        self.position = _NONE
        self._playing = False
        self._dry = 0
        self._spare = limit
        self._looks = 0

    def __len__(self) -> int:
        return len(self.frames)

    @property
    def flowing(self) -> bool:
        """Whether the stream is running, holes or not."""
        return self._playing

    def put(self, timestamp: int, payload: bytes) -> None:
        """Take a packet in."""
        if self._playing:
            self._next = self.position
        elif not self.frames and not self._parts:
            self._next = timestamp
        ahead = after(timestamp, self._next)
        frame = self.frame
        if ahead < 0 or ahead > self.limit * frame * 2:
            if not self._place(timestamp, ahead):
                return
            ahead = 0
        self.following = _NONE
        if not self.frame_bytes:
            self.frames[timestamp] = payload
        elif len(payload) != self.frame_bytes or ahead % frame:
            self._put_parts(ahead, payload)
        else:
            self.frames[timestamp] = payload
            self.following = (timestamp + frame) & _WRAP

    def _place(self, timestamp: int, ahead: int) -> bool:
        """Begin anew with a packet outside the window, unless it is merely too late and of no use: False."""
        frame = self.frame
        if not self._playing and -self.limit * frame <= ahead < 0:
            self._next = timestamp  # overtaken by the packet that came first
            return True
        if -8 * self.limit * frame < ahead < 0:
            self.late += 1
            return False
        self.frames.clear()
        self._parts.clear()
        self._next = timestamp
        if self._playing:
            self.position = timestamp
        return True

    def _put_parts(self, ahead: int, payload: bytes) -> None:
        """Cut a packet of another length or phase into the frames it touches; they are whole with their last
        part.
        """
        frame = self.frame
        while payload:
            index, offset = divmod(ahead, frame)
            part, payload = payload[: frame - offset], payload[frame - offset :]
            start = (self._next + index * frame) & _WRAP
            if len(part) == frame:
                self.frames[start] = part
            else:
                parts = self._parts.setdefault(start, {})
                parts[offset] = part
                if sum(map(len, parts.values())) >= frame:
                    del self._parts[start]
                    self.frames[start] = b"".join(parts[key] for key in sorted(parts))[:frame]
            ahead += frame - offset

    def get(self) -> bytes | None:
        """The frame of this tick; None when it is missing and has to be concealed."""
        payload = self.frames.pop(self.position, None)
        if payload is None:
            return self.missing()
        self.position = (self.position + self.frame) & _WRAP
        return payload

    def missing(self) -> bytes | None:
        """The frame of this tick when there is none at ``position``; None when it has to be concealed."""
        frames = self.frames
        if not self._playing:
            if len(frames) < self.initial:
                return None
            self._playing, self.position = True, self._next
            return self.get()
        self._next = self.position
        frame = self._conceal()
        self.position = self._next
        return frame

    def _conceal(self) -> bytes | None:
        self._looks, self._spare = 0, self.limit
        frames = self.frames
        while frames:
            nearest = min(frames, key=lambda stamp: after(stamp, self._next))
            gap = after(nearest, self._next)
            if gap >= 0:
                return self._over_hole(nearest, gap)
            del frames[nearest]  # left behind when the stream's time was moved
        self.concealed += 1
        self._dry += 1
        if self._dry > self.limit:
            self._playing = False  # the stream has paused: gather anew when it goes on
            self._dry, self._next = 0, _NONE
            self.following = _NONE
        return None

    def _over_hole(self, nearest: int, gap: int) -> bytes | None:
        dry, self._dry = self._dry, 0
        if gap <= dry * self.frame or gap > self.limit * self.frame or (gap and gap % self.frame):
            # The hole was concealed while the buffer was dry, or silence suppression or the sender made it.
            self.following = _NONE
            self._parts.clear()
            self._next = (nearest + self.frame) & _WRAP
            return self.frames.pop(nearest)
        self.concealed += 1
        self._parts.pop(self._next, None)
        self._next = (self._next + self.frame) & _WRAP
        return None

    def settle(self) -> None:
        """Called once a second: give back delay that nobody has needed for some seconds, and at once what is
        too much.
        """
        spare = len(self.frames)
        if not self._playing:
            return
        if spare > self.limit:
            excess = spare - self.initial
        else:
            self._spare = min(self._spare, spare)
            self._looks += 1
            if self._looks < _CALM_LOOKS:
                return
            excess = 1 if self._spare >= self.initial else 0
        for _ in range(excess):
            self.frames.pop(self.position, None)
            self.position = (self.position + self.frame) & _WRAP
        self._looks, self._spare = 0, self.limit
