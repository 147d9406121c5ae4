"""Fuzz semantic interpretation: any tag text, in any format, ends as a JSON value or as a ``SemanticsError``.

python tests/fuzz/fuzz_sisr.py [--seconds N] [--seed N]
"""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from fuzz_abnf import LIMITS
from fuzzing import fuzz_main

from vxmlplat.grammar.errors import SemanticsError
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.model import (
    GrammarDocument,
    MediaType,
    Mode,
    Repeat,
    Rule,
    RuleReference,
    Sequence,
    Tag,
    Token,
)

PIECES = (
    *(
        "out",
        "rules",
        "meta",
        ".x",
        ".y",
        ".latest()",
        ".current()",
        ".text",
        ".r",
        "['a']",
        "$",
        "$$",
        "$r",
        "SWI_meaning",
    ),
    *(
        "=",
        "==",
        "+",
        "++",
        "+=",
        ";",
        "\n",
        ",",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "//",
        "/*",
        "*/",
        "`",
        "'",
        '"',
        "\\",
        "\u2028",
    ),
    *(
        "'a'",
        '"b"',
        "1",
        "010",
        "1e999",
        "true",
        "null",
        "undefined",
        "NaN",
        "{a: 1}",
        "[1, 2]",
        "/x/",
        "a",
        "é",
        "\x00",
    ),
    *(
        "var ",
        "let ",
        "function f() { return 1; }",
        "f()",
        "return ",
        "throw ",
        "if (1) ",
        "while (1) ",
        "for (;;) ",
        "new ",
    ),
    *(
        "Array(1e9)",
        "'x'.repeat(1e9)",
        "this",
        "eval('1')",
        "Function('return this')()",
        "globalThis",
        "$si_rule",
        "constructor",
    ),
    *(
        "delete ",
        "typeof ",
        "Proxy",
        "Symbol.toPrimitive",
        "__proto__",
        "toString",
        "get x() { return 1; }",
        "async () => 1",
    ),
)
PLAIN = (
    "out = 1;",
    "out = 'x'",
    "out.a = rules.r;",
    "out = rules.latest()",
    "sales",
    "a='b'",
    "out.x.y = 1",
    "$.a = 1",
)
FORMATS = ("semantics/1.0", "semantics/1.0-literals", None, "swi-semantics/1.0")
FAST = replace(LIMITS, script_seconds=0.1)


def tag(rng: random.Random) -> str:
    if rng.random() < 0.3:
        return rng.choice(PLAIN)
    return "".join(rng.choice(PIECES) + rng.choice(("", " ")) for _ in range(rng.randrange(1, 9)))


def one(rng: random.Random) -> tuple[bytes, Any]:
    """Tags in two rules and in the header, interpreted."""
    tags = [tag(rng) for _ in range(4)]
    header = (tags[3],) if rng.random() < 0.3 else ()
    tag_format = rng.choice(FORMATS)
    inner = Rule("r", Sequence((Token("b"), Tag(tags[1]))))
    main = Rule("a", Sequence((Tag(tags[0]), Token("a"), Repeat(RuleReference("r"), 0, 3), Tag(tags[2]))))
    document = GrammarDocument(
        "mem:a", "mem:a", MediaType.XML, Mode.VOICE, "en", "a", tag_format, {"a": main, "r": inner}, header
    )

    def run() -> None:
        match = Grammar(document, limits=FAST).match("a" + " b" * rng.randrange(4))
        assert match is not None
        try:
            json.dumps(match.interpret(0.5))
        except SemanticsError:
            pass

    return json.dumps([tag_format, header, tags]).encode(), run


if __name__ == "__main__":
    sys.exit(fuzz_main("semantic tags", one))
