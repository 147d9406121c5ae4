"""What the media process can be told to do: one function a command, entered in :data:`COMMANDS` by its name.

A command's first arguments are the engine and, where it concerns a channel, its line; the rest comes off the
wire as :mod:`.channel` put it there. A command for a channel that is gone is passed over: its close was on
the way.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from vxmlplat.media import joining
from vxmlplat.media.connecting import connect_line
from vxmlplat.media.engine import Engine
from vxmlplat.media.errors import MediaError
from vxmlplat.media.events import PlayEnd, RecordEnd, RecordingEnded
from vxmlplat.media.line import Line
from vxmlplat.media.playback import Playback
from vxmlplat.media.prompts import Prompt
from vxmlplat.media.recorder import Recording, RecordLimits
from vxmlplat.media.remote import unpack_remote
from vxmlplat.media.tap import Tap, TapRing
from vxmlplat.media.wav_file import WavFile
from vxmlplat.media.wire import Message, unpack_clips

log = logging.getLogger(__name__)

Command: TypeAlias = Callable[..., None]

COMMANDS: dict[str, Command] = {}
_CONCERNS_A_LINE: set[str] = set()


def command(name: str, *, line: bool = True) -> Callable[[Command], Command]:
    """Enter a command; MediaError when the name is taken. ``line``: its first field is a channel."""

    def enter(function: Command) -> Command:
        if name in COMMANDS:
            raise MediaError(f"command {name} is registered twice")
        COMMANDS[name] = function
        if line:
            _CONCERNS_A_LINE.add(name)
        return function

    return enter


def execute(engine: Engine, message: Message) -> None:
    """Run one command; MediaError when there is none of that name."""
    name, *fields = message
    if name not in COMMANDS:
        raise MediaError(f"unknown command {name!r}")
    if name in _CONCERNS_A_LINE:
        line = engine.lines.get(fields[0])
        if line is None:
            return
        fields[0] = line
    COMMANDS[name](engine, *fields)


@command("connect")
def connect(engine: Engine, line: Line, remote: tuple[Any, ...]) -> None:
    """Send to and hear a far end."""
    was = line.codec
    connect_line(engine, line, unpack_remote(remote))
    if line.codec is not was:
        _translate(engine, line)


def _translate(engine: Engine, line: Line) -> None:
    """The codec has changed: what is playing goes on in the new one, from where it was."""
    player = line.player
    for playback in (player.play, player.music):
        if playback is None:
            continue
        again = Playback(
            playback.number,
            line.codec,
            loop=playback.loop,
            stop_keys=playback.stop_keys,
            stop_on_speech=playback.stop_on_speech,
            skip=playback.seconds(player),
        )
        again.order = playback.order
        if playback is player.play:
            player.play = again
        else:
            player.music = again
        _load(engine, line, again)


def _load(engine: Engine, line: Line, playback: Playback) -> None:
    clips, gain_db = playback.order

    def ready(prompt: Prompt) -> None:
        player = line.player
        if line.number not in engine.lines or playback not in (player.play, player.music):
            return
        if prompt.error:
            log.warning("media channel %d: cannot play: %s", line.number, prompt.error)
            if playback is player.play:
                player.stop(PlayEnd.FAILED, prompt.error)
            else:
                player.set_music(None)
            return
        playback.load(prompt.segments)
        player.loaded(playback)
        if playback is player.source:
            line.sender.begin_at_once()

    engine.prompts.request(Prompt(unpack_clips(clips), playback.codec, gain_db, ready))


@command("play")
def play(
    engine: Engine,
    line: Line,
    number: int,
    clips: tuple[Message, ...],
    loop: bool,
    gain_db: float,
    keys: str,
    speech: bool,
) -> None:
    """Play clips, in place of what is playing."""
    playback = Playback(number, line.codec, loop=loop, stop_keys=keys, stop_on_speech=speech)
    playback.order = (clips, gain_db)
    line.player.start(playback)
    _load(engine, line, playback)


@command("stop")
def stop(engine: Engine, line: Line, number: int) -> None:
    """Stop a play; 0 stops all that sounds."""
    player = line.player
    if player.play is not None and number in (0, player.play.number):
        player.stop(PlayEnd.STOPPED)
    if number == 0:
        player.set_music(None)


@command("music")
def music(engine: Engine, line: Line, clips: tuple[Message, ...], gain_db: float) -> None:
    """Music for whenever nothing plays."""
    if not clips:
        line.player.set_music(None)
        return
    playback = Playback(0, line.codec, loop=True)
    playback.order = (clips, gain_db)
    line.player.set_music(playback)
    _load(engine, line, playback)


@command("record")
def record(
    engine: Engine,
    line: Line,
    number: int,
    path: str,
    longest: float | None,
    final_silence: float | None,
    initial_silence: float | None,
    beep: bool,
    keys: str,
    audio: str,
) -> None:
    """Begin a recording, after a beep if wished."""

    def ended(recording: Recording) -> None:
        if recording in line.recordings:
            line.recordings = [other for other in line.recordings if other is not recording]
            engine.sort(line)
        file = recording.file
        reason = RecordEnd.FAILED if file.error else recording.reason or RecordEnd.STOPPED
        engine.emit(
            RecordingEnded(
                line.number,
                engine.now(),
                number,
                path,
                reason,
                recording.duration,
                file.size,
                recording.key,
                file.error,
            )
        )

    recording = Recording(
        number,
        WavFile(Path(path), audio),
        engine.writer,
        RecordLimits(longest, final_silence, initial_silence),
        line.codec,
        ended,
        keys,
    )
    if beep:
        recording.begin_after_beep(line)
    line.recordings = [*line.recordings, recording]
    engine.sort(line)


@command("record-stop")
def record_stop(engine: Engine, line: Line, number: int) -> None:
    """End a recording."""
    for recording in line.recordings:
        if recording.number == number:
            recording.stop(RecordEnd.STOPPED)


@command("send-keys")
def send_keys(engine: Engine, line: Line, keys: str, ms: int, pause_ms: int) -> None:
    """Send keys."""
    joining.send_keys(line, keys, ms, pause_ms)


@command("speech")
def speech(engine: Engine, line: Line, on: bool) -> None:
    """Tell when speech begins and ends, or no longer."""
    line.speech = on
    line.ears.pop("speech", None)
    engine.sort(line)


@command("inband")
def inband(engine: Engine, line: Line, on: bool | None) -> None:
    """Hear keys in the audio, or not."""
    line.inband_wanted = on
    line.settle_inband()
    engine.sort(line)


@command("tones")
def tones(engine: Engine, line: Line, on: bool) -> None:
    """Detect call-progress tones, or no longer."""
    line.tones = on
    line.ears.pop("progress", None)
    engine.sort(line)


@command("tap")
def tap(engine: Engine, line: Line, name: str, sent: bool) -> None:
    """Write the audio into shared memory."""
    try:
        ring = TapRing(name)
    except FileNotFoundError:  # closed again before we came
        return
    line.taps = [*line.taps, Tap(ring, line.codec.decoder() if sent else None)]
    engine.sort(line)


def leave_room(engine: Engine, line: Line) -> None:
    """Out of the room; a bridge ends for both."""
    member = line.membership
    if member is None:
        return
    room = member.room
    leavers = list(room.members) if room.bridge else [member]
    for leaver in leavers:
        room.remove(leaver)
        leaver.line.membership = None
        engine.sort(leaver.line)
    if room.bridge:
        engine.rooms.pop(room.number, None)
    elif room.members:
        engine.sort(room.members[0].line)


@command("leave")
def leave(engine: Engine, line: Line) -> None:
    """Leave the bridge or conference."""
    leave_room(engine, line)


@command("bridge")
def bridge(engine: Engine, line: Line, other_number: int, half: bool, forward_keys: bool) -> None:
    """Join two lines to each other."""
    other = engine.lines.get(other_number)
    if other is None or other is line:
        return
    leave_room(engine, line)
    leave_room(engine, other)
    slot = engine.slots.of_both(line.slot, other.slot)
    room = joining.Room(-line.number, slot, bridge=True, forwards_keys=forward_keys)
    engine.rooms[room.number] = room
    if half:
        room.deaf.add(other.number)
    for joined in (line, other):
        joined.membership = joining.Membership(joined, room)
        room.add(joined.membership)
    engine.sort(line)


@command("conference", line=False)
def conference(engine: Engine, number: int) -> None:
    """A new room."""
    engine.rooms[number] = joining.Room(number, engine.slots.with_room())


@command("join")
def join(engine: Engine, line: Line, number: int, mode: str, whisper_to: int, gain_db: float) -> None:
    """Enter a room, or change one's part in it."""
    room = engine.rooms.get(number)
    if room is None:
        return
    if line.membership is not None and line.membership.room is room:
        room.remove(line.membership)
    else:
        leave_room(engine, line)
    line.membership = joining.Membership(line, room, mode, whisper_to=whisper_to, gain_db=gain_db)
    room.add(line.membership)
    engine.sort(line)


@command("conference-play", line=False)
def conference_play(
    engine: Engine, number: int, clips: tuple[Message, ...], loop: bool, gain_db: float
) -> None:
    """Let a whole room hear clips."""
    room = engine.rooms.get(number)
    if room is None:
        return
    playback = Playback(0, room.announcer.codec, loop=loop) if clips else None
    room.announcer.source = playback

    def ready(prompt: Prompt) -> None:
        if playback is not None and room.announcer.source is playback:
            playback.load(prompt.segments)
            if prompt.error:
                log.warning("conference %d: cannot play: %s", number, prompt.error)
                room.announcer.source = None
        if room.members:
            engine.sort(room.members[0].line)

    if playback is not None:
        engine.prompts.request(Prompt(unpack_clips(clips), room.announcer.codec, gain_db, ready))
    elif room.members:
        engine.sort(room.members[0].line)


@command("conference-close", line=False)
def conference_close(engine: Engine, number: int) -> None:
    """End a room."""
    room = engine.rooms.pop(number, None)
    if room is not None:
        for member in list(room.members):
            leave_room(engine, member.line)
