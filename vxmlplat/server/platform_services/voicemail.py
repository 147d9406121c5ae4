"""``voicemail``: stores what the caller recorded."""

from __future__ import annotations

import asyncio
import os
import uuid
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field

from vxmlplat.server.platform_services.registry import (
    Answer,
    Asked,
    Question,
    RefusedError,
    platform_service,
)
from vxmlplat.store.recordings import Recording

RECORDING_FIELD = "vx_message"

SUFFIXES = {"audio/x-wav": ".wav", "audio/wav": ".wav", "audio/basic": ".au", "audio/x-alaw-basic": ".al"}


class VoicemailQuestion(Question):
    """The mailbox, and how long the message is in the interpreter's milliseconds (VoiceXML 2.0 §2.3.6)."""

    mailbox: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] = "general"
    duration: Annotated[float, Field(ge=0)] | None = None


@platform_service("voicemail", VoicemailQuestion)
async def voicemail(asked: Asked, question: VoicemailQuestion) -> Answer:
    """Port ``next``; the value holds the message's ``id``."""
    upload = asked.files.get(RECORDING_FIELD) or next(iter(asked.files.values()), None)
    if upload is None or not upload.data:
        raise RefusedError("there is no recording in the request")
    number = uuid.uuid4().hex
    if asked.world.rehearsal:
        return Answer("next", {"id": number})
    now = asked.world.clock.wall()
    path = _place(number, now, SUFFIXES.get(upload.media_type, ".wav"))
    root = asked.world.services.settings.recordings
    # The file first: a message that the list names is there.
    await asyncio.to_thread(_write, root / path, upload.data)
    seconds = question.duration / 1000 if question.duration else 0.0
    recording = Recording(
        id=number,
        call=question.call.id,
        mailbox=question.mailbox,
        path=str(path),
        media_type=upload.media_type if upload.media_type.startswith("audio/") else "audio/wav",
        duration=seconds,
        size=len(upload.data),
        created=now,
        started=now - timedelta(seconds=seconds),
    )
    await asked.world.services.store.recordings.add(recording)
    if asked.world.services.archive is not None:
        asked.world.services.archive.keep(number, path, upload.media_type)
    return Answer("next", {"id": number})


def _place(number: str, now: datetime, suffix: str) -> Path:
    # Nothing that a document or a caller said becomes part of a path.
    return Path(now.strftime("%Y-%m")) / now.strftime("%d") / f"{number}{suffix}"


def _write(path: Path, data: bytes) -> None:
    """Write the whole file or none, readable by the platform's user alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
