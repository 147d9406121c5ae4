"""How the server process and the media process talk: batches of plain tuples over a packet socket pair.

A message is ``(name, …)`` of numbers, strings and tuples; a datagram is one marshalled list of messages. Both
ends are the same interpreter started by the same parent, which is what makes :mod:`marshal` (fast, and not
for strangers) fit. Events travel as their class name and their fields, clips as a letter and their fields.
"""

from __future__ import annotations

import dataclasses
import functools
import marshal
import operator
import typing
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from vxmlplat.media import events
from vxmlplat.media.clips import Clip, FileClip, Mark, Silence, Tone
from vxmlplat.media.errors import MediaError

Message: TypeAlias = tuple[Any, ...]

# A datagram of a UNIX socket pair must fit the send buffer whole; the system's default is a little above 200
# KB.
MAX_DATAGRAM = 100_000
MAX_BATCH = 64


def datagrams(messages: list[Message]) -> Iterator[bytes]:
    """Marshal messages in order into datagrams that the socket pair can carry; MediaError when one is too
    large.
    """
    for start in range(0, len(messages), MAX_BATCH):
        batch = messages[start : start + MAX_BATCH]
        data = marshal.dumps(batch)
        if len(data) <= MAX_DATAGRAM:
            yield data
            continue
        for message in batch:
            data = marshal.dumps([message])
            if len(data) > MAX_DATAGRAM:
                raise MediaError(
                    f"{message[0]} of {len(data)} bytes, {MAX_DATAGRAM} at most: play fewer clips at once"
                )
            yield data


def messages(datagram: bytes | memoryview) -> list[Message]:
    """The messages of one datagram."""
    batch: list[Message] = marshal.loads(datagram)  # noqa: S302  (from our own child or parent)
    return batch


def pack_clips(clips: Iterable[Clip]) -> tuple[Message, ...]:
    """Clips as plain tuples."""
    return tuple(_pack_clip(clip) for clip in clips)


def _pack_clip(clip: Clip) -> Message:
    match clip:
        case FileClip(path, start, end):
            return ("f", str(path), start, end)
        case Silence(ms):
            return ("s", ms)
        case Tone(frequencies, ms, pause_ms, level):
            return ("t", tuple(frequencies), ms, pause_ms, level)
        case Mark(name):
            return ("m", name)


def unpack_clips(packed: Iterable[Message]) -> list[Clip]:
    """Clips back from :func:`pack_clips`."""
    return [_unpack_clip(clip) for clip in packed]


@functools.lru_cache(maxsize=1024)
def _unpack_clip(packed: Message) -> Clip:
    """The same clips come again and again: a call's prompts are those of the call before."""
    kind, *fields = packed
    return _CLIPS[kind](*fields)


_CLIPS: dict[str, Callable[..., Clip]] = {
    "f": lambda path, start, end: FileClip(Path(path), start, end),
    "s": Silence,
    "t": Tone,
    "m": Mark,
}


class _EventForm:
    """How one class of events is taken apart and put together again."""

    def __init__(self, cls: type[Any]) -> None:
        hints = typing.get_type_hints(cls)
        names = [field.name for field in dataclasses.fields(cls)]
        self.cls = cls
        self.enums = {
            index: hints[name]
            for index, name in enumerate(names)
            if isinstance(hints[name], type) and issubclass(hints[name], StrEnum)
        }
        paths = [f"{name}.value" if index in self.enums else name for index, name in enumerate(names)]
        self.take_apart: Callable[[Any], tuple[Any, ...]] = operator.attrgetter(*paths)

    def put_together(self, fields: list[Any]) -> Any:
        for index, enum in self.enums.items():
            fields[index] = enum(fields[index])
        return self.cls(*fields)


_EVENTS = {cls.__name__: _EventForm(cls) for cls in typing.get_args(events.MediaEvent)}


def pack_event(event: events.MediaEvent) -> Message:
    """An event as a message that begins with its class name."""
    name = type(event).__name__
    return (name, *_EVENTS[name].take_apart(event))


def unpack_event(message: Message) -> events.MediaEvent | None:
    """The event of a message, or None when the message is no event."""
    form = _EVENTS.get(message[0])
    if form is None:
        return None
    event: events.MediaEvent = form.put_together(list(message[1:]))
    return event
