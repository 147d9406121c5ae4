"""Random small grammars: both forms say the same, the matcher agrees with a naive one, keys with whole
inputs.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vxmlplat.grammar.dtmf import ActiveGrammar, DtmfMatching, DtmfState
from vxmlplat.grammar.errors import GrammarLimitError
from vxmlplat.grammar.grammar import Grammar
from vxmlplat.grammar.loading import link, parse_grammar
from vxmlplat.grammar.model import (
    Alternatives,
    Choice,
    Expansion,
    GrammarDocument,
    MediaType,
    Mode,
    Repeat,
    Rule,
    RuleReference,
    Sequence,
    Special,
    SpecialRule,
    Tag,
    Token,
)
from vxmlplat.grammar.srgs_export import to_srgs_xml

RULES = ("main", "other", "third")
QUIET = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no reason to fail."""


def expansions(
    tokens: st.SearchStrategy[Expansion], special: tuple[SpecialRule, ...]
) -> st.SearchStrategy[Expansion]:
    leaves = st.one_of(
        tokens,
        st.sampled_from([Special(rule) for rule in special]),
        st.sampled_from([Tag("t"), Tag("out = {a: '<&>'};")]),
        st.sampled_from([RuleReference(name, written=f"${name}") for name in RULES]),
    )

    def larger(inner: st.SearchStrategy[Expansion]) -> st.SearchStrategy[Expansion]:
        weights = st.none() | st.sampled_from([0.5, 1.0, 3.0])
        return st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: Sequence(tuple(parts))),
            st.lists(st.builds(Choice, inner, weights), min_size=1, max_size=3).map(
                lambda choices: Alternatives(tuple(choices))
            ),
            st.builds(
                lambda part, least, more: Repeat(part, least, None if more is None else least + more),
                inner,
                st.integers(0, 2),
                st.none() | st.integers(0, 2),
            ),
        )

    return st.recursive(leaves, larger, max_leaves=6)


def documents(
    tokens: st.SearchStrategy[Expansion],
    mode: Mode = Mode.VOICE,
    special: tuple[SpecialRule, ...] = (SpecialRule.NULL, SpecialRule.VOID),
) -> st.SearchStrategy[GrammarDocument]:
    rule = st.tuples(expansions(tokens, special), st.booleans())

    def document(parts: tuple[tuple[Expansion, bool], ...]) -> GrammarDocument:
        return GrammarDocument(
            uri="mem:random",
            base="mem:random",
            media_type=MediaType.XML,
            mode=mode,
            language="en-US" if mode is Mode.VOICE else None,
            root="main",
            tag_format="semantics/1.0",
            rules={name: Rule(name, *part) for name, part in zip(RULES, parts, strict=True)},
        )

    return st.tuples(rule, rule, rule).map(document)


AB = st.sampled_from([Token("a"), Token("b"), Token("a b")])
KEYS = st.sampled_from([Token("1"), Token("2"), Token("star"), Token("1 2")])


# ---- both forms


def shape(expansion: Expansion) -> object:
    """An expansion without what the two forms write differently: groups of one, nesting of sequences,
    positions.
    """
    match expansion:
        case Token(text, language):
            return ("token", text, language)
        case RuleReference(rule, uri):
            return ("rule", rule, uri)
        case Sequence(parts):
            flat: list[object] = []
            for part in parts:
                inner = shape(part)
                flat += inner[1:] if isinstance(inner, tuple) and inner[0] == "sequence" else [inner]
            return flat[0] if len(flat) == 1 else ("sequence", *flat)
        case Alternatives(choices):
            return ("one-of", *((shape(choice.expansion), choice.weight) for choice in choices))
        case Repeat(inner, minimum, maximum, probability):
            return ("repeat", shape(inner), minimum, maximum, probability)
        case _:
            return expansion


def abnf_of(expansion: Expansion) -> str:
    match expansion:
        case Token(text, language):
            return f'"{text}"' + (f"!{language}" if language else "")
        case Tag(content):
            return f"{{!{{{content}}}!}}"
        case Special(rule):
            return f"${rule}"
        case RuleReference():
            return f"${expansion.rule}"
        case Sequence(parts):
            return "(" + " ".join(map(abnf_of, parts)) + ")"
        case Alternatives(choices):
            return (
                "("
                + " | ".join(
                    (f"/{choice.weight}/ " if choice.weight is not None else "") + abnf_of(choice.expansion)
                    for choice in choices
                )
                + ")"
            )
        case Repeat(inner, minimum, maximum, probability):
            times = str(minimum) if maximum == minimum else f"{minimum}-{'' if maximum is None else maximum}"
            chance = f" /{probability}/" if probability is not None else ""
            return f"({abnf_of(inner)})<{times}{chance}>"


def abnf_text(document: GrammarDocument) -> str:
    head = f"#ABNF 1.0;\nmode {document.mode};\nlanguage en-US;\nroot $main;\ntag-format <semantics/1.0>;\n"
    return head + "".join(
        f"{'public ' if rule.public else ''}${rule.name} = {abnf_of(rule.expansion)};\n"
        for rule in document.rules.values()
    )


def shapes(document: GrammarDocument) -> object:
    return {name: (rule.public, shape(rule.expansion)) for name, rule in document.rules.items()}


@settings(QUIET, max_examples=100)
@given(
    documents(
        st.builds(
            Token,
            st.sampled_from(["a", "San Francisco", "o'clock", "四", "<&>"]),
            st.sampled_from([None, "fr-CA"]),
        )
    )
)
def test_an_export_parses_to_the_same_rules(document: GrammarDocument) -> None:
    again = parse_grammar(to_srgs_xml(document), "mem:random", "application/srgs+xml")
    assert shapes(again) == shapes(document)
    assert (again.root, again.mode, again.language) == (document.root, document.mode, document.language)


def has_single_choice(expansion: Expansion) -> bool:
    match expansion:
        case Sequence(parts):
            return any(map(has_single_choice, parts))
        case Alternatives(choices):
            lone = len(choices) == 1 and choices[0].weight is None
            return lone or any(has_single_choice(choice.expansion) for choice in choices)
        case Repeat(inner):
            return has_single_choice(inner)
        case _:
            return False


@settings(QUIET, max_examples=100)
@given(
    documents(AB).filter(
        lambda made: not any(has_single_choice(rule.expansion) for rule in made.rules.values())
    )
)
def test_abnf_and_xml_say_the_same(document: GrammarDocument) -> None:
    from_abnf = parse_grammar(abnf_text(document), "mem:random", "application/srgs")
    assert shapes(from_abnf) == shapes(document)
    from_xml = parse_grammar(to_srgs_xml(from_abnf), "mem:random", "application/srgs+xml")
    assert shapes(from_xml) == shapes(document)


# ---- the matcher against a naive one


LONGEST = 4


def naive_language(document: GrammarDocument) -> set[tuple[str, ...]]:
    """Every sentence of up to LONGEST words: sets of sentences, grown until nothing is added."""
    known: dict[str, set[tuple[str, ...]]] = {name: set() for name in document.rules}

    def join(left: set[tuple[str, ...]], right: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
        return {one + two for one in left for two in right if len(one) + len(two) <= LONGEST}

    def of(expansion: Expansion) -> set[tuple[str, ...]]:
        match expansion:
            case Token(text):
                return {tuple(text.replace("star", "*").split())}
            case Tag() | Special(SpecialRule.NULL):
                return {()}
            case Special(SpecialRule.VOID):
                return set()
            case Special(SpecialRule.GARBAGE):
                return {words for n in range(LONGEST + 1) for words in product("ab", repeat=n)}
            case RuleReference(rule):
                assert rule is not None
                return known[rule]
            case Sequence(parts):
                found: set[tuple[str, ...]] = {()}
                for part in parts:
                    found = join(found, of(part))
                return found
            case Alternatives(choices):
                return set().union(*(of(choice.expansion) for choice in choices))
            case Repeat(inner, minimum, maximum):
                once, rounds, found = of(inner), {()}, set()
                for number in range((LONGEST + minimum if maximum is None else maximum) + 1):
                    if number >= minimum:
                        found |= rounds
                    rounds = join(rounds, once)
                return found

    while True:
        before = {name: len(sentences) for name, sentences in known.items()}
        for name, rule in document.rules.items():
            known[name] |= of(rule.expansion)
        if before == {name: len(sentences) for name, sentences in known.items()}:
            return known["main"]


def compiled(document: GrammarDocument) -> Grammar:
    parsed = parse_grammar(to_srgs_xml(document), "mem:random", "application/srgs+xml")
    return link(parsed, {})


@settings(QUIET, max_examples=200)
@given(documents(AB, special=(SpecialRule.NULL, SpecialRule.VOID, SpecialRule.GARBAGE)))
def test_the_matcher_takes_what_a_naive_one_takes(document: GrammarDocument) -> None:
    grammar = compiled(document)
    sentences = naive_language(document)
    for length in range(LONGEST + 1):
        for words in product("ab", repeat=length):
            match = grammar.match(words)
            assert (match is not None) == (words in sentences), words
            if match is not None:
                assert match.text.split() == list(words)


@settings(QUIET, max_examples=50)
@given(documents(AB))
def test_the_phrases_of_a_finite_grammar_are_its_sentences(document: GrammarDocument) -> None:
    grammar = compiled(document)
    try:
        phrases = grammar.phrases(limit=5000)
    except GrammarLimitError:
        return
    short = {phrase for phrase in phrases if len(phrase.split()) <= LONGEST}
    assert short == {" ".join(words) for words in naive_language(document) if words}
    for phrase in phrases[:20]:
        assert grammar.match(phrase) is not None


# ---- keys one by one


@settings(QUIET, max_examples=100)
@given(documents(KEYS, Mode.DTMF), documents(KEYS, Mode.DTMF), st.text("12*", max_size=LONGEST))
def test_keys_one_by_one_are_the_whole_input(one: GrammarDocument, two: GrammarDocument, keys: str) -> None:
    grammars = [compiled(one), compiled(two)]
    active = [ActiveGrammar(grammar) for grammar in grammars]
    matching, second, late = DtmfMatching(active), DtmfMatching(active), DtmfMatching(active)
    for length in range(len(keys) + 1):
        if length:
            matching.feed(keys[length - 1])
            second.feed(keys[length - 1])  # the first key is known to it from the other input
        said = keys[:length]
        assert second.states == matching.states
        assert [state.is_match for state in matching.states] == [
            grammar.match(said) is not None for grammar in grammars
        ]
        assert [index for index, _ in matching.matches()] == [
            index for index, state in enumerate(matching.states) if state.is_match
        ]
        assert [(index, match.words) for index, match in second.matches()] == [
            (index, tuple(said)) for index, _ in matching.matches()
        ]
        assert matching.state.is_match == any(state.is_match for state in matching.states)
        assert matching.state.can_extend == any(state.can_extend for state in matching.states)
    for key in keys:
        late.feed(key)
    assert late.states == matching.states


@settings(QUIET, max_examples=100)
@given(documents(KEYS, Mode.DTMF), st.text("12*", max_size=2))
def test_what_can_be_extended_has_a_longer_sentence(document: GrammarDocument, keys: str) -> None:
    matching = DtmfMatching([ActiveGrammar(compiled(document))])
    for key in keys:
        matching.feed(key)
    longer = any(
        len(sentence) > len(keys) and "".join(sentence[: len(keys)]) == keys
        for sentence in naive_language(document)
    )
    if longer:
        assert matching.state.can_extend
    elif matching.state.can_extend:
        # Only a sentence longer than the naive one looks can account for it.
        frontier = {keys}
        for _ in range(24):
            frontier = {
                more
                for start in frontier
                for more in (start + "1", start + "2", start + "*")
                if extends(document, more) is not DtmfState.NO
            }
            if any(extends(document, more).is_match for more in frontier):
                return
            frontier = set(sorted(frontier)[:50])
        pytest.fail(f"{keys!r} cannot be extended")


def extends(document: GrammarDocument, keys: str) -> DtmfState:
    matching = DtmfMatching([ActiveGrammar(compiled(document))])
    for key in keys:
        matching.feed(key)
    return matching.state
