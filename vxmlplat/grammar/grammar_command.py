"""``vxmlplat grammar parse``: match an input with a grammar, one by one or as a batch of JSON lines."""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from vxmlplat.errors import VxmlplatError
from vxmlplat.grammar.dtmf import ActiveGrammar, DtmfMatching, DtmfState
from vxmlplat.grammar.errors import GrammarError, GrammarReferenceError
from vxmlplat.grammar.grammar import Grammar, Match
from vxmlplat.grammar.loading import FetchedGrammar, load
from vxmlplat.grammar.model import JsonValue, Mode

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


def main(argv: Sequence[str]) -> int:
    """Run the command; 0 for a match (and at the end of a batch), 1 for none or an error, 2 for bad usage."""
    parser = argparse.ArgumentParser(prog="vxmlplat grammar", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    parse = commands.add_parser("parse", help="match an input with a grammar")
    parse.add_argument("grammar", nargs="?", help="a grammar file, or a file: or builtin: URI")
    parse.add_argument("--input", help="words separated by blanks, or keys")
    parse.add_argument(
        "--rule", action="append", default=[], metavar="NAME", help="activate this rule, not the root"
    )
    parse.add_argument("--language", help="the language of a builtin grammar (default en-US)")
    parse.add_argument("--json", action="store_true", help="print the answer as one JSON object")
    parse.add_argument("--batch", action="store_true", help="read requests from standard input, one a line")
    try:
        options = parser.parse_args(list(argv))
    except SystemExit as stop:
        return int(stop.code or 0)
    if options.batch:
        return batch(sys.stdin.buffer, sys.stdout)
    if options.grammar is None or options.input is None:
        parse.print_usage(sys.stderr)
        return 2
    answer = answer_to(options.grammar, options.input, options.rule, options.language)
    print(json.dumps(answer) if options.json else _readable(answer))
    return 0 if answer.get("match") is True else 1


def batch(requests: IO[bytes], answers: IO[str]) -> int:
    """Answer one JSON request a line until the input ends; a bad one is answered with an error."""
    for line in requests:
        if not line.strip():
            continue
        identity: Any = None
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError("a request is a JSON object")
            identity = request.get("id")
            answer = _answer_request(request)
        except (ValueError, RecursionError) as error:
            answer = {"error": f"the request cannot be read: {error}"}
        answers.write(json.dumps({"id": identity, **answer}) + "\n")
        answers.flush()
    return 0


def _answer_request(request: dict[str, Any]) -> dict[str, Any]:
    grammar, text, rules = request.get("grammar"), request.get("input"), request.get("rules") or []
    if not isinstance(grammar, str) or not isinstance(text, str):
        raise ValueError("a request needs grammar and input, both strings")
    if not isinstance(rules, list) or not all(isinstance(rule, str) for rule in rules):
        raise ValueError("rules is a list of names")
    language = request.get("language")
    return answer_to(grammar, text, rules, language if isinstance(language, str) else None)


def answer_to(
    where: str, text: str, rules: Sequence[str] = (), language: str | None = None
) -> dict[str, Any]:
    """What the grammar at a path or URI makes of an input: the members of the answer object."""
    if language is None and where.startswith("builtin:") and _HAN.search(text):
        language = "zh-CN"  # nobody else is there to say in which language the input was spoken
    try:
        grammar = asyncio.run(load(_uri_of(where), read_file, language=language))
        return _matched(grammar, text, rules)
    except VxmlplatError as error:
        return {"error": str(error)}


def _matched(grammar: Grammar, text: str, rules: Iterable[str]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    match: Match | None
    if grammar.mode is Mode.DTMF:
        matching = DtmfMatching([ActiveGrammar(grammar, tuple(rules))])
        state = matching.state
        for key in "".join(text.split()):
            try:
                state = matching.feed(key)
            except ValueError:
                state = DtmfState.NO
                break
        found = matching.matches() if state.is_match else []
        match = found[0][1] if found else None
        answer["dtmf_state"] = state.value
    else:
        match = grammar.match(text, rules)
    answer["match"] = match is not None
    if match is not None:
        answer |= {"rule": match.rule, "tree": match.structure(), "text": match.text}
        try:
            answer["interpretation"] = _finite(match.interpret())
        except GrammarError as error:
            answer |= {"interpretation": None, "semantics_error": str(error)}
    return answer


def _finite(value: JsonValue) -> JsonValue:
    """The value as JSON can write it: what is no finite number becomes null, as ``JSON.stringify`` has it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


async def read_file(uri: str) -> FetchedGrammar:
    """The grammar in a local file; the command has no network."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise GrammarReferenceError("only local files can be read here", uri=uri)
    try:
        data = Path(unquote(parts.path)).read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise GrammarReferenceError(f"cannot be read: {reason}", uri=uri) from None
    return FetchedGrammar(uri, data)


def _uri_of(where: str) -> str:
    return where if _SCHEME.match(where) else Path(where).absolute().as_uri()


def _readable(answer: dict[str, Any]) -> str:
    if "error" in answer:
        return f"error: {answer['error']}"
    lines = ["match" if answer["match"] else "no match"]
    lines += [f"{name}: {answer[name]}" for name in ("dtmf_state", "rule", "tree") if name in answer]
    if answer["match"]:
        lines.append(f"interpretation: {json.dumps(answer['interpretation'], ensure_ascii=False)}")
        if "semantics_error" in answer:
            lines.append(f"error in a tag: {answer['semantics_error']}")
    return "\n".join(lines)
