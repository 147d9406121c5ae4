"""From a ``builtin:`` URI to its grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from vxmlplat.grammar.abnf import parse_abnf
from vxmlplat.grammar.builtins import english, keys, mandarin
from vxmlplat.grammar.builtins.parameters import Parameters, parse_parameters
from vxmlplat.grammar.builtins.values import BUILTIN_FORMAT
from vxmlplat.grammar.errors import UnsupportedBuiltinError, UnsupportedLanguageError

if TYPE_CHECKING:
    from vxmlplat.grammar.grammar import Grammar

_URI = re.compile(r"builtin:(?P<mode>dtmf|grammar|voice)/(?P<type>[A-Za-z]+)(?:\?(?P<query>.*))?")

_VOICES: Mapping[str, Mapping[str, Callable[[Parameters], str]]] = {
    "en": english.GRAMMARS,
    "zh": mandarin.GRAMMARS,
    "cmn": mandarin.GRAMMARS,
}
"""By primary language."""


@lru_cache(maxsize=256)
def builtin_grammar(uri: str, language: str | None = None) -> Grammar:
    """The grammar of ``builtin:dtmf/TYPE?parameters`` or ``builtin:grammar/TYPE?parameters`` (``voice``
    too).

    ``language`` decides the words of a voice grammar; English where it is None. Raises
    ``UnsupportedBuiltinError``, ``UnsupportedLanguageError``, and ``GrammarSyntaxError`` for parameters
    that the type does not have or that contradict each other.
    """
    # The values of builtins are part of how a grammar interprets, so it cannot be imported above.
    from vxmlplat.grammar.grammar import Grammar

    found = _URI.fullmatch(uri)
    if not found:
        raise UnsupportedBuiltinError(
            "a builtin is builtin:dtmf/TYPE or builtin:grammar/TYPE, with ?parameters", uri=uri
        )
    type_name = found["type"].lower()
    language = language or "en-US"
    if found["mode"] == "dtmf":
        grammars: Mapping[str, Callable[[Parameters], str]] | None = keys.GRAMMARS
        header = "mode dtmf;"
    else:
        grammars = _VOICES.get(language.partition("-")[0].lower())
        header = f"mode voice; language {language};"
    if type_name not in keys.GRAMMARS:
        raise UnsupportedBuiltinError(
            f"no builtin is called {type_name!r}; there are {', '.join(sorted(keys.GRAMMARS))}", uri=uri
        )
    if grammars is None:
        raise UnsupportedLanguageError(f"{type_name!r} is not known in {language}", uri=uri)
    parameters = parse_parameters(uri, type_name, found["query"] or "", language)
    rules = grammars[type_name](parameters)
    text = f"#ABNF 1.0;\n{header} root ${type_name}; tag-format <{BUILTIN_FORMAT}>;\npublic {rules}\n"
    return Grammar(parse_abnf(text, uri))
