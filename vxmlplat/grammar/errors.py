"""What may be wrong with a grammar, its parts, or an input to it.

An author reads the message: it begins with ``URI:LINE:COLUMN`` where these are known. The interpreters turn
the classes into events: :class:`GrammarError` into ``error.badfetch``, except
:class:`UnsupportedFormatError` (``error.unsupported.format``), :class:`UnsupportedBuiltinError`
(``error.unsupported.builtin``), :class:`UnsupportedLanguageError` (``error.unsupported.language``) and
:class:`SemanticsError` (``error.semantic``).
"""

from __future__ import annotations

from vxmlplat.errors import VxmlplatError


class GrammarError(VxmlplatError):
    """A grammar that cannot be used.

    ``uri``, ``line`` and ``column`` (both from 1) say where; None where that is not known.
    """

    def __init__(
        self, message: str, *, uri: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        self.message = message
        self.uri = uri
        self.line = line
        self.column = column
        place = ":".join(str(part) for part in (uri, line, column if line else None) if part is not None)
        super().__init__(f"{place}: {message}" if place else message)


class GrammarSyntaxError(GrammarError):
    """The text is no grammar of its form: not well-formed, or against a rule of SRGS 1.0."""


class GrammarReferenceError(GrammarError):
    """A reference names a rule, a root or a grammar that is not there, private, of another mode or type."""


class GrammarLimitError(GrammarError):
    """A grammar or an input beyond the :class:`~vxmlplat.grammar.limits.Limits`."""


class UnsupportedFormatError(GrammarError):
    """The media type is of no grammar that the platform knows."""


class UnsupportedBuiltinError(GrammarError):
    """No builtin grammar has this name, or not with these parameters."""


class UnsupportedLanguageError(GrammarError):
    """The builtin grammar is not there in this language."""


class SemanticsError(GrammarError):
    """A tag's script failed, ran too long, or its value cannot leave the script (SISR 1.0)."""
