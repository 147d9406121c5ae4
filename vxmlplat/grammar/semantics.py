"""Semantic interpretation: the value of a parse (SISR 1.0).

Tags of the literal form, defaults and plain assignments (:mod:`~vxmlplat.grammar.plain_tags`) are done
here, from the innermost rule out; all that is left becomes one script, which runs in a fresh engine with
limits. Each rule is a function in it, inside the function of its grammar, whose header tags are run first:
so a grammar's globals are seen by its rules and by nobody else. A rule calls the rules it refers to where
they stand between its tags, so that tags run in the order in which they were met.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeAlias

from vxmlplat.ecma import UNDEFINED, EcmaError, Engine, ScriptLimitExceeded, check_script
from vxmlplat.ecma import Limits as EngineLimits
from vxmlplat.grammar.builtins.values import BUILTIN_FORMAT, builtin_value
from vxmlplat.grammar.errors import SemanticsError
from vxmlplat.grammar.lenient_tags import LENIENT_PRELUDE, lenient_statement
from vxmlplat.grammar.limits import Limits
from vxmlplat.grammar.matcher import GarbageWord
from vxmlplat.grammar.model import GrammarDocument, JsonValue, Mode, Tag, Token
from vxmlplat.grammar.parse_tree import RuleMatch, leaves, token_text, walk
from vxmlplat.grammar.plain_tags import PlainRule, plain_statements

SCRIPT_FORMAT = "semantics/1.0"
LITERAL_FORMAT = "semantics/1.0-literals"

_STACK = 1 << 20
"""Bytes of stack for the script: rules that refer to themselves nest as deep as the input is long."""

_PRELUDE = """
var $si_rule = [];
function $si_text(from, to) { return $si_words.slice(from, to).join($si_blank); }
function $si_references(from) {
  var latest, latestMeta, rules = Object.create(null), meta = Object.create(null), reached = from;
  rules.latest = function () { return latest; };
  meta.latest = function () { return latestMeta; };
  meta.current = function () { return {text: $si_text(from, reached), score: $si_score}; };
  function at(word) { reached = word; }
  return {rules: rules, meta: meta, latest: rules.latest, at: at, visit: function (name, value, from, to) {
    rules[name] = latest = value;
    meta[name] = latestMeta = {text: $si_text(from, to), score: $si_score};
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
    return _Interpretation(root, score).run(root, limits)


class _Interpretation:
    def __init__(self, root: RuleMatch, score: float) -> None:
        self.root = root
        self.score = score
        self.blank = "" if root.document.mode is Mode.DTMF else " "
        self.values: dict[RuleMatch, _RuleValue] = {}
        self.functions: dict[str, list[str]] = {}
        self.documents: dict[str, GrammarDocument] = {}
        self.slots = 0
        self.lenient = False

    @cached_property
    def leaves(self) -> tuple[list[str], dict[RuleMatch, tuple[int, int]]]:
        """All words that were matched, and from where to where each rule's go; builtins need neither."""
        return leaves(self.root)

    @property
    def words(self) -> list[str]:
        return self.leaves[0]

    @property
    def spans(self) -> dict[RuleMatch, tuple[int, int]]:
        return self.leaves[1]

    def run(self, root: RuleMatch, limits: Limits) -> JsonValue:
        for rule in reversed(list(walk(root))):
            self.values[rule] = self.value(rule)
        value = self.values[root]
        if not isinstance(value, _InScript):
            return value
        source = self.script(value.slot)
        engine = Engine(EngineLimits(seconds=limits.script_seconds, stack=_STACK))
        try:
            result = engine.chain(engine.scope()).evaluate(source)
        except ScriptLimitExceeded as error:
            raise SemanticsError(f"the tags used up their {error.limit}", uri=root.document.uri) from None
        except EcmaError as error:
            raise SemanticsError(f"a tag failed: {error}", uri=root.document.uri) from None
        return None if result is UNDEFINED else result  # type: ignore[return-value]  # JSON by its contract

    def text(self, rule: RuleMatch) -> str:
        first, last = self.spans[rule]
        return self.blank.join(self.words[first:last])

    def value(self, rule: RuleMatch) -> _RuleValue:
        if rule.document.tag_format == BUILTIN_FORMAT:
            return builtin_value(rule) if rule.name == rule.document.root else None
        tags = [child for child in rule.children if isinstance(child, Tag)]
        if not tags:
            # SISR 1.0: with no tag the value is that of the last rule referred to, else the text.
            inner = [self.values[child] for child in rule.children if isinstance(child, RuleMatch)]
            if any(isinstance(value, _InScript) for value in inner[:-1]):
                # All of them are to run, though only the last one counts.
                return self.in_script(rule, lenient=False)
            return inner[-1] if inner else self.text(rule)
        tag_format = tag_format_of(rule.document)
        if tag_format == LITERAL_FORMAT:
            return tags[-1].content.strip()
        if not rule.document.tags:
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
        slot = self.slots
        self.slots += 1
        at = self.spans[rule][0]
        lines = [
            f"$si_rule[{slot}] = function () {{",
            f"var $si_r = $si_references({at}),",
            "rules = $si_r.rules, meta = $si_r.meta, out = {};",
        ]
        if lenient:
            self.lenient = True
            lines.append("var $si_lenient = $si_environment($si_r);")
        for child in rule.children:
            if isinstance(child, Tag):
                lines.append(f"$si_r.at({at});")  # a rule's own text is what it has matched so far
                if lenient:
                    lines.append(lenient_statement(child.content))
                else:
                    lines.append(checked_script(child.content, rule.document.uri) + "\n;")
            elif isinstance(child, RuleMatch):
                first, at = self.spans[child]
                name = json.dumps(child.name)
                lines.append(f"$si_r.visit({name}, {self.expression(child)}, {first}, {at});")
            else:
                at += self.words_of(rule, child)
        if lenient:
            lines.append("return $si_lenient.value();")
        else:
            tagged = any(isinstance(child, Tag) for child in rule.children)
            lines.append("return out;" if tagged else "return $si_r.latest();")
        lines.append("};")
        uri = rule.document.uri
        self.documents[uri] = rule.document
        self.functions.setdefault(uri, []).append("\n".join(lines))
        return _InScript(slot)

    def words_of(self, rule: RuleMatch, part: Token | GarbageWord) -> int:
        """How many of the matched words a token is: a DTMF token may name several keys."""
        if isinstance(part, Token) and rule.document.mode is Mode.DTMF:
            return len(token_text(part, rule.document).split())
        return 1

    def expression(self, rule: RuleMatch) -> str:
        value = self.values[rule]
        return f"$si_rule[{value.slot}]()" if isinstance(value, _InScript) else f"({json.dumps(value)})"

    def script(self, slot: int) -> str:
        parts = [
            "(function () {",
            f"var $si_words = {json.dumps(self.words)}, $si_blank = {json.dumps(self.blank)};",
            f"var $si_score = {json.dumps(self.score)};",
            _PRELUDE,
        ]
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
        parts.append(f"return $si_rule[{slot}]();\n}})()")
        return "\n".join(parts)


def checked_script(source: str, uri: str) -> str:
    """A tag's script, once it is known to be a program by itself and not to reach out of its place."""
    wrong = _why_no_script(source)
    if wrong is not None:
        raise SemanticsError(f"the tag {source.strip()[:60]!r} is no script: {wrong}", uri=uri)
    return source


@lru_cache(maxsize=512)
def _why_no_script(source: str) -> str | None:
    return check_script(source)
