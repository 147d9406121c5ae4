"""Recordings: frames in from the loop, a WAV file out, written by a helper thread as the call goes.

The loop only keeps payloads as they are; once a second they go to the writer, which decodes, conceals, mixes
and writes them and brings the file's header up to date, so that a recording cut short by a crash can still be
played.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from vxmlplat.media.clips import Tone
from vxmlplat.media.codecs import Codec
from vxmlplat.media.events import RecordEnd
from vxmlplat.media.playback import Playback
from vxmlplat.media.prompts import encoded, tone_samples
from vxmlplat.media.wav_file import Chunk, Stretch, WavFile

if TYPE_CHECKING:
    from vxmlplat.media.line import Line

CHUNK_FRAMES = 50
"""Ticks after which, at the latest, a recording hands over what it has gathered."""
_MOST_WAITING = 10_000
_BEEP_FRAMES = 25
_FRAME_BYTES = 160


Frames: TypeAlias = "list[bytes | None]"


class Reel:
    """What all lines of a slot heard and were sent, tick by tick, until their recordings have taken their
    part of it: that costs the loop much less than a frame into each recording.

    A tick is one run of bytes where it can be, so that the frames' own memory is free again at once and stays
    in the processor's caches.
    """

    def __init__(self) -> None:
        self._ticks: list[tuple[bytes | Frames, bytes | Frames]] = []
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._ticks)

    @property
    def end(self) -> int:
        """The number of the next tick."""
        return self._dropped + len(self._ticks)

    def add(self, received: Frames, sent: Frames) -> None:
        """A tick: a frame of each line; an empty list when nobody wants them."""
        self._ticks.append((_packed(received), _packed(sent)))

    def part(self, way: int, row: int, start: int) -> Frames:
        """One line's frames from a tick on: way 0 received, 1 sent."""
        place = slice(row * _FRAME_BYTES, (row + 1) * _FRAME_BYTES)
        found: Frames = []
        for tick in self._ticks[start - self._dropped :]:
            frames = tick[way]
            found.append(frames[place] if isinstance(frames, bytes) else frames[row])
        return found

    def drop(self, before: int) -> None:
        """Nobody needs the ticks before this one."""
        del self._ticks[: before - self._dropped]
        self._dropped = before


def _packed(frames: Frames) -> bytes | Frames:
    """The frames as one run of bytes, unless some are missing or of another length."""
    if not all(frames):
        return frames
    joined = b"".join(frames)  # type: ignore[arg-type]  # none is None
    uniform = len(joined) == _FRAME_BYTES * len(frames) and len(set(map(len, frames))) == 1  # type: ignore[arg-type]
    return joined if uniform else frames


class Track:
    """One way of a recording while it gathers."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._decoder = codec.decoder()
        self._data = bytearray()
        self._packets: list[bytes] = []
        self._holes: list[int] = []

    @property
    def count(self) -> int:
        """Frames gathered."""
        return len(self._data) // self._codec.frame_bytes if self._codec.frame_bytes else len(self._packets)

    def extend(self, frames: Frames) -> None:
        """More frames; None and b"" are missing."""
        if not all(frames):
            count = self.count
            self._holes += [count + index for index, frame in enumerate(frames) if not frame]
        whole = [frame or self._codec.silence for frame in frames]
        if self._codec.frame_bytes:
            self._data += b"".join(whole)
        else:
            self._packets += whole

    def take(self, start: int, count: int) -> Stretch:
        """``count`` frames after the first ``start``; all that has gathered is gone then."""
        size = self._codec.frame_bytes
        holes = frozenset(hole - start for hole in self._holes if start <= hole < start + count)
        data = bytes(self._data[start * size : (start + count) * size])
        stretch = Stretch(data, tuple(self._packets[start : start + count]), holes, count, self._decoder)
        self._data.clear()
        self._packets.clear()
        self._holes.clear()
        return stretch


class RecordWriter:
    """The helper thread of all recordings; what it has finished, ``done``, is told at :meth:`collect`.

    ``wake`` is called from the thread when there is something; the thread computes within a ``turn``
    (:mod:`.intervals`).
    """

    def __init__(
        self,
        *,
        threaded: bool = True,
        wake: Callable[[], None] | None = None,
        turn: AbstractContextManager[None] | None = None,
    ) -> None:
        self._wake = wake
        self._turn = turn or nullcontext()
        self._asked: queue.SimpleQueue[tuple[WavFile, Chunk | Callable[[], None]] | None] = (
            queue.SimpleQueue()
        )
        self.done: deque[Callable[[], None]] = deque()
        self._thread: threading.Thread | None = None
        if threaded:
            self._thread = threading.Thread(target=self._work, name="recordings", daemon=True)
            self._thread.start()

    def write(self, file: WavFile, chunk: Chunk) -> None:
        """Write this chunk soon; a disk that falls far behind fails the recording, not the process."""
        if self._asked.qsize() > _MOST_WAITING:
            file.error = file.error or "the disk is too slow for the recordings"
        else:
            self._put(file, chunk)

    def finish(self, file: WavFile, done: Callable[[], None]) -> None:
        """Complete the file after all its chunks, then call ``done`` from the loop."""
        self._put(file, done)

    def collect(self) -> bool:
        """Tell one of those that are finished, called from the loop; False when there is none."""
        if not self.done:
            return False
        self.done.popleft()()
        return True

    def close(self) -> None:
        """Write what waits and end the thread."""
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join(5.0)
            self._thread = None

    def _put(self, file: WavFile, what: Chunk | Callable[[], None]) -> None:
        if self._thread is None:
            self._handle(file, what)
        else:
            self._asked.put((file, what))

    def _work(self) -> None:
        while (order := self._asked.get()) is not None:
            self._handle(*order)

    def _handle(self, file: WavFile, what: Chunk | Callable[[], None]) -> None:
        if isinstance(what, Chunk):
            file.write(what, self._turn)
        else:
            file.close()
            self.done.append(what)
            if self._wake is not None:
                self._wake()


@dataclass(frozen=True, slots=True)
class RecordLimits:
    """When a recording ends by itself; seconds, None for never."""

    longest: float | None = None
    final_silence: float | None = None
    initial_silence: float | None = None


class Recording:
    """A recording in progress, in the loop's hands: it takes its frames from its slot's reel into its
    ``tracks``, received and sent, at each :meth:`flush` and whenever its place on the reel changes.

    ``taken`` is the first tick on the ``reel`` that it has not taken. ``ended(recording)`` is called from the
    loop when the file is complete; ``reason``, ``key`` and ``file`` then tell all.
    """

    def __init__(
        self,
        number: int,
        file: WavFile,
        writer: RecordWriter,
        limits: RecordLimits,
        codec: Codec,
        ended: Callable[[Recording], None],
        stop_keys: str = "",
    ) -> None:
        self.number = number
        self.file = file
        self.limits = limits
        self.stop_keys = stop_keys
        self.reason: RecordEnd | None = None
        self.key: str | None = None
        self.listens = limits.final_silence is not None or limits.initial_silence is not None
        self._writer = writer
        self._ended = ended
        self.tracks = self._new_tracks(codec)
        self.taken = 0
        self.reel: Reel | None = None
        self._row = 0
        self._ticks = 0
        self._waiting = 0
        self._most = None if limits.longest is None else max(1, round(limits.longest * 50))
        self._spoken = False
        self._quiet = 0

    @property
    def duration(self) -> float:
        """Seconds recorded."""
        return self._ticks / 50

    @property
    def patience(self) -> int:
        """In how many ticks, at the latest, it must be flushed."""
        if self._most is None or self._ticks >= self._most:
            return CHUNK_FRAMES
        gathered = max(track.count for track in self.tracks if track is not None)
        if self.reel is not None:
            gathered += self.reel.end - self.taken
        return max(1, min(CHUNK_FRAMES, self._most - self._ticks + self._waiting - gathered))

    def begin_after_beep(self, line: Line) -> None:
        """Let the caller hear the beep first, and record from its end."""
        self._waiting = _BEEP_FRAMES
        beep = tone_samples(Tone((1000.0,), 20 * _BEEP_FRAMES, level=-16.0), line.codec.rate)
        playback = Playback(0, line.codec)
        playback.load([encoded(line.codec, beep, line.codec.rate)])
        line.player.start(playback)

    def take_from(self, reel: Reel, row: int) -> None:
        """Its frames are in this row of this reel from now on."""
        self.leave_reel()
        self.reel, self._row, self.taken = reel, row, reel.end

    def leave_reel(self) -> None:
        """Take what there is for it; nothing more comes until it has a place again."""
        self._gather()
        self.reel = None

    def _gather(self) -> None:
        reel = self.reel
        if reel is None or reel.end == self.taken:
            return
        for way, track in enumerate(self.tracks):
            if track is not None:
                track.extend(reel.part(way, self._row, self.taken))
        self.taken = reel.end

    def flush(self) -> int:
        """Hand over what has gathered; how many ticks from now it should be done again."""
        self._gather()
        gathered = max(track.count for track in self.tracks if track is not None)
        beep = min(self._waiting, gathered)
        self._waiting -= beep
        count = gathered - beep if self.reason is None else 0
        if self._most is not None:
            count = min(count, self._most - self._ticks)
        received, sent = (None if track is None else track.take(beep, count) for track in self.tracks)
        if count:
            self._writer.write(self.file, Chunk(received, sent))
            self._ticks += count
        if self._most is not None and self._ticks >= self._most and self.reason is None:
            self._end(RecordEnd.MAX_TIME, None)
        return self.patience

    def hear(self, speaking: bool) -> None:
        """Whether the caller spoke in this tick: silence may end the recording."""
        if self._waiting:
            return
        if speaking:
            self._spoken, self._quiet = True, 0
            return
        self._quiet += 1
        limits = self.limits
        if self._spoken:
            if limits.final_silence is not None and self._quiet >= limits.final_silence * 50:
                self.stop(RecordEnd.SILENCE)
        elif limits.initial_silence is not None and self._quiet >= limits.initial_silence * 50:
            self.stop(RecordEnd.NO_INPUT)

    def use(self, codec: Codec) -> None:
        """The codec has changed in mid-call."""
        self.flush()
        self.tracks = self._new_tracks(codec)

    def _new_tracks(self, codec: Codec) -> tuple[Track | None, Track | None]:
        audio = self.file.audio
        return (
            Track(codec) if audio != "sent" else None,
            Track(codec) if audio != "received" else None,
        )

    def stop(self, reason: RecordEnd, key: str | None = None) -> None:
        """End it; nothing happens when it has ended."""
        if self.reason is not None:
            return
        self.flush()
        if self.reason is None:
            self._end(reason, key)

    def _end(self, reason: RecordEnd, key: str | None) -> None:
        self.reason, self.key = reason, key
        self._writer.finish(self.file, lambda: self._ended(self))
