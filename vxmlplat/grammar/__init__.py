"""Grammars: SRGS 1.0 in both forms, SISR 1.0, the builtins of VoiceXML, matching of words and keys.

The way in: :func:`loading.load` (fetch, parse, link) or :func:`builtins.builtin_grammar` and
:func:`phrases.phrase_grammar` give an immutable :class:`grammar.Grammar`; ``grammar.match(words)`` gives a
:class:`grammar.Match`, whose ``interpret()`` is the semantic value; :class:`dtmf.DtmfMatching` takes keys
one by one over all active grammars.
"""
