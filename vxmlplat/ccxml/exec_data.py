"""Variables, conditions, scripts, the log and the end (CCXML 1.0 §6.2, §8.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.ccxml.errors import ElementError
from vxmlplat.ccxml.execute import executes, plain, variables
from vxmlplat.ccxml.model import Action
from vxmlplat.ccxml.platform import Outcome
from vxmlplat.ecma import is_variable_name

if TYPE_CHECKING:
    from vxmlplat.ccxml.session import Session


@executes("var")
def declare(session: Session, action: Action) -> None:
    """``<var>`` (§8.2.1): in the ccxml scope, or in that of the transition.

    Declared again without ``expr`` it keeps its value, as ECMAScript's own ``var`` does.
    """
    name = action.attributes["name"]
    if not is_variable_name(name):
        hint = "; <assign> sets application.x" if "." in name else ""
        raise ElementError("error.semantic", f"{name!r} is no name of a variable{hint}", goes_on=False)
    expression = action.attributes.get("expr")
    if expression is not None or not session.chain.scopes[-1].has(name):
        session.chain.declare(name, expression)


@executes("assign")
def assign(session: Session, action: Action) -> None:
    """``<assign>`` (§8.2.2)."""
    session.assign_expression(action.attributes["name"], action.attributes["expr"])


@executes("script")
def script(session: Session, action: Action) -> None:
    """``<script>`` (§8.2.3): its own text, one loaded with the document, or one fetched by ``<fetch>``."""
    if "fetchid" in action.attributes:
        fetchid = session.chain.string(action.attributes["fetchid"])
        source = session.fetched.get(fetchid)
        if not isinstance(source, str):
            raise ElementError("error.semantic", f"no script was fetched as {fetchid!r}")
    elif "src" in action.attributes:
        source = session.document.scripts[action.text]
    else:
        source = action.text
    session.chain.run_script(source, strays=False)


@executes("if")
def branch(session: Session, action: Action) -> bool:
    """``<if>``, ``<elseif>``, ``<else>`` (§6.2)."""
    for condition, body in action.branches:
        if condition is None or session.chain.condition(condition):
            return session.run(body)
    return True


@executes("log")
def log(session: Session, action: Action) -> None:
    """``<log>``."""
    label = action.attributes.get("label")
    session.sessions.platform.log(
        session,
        "" if label is None else session.chain.string(label),
        session.chain.string(action.attributes["expr"]),
    )


@executes("exit")
def leave(session: Session, action: Action) -> bool:
    """``<exit>``: the session ends here."""
    expression = action.attributes.get("expr")
    value = None if expression is None else plain(session.chain.evaluate(expression))
    namelist = variables(session, action, "namelist")
    session.end(Outcome("exit", value, namelist))
    return False
