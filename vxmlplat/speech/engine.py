"""What a speech synthesis engine is, and the table of engines that are installed.

An engine is a class named by an entry point of the group ``vxmlplat.synthesizers`` (``pyproject.toml``), so
another package
can bring one. Engines run in worker processes (``speech.workers``): a class is built and used there, never in
the server.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vxmlplat.speech.errors import NoResource

GROUP = "vxmlplat.synthesizers"
Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Utterance:
    """What is to be said: one sentence or so, in one language and one manner.

    ``rate`` is a factor (1.0 the engine's own), ``pitch`` likewise, ``voice`` a name that an engine may know.
    """

    text: str
    language: str
    rate: float = 1.0
    pitch: float = 1.0
    voice: str = ""


class SynthesisEngine(Protocol):
    """A text-to-speech engine. Its methods block and are called from one thread of a worker process."""

    #: primary language tags that it speaks (``en``), or ``*``
    languages: frozenset[str]

    def load(self) -> None:
        """Load the model.

        Raises NoResource, with the reason, when something that it needs is not installed.
        """
        ...

    def synthesise(self, utterance: Utterance) -> tuple[Samples, int]:
        """Mono samples from -1.0 to 1.0 and their rate in Hz."""
        ...


@cache
def installed() -> dict[str, EntryPoint]:
    """The engines that are installed, by name."""
    return {point.name: point for point in entry_points(group=GROUP)}


def engine_class(name: str) -> type[SynthesisEngine]:
    """The class of an engine. Raises NoResource for a name that is not installed or cannot be imported."""
    try:
        loaded: type[SynthesisEngine] = installed()[name].load()
    except (KeyError, ImportError) as error:
        raise NoResource(f"speech engine {name!r} is not installed: {error}") from error
    return loaded


def speaks(languages: frozenset[str], tag: str) -> bool:
    """Whether an engine with these languages takes a text of language ``tag``."""
    return "*" in languages or tag.lower() in languages or tag.lower().split("-")[0] in languages
