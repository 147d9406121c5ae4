"""A conservative look at ECMAScript expressions: what can be said without an ECMAScript engine.

It finds what is surely wrong (brackets and quotes left open, a statement where a value belongs) and which
names an
expression reads. Whoever has an engine hands its own check to :func:`vxmlplat.flows.checks.check_flow`.
"""

from __future__ import annotations

import re
from functools import lru_cache

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>0[xX][0-9A-Fa-f]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)
  | (?P<string>"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|`(?:[^`\\]|\\[\s\S])*`)
  | (?P<operator>===|!==|>>>|\*\*|=>|\?\?|\?\.|\.\.\.|==|!=|<=|>=|&&|\|\||<<|>>|\+\+|--|[-+*/%&|^]=
      |[-+*/%<>=!&|^~?:,.;()\[\]{}])
  | (?P<other>\S)
)""",
    re.VERBOSE,
)

_PAIRS = {")": "(", "]": "[", "}": "{"}
_STATEMENTS = frozenset(
    "break case catch class const continue debugger default do else export finally for if import let return"
    " switch throw try var while with yield".split()
)
_WORDS = frozenset(
    "delete false function in instanceof new null super this true typeof void await async of".split()
)
_BINARY_END = frozenset(
    "+ - * / % < > = == === != !== <= >= && || ?? & | ^ << >> >>> ? : . , ! ~ ?. ...".split()
)
_BINARY_START = frozenset("* / % < > = == === != !== <= >= && || ?? & | ^ << >> >>> ? : . , ) ] }".split())

GLOBAL_NAMES = frozenset(
    "Array Boolean Date Error Infinity JSON Math NaN Number Object RegExp String undefined isNaN isFinite"
    " parseInt parseFloat decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape"
    " session application document dialog lang".split()
)
"""Names that every expression may use: ECMAScript's own, VoiceXML's scopes, the call's language."""

RESERVED_NAMES = (
    GLOBAL_NAMES
    | _STATEMENTS
    | _WORDS
    | frozenset("arguments enum eval implements interface package private protected public static".split())
)
"""Names that no variable of a flow may have."""


@lru_cache(maxsize=4096)
def expression_fault(expression: str) -> str | None:
    """What is surely wrong with an expression, in a few English words; None when nothing is."""
    if not expression.strip():
        return "the expression is empty"
    stack: list[str] = []
    last = ""
    position = 0
    first = True
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:  # only white space is left
            break
        position = match.end()
        kind = match.lastgroup
        piece = match.group(kind) if kind else ""
        if kind == "other":
            return "a quotation mark is left open" if piece in "\"'`" else f"{piece!r} does not belong here"
        if kind == "operator":
            if piece in "([{":
                stack.append(piece)
            elif piece in _PAIRS and (not stack or stack.pop() != _PAIRS[piece]):
                return f"{piece!r} closes nothing"
            elif piece == ";":
                return "';' ends a statement, but a value is needed"
            elif piece == "=":
                return "'=' assigns; use '==' to compare"
            if first and piece in _BINARY_START:
                return f"it cannot begin with {piece!r}"
        elif kind == "name" and piece in _STATEMENTS and last not in (".", "?.") and not stack:
            return f"{piece!r} begins a statement, but a value is needed"
        elif kind in ("number", "string") and last in ("number", "string"):
            return "an operator is missing between two values"
        last = kind if kind in ("number", "string") else piece
        first = False
    if stack:
        return f"{stack[-1]!r} is left open"
    if last in _BINARY_END:
        return f"it cannot end with {last!r}"
    return None


@lru_cache(maxsize=4096)
def names_read(expression: str) -> frozenset[str]:
    """The free names of an expression, as far as a look at its tokens can tell: no members, no keys of
    objects."""
    if "function" in expression or "=>" in expression:
        return frozenset()  # parameters and local names cannot be told apart without a parser
    names: set[str] = set()
    last = ""
    position = 0
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            break
        position = match.end()
        token = match.group().strip()
        if match.lastgroup == "name" and last not in (".", "?.") and token not in _WORDS | _STATEMENTS:
            following = expression[position:].lstrip()
            if not (following.startswith(":") and last in ("{", ",")):
                names.add(token)
        last = token
    return frozenset(names)
