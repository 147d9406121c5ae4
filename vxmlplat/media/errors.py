"""What can go wrong in the media plane, as one family."""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class MediaError(VxmlplatError):
    """Root of the room's errors."""


class MediaProcessDied(MediaError):
    """The media process ended; its channels are gone, new ones can be opened as soon as it runs again."""

    retryable = True


class NoPortAvailable(MediaError):
    """Every RTP port of the configured range is taken, or the local address cannot be bound."""

    retryable = True


class ChannelClosed(MediaError):
    """The channel has been closed, or was lost with its media process."""


class UnknownCodec(MediaError):
    """The codec's name is not one that this installation speaks; the message lists those it does."""


class AudioFileError(MediaError):
    """An audio file cannot be played: missing, no WAV, or a format other than 16-bit mono at 8 or 16 kHz."""


class PacketError(MediaError):
    """Bytes that are no packet of the kind they were taken for."""
