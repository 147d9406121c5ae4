"""Worker processes for what blocks: engines, and the decoding of audio from outside.

Each engine has one process of its own, so that a slow or crashing engine takes nothing else with it, and
engines under the GPL
stay apart from the platform. A process that died is started again for the next request.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TypeVar

from vxmlplat.speech.engine import SynthesisEngine, Utterance, engine_class
from vxmlplat.speech.errors import NoResource

log = logging.getLogger(__name__)
T = TypeVar("T")
_engines: dict[str, SynthesisEngine] = {}


def _engine(name: str) -> SynthesisEngine:
    if name not in _engines:
        engine = engine_class(name)()
        engine.load()
        _engines[name] = engine
    return _engines[name]


def _be_polite() -> None:
    os.nice(5)  # packets come first


def _load(name: str) -> frozenset[str]:
    return _engine(name).languages


def _synthesise(name: str, utterance: Utterance, path: str) -> None:
    from vxmlplat.speech.prompt_files import to_wav, without_lead_in

    samples, rate = _engine(name).synthesise(utterance)
    write_whole(Path(path), to_wav(without_lead_in(samples, rate), rate))


def _convert(data: bytes, media_type: str, path: str) -> None:
    from vxmlplat.speech.prompt_files import convert

    write_whole(Path(path), convert(data, media_type=media_type))


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees all of it or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(data)
    part.replace(path)


class Workers:
    """The processes, one for each engine and one for decoding, started when first needed."""

    def __init__(self) -> None:
        self._pools: dict[str, ProcessPoolExecutor] = {}

    async def load(self, engine: str) -> frozenset[str]:
        """Start the engine and give the languages that it speaks. Raises NoResource."""
        return await self._run(engine, _load, engine)

    async def synthesise(self, engine: str, utterance: Utterance, path: Path) -> None:
        """Speak into a file of 8 kHz, mono, 16 bits. Raises SpeechError."""
        await self._run(engine, _synthesise, engine, utterance, str(path))

    async def convert(self, data: bytes, media_type: str, path: Path) -> None:
        """Bring audio from outside to 8 kHz, mono, 16 bits. Raises NotAudio."""
        await self._run("convert", _convert, data, media_type, str(path))

    async def _run(self, name: str, work: Callable[..., T], *args: object) -> T:
        loop = asyncio.get_running_loop()
        for attempt in (1, 2):
            pool = self._pools.get(name)
            if pool is None:
                context = multiprocessing.get_context("spawn")
                pool = ProcessPoolExecutor(1, mp_context=context, initializer=_be_polite)
                self._pools[name] = pool
            try:
                return await loop.run_in_executor(pool, work, *args)
            except BrokenProcessPool as error:
                if self._pools.get(name) is pool:
                    del self._pools[name]
                log.warning("the speech worker %s died (attempt %d)", name, attempt)
                last = error
        raise NoResource(f"the speech worker {name} died twice") from last

    def stop(self) -> None:
        """End the processes."""
        for pool in self._pools.values():
            pool.shutdown(wait=False, cancel_futures=True)
        self._pools.clear()
