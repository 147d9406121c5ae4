"""How fast grammars load and match: ``python tests/bench/bench_grammar.py [--entries 10000]``.

Prints CPU milliseconds, the best of a few runs: loading (parse, link, compile) and matching of grammars
with many entries, in both forms; ways of matching that must not blow up; keys one by one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from vxmlplat.grammar.builtins import builtin_grammar
from vxmlplat.grammar.dtmf import ActiveGrammar, DtmfMatching
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.loading import link, parse_grammar

SYLLABLES = ("ba", "ko", "ri", "ta", "mu", "sen", "lo", "vi", "dar", "nel")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def name(number: int) -> str:
    return "".join(SYLLABLES[int(digit)] for digit in f"{number:05d}")


def xml_grammar(items: str, *, tag_format: str = "semantics/1.0") -> bytes:
    return (
        '<grammar version="1.0" xmlns="http://www.w3.org/2001/06/grammar" xml:lang="en-US" root="main" '
        f'tag-format="{tag_format}"><rule id="main"><one-of>{items}</one-of></rule></grammar>'
    ).encode()


def directory(entries: int) -> bytes:
    """Names of two words, a quarter of them with the same first word, each with a tag."""
    return xml_grammar(
        "".join(
            f"<item>{name(number % 2500)} {name(number)} <tag>out = {number};</tag></item>"
            for number in range(entries)
        )
    )


def tags_first(entries: int) -> bytes:
    return xml_grammar(
        "".join(f"<item><tag>out = {number};</tag> {name(number)}</item>" for number in range(entries))
    )


def abnf_directory(entries: int) -> bytes:
    choices = " | ".join(
        f"{name(number % 2500)} {name(number)} {{out = {number};}}" for number in range(entries)
    )
    head = "#ABNF 1.0 UTF-8;\nlanguage en-US; root $main; tag-format <semantics/1.0>;\n"
    return f"{head}$main = {choices};\n".encode()


def rule_each(entries: int) -> bytes:
    rules = "".join(f"$r{number} = {name(number)};\n" for number in range(entries))
    choices = " | ".join(f"$r{number}" for number in range(entries))
    return f"#ABNF 1.0 UTF-8;\nlanguage en-US; root $main;\n$main = {choices};\n{rules}".encode()


def load(data: bytes) -> Grammar:
    uri = "file:///bench.gram" if data.startswith(b"#ABNF") else "file:///bench.grxml"
    return link(parse_grammar(data, uri), {})


def best(work: Callable[[], object], runs: int) -> float:
    """CPU milliseconds of the fastest run."""
    fastest = float("inf")
    for _ in range(runs):
        before = time.process_time()
        work()
        fastest = min(fastest, time.process_time() - before)
    return fastest * 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, default=10_000)
    entries = options.parse_args().entries
    last = entries - 1
    for title, data, said in (
        ("XML, two words and a tag each", directory(entries), f"{name(last % 2500)} {name(last)}"),
        ("XML, a tag first in each", tags_first(entries), name(last)),
        ("ABNF, two words and a tag each", abnf_directory(entries), f"{name(last % 2500)} {name(last)}"),
        ("ABNF, a rule for each", rule_each(entries), name(last)),
    ):
        grammar = load(data)
        match = grammar.match(said)
        assert match is not None
        loading = best(lambda data=data: load(data), 3)
        matching = best(lambda grammar=grammar, said=said: grammar.match(said), 20)
        interpreting = best(match.interpret, 20)
        say(
            f"{entries} entries, {title}: load {loading:.0f} ms, match {matching:.3f} ms, "
            f"interpret {interpreting:.3f} ms"
        )
    for title, rules, said in (
        ("left recursion, 200 words", "$main = a | $main a;", "a " * 200),
        ("right recursion, 200 words", "$main = a | a $main;", "a " * 200),
        ("all parses of a a ..., 60 words", "$main = a | $main $main;", "a " * 60),
        ("optional after optional, 30 words", "$main = " + "[a] " * 30 + ";", "a " * 30),
        ("nested repeats, 200 words", "$main = ((a<1->)<1->)<1->;", "a " * 200),
    ):
        grammar = load(f"#ABNF 1.0;\nlanguage en-US; root $main;\n{rules}\n".encode())
        took = best(lambda grammar=grammar, said=said: grammar.match(said), 3)
        say(f"{title}: match {took:.1f} ms")
    digits = ActiveGrammar(builtin_grammar("builtin:dtmf/digits"))
    menu = ActiveGrammar(builtin_grammar("builtin:dtmf/boolean"))

    def press() -> None:
        matching = DtmfMatching([digits, menu])
        for key in "1234567890":
            matching.feed(key)
        matching.matches()[0][1].interpret()

    say(f"ten keys against two grammars, with the value: {best(press, 50):.3f} ms")


if __name__ == "__main__":
    main()
