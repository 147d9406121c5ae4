"""Fuzz the XML form of grammars, and with what is accepted the compiler, the matcher and the exporter.

python tests/fuzz/fuzz_srgs.py [--seconds N] [--seed N]
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fuzz_abnf import LIMITS, SAID, use
from fuzzing import fuzz_main

from vxmlplat.grammar.errors import GrammarError
from vxmlplat.grammar.loading import link, parse_grammar

TEXTS = (
    " one ",
    "two",
    ' "San Francisco" ',
    ' "',
    "1",
    "star",
    "你好",
    "&amp;",
    "&#0;",
    "&e;",
    "<![CDATA[one]]>",
)
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "item": (
        ' repeat="0-"',
        ' repeat="2"',
        ' repeat="1-9999"',
        ' repeat="x"',
        ' weight="2"',
        ' weight="0"',
        ' repeat-prob="0.5"',
        "",
    ),
    "one-of": ("", ' xml:lang="fr"'),
    "ruleref": (
        ' uri="#a"',
        ' uri="#b"',
        ' special="NULL"',
        ' special="VOID"',
        ' special="GARBAGE"',
        ' uri="x#y"',
        ' uri="["',
        "",
    ),
    "token": ("", ' xml:lang="fr-CA"'),
    "tag": ("",),
    "example": ("",),
    "blink": ("", ' xmlns="urn:other"'),
}


def content(rng: random.Random, depth: int) -> str:
    """What stands in a rule or an item."""
    parts = []
    for _ in range(rng.randrange(4)):
        name = rng.choice([*ATTRIBUTES, "text", "text", "item", "one-of", "ruleref"])
        if name == "text":
            parts.append(rng.choice(TEXTS))
            continue
        inner = ""
        if name == "one-of":
            inner = (
                "".join(f"<item>{content(rng, depth - 1)}</item>" for _ in range(rng.randrange(4)))
                if depth
                else ""
            )
        elif name in ("item", "blink"):
            inner = content(rng, depth - 1) if depth else "one"
        elif name != "ruleref":
            inner = rng.choice(TEXTS)
        parts.append(f"<{name}{rng.choice(ATTRIBUTES[name])}>{inner}</{name}>")
    return "".join(parts)


def one(rng: random.Random) -> tuple[bytes, Any]:
    """A document, through the whole room."""
    mode = rng.choice(('mode="voice"', 'mode="dtmf"', ""))
    rules = ""
    for name in rng.choice(("a", "ab", "abc", "aa")):
        scope = rng.choice(("", ' scope="public"'))
        rules += f'<rule id="{name}"{scope}>{content(rng, 4)}</rule>'
    head = rng.choice(
        (
            "",
            '<meta name="base" content="http://h/"/>',
            '<lexicon uri="//["/>',
            "<tag>var x;</tag>",
            "<lexicon/>",
        )
    )
    namespace = 'xmlns="http://www.w3.org/2001/06/grammar"'
    text = f'<grammar {namespace} version="1.0" xml:lang="en-US" root="a" {mode}>{head}{rules}</grammar>'
    if rng.random() < 0.1:
        text = '<!DOCTYPE grammar [<!ENTITY e "one"><!ENTITY f "&e;&e;&e;">]>' + text
    data = bytearray(text.encode(rng.choice(("utf-8", "utf-8", "utf-16"))))
    for _ in range(rng.choice((0, 0, 0, 1, 5))):
        data[rng.randrange(len(data))] = rng.randrange(256)

    def run() -> None:
        try:
            document = parse_grammar(bytes(data), "mem:a.grxml", "application/srgs+xml", limits=LIMITS)
            grammar = link(document, {}, limits=LIMITS)
        except GrammarError:
            return
        use(grammar)
        again = link(parse_grammar(grammar.to_srgs(), "mem:a.grxml"), {}, limits=LIMITS)
        for said in SAID[:-1]:
            assert (grammar.match(said) is None) == (again.match(said) is None), said

    return bytes(data), run


if __name__ == "__main__":
    sys.exit(fuzz_main("SRGS XML grammars", one))
