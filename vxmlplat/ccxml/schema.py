"""Which elements may stand where, and which attributes they need (CCXML 1.0 §6 to §10, appendix B)."""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "http://www.w3.org/2002/09/ccxml"


@dataclass(frozen=True, slots=True)
class Rule:
    """What an executable element needs. ``apart``: pairs of attributes of which at most one may be given."""

    required: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    apart: tuple[tuple[str, str], ...] = ()


def _rule(required: str = "", one_of: str = "", apart: str = "") -> Rule:
    pairs = tuple((pair.split("|")[0], pair.split("|")[1]) for pair in apart.split())
    return Rule(frozenset(required.split()), frozenset(one_of.split()), pairs)


PREPARED_APART = " ".join(
    f"prepareddialogid|{name}"
    for name in ("src", "type", "namelist", "parameters", "maxage", "maxstale", "enctype", "method")
)

RULES: dict[str, Rule] = {
    "accept": _rule(),
    "assign": _rule("name expr"),
    "cancel": _rule("sendid"),
    "createcall": _rule("dest"),
    "createccxml": _rule("next"),
    "createconference": _rule("conferenceid"),
    "destroyconference": _rule("conferenceid"),
    "dialogprepare": _rule("src", apart="connectionid|conferenceid"),
    "dialogstart": _rule("", "src prepareddialogid", f"connectionid|conferenceid {PREPARED_APART}"),
    "dialogterminate": _rule("dialogid"),
    "disconnect": _rule(),
    "exit": _rule(),
    "fetch": _rule("next"),
    "goto": _rule("fetchid"),
    "if": _rule("cond"),
    "join": _rule("id1 id2"),
    "log": _rule("expr"),
    "merge": _rule("connectionid1 connectionid2"),
    "move": _rule("sessionid", "source event"),
    "redirect": _rule("dest"),
    "reject": _rule(),
    "script": _rule("", "", "src|fetchid"),
    "send": _rule("target"),
    "unjoin": _rule("id1 id2"),
    "var": _rule("name"),
}
"""Every element of executable content."""

DOCUMENT_LEVEL = frozenset({"var", "assign", "script"})
IGNORED = frozenset({"meta", "metadata"})
SCRIPT_TYPES = frozenset(
    {
        "text/javascript",
        "text/ecmascript",
        "application/javascript",
        "application/ecmascript",
        "application/x-javascript",
    }
)
