"""A ring of audio in shared memory, written by the media process and read by a recogniser in any process.

The ring is a file in ``/dev/shm`` (the system's temporary folder where there is none): a header with the
count of samples ever written, then the samples, 16-bit at 8 kHz. One writer, any number of readers, no locks:
the writer moves the count after the samples, and a reader that was too slow is told how much it missed.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vxmlplat.media.codecs import Decoder
from vxmlplat.media.errors import MediaError

RATE = 8000
_MAGIC = b"VXTAP001"
_HEADER = struct.Struct("<8sQQ")  # magic, capacity in samples, samples written
_COUNT = struct.Struct("<Q")
_COUNT_AT = 16
_SILENCE = bytes(320)


def _folder() -> Path:
    shm = Path("/dev/shm")  # noqa: S108  (mkstemp makes the name)
    return shm if os.access(shm, os.W_OK) else Path(tempfile.gettempdir())


class TapRing:
    """The memory itself; writer and readers each map it."""

    def __init__(self, name: str) -> None:
        path = _folder() / Path(name).name
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        magic, self.capacity, _ = _HEADER.unpack_from(self._map)
        if magic != _MAGIC or len(self._map) != _HEADER.size + 2 * self.capacity:
            self._map.close()
            raise MediaError(f"{path} is no audio tap")

    @property
    def written(self) -> int:
        """Samples ever written."""
        count: int = _COUNT.unpack_from(self._map, _COUNT_AT)[0]
        return count

    def write(self, pcm: bytes) -> None:
        """Append 16-bit samples, over the oldest ones."""
        written = self.written
        size = 2 * self.capacity
        pcm = pcm[-size:]
        at = 2 * (written % self.capacity)
        first = min(len(pcm), size - at)
        base = _HEADER.size
        self._map[base + at : base + at + first] = pcm[:first]
        if first < len(pcm):
            self._map[base : base + len(pcm) - first] = pcm[first:]
        _COUNT.pack_into(self._map, _COUNT_AT, written + len(pcm) // 2)

    def read(self, start: int, end: int) -> bytes:
        """Samples ``start`` to ``end`` by their place in the stream; they must still be in the ring."""
        base, size = _HEADER.size, 2 * self.capacity
        at, count = 2 * (start % self.capacity), 2 * (end - start)
        first = min(count, size - at)
        return self._map[base + at : base + at + first] + self._map[base : base + count - first]

    def close(self) -> None:
        """Unmap."""
        self._map.close()


class Tap:
    """A ring and which way of a line it holds, in the media process."""

    def __init__(self, ring: TapRing, decoder: Decoder | None) -> None:
        self._ring = ring
        self._decoder = decoder
        self.of_sent = decoder is not None

    def write_sent(self, frame: bytes | None) -> None:
        """20 ms of what the caller hears, as it was sent."""
        samples = self._decoder.decode(frame).tobytes() if self._decoder is not None and frame else b""
        self._ring.write(samples or _SILENCE)

    def write_received(self, samples: NDArray[np.float32]) -> None:
        """20 ms of what the caller says."""
        self._ring.write(samples.astype(np.int16).tobytes())

    def close(self) -> None:
        """Unmap."""
        self._ring.close()


class AudioTap:
    """A reader of a channel's audio; ``name`` lets another process attach with :meth:`attach`."""

    rate = RATE

    def __init__(self, name: str, *, owner: bool) -> None:
        self.name = name
        self.missed = 0
        self._owner = owner
        self._ring = TapRing(name)
        self._read = self._ring.written

    @classmethod
    def create(cls, seconds: float) -> AudioTap:
        """Make the ring and its first reader, which removes the ring again when it is closed."""
        capacity = max(RATE // 10, int(seconds * RATE))
        handle, path = tempfile.mkstemp(prefix="vxmlplat-tap-", dir=_folder())
        with os.fdopen(handle, "wb") as file:
            file.write(_HEADER.pack(_MAGIC, capacity, 0))
            file.truncate(_HEADER.size + 2 * capacity)
        return cls(Path(path).name, owner=True)

    @classmethod
    def attach(cls, name: str) -> AudioTap:
        """Read an existing ring from another process, from now on."""
        return cls(name, owner=False)

    def read(self) -> bytes:
        """What came since the last read, as 16-bit samples; what the ring has lost is added to ``missed``."""
        written = self._ring.written
        oldest = written - self._ring.capacity
        if self._read < oldest:
            self.missed += oldest - self._read
            self._read = oldest
        pcm = self._ring.read(self._read, written)
        self._read = written
        return pcm

    def close(self) -> None:
        """Unmap; the one who made the ring removes it too."""
        self._ring.close()
        if self._owner:
            self._owner = False
            (_folder() / self.name).unlink(missing_ok=True)
