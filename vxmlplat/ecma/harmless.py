"""Expressions that by their text alone can change nothing: what an engine that ran only these may go on to
serve.

The test is a list of what is allowed, not of what is feared: names, members, literals, comparison,
arithmetic and logic, and calls of a few methods of strings. No assignment, no other call, no ``new``, no
function, no regular expression, so nothing that a built-in object could remember. Most conditions of most
documents are of this kind.
"""

from __future__ import annotations

import re
from functools import lru_cache

METHODS = (
    "charAt",
    "charCodeAt",
    "concat",
    "endsWith",
    "includes",
    "indexOf",
    "lastIndexOf",
    "slice",
    "startsWith",
    "substr",
    "substring",
    "toLowerCase",
    "toUpperCase",
    "trim",
)
WORDS = (
    "async|await|catch|class|const|delete|export|extends|for|function|import|instanceof|let|new|of|super|this|throw"
    "|var|while|with|yield"
)
HARMLESS = re.compile(
    rf"""(?:\s
    | '[^'\\\n]*' (?!\s*[(`])  | "[^"\\\n]*" (?!\s*[(`])
    | \d++ (?:\.\d++)?+ (?!\s*[(`.\w])
    | \. \s* (?:{"|".join(METHODS)}) \s* \(
    | (?!(?:{WORDS})\b) [A-Za-z_$][\w$]*+ (?!\s*[(`])
    | [)\]] (?!\s*[(`])
    | ===? | !==? | [<>]=? (?![<>=]) | && (?!=) | \|\| (?!=)
    | \? (?![?=]) | \+ (?![+=]) | - (?![-=]) | [*%] (?![*=])
    | [(\[!:,.]
    )++""",
    re.VERBOSE,
)


@lru_cache(maxsize=8192)
def harmless(source: str) -> bool:
    """Whether an expression, once evaluated, leaves nothing behind; False when in doubt."""
    return HARMLESS.fullmatch(source) is not None


GLOBAL_FUNCTIONS = frozenset(
    "atob btoa decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite"
    " isNaN parseFloat parseInt performance queueMicrotask undefined unescape".split()
)
VARIABLE = re.compile(r"[a-z_$][\w$]*")


@lru_cache(maxsize=8192)
def only_a_variable(target: str) -> bool:
    """Whether what is assigned to is a plain name and no built-in object's: a variable, or an error."""
    return VARIABLE.fullmatch(target) is not None and target not in GLOBAL_FUNCTIONS
