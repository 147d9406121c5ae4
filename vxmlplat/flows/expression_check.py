"""Expressions checked by the ECMAScript engine that will run them. Nothing is run here.

The look at the tokens (:mod:`vxmlplat.flows.expressions`) comes first, as it says in plain words what is
wrong; the engine has the last word.
"""

from __future__ import annotations

import re

from vxmlplat.ecma.declarations import check_expression
from vxmlplat.flows.expressions import Fault, expression_fault, token_at

_UNEXPECTED = re.compile(r"unexpected (?:token in expression|identifier|token):? '(.+?)'", re.IGNORECASE)
_LATER_LINE = re.compile(r" \(line (\d+)\)$")


def engine_fault(expression: str) -> Fault | None:
    """What is wrong with an expression; None when the engine understands it."""
    fault = expression_fault(expression)
    if fault is not None:
        return fault
    reason = check_expression(expression)
    return None if reason is None else _in_words(expression, reason)


def _in_words(expression: str, reason: str) -> Fault:
    """The engine's message as a fault: it names a token, which is looked up, or runs into the end."""
    end = len(expression.rstrip())
    later = _LATER_LINE.search(reason)
    reason = _LATER_LINE.sub("", reason.removeprefix("SyntaxError: "))
    if later and int(later[1]) > expression.count("\n") + 1:
        return Fault("something is missing at its end", "末尾不完整", end)
    found = _UNEXPECTED.search(reason)
    token = token_at(expression, found[1]) if found else None
    if token is None:
        return Fault(reason, f"脚本引擎报告：{reason}")
    words = f"{token.text!r} does not belong here", f"此处不应出现 {token.text!r}"
    if token.kind in ("name", "number", "string"):
        words = f"an operator is missing before {token.text!r}", f"{token.text!r} 之前缺少运算符"
    return Fault(*words, token.start, len(token.text))
