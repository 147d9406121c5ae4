"""Makes the platform's own music on hold: a slow, soft arpeggio over four chords, 32 seconds that loop
without a seam.

    python prompts/make_music.py

Writes ``prompts/music/hold.wav`` (8 kHz, mono, 16 bits).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from vxmlplat.speech.prompt_files import RATE, to_wav

BEAT = 0.5
#: the notes of each bar, in semitones above A3
CHORDS = ((-5, -1, 2, 7), (-3, 0, 4, 9), (-8, -3, 0, 5), (-10, -5, -1, 2))
PATTERN = (0, 1, 2, 3, 2, 1, 2, 1)
LEVEL = 0.12


def note(semitones: int, seconds: float) -> np.ndarray:
    """A plucked, round tone: a few partials that die away."""
    t = np.arange(int(seconds * RATE)) / RATE
    frequency = 220.0 * 2 ** (semitones / 12)
    partials = ((1, 1.0, 1.6), (2, 0.35, 2.6), (3, 0.12, 4.0))
    tone = sum(
        level * np.sin(2 * np.pi * n * frequency * t) * np.exp(-decay * t) for n, level, decay in partials
    )
    return np.asarray(tone * np.minimum(1.0, t / 0.008))


def main() -> int:
    bars = [*CHORDS, *CHORDS]
    total = int(len(bars) * len(PATTERN) * BEAT * RATE)
    music = np.zeros(total)
    for position, (bar, step) in enumerate((bar, step) for bar in bars for step in PATTERN):
        sound = note(bar[step], 2.0)
        # What rings on past the end is laid over the beginning, so that the loop has no seam.
        place = (int(position * BEAT * RATE) + np.arange(len(sound))) % total
        music[place] += sound
    path = Path(__file__).parent / "music" / "hold.wav"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(to_wav((LEVEL * music / np.max(np.abs(music)) * 2).astype(np.float32), RATE))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
