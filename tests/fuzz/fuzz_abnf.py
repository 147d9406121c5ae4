"""Fuzz the ABNF parser and, with what it accepts, the compiler, the matcher and the exporter.

    python tests/fuzz/fuzz_abnf.py [--seconds N] [--seed N]

A text is refused with an error of the grammar room, or it is a grammar that keeps its limits and whose
export parses to the same grammar.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fuzzing import fuzz_main

from vxmlplat.grammar.errors import GrammarError
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.limits import Limits
from vxmlplat.grammar.loading import link, parse_grammar

LIMITS = Limits(
    source=100_000, rules=500, nodes=5_000, states=20_000, depth=50, words=100, steps=100_000, phrases=500
)
HEADS = (
    "#ABNF 1.0;\nlanguage en-US;\nroot $a;\n",
    "#ABNF 1.0 UTF-8;\nmode dtmf;\nroot $a;\n",
    "#ABNF 1.0 ISO-8859-1;\nlanguage zh-CN;\nmode voice;\ntag-format <semantics/1.0>;\n",
    "",
)
PIECES = (
    *(
        "$a",
        "$b",
        "$c",
        "$NULL",
        "$VOID",
        "$GARBAGE",
        "$<x.gram#r>",
        "$<builtin:dtmf/digits>",
        "$<#a>",
        "$",
        "$$",
    ),
    *(
        "one",
        "two",
        "1",
        "2",
        '"*"',
        '"San Francisco"',
        "star",
        "你好",
        "é",
        "o'clock",
        "\x00",
        "\ufeff",
        "\U0001f600",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "|",
        ";",
        "=",
        "<0->",
        "<1-3>",
        "<2>",
        "<9999>",
        "<0-1 /0.5/>",
        "<",
        ">",
        "/2/",
        "/0/",
        "/",
    ),
    *("{out = 1;}", "{!{ {} }!}", "{", "}", "{!{", "}!}", "!fr-CA", "!", "~<application/srgs>", "~"),
    *(
        "public $a =",
        "private $b =",
        "$c =",
        "$a =",
        ";\n$b =",
        ";\n$c =",
        "root $a;",
        "language en;",
        "mode voice;",
    ),
    *(
        "meta 'a' is 'b';",
        "base <http://h/>;",
        "base <//[>;",
        "lexicon <l>;",
        "/* c */",
        "/** @example one */",
        "/*",
        "// x\n",
        "\r\n",
    ),
)
SAID = ("", "one", "one two one", "1", "1 2 1 2", "你好", "San Francisco", "one " * 60)


def text(rng: random.Random) -> bytes:
    """A grammar that is often nearly right."""
    parts = [rng.choice(HEADS)]
    if rng.random() < 0.8:
        parts.append("public $a = ")
    parts += [rng.choice(PIECES) for _ in range(rng.randrange(40))]
    if rng.random() < 0.7:
        parts.append("; $b = one | $a two; $c = [two] $b;")
    if rng.random() < 0.05:
        parts.insert(2, rng.choice(("(", "[", "a ", "$b ")) * rng.randrange(6_000))
    data = bytearray(" ".join(parts).encode(rng.choice(("utf-8", "utf-8", "utf-16", "gb18030")), "replace"))
    for _ in range(rng.choice((0, 0, 0, 1, 5))):
        if data:
            data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def use(grammar: Grammar) -> None:
    """Everything that is done with a grammar, inside its limits."""
    for said in SAID:
        try:
            match = grammar.match(said)
            if match is not None:
                match.structure()
        except GrammarError:
            pass
    try:
        for phrase in grammar.phrases()[:20]:
            assert grammar.match(phrase) is not None, phrase
    except GrammarError:
        pass


def one(rng: random.Random) -> tuple[bytes, Any]:
    """A text, through the whole room."""
    data = text(rng)

    def run() -> None:
        try:
            document = parse_grammar(data, "mem:a.gram", "application/srgs", limits=LIMITS)
            grammar = link(document, {}, limits=LIMITS)
        except GrammarError:
            return
        use(grammar)
        again = link(
            parse_grammar(grammar.to_srgs(), "mem:a.gram", "application/srgs+xml"), {}, limits=LIMITS
        )
        assert list(again.document.rules) == list(document.rules)
        for said in SAID[:-1]:
            assert (grammar.match(said) is None) == (again.match(said) is None), said

    return data, run


if __name__ == "__main__":
    sys.exit(fuzz_main("ABNF grammars", one))
