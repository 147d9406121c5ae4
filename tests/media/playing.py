"""What tests of the engine have played, said and pressed, and how they listen."""

import numpy as np

from vxmlplat.media.g711 import MU_LAW
from vxmlplat.media.telephone_event import packets
from vxmlplat.media.wire import pack_clips

MU_SILENCE = bytes([MU_LAW.silence]) * 160


def sine(frequency, ms, level=8000):
    t = np.arange(ms * 8) / 8000
    return (level * np.sin(2 * np.pi * frequency * t)).astype(np.int16)


def loudness(samples, frequency):
    """The amplitude of one frequency in samples."""
    t = np.arange(len(samples)) / 8000
    return abs(np.exp(-2j * np.pi * frequency * t) @ samples.astype(float)) * 2 / len(samples)


def play(world, far, clips, number=7, *, loop=False, gain_db=0.0, keys="", speech=False):
    world.do("play", far.line.number, number, pack_clips(clips), loop, gain_db, keys, speech)


def press(world, far, key, ms=60, kind=101):
    for index, (offset, payload) in enumerate(packets(key, ms)):
        far.send(far.packet(payload, kind, marker=index == 0, stamp=far.stamp + offset))
        world.run(0.02)
    far.stamp += ms * 8 + 480
