"""SRGS 1.0 grammars (XML and ABNF), builtins, SISR: matching of keys and words."""
