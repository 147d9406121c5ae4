"""Kept recordings made smaller, in the background, after the caller has left them (docs/media.md)."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from vxmlplat.media.errors import MediaError
from vxmlplat.media.recordings import RecordingConverter
from vxmlplat.store.errors import StoreError
from vxmlplat.store.recordings import RecordingRepository

log = logging.getLogger(__name__)

WAV = ("audio/wav", "audio/x-wav")


class RecordingArchive:
    """Makes stored WAV recordings of the operator's media type; ``folder`` is that of all recordings.

    At every moment the row names a file that is there: the new one is written, the row changed, the old one
    removed. What cannot be converted, or waits when the platform stops, stays the WAV file that it is.
    """

    def __init__(self, folder: Path, recordings: RecordingRepository, media_type: str) -> None:
        self.media_type = media_type
        self._folder = folder
        self._recordings = recordings
        self._converter = RecordingConverter()
        self._tasks: set[asyncio.Task[None]] = set()

    def keep(self, number: str, path: Path, media_type: str) -> None:
        """A recording of this id, path in the folder and media type has been stored: make it smaller soon."""
        if self.media_type in WAV or media_type not in WAV:
            return
        task = asyncio.create_task(self._compress(number, path))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _compress(self, number: str, path: Path) -> None:
        wav = self._folder / path
        try:
            made = await self._converter.convert(wav, self.media_type, keep=True)
        except (MediaError, OSError) as error:
            log.warning("recording %s stays a WAV file: %s", number, error)
            return
        try:
            place = str(path.with_suffix(made.path.suffix))
            await self._recordings.replace_file(number, place, made.media_type, made.size)
        except StoreError as error:
            log.warning("recording %s stays a WAV file: %s", number, error)
            made.path.unlink(missing_ok=True)
            return
        wav.unlink(missing_ok=True)

    async def settled(self) -> None:
        """Return when nothing waits."""
        await asyncio.gather(*self._tasks)

    async def stop(self) -> None:
        """Finish the one at work; the others are not begun."""
        await asyncio.to_thread(self._converter.close)
        await asyncio.gather(*self._tasks, return_exceptions=True)
