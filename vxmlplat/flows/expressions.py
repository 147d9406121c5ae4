"""A look at the tokens of ECMAScript expressions, which says in an author's words what is wrong, and where.

It finds what authors do wrong most (brackets and quotes left open, a statement where a value belongs) and
which names an expression reads. What it lets pass is for the engine
(:mod:`vxmlplat.flows.expression_check`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

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

_REGULAR_EXPRESSION = re.compile(r"/(?![*/])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*")

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


class Token(NamedTuple):
    """A token of an expression: what it is, as it is written, where it begins."""

    kind: str
    text: str
    start: int


def _tokens(expression: str) -> Iterator[Token]:
    """The tokens; a regular expression where a value is expected counts as a string."""
    last = ""
    position = 0
    while match := _TOKEN.match(expression, position):
        kind = match.lastgroup or ""
        symbol = match.group(kind)
        if symbol == "/" and (not last or last in _BINARY_END or last in "([{,"):
            pattern = _REGULAR_EXPRESSION.match(expression, match.start(kind))
            if pattern is not None:
                yield Token("string", pattern.group(), pattern.start())
                last, position = "value", pattern.end()
                continue
        yield Token(kind, symbol, match.start(kind))
        last = "value" if kind in ("string", "number") else symbol
        position = match.end()


class Fault(NamedTuple):
    """What is wrong with an expression, in a few English and Chinese words, and at which character."""

    english: str
    chinese: str
    start: int = 0
    length: int = 0
    """0: where something is missing."""


@lru_cache(maxsize=4096)
def expression_fault(expression: str) -> Fault | None:
    """What is surely wrong with an expression; None when nothing is."""
    if not expression.strip():
        return Fault("the expression is empty", "表达式为空")
    stack: list[Token] = []
    last = ""
    for token in _tokens(expression):
        kind, symbol, start = token
        fault: tuple[str, str] | None = None
        if kind == "other" and symbol in "\"'`":
            fault = "a quotation mark is left open", "引号未闭合"
        elif kind == "other":
            fault = f"{symbol!r} does not belong here", f"此处不应出现 {symbol!r}"
        elif kind == "operator":
            fault = _operator_fault(token, stack, first=not last)
        elif kind == "name" and symbol in _STATEMENTS and last not in (".", "?.") and not stack:
            fault = f"{symbol!r} begins a statement, but a value is needed", f"{symbol!r} 是语句，此处需要值"
        elif kind in ("number", "string") and last in ("number", "string"):
            fault = "an operator is missing between two values", "两个值之间缺少运算符"
        if fault is not None:
            return Fault(*fault, start, len(symbol))
        last = kind if kind in ("number", "string") else symbol
    if stack:
        _, opened, start = stack[-1]
        return Fault(f"{opened!r} is left open", f"{opened!r} 未闭合", start, 1)
    if last in _BINARY_END:
        return Fault(f"it cannot end with {last!r}", f"不能以 {last!r} 结尾", len(expression.rstrip()))
    return None


def _operator_fault(token: Token, stack: list[Token], *, first: bool) -> tuple[str, str] | None:
    """What is wrong with an operator at its place; ``stack`` holds the brackets that are open."""
    operator = token.text
    if operator in "([{":
        stack.append(token)
    elif operator in _PAIRS and (not stack or stack.pop().text != _PAIRS[operator]):
        return f"{operator!r} closes nothing", f"{operator!r} 没有对应的左括号"
    elif operator == ";" and not stack:
        return "';' ends a statement, but a value is needed", "';' 结束语句，此处需要值"
    elif operator == "=" and not stack:
        return "'=' assigns; use '==' to compare", "'=' 是赋值，比较请用 '=='"
    if first and operator in _BINARY_START:
        return f"it cannot begin with {operator!r}", f"不能以 {operator!r} 开头"
    return None


@lru_cache(maxsize=4096)
def name_tokens(expression: str) -> tuple[Token, ...]:
    """Where an expression reads free names, as far as a look at its tokens tells: no members, no keys.

    Empty for an expression with functions: their own names cannot be told apart without a parser.
    """
    if "function" in expression or "=>" in expression:
        return ()
    none = Token("", "", 0)
    tokens = [none, *_tokens(expression), none]
    return tuple(
        token
        for before, token, after in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if token.kind == "name"
        and token.text not in _WORDS | _STATEMENTS
        and before.text not in (".", "?.")
        and not (after.text == ":" and before.text in ("{", ","))
    )


def names_read(expression: str) -> frozenset[str]:
    """The free names of an expression; see :func:`name_tokens`."""
    return frozenset(token.text for token in name_tokens(expression))


def token_at(expression: str, text: str, number: int = -1) -> Token | None:
    """One of the tokens that are written so, the last one by default."""
    found = [token for token in _tokens(expression) if token.text == text]
    return found[number] if found else None
