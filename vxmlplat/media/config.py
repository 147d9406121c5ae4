"""The operator's settings for the media plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from vxmlplat.errors import ConfigurationError

SpeechDetector: TypeAlias = Literal["voice", "energy"]


@dataclass(frozen=True, slots=True)
class MediaConfig:
    """Settings of one media process. Ports are UDP; times are seconds unless the name says otherwise.

    ``first_port`` to ``last_port`` is the range of RTP ports (even; RTCP is the next one up); keep it outside
    the system's ephemeral range, ``net.ipv4.ip_local_port_range``. ``realtime`` asks for SCHED_FIFO, or a
    better nice value where the system does not allow it. ``media_timeout`` is how long a connected channel
    may hear nothing before :class:`~vxmlplat.media.events.MediaTimeout` is told; 0 never tells it.
    ``lock_packets`` is how many good packets in a row from an address other than the negotiated one make it
    the caller's (symmetric RTP). ``speech_detector`` is what makes a sound speech when a caller may interrupt
    a prompt by talking: ``voice``, the sound of a voice; ``energy``, any sound that stands out of the noise.
    What ends a recording by silence is energy in either case.
    """

    first_port: int = 20000
    last_port: int = 29998
    realtime: bool = True
    prompt_cache_bytes: int = 256 * 1024 * 1024
    media_timeout: float = 30.0
    lock_packets: int = 4
    jitter_initial_ms: int = 40
    jitter_max_ms: int = 200
    speech_detector: SpeechDetector = "voice"
    speech_onset_ms: int = 80
    speech_end_ms: int = 500
    heartbeat: float = 1.0
    hang_seconds: float = 5.0

    def __post_init__(self) -> None:
        if not 1024 <= self.first_port < self.last_port <= 65534:
            raise ConfigurationError(
                f"media ports {self.first_port}-{self.last_port}: the range must rise and lie in 1024-65534"
            )
        if not 20 <= self.jitter_initial_ms <= self.jitter_max_ms <= 1000:
            raise ConfigurationError("media jitter: 20 <= jitter_initial_ms <= jitter_max_ms <= 1000")
        known_detectors = get_args(SpeechDetector)
        if self.speech_detector not in known_detectors:
            known = ", ".join(known_detectors)
            raise ConfigurationError(f"media speech_detector {self.speech_detector!r}; there are {known}")
        if self.lock_packets < 1 or self.prompt_cache_bytes < 1_000_000:
            raise ConfigurationError("media: lock_packets is at least 1, prompt_cache_bytes at least 1000000")
