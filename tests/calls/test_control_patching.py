"""Who hears whom: what the media process is told, judged by who then hears whom in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vxmlplat.calls.connection import Connection, Mixer
from vxmlplat.calls.control_patching import Joined, Patchbay
from vxmlplat.calls.telephone import Call
from vxmlplat.media.channel import Conference, MediaChannel
from vxmlplat.media.errors import MediaError


class PaperPlane:
    """Keeps rooms as the media process does: one membership a channel, bridges end for both."""

    def __init__(self) -> None:
        self.numbers = 0
        self.rooms: dict[int, dict[int, tuple[str, int]]] = {}
        self.bridges: dict[int, tuple[int, bool]] = {}
        """By channel: the other one, and whether this one hears it."""

    def next_id(self) -> int:
        self.numbers += 1
        return self.numbers

    def create_conference(self) -> Conference:
        conference = Conference(self, self.next_id())  # type: ignore[arg-type]  # all of a plane that is needed
        self.rooms[conference.id] = {}
        return conference

    def post(self, message: tuple[Any, ...]) -> None:
        match message:
            case ("leave", channel):
                self._leave(channel)
            case ("bridge", channel, other, half, _):
                self._leave(channel)
                self._leave(other)
                self.bridges[channel], self.bridges[other] = (other, True), (channel, not half)
            case ("join", channel, room, mode, to, _):
                if channel not in self.rooms[room]:
                    self._leave(channel)
                self.rooms[room][channel] = (mode, to)
            case ("conference-close", room):
                del self.rooms[room]
            case _:
                raise AssertionError(message)

    def _leave(self, channel: int) -> None:
        if channel in self.bridges:
            del self.bridges[self.bridges.pop(channel)[0]]
        for members in self.rooms.values():
            members.pop(channel, None)

    def hears(self, channel: int) -> set[int]:
        found = {self.bridges[channel][0]} if channel in self.bridges and self.bridges[channel][1] else set()
        for members in self.rooms.values():
            if channel in members and members[channel][0] != "speak":
                found |= {
                    other
                    for other, (mode, to) in members.items()
                    if other != channel
                    and (mode in ("talk", "speak") or (mode == "whisper" and to == channel))
                }
        return found


class PaperLine:
    def __init__(self, plane: PaperPlane, number: int) -> None:
        self.channel = MediaChannel(plane, number, "127.0.0.1", 1, lambda event: None)  # type: ignore[arg-type]


class Switch:
    """A patchbay, connections a to e, conferences M and N."""

    def __init__(self) -> None:
        self.plane = PaperPlane()
        self.bay = Patchbay(self.plane)  # type: ignore[arg-type]  # all of a plane that is needed
        self.ends: dict[str, Any] = {}
        for number, name in enumerate("abcde", 1000):
            connection = Connection(name, Call(name, "", ""), lambda: None)
            connection.line = PaperLine(self.plane, number)  # type: ignore[assignment]
            self.ends[name] = connection
        for name in "MN":
            self.ends[name] = Mixer(self.plane.create_conference(), None)

    def join(self, one: str, two: str, *, half: bool = False) -> list[str]:
        joined = Joined(one, two, self.ends[one], self.ends[two], full=not half)
        return [old.id1 + old.id2 for old in self.bay.join(joined)]

    def unjoin(self, one: str, two: str) -> bool:
        return self.bay.unjoin(self.ends[one], self.ends[two]) is not None

    def heard(self) -> dict[str, str]:
        names = dict(enumerate("abcde", 1000))
        found = {
            name: "".join(sorted(names[n] for n in self.plane.hears(number)))
            for number, name in names.items()
        }
        return {name: others for name, others in found.items() if others}


@pytest.fixture
def switch() -> Switch:
    return Switch()


def test_two_hear_each_other_and_then_do_not(switch: Switch) -> None:
    switch.join("a", "b")
    assert switch.heard() == {"a": "b", "b": "a"}
    assert switch.unjoin("b", "a")
    assert switch.heard() == {}
    assert not switch.unjoin("a", "b")


def test_half_a_join_is_heard_by_the_first_only(switch: Switch) -> None:
    switch.join("a", "b", half=True)
    assert switch.heard() == {"a": "b"}
    switch.join("b", "a", half=True)
    assert switch.heard() == {"b": "a"}, "the same two again: the new manner counts"


def test_a_join_ends_the_one_that_gave_its_ear_something_else(switch: Switch) -> None:
    switch.join("a", "b")
    assert switch.join("a", "c") == ["ab"]
    assert switch.heard() == {"a": "c", "c": "a"}


def test_a_supervisor_listens_to_the_agent_alone(switch: Switch) -> None:
    switch.join("a", "b")
    assert switch.join("c", "a", half=True) == []
    assert switch.heard() == {"a": "b", "b": "a", "c": "a"}
    switch.bay.leave(switch.ends["c"])
    assert switch.heard() == {"a": "b", "b": "a"}
    assert len(switch.plane.rooms) == 2, "the room that this needed is closed"


def test_many_may_hear_one(switch: Switch) -> None:
    for listener in "bcd":
        switch.join(listener, "a", half=True)
    assert switch.heard() == {"b": "a", "c": "a", "d": "a"}
    switch.bay.leave(switch.ends["a"])
    assert switch.heard() == {}
    assert switch.bay.count == 0


def test_a_conference_hears_all_and_its_listeners_only_hear(switch: Switch) -> None:
    switch.join("a", "M")
    switch.join("M", "b")
    switch.join("c", "M", half=True)
    switch.join("M", "d", half=True)
    assert switch.heard() == {"a": "bd", "b": "ad", "c": "abd"}


def test_one_conference_at_a_time_and_a_private_word_ends_it(switch: Switch) -> None:
    switch.join("a", "M")
    switch.join("b", "M")
    assert switch.join("a", "N") == ["aM"]
    assert switch.heard() == {}
    assert switch.join("b", "c") == ["bM"]
    assert switch.heard() == {"b": "c", "c": "b"}


def test_what_cannot_be_arranged_leaves_all_as_it_was(switch: Switch) -> None:
    switch.join("a", "M")
    switch.join("b", "M")
    with pytest.raises(MediaError, match="member of a conference"):
        switch.join("c", "a", half=True)
    assert switch.heard() == {"a": "b", "b": "a"}
    switch.ends["d"].line = None
    with pytest.raises(MediaError, match="not connected"):
        switch.join("d", "c")
    assert switch.bay.count == 2


def test_a_conference_that_closes_lets_all_go(switch: Switch) -> None:
    switch.join("a", "M")
    switch.join("b", "M")
    assert len(switch.bay.leave(switch.ends["M"], "M")) == 2
    assert switch.heard() == {}


ENDS = st.sampled_from("abcdeMN")
STEPS = st.lists(st.tuples(st.sampled_from(["join", "half", "unjoin", "leave"]), ENDS, ENDS), max_size=30)


@given(STEPS)
def test_what_is_heard_is_what_was_joined(steps: list[tuple[str, str, str]]) -> None:
    """Whatever is joined and taken apart in whatever order: the media process lets exactly those hear each
    other who are joined, and keeps no room that nobody needs.
    """
    switch = Switch()
    for step, one, two in steps:
        if step == "leave" and one not in "MN":
            switch.bay.leave(switch.ends[one])
        elif one == two or (one in "MN" and two in "MN"):
            continue
        elif step == "unjoin":
            switch.unjoin(one, two)
        elif step in ("join", "half"):
            try:
                switch.join(one, two, half=step == "half")
            except MediaError:
                continue
        wanted: dict[str, set[str]] = {name: set() for name in "abcde"}
        for name in "abcde":
            for joined in switch.bay.of(switch.ends[name]):
                other = joined.other(switch.ends[name])
                if not joined.heard_by(switch.ends[name]):
                    continue
                if isinstance(other, Mixer):
                    speakers = [j.other(other) for j in switch.bay.of(other) if j.heard_by(other)]
                    wanted[name] |= {c.id for c in speakers if isinstance(c, Connection) and c.id != name}
                else:
                    assert isinstance(other, Connection)
                    wanted[name].add(other.id)
        assert switch.heard() == {k: "".join(sorted(v)) for k, v in wanted.items() if v}
        assert all(len(room) > 2 for room in list(switch.plane.rooms.values())[2:]), "two need no room"
