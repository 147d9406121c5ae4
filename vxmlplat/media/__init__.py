"""The 20 ms plane: RTP, codecs, DTMF, mixing, recording, in a process of its own.

>>> plane = MediaPlane(MediaConfig(), SystemClock())
>>> await plane.start()
>>> channel = await plane.open_channel("192.0.2.1", on_event)
>>> channel.connect(RemoteMedia("192.0.2.9", 4000))
>>> channel.play([FileClip(Path("welcome.wav"))], stop_on_key=True)
"""

from vxmlplat.media.channel import Conference, ConferenceMode, MediaChannel, RecordedAudio
from vxmlplat.media.clips import Clip, FileClip, Mark, Silence, Tone
from vxmlplat.media.config import MediaConfig
from vxmlplat.media.errors import (
    AudioFileError,
    ChannelClosed,
    MediaError,
    MediaProcessDied,
    NoPortAvailable,
    UnknownCodec,
)
from vxmlplat.media.events import (
    ChannelLost,
    ChannelStatistics,
    DtmfSent,
    KeyPressed,
    KeyReleased,
    KeySource,
    MarkReached,
    MediaEvent,
    MediaTimeout,
    PlaneStatistics,
    PlayDone,
    PlayEnd,
    RecordEnd,
    RecordingEnded,
    SpeechEnded,
    SpeechStarted,
    ToneDetected,
    ToneKind,
)
from vxmlplat.media.plane import MediaPlane
from vxmlplat.media.recordings import KeptRecording, RecordingConverter, convert_file
from vxmlplat.media.remote import Direction, RemoteMedia, SrtpKeys
from vxmlplat.media.tap import AudioTap

__all__ = [
    "AudioFileError",
    "AudioTap",
    "ChannelClosed",
    "ChannelLost",
    "ChannelStatistics",
    "Clip",
    "Conference",
    "ConferenceMode",
    "Direction",
    "DtmfSent",
    "FileClip",
    "KeptRecording",
    "KeyPressed",
    "KeyReleased",
    "KeySource",
    "Mark",
    "MarkReached",
    "MediaChannel",
    "MediaConfig",
    "MediaError",
    "MediaEvent",
    "MediaPlane",
    "MediaProcessDied",
    "MediaTimeout",
    "NoPortAvailable",
    "PlaneStatistics",
    "PlayDone",
    "PlayEnd",
    "RecordEnd",
    "RecordedAudio",
    "RecordingConverter",
    "RecordingEnded",
    "RemoteMedia",
    "Silence",
    "SpeechEnded",
    "SpeechStarted",
    "SrtpKeys",
    "Tone",
    "ToneDetected",
    "ToneKind",
    "UnknownCodec",
    "convert_file",
]
