"""Semantic interpretation: the value of a parse (SISR 1.0).

The rules of a parse are worked on from the innermost out, each giving its value to the one around it. Tags of the
literal form, defaults and plain assignments (:mod:`~vxmlplat.grammar.plain_tags`) are done here; all that is left
becomes one script, which runs in a fresh engine with limits. Each rule is a function in it, inside the function of its
grammar, whose header tags are run first: so a grammar's globals are seen by its rules and by nobody else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from vxmlplat.ecma import UNDEFINED, EcmaError, Engine, check_script
from vxmlplat.ecma import Limits as EngineLimits
from vxmlplat.grammar.builtins.values import BUILTIN_FORMAT, builtin_value
from vxmlplat.grammar.errors import SemanticsError
from vxmlplat.grammar.lenient_tags import LENIENT_PRELUDE, lenient_statement
from vxmlplat.grammar.limits import Limits
from vxmlplat.grammar.model import GrammarDocument, JsonValue, Tag
from vxmlplat.grammar.parse_tree import RuleMatch, matched_text, walk
from vxmlplat.grammar.plain_tags import PlainRule, plain_statements

SCRIPT_FORMAT = "semantics/1.0"
LITERAL_FORMAT = "semantics/1.0-literals"

_PRELUDE = """
var $si_value = [], $si_rule = [];
function $si_references(text, score) {
  var latest, latestMeta, rules = Object.create(null), meta = Object.create(null);
  rules.latest = function () { return latest; };
  meta.latest = function () { return latestMeta; };
  meta.current = function () { return {text: text, score: score}; };
  return {rules: rules, meta: meta, latest: rules.latest, visit: function (name, value, text, score) {
    rules[name] = latest = value;
    meta[name] = latestMeta = {text: text, score: score};
  }};
}
"""


@dataclass(frozen=True, slots=True)
class _InScript:
    """A value that the script will compute."""

    slot: int


_RuleValue: TypeAlias = "JsonValue | _InScript"


def tag_format_of(document: GrammarDocument) -> str | None:
    """The tag format of a grammar: one of the two of SISR 1.0, or None for anything else (lenient mode)."""
    declared = (document.tag_format or "").strip().lower()
    return declared if declared in (SCRIPT_FORMAT, LITERAL_FORMAT) else None


def interpret(root: RuleMatch, score: float, limits: Limits) -> JsonValue:
    """The value of a parse; undefined becomes null. Raises ``SemanticsError``."""
    return _Interpretation(score).run(root, limits)


class _Interpretation:
    def __init__(self, score: float) -> None:
        self.score = score
        self.values: dict[RuleMatch, _RuleValue] = {}
        self.functions: dict[str, list[str]] = {}
        self.documents: dict[str, GrammarDocument] = {}
        self.calls: list[str] = []
        self.lenient = False

    def run(self, root: RuleMatch, limits: Limits) -> JsonValue:
        for rule in reversed(list(walk(root))):
            self.values[rule] = self.value(rule)
        value = self.values[root]
        if not isinstance(value, _InScript):
            return value
        source = self.script(value.slot)
        engine = Engine(EngineLimits(seconds=limits.script_seconds))
        try:
            result = engine.chain(engine.scope()).evaluate(source)
        except EcmaError as error:
            raise SemanticsError(f"a tag failed: {error}", uri=root.document.uri) from None
        return None if result is UNDEFINED else result  # type: ignore[return-value]  # JSON by its contract

    def value(self, rule: RuleMatch) -> _RuleValue:
        if rule.document.tag_format == BUILTIN_FORMAT:
            return builtin_value(rule) if rule.name == rule.document.root else None
        tags = [child for child in rule.children if isinstance(child, Tag)]
        if not tags:
            # SISR 1.0: with no tag the value is that of the last rule referred to, else the text.
            inner = next((child for child in reversed(rule.children) if isinstance(child, RuleMatch)), None)
            return matched_text(rule) if inner is None else self.values[inner]
        tag_format = tag_format_of(rule.document)
        if tag_format == LITERAL_FORMAT:
            return tags[-1].content.strip()
        if tag_format == SCRIPT_FORMAT and not rule.document.tags:
            plain, value = self.plain(rule)
            if plain:
                return value
        return self.in_script(rule, tag_format is None)

    def plain(self, rule: RuleMatch) -> tuple[bool, JsonValue]:
        """The value of a rule whose tags are plain assignments over values known already."""
        out = PlainRule()
        for child in rule.children:
            if isinstance(child, Tag):
                statements = plain_statements(child.content)
                if statements is None or not out.execute(statements):
                    return False, None
            elif isinstance(child, RuleMatch):
                value = self.values[child]
                if isinstance(value, _InScript):
                    return False, None
                out.visit(child.name, value)
        return True, out.value

    def in_script(self, rule: RuleMatch, lenient: bool) -> _InScript:
        slot = len(self.calls)
        text = json.dumps(matched_text(rule))
        lines = [
            f"$si_rule[{slot}] = function () {{",
            f"var $si_r = $si_references({text}, {json.dumps(self.score)}),",
            "rules = $si_r.rules, meta = $si_r.meta, out = {};",
        ]
        if lenient:
            self.lenient = True
            lines.append("var $si_lenient = $si_environment($si_r);")
        for child in rule.children:
            if isinstance(child, Tag):
                if lenient:
                    lines.append(lenient_statement(child.content))
                else:
                    lines.append(checked_script(child.content, rule.document.uri) + "\n;")
            elif isinstance(child, RuleMatch):
                name, inner = json.dumps(child.name), json.dumps(matched_text(child))
                score = json.dumps(self.score)
                lines.append(f"$si_r.visit({name}, {self.expression(child)}, {inner}, {score});")
        lines.append("return $si_lenient.value();" if lenient else "return out;")
        lines.append("};")
        uri = rule.document.uri
        self.documents[uri] = rule.document
        self.functions.setdefault(uri, []).append("\n".join(lines))
        self.calls.append(f"$si_value[{slot}] = $si_rule[{slot}]();")
        return _InScript(slot)

    def expression(self, rule: RuleMatch) -> str:
        value = self.values[rule]
        return f"$si_value[{value.slot}]" if isinstance(value, _InScript) else f"({json.dumps(value)})"

    def script(self, slot: int) -> str:
        parts = ["(function () {", _PRELUDE]
        if self.lenient:
            parts.append(LENIENT_PRELUDE)
        for uri, functions in self.functions.items():
            document = self.documents[uri]
            parts.append("(function () {")
            for tag in document.tags:
                if tag_format_of(document) == SCRIPT_FORMAT:
                    parts.append(checked_script(tag, uri) + "\n;")
                elif check_script(tag) is None:
                    parts.append(tag + "\n;")
            parts += functions
            parts.append("})();")
        parts += self.calls
        parts.append(f"return $si_value[{slot}];\n}})()")
        return "\n".join(parts)


def checked_script(source: str, uri: str) -> str:
    """A tag's script, once it is known to be a program by itself and not to reach out of its place."""
    wrong = _why_no_script(source)
    if wrong is not None:
        raise SemanticsError(f"the tag {source.strip()[:60]!r} is no script: {wrong}", uri=uri)
    return source


@lru_cache(maxsize=4_096)
def _why_no_script(source: str) -> str | None:
    return check_script(source)
