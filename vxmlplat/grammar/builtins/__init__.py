"""The builtin grammars of VoiceXML 2.0 appendix P, for keys and for voice in English and Mandarin."""

from vxmlplat.grammar.builtins.registry import builtin_grammar

__all__ = ["builtin_grammar"]
