"""Makes the recorded pieces of every language with espeak-ng, until a person records them.

    python prompts/make_pieces.py [LANGUAGE ...]

Writes ``prompts/LANGUAGE/pieces/NAME.wav`` (8 kHz, mono, 16 bits, level -20 dBFS). A file that is already
there is kept: a
studio's recording wins over the machine's.
"""

from __future__ import annotations

import sys
from pathlib import Path

from vxmlplat.speech.engine import Utterance
from vxmlplat.speech.phrases import say_as  # noqa: F401  registers the languages
from vxmlplat.speech.phrases.language import language_of
from vxmlplat.speech.plugins.espeak import Espeak
from vxmlplat.speech.prompt_files import convert, to_wav

LANGUAGES = ("en-US", "zh-CN")


def main(languages: list[str]) -> int:
    engine = Espeak()
    engine.load()
    for language in languages or LANGUAGES:
        speaker = language_of(language)
        if speaker is None:
            print(f"{language}: no phrases known", file=sys.stderr)
            return 1
        folder = Path(__file__).parent / language / "pieces"
        folder.mkdir(parents=True, exist_ok=True)
        made = 0
        for name, text in speaker.pieces.items():
            path = folder / f"{name}.wav"
            if path.exists():
                continue
            samples, rate = engine.synthesise(Utterance(text, language))
            path.write_bytes(convert(to_wav(samples, rate), level=True, trim=True))
            made += 1
        print(f"{language}: {made} made, {len(speaker.pieces) - made} kept")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
