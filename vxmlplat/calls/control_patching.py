"""The patchbay: who hears whom, and how the media plane is told (CCXML 1.0 §10.4).

A connection hears one other endpoint at most, and any number may hear it; a conference hears and is heard by
all its members. A join that gives a party something new to hear ends the join by which it heard something
else. What the joins ask for is arranged as bridges of two, conferences, and rooms of three and more in which
each speaks to one other or to all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from vxmlplat.calls.connection import Endpoint, Mixer, Party
from vxmlplat.media.channel import Conference, ConferenceMode
from vxmlplat.media.clips import Clip
from vxmlplat.media.errors import MediaError
from vxmlplat.media.plane import MediaPlane

Command = Callable[[], None]


@dataclass(eq=False, frozen=True, slots=True)
class Joined:
    """Two endpoints that are joined; ``id1`` and ``id2`` are the identifiers that the document used.

    ``one`` hears ``two``, and with ``full`` the other way round too. ``keys``: whether pressed keys are
    passed on. ``exit_tone`` is heard by whoever remains.
    """

    id1: str
    id2: str
    one: Endpoint
    two: Endpoint
    full: bool = True
    keys: bool = True
    exit_tone: Sequence[Clip] = ()

    def other(self, endpoint: Endpoint) -> Endpoint:
        """The other side."""
        return self.two if endpoint is self.one else self.one

    def heard_by(self, endpoint: Endpoint) -> bool:
        """Whether the endpoint hears the other side."""
        return endpoint is self.one or (self.full and endpoint is self.two)


class Patchbay:
    """All joins of the platform."""

    def __init__(self, plane: MediaPlane) -> None:
        self._plane = plane
        self._joins: list[Joined] = []
        self._rooms: dict[Party, Conference] = {}

    @property
    def count(self) -> int:
        """How many joins there are."""
        return len(self._joins)

    def of(self, endpoint: Endpoint) -> list[Joined]:
        """The joins that an endpoint takes part in."""
        return [joined for joined in self._joins if endpoint in (joined.one, joined.two)]

    def join(self, joined: Joined) -> list[Joined]:
        """Make a join; returns those that it ended. Raises MediaError, and leaves all as it was, when the
        media plane cannot arrange it.
        """
        pair = {joined.one, joined.two}
        again = [old for old in self._joins if {old.one, old.two} == pair]
        ended = [
            old
            for side in (joined.one, joined.two)
            if not isinstance(side, Mixer) and joined.heard_by(side)
            for old in self.of(side)
            if old.heard_by(side) and old not in again
        ]
        self._change([old for old in self._joins if old not in again and old not in ended] + [joined])
        return ended

    def unjoin(self, one: Endpoint, two: Endpoint) -> Joined | None:
        """Take a join apart; None when there is none."""
        found = next((old for old in self._joins if {old.one, old.two} == {one, two}), None)
        if found is not None:
            self._change([old for old in self._joins if old is not found])
        return found

    def leave(self, endpoint: Endpoint, identifier: str | None = None) -> list[Joined]:
        """End all joins of an endpoint that goes away, or those that were made under one of its names."""
        ended = [old for old in self.of(endpoint) if identifier is None or identifier in (old.id1, old.id2)]
        if not ended:
            return []
        remaining = [old for old in self._joins if old not in ended]
        try:
            self._change(remaining)
        except MediaError:  # the media process died, or a line ended with this one: nothing is heard anyway
            self._joins = remaining
        return ended

    # ------------------------------------------------------------------ the media plane

    def _change(self, joins: list[Joined]) -> None:
        before, self._joins = self._joins, joins
        changed = set(before).symmetric_difference(joins)
        touched = dict.fromkeys(
            side
            for joined in [*before, *joins]
            if joined in changed
            for side in (joined.one, joined.two)
            if not isinstance(side, Mixer)
        )
        groups = sorted(self._groups(touched), key=len)  # who is alone now leaves first
        try:
            plans = [self._plan(group) for group in groups]
        except MediaError:
            self._joins = before
            raise
        rooms = {self._rooms.pop(party) for group in groups for party in group if party in self._rooms}
        for plan in plans:
            plan()
        for room in rooms:
            _quietly(room.close)

    def _groups(self, parties: Iterable[Party]) -> list[list[Party]]:
        """The parties with all to whom they are joined directly, each group once."""
        groups: list[list[Party]] = []
        seen: set[Party] = set()
        for party in parties:
            group = [party] if party not in seen else []
            for one in group:  # grows as it goes
                seen.add(one)
                for joined in self.of(one):
                    other = joined.other(one)
                    if not isinstance(other, Mixer) and other not in group:
                        group.append(other)
            if group:
                groups.append(group)
        return groups

    def _plan(self, group: list[Party]) -> Command:
        mixed = [joined for party in group for joined in self.of(party) if _mixer(joined) is not None]
        if len(group) == 1:
            return self._alone(group[0], mixed)
        if mixed:
            raise MediaError("a member of a conference cannot be joined with somebody else at the same time")
        for party in group:
            _ = party.channel  # raises for a connection that is not connected
        return self._bridge(group) if len(group) == 2 else self._room(group)

    def _alone(self, party: Party, mixed: list[Joined]) -> Command:
        if not mixed:
            return lambda: _quietly(lambda: party.channel.leave())
        mixers = {_mixer(joined) for joined in mixed}
        mixer = mixers.pop()
        if mixers or mixer is None:
            raise MediaError("a connection can be in one conference at a time")
        hears = any(joined.heard_by(party) for joined in mixed)
        speaks = any(joined.heard_by(mixer) for joined in mixed)
        mode = ConferenceMode.TALK if hears and speaks else ConferenceMode.LISTEN
        if not hears:
            mode = ConferenceMode.SPEAK
        channel, conference = party.channel, mixer.conference
        return lambda: channel.join(conference, mode)

    def _bridge(self, group: list[Party]) -> Command:
        (joined,) = self.of(group[0])
        one, two = (joined.one, joined.two)
        assert not isinstance(one, Mixer)
        assert not isinstance(two, Mixer)
        hearer, heard, half, keys = one.channel, two.channel, not joined.full, joined.keys
        return lambda: hearer.bridge(heard, half=half, forward_keys=keys)

    def _room(self, group: list[Party]) -> Command:
        """Three and more: one who is heard by several talks, one who is heard by one whispers to it."""
        hearers = {
            party: [
                one for one in group if any(j.heard_by(one) and j.other(one) is party for j in self.of(one))
            ]
            for party in group
        }
        hears = {party: [one for one in group if party in hearers[one]] for party in group}
        modes = {}
        for party in group:
            if not hearers[party]:
                modes[party] = ConferenceMode.LISTEN
            elif len(hearers[party]) == 1:
                modes[party] = ConferenceMode.WHISPER
            else:
                modes[party] = ConferenceMode.TALK if hears[party] else ConferenceMode.SPEAK
        for party in group:
            if modes[party] is ConferenceMode.SPEAK:
                continue
            heard = [
                one
                for one in group
                if one is not party
                and (
                    modes[one] in (ConferenceMode.TALK, ConferenceMode.SPEAK)
                    or (modes[one] is ConferenceMode.WHISPER and hearers[one] == [party])
                )
            ]
            if heard != hears[party]:
                raise MediaError("these joins together need a conference")
        return lambda: self._fill(modes, hearers)

    def _fill(self, modes: dict[Party, ConferenceMode], hearers: dict[Party, list[Party]]) -> None:
        room = self._plane.create_conference()
        for party, mode in modes.items():
            self._rooms[party] = room
            to = hearers[party][0].channel if mode is ConferenceMode.WHISPER else None
            party.channel.join(room, mode, whisper_to=to)


def _mixer(joined: Joined) -> Mixer | None:
    return next((side for side in (joined.one, joined.two) if isinstance(side, Mixer)), None)


def _quietly(command: Command) -> None:
    """A party whose audio is gone already needs no leaving."""
    try:
        command()
    except MediaError:
        return
