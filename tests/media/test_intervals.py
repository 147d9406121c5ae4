"""Helper threads compute while the loop sleeps, and only then."""

import threading

from vxmlplat.media.intervals import Interval


class Moment:
    """A time that stands still until somebody sleeps; ``asleep`` is called with how long, before it goes
    on.
    """

    def __init__(self):
        self.now = 50.0
        self.slept = []
        self.asleep = lambda seconds: None

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.asleep(seconds)
        self.now += seconds


def helper(interval, steps):
    def work():
        with interval:
            steps.append(threading.get_ident())

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_step_waits_until_the_loop_sleeps():
    interval, steps = Interval(), []
    thread = helper(interval, steps)
    thread.join(0.01)
    assert thread.is_alive()
    assert steps == []
    interval.begin(60.0)
    thread.join(5.0)
    assert len(steps) == 1
    interval.end()


def test_the_loop_that_wakes_waits_for_the_step_that_runs():
    interval = Interval()
    interval.begin(60.0)
    order = []
    with interval:
        loop = threading.Thread(target=lambda: (interval.end(), order.append("slot")))
        loop.start()
        loop.join(0.01)
        order.append("step")
    loop.join(5.0)
    assert order == ["step", "slot"]


def test_no_step_begins_when_the_next_slot_is_near():
    moment = Moment()
    interval = Interval(lambda: moment.now, moment.sleep)
    interval.begin(0.0003)

    def loop_serves_a_slot_and_sleeps_again(seconds):
        interval.end()
        interval.begin(0.004)

    moment.asleep = loop_serves_a_slot_and_sleeps_again
    with interval:
        assert len(moment.slept) == 1


def test_a_loop_that_never_sleeps_lends_a_moment_to_those_who_have_waited_for_long():
    moment = Moment()
    interval, steps = Interval(lambda: moment.now, moment.sleep), []
    moment.now += 1.0
    interval.lend(moment.now)
    assert moment.slept == []  # nobody waits
    thread = helper(interval, steps)
    moment.asleep = lambda seconds: thread.join(0.01)
    while thread.is_alive():
        moment.now += 1.0
        interval.lend(moment.now)
    assert len(steps) == 1
    lent = len(moment.slept)
    interval.lend(moment.now)
    assert len(moment.slept) == lent  # nobody waits any longer
