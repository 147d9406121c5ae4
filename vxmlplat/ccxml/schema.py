"""Which elements may stand where, and which attributes they need (CCXML 1.0 §6 to §10, appendix B)."""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACE = "http://www.w3.org/2002/09/ccxml"


@dataclass(frozen=True, slots=True)
class Rule:
    """Which attributes an element has: ``required`` ones, at least one of ``one_of``, ``optional`` ones.

    ``apart``: pairs of attributes of which at most one may be given.
    """

    required: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    apart: tuple[tuple[str, str], ...] = ()

    @property
    def allowed(self) -> frozenset[str]:
        """Every attribute that the element may have."""
        return self.required | self.one_of | self.optional


def _rule(required: str = "", optional: str = "", *, one_of: str = "", apart: str = "") -> Rule:
    pairs = tuple((pair.split("|")[0], pair.split("|")[1]) for pair in apart.split())
    return Rule(frozenset(required.split()), frozenset(one_of.split()), frozenset(optional.split()), pairs)


LOADING = "method namelist timeout maxage maxstale enctype"
DIALOG = (
    "type namelist parameters dialogid connectionid conferenceid mediadirection maxage maxstale enctype"
    " method hints"
)
PREPARED_APART = " ".join(
    f"prepareddialogid|{name}"
    for name in ("src", "type", "namelist", "parameters", "maxage", "maxstale", "enctype", "method")
)

RULES: dict[str, Rule] = {
    "accept": _rule("", "connectionid hints"),
    "assign": _rule("name expr"),
    "cancel": _rule("sendid"),
    "createcall": _rule("dest", "connectionid aai callerid hints timeout joinid joindirection"),
    "createccxml": _rule("next", f"sessionid parameters {LOADING}"),
    "createconference": _rule("conferenceid", "confname reservedtalkers reservedlisteners hints"),
    "destroyconference": _rule("conferenceid", "hints"),
    "dialogprepare": _rule("src", DIALOG, apart="connectionid|conferenceid"),
    "dialogstart": _rule(
        "", DIALOG, one_of="src prepareddialogid", apart=f"connectionid|conferenceid {PREPARED_APART}"
    ),
    "dialogterminate": _rule("dialogid", "immediate hints"),
    "disconnect": _rule("", "connectionid reason hints"),
    "exit": _rule("", "expr namelist"),
    "fetch": _rule("next", f"fetchid type {LOADING}"),
    "goto": _rule("fetchid"),
    "if": _rule("cond"),
    "join": _rule(
        "id1 id2", "duplex hints entertone exittone autoinputgain autooutputgain dtmfclamp toneclamp"
    ),
    "log": _rule("expr", "label"),
    "merge": _rule("connectionid1 connectionid2", "hints"),
    "move": _rule("sessionid", one_of="source event", apart="source|event"),
    "redirect": _rule("dest", "connectionid reason hints"),
    "reject": _rule("", "connectionid reason hints"),
    "script": _rule("", "src fetchid timeout maxage maxstale charset", apart="src|fetchid"),
    "send": _rule("target", "targettype sendid delay name namelist hints"),
    "unjoin": _rule("id1 id2", "hints"),
    "var": _rule("name", "expr"),
}
"""Every element of executable content."""

STRUCTURE: dict[str, Rule] = {
    "ccxml": _rule("version"),
    "eventprocessor": _rule("", "statevariable"),
    "transition": _rule("", "event state cond"),
    "elseif": _rule("cond"),
    "else": _rule(),
    "meta": _rule("content", one_of="name http-equiv", apart="name|http-equiv"),
}
"""The elements that give a document its structure."""

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
