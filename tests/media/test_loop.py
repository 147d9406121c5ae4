"""When the engine works and when it sleeps, in virtual time."""

import pytest

from tests.media.playing import play
from vxmlplat.media.clips import Tone
from vxmlplat.media.loop import Loop
from vxmlplat.media.prompts import Prompt


class Neighbours:
    """The process's part, in the time of the world: ``orders`` are (when, what), obeyed as they come."""

    def __init__(self, world, until):
        self.world, self.until = world, until
        self.orders = []
        self.slept = []
        self.obeyed = []
        self.pause = 0.0

    @property
    def ended(self):
        return self.world.time >= self.until

    def wait(self, seconds):
        world = self.world
        began = world.time
        end = self.until if seconds is None else began + seconds + self.pause
        self.pause = 0.0
        come = self.orders[0][0] if self.orders else end + 1
        world.time = min(max(come, began), end)
        self.slept.append(world.time - began)
        return come <= end

    def obey(self, seconds):
        while self.orders and self.orders[0][0] <= self.world.time:
            at, order = self.orders.pop(0)
            self.obeyed.append(self.world.time - at)
            order()

    def settle(self):
        self.world.events += self.world.engine.events
        self.world.engine.events.clear()


@pytest.fixture
def neighbours(world):
    return Neighbours(world, world.time + 0.99)


def run(world, neighbours):
    Loop(world.engine, neighbours, lambda: world.time).run()


def test_without_lines_it_sleeps_until_something_is_to_be_done(world, neighbours):
    neighbours.orders = [(world.time + 0.3, lambda: None)]
    run(world, neighbours)
    assert neighbours.slept == pytest.approx([0.3, 0.69])


def test_it_knows_how_busy_it_is(world, neighbours):
    world.telephone()
    loop = Loop(world.engine, neighbours, lambda: world.time)
    step = world.engine.step

    def working(now):
        step(now)
        world.time += 0.005

    world.engine.step = working
    loop.run()
    assert loop.busy() == pytest.approx(0.25, abs=0.01)
    world.time += 1.0
    assert loop.busy() == 1.0


def test_what_many_waited_for_is_told_in_pieces(world, neighbours):
    """A prompt that a thousand lines are to play becomes ready at one moment."""
    far = world.telephone()
    told = []

    def ready(prompt):
        told.append(prompt)
        world.time += 0.0003

    engine = world.engine
    engine.prompts.done.extend([Prompt((), far.line.codec, 0.0, ready)] * 100)
    engine.writer.done.extend([lambda: told.append(None)] * 3)
    engine.collect()
    assert 3 <= len(told) <= 5
    run(world, neighbours)
    assert len(told) == 103
    assert engine.late < 0.002


def test_without_lines_nothing_is_left_undone(world, neighbours):
    told = []
    world.engine.writer.done.append(lambda: told.append(None))
    neighbours.orders = [(world.time + 0.3, lambda: None)]
    run(world, neighbours)
    assert told


def test_a_few_lines_wake_it_once_in_20_ms(world, neighbours):
    far = [world.telephone() for _ in range(3)]
    run(world, neighbours)
    assert len(neighbours.slept) == 50
    assert [len(end.listen()) for end in far] == [51] * 3


def test_an_order_is_obeyed_when_it_comes_and_moves_no_packet(world, neighbours):
    far = world.telephone()
    begun = world.time
    neighbours.orders = [
        (begun + at, lambda: play(world, far, [Tone((440.0,), 5000)])) for at in (0.1012, 0.1087, 0.5)
    ]
    run(world, neighbours)
    assert neighbours.obeyed == pytest.approx([0, 0, 0])
    assert list(far.rtp.arrivals) == pytest.approx([begun + 0.02 * n for n in range(51)])


def test_the_first_line_has_its_first_turn_at_once_and_later_ones_theirs_in_time(world, neighbours):
    far = []
    begun = world.time

    def call():
        far.append(world.telephone())

    neighbours.orders = [(begun + 0.1234, call), (begun + 0.1299, call)]
    run(world, neighbours)
    first, second = far
    assert first.rtp.arrivals[0] == pytest.approx(begun + 0.1234)
    assert second.rtp.arrivals[0] == pytest.approx(begun + 0.1434)


def test_an_order_may_open_a_slot_whose_turn_is_still_to_come(world, neighbours):
    far = world.telephone()
    begun = world.time
    other = []

    def call():
        other.append(world.telephone())
        world.engine.remove(far.line)
        other[0].line.slot = 2  # as if the first were full
        world.engine.slots[0].plain = []
        world.engine.slots[2].plain = [other[0].line.stream]

    neighbours.orders = [(begun + 0.107, call)]
    run(world, neighbours)
    assert other[0].rtp.arrivals[0] == pytest.approx(begun + 0.11)
    assert other[0].rtp.arrivals[1] == pytest.approx(begun + 0.13)


def test_after_a_pause_of_the_machine_the_streams_time_has_gone_on(world, neighbours):
    far = world.telephone()
    neighbours.pause = 0.29
    run(world, neighbours)
    assert world.engine.late == pytest.approx(0.29)
    first, second, *_ = far.listen()
    assert second.timestamp - first.timestamp == 160 * 15


def test_orders_wait_for_the_slots_work_only_while_there_is_no_time_between(world, neighbours):
    """A slot that took longer than it may: orders are obeyed all the same, before the next."""
    world.telephone()
    engine, begun = world.engine, world.time
    step = engine.step

    def slow(now):
        step(now)
        world.time += 0.025

    engine.step = slow
    neighbours.orders = [(begun + 0.1 * n, lambda: None) for n in range(1, 9)]
    run(world, neighbours)
    assert len(neighbours.obeyed) == 8
    assert max(neighbours.obeyed) <= 0.026
