"""The builtin grammars of VoiceXML 2.0 appendix P, for keys and for voice in English and Mandarin."""

from __future__ import annotations

from vxmlplat.grammar.grammar import Grammar


def builtin_grammar(uri: str, language: str | None = None) -> Grammar:
    """The grammar of ``builtin:dtmf/TYPE?parameters`` or ``builtin:grammar/TYPE?parameters`` (``voice`` too).

    ``language`` decides the words of a voice grammar; English where it is None. Raises ``UnsupportedBuiltinError``
    (also for parameters that contradict each other) and ``UnsupportedLanguageError``.
    """
    raise NotImplementedError
