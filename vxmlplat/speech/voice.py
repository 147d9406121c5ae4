"""The voice of the platform: text to audio files, synthesised once and kept.

Every distinct utterance is a file under the cache, named by a digest of all that shapes its sound. Two calls
that need the same
utterance at once wait for one synthesis.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from vxmlplat.speech.engine import Utterance, installed, speaks
from vxmlplat.speech.errors import NoResource, NotAudio, SpeechError, UnsupportedLanguage
from vxmlplat.speech.settings import SpeechConfig
from vxmlplat.speech.workers import Workers

log = logging.getLogger(__name__)

KNOWN_AT_MOST = 4096
DECODED_AT_MOST = 64
DECODED_LONGEST = 512 << 10


@dataclass(frozen=True, slots=True)
class EngineHealth:
    """One engine as the operator sees it: ``problem`` is empty when it works."""

    name: str
    languages: frozenset[str]
    problem: str = ""


class Voice:
    """Text and fetched audio to files that the media plane plays."""

    def __init__(self, config: SpeechConfig, workers: Workers | None = None) -> None:
        self.config = config
        self._workers = workers or Workers()
        self._health: dict[str, EngineHealth] = {}
        self._making: dict[Path, asyncio.Task[Path]] = {}
        self._spoken: dict[Utterance, Path] = {}
        self._decoded: dict[tuple[int, str], tuple[bytes, Path]] = {}
        """By identity: fetched audio comes out of the cache as the same bytes call after call."""

    async def start(self) -> None:
        """Load every engine that is installed; what is missing is noted, not raised."""
        names = [name for name in self.config.engines if name in installed()]
        await asyncio.gather(*(self._probe(name) for name in names))
        for name in set(self.config.engines) - set(names):
            self._health[name] = EngineHealth(name, frozenset(), "not installed")

    async def _probe(self, name: str) -> None:
        try:
            self._health[name] = EngineHealth(name, await self._workers.load(name))
        except SpeechError as error:
            self._health[name] = EngineHealth(name, frozenset(), str(error))

    def stop(self) -> None:
        """End the worker processes."""
        self._workers.stop()

    def health(self) -> list[EngineHealth]:
        """The engines in the order in which they are tried."""
        return [self._health[n] for n in self.config.engines if n in self._health]

    def known(self, utterance: Utterance) -> Path | None:
        """The file of an utterance that was spoken before, as long as it is there."""
        path = self._spoken.get(utterance)
        return path if path is not None and os.path.exists(path) else None

    async def speak(self, utterance: Utterance) -> Path:
        """The utterance as a file.

        Raises UnsupportedLanguage when nobody speaks it, NoResource when all who do failed.
        """
        reason: SpeechError = UnsupportedLanguage(f"no engine speaks {utterance.language}")
        for name in self.config.engines:
            health = self._health.get(name)
            if health is None or health.problem or not speaks(health.languages, utterance.language):
                continue
            path = self._place(f"{name}|{utterance!r}")
            try:
                await self._once(path, self._synthesis(name, utterance, path))
            except SpeechError as error:
                log.warning("engine %s could not speak: %s", name, error)
                reason = error if isinstance(error, UnsupportedLanguage) else NoResource(str(error))
            else:
                if len(self._spoken) >= KNOWN_AT_MOST:
                    self._spoken.clear()
                self._spoken[utterance] = path
                return path
        raise reason

    def _synthesis(self, engine: str, utterance: Utterance, path: Path) -> Callable[[], Awaitable[None]]:
        return lambda: self._workers.synthesise(engine, utterance, path)

    async def decode(self, data: bytes, media_type: str) -> Path:
        """Fetched audio as a file. Raises NotAudio; the same bytes are decoded once, and refused once."""
        known = self._decoded.get((id(data), media_type))
        if known is not None and os.path.exists(known[1]):
            return known[1]
        path = await self._converted(data, media_type)
        if len(data) <= DECODED_LONGEST:
            if len(self._decoded) >= DECODED_AT_MOST:
                self._decoded.clear()
            self._decoded[id(data), media_type] = (
                data,
                path,
            )  # the bytes too, so that the identity stays theirs
        return path

    async def _converted(self, data: bytes, media_type: str) -> Path:
        path = self._place(hashlib.sha256(data).hexdigest() + "|" + media_type)
        refused = path.with_suffix(".not-audio")
        if refused.exists():
            raise NotAudio(refused.read_text(encoding="utf-8"))
        try:
            return await self._once(path, lambda: self._workers.convert(data, media_type, path))
        except NotAudio as error:
            refused.parent.mkdir(parents=True, exist_ok=True)
            refused.write_text(str(error), encoding="utf-8")
            raise

    def _place(self, key: str) -> Path:
        digest = hashlib.sha256(key.encode()).hexdigest()
        return self.config.cache / digest[:2] / f"{digest[2:]}.wav"

    async def _once(self, path: Path, make: Callable[[], Awaitable[None]]) -> Path:
        if path.exists():
            return path
        running = self._making.get(path)
        if running is None:
            running = asyncio.create_task(_made(path, make))
            self._making[path] = running
            running.add_done_callback(lambda _: self._making.pop(path, None))
        # A caller who hangs up must not take the synthesis from the others who wait for it.
        return await asyncio.shield(running)


async def _made(path: Path, make: Callable[[], Awaitable[None]]) -> Path:
    await make()
    return path
