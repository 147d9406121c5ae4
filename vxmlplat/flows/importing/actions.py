"""Executable content as nodes, from its end to its beginning: each knows what comes after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from vxmlplat.documents.markup import Element
from vxmlplat.flows.importing.draft import NodeDraft, Target
from vxmlplat.flows.importing.prompts import SPEAKING, Spoken
from vxmlplat.flows.importing.report import StaysCode
from vxmlplat.flows.importing.scope import Scope, attributes_only

Content = Sequence[Element | str]
Action = Callable[[Element, Scope, Target], Target]

ACTIONS: dict[str, Action] = {}
"""Element name to what makes nodes of it; the third argument is what comes after."""


def action(name: str) -> Callable[[Action], Action]:
    """Register the conversion of an element of executable content; a name twice is a ValueError."""

    def register(convert: Action) -> Action:
        if name in ACTIONS:
            raise ValueError(f"<{name}> is converted already")
        ACTIONS[name] = convert
        return convert

    return register


def actions(content: Content, scope: Scope, after: Target) -> Target:
    """Nodes for executable content; gives the first, or ``after`` for nothing. Raises :class:`StaysCode`."""
    steps = _steps(content, scope)
    target = after
    for step in reversed(steps):
        if isinstance(step, Spoken):
            if step.timeout is not None:
                raise StaysCode("a prompt sets a time-out", "提示音设置了超时")
            if step.pieces:
                fields: dict[str, Any] = {"prompt": step.pieces}
                if step.bargein is False:
                    fields["bargein"] = False
                target = NodeDraft("play", fields, {"next": target})
        else:
            target = ACTIONS[step.name](step, scope, target)
    return target


def _steps(content: Content, scope: Scope) -> list[Spoken | Element]:
    """The elements, with what is said in a row put together."""
    steps: list[Spoken | Element] = []
    for child in content:
        if isinstance(child, str) or child.name in SPEAKING:
            if isinstance(child, str) and not child.strip() and not (steps and isinstance(steps[-1], Spoken)):
                continue
            if not steps or not isinstance(steps[-1], Spoken):
                steps.append(Spoken())
            last = steps[-1]
            assert isinstance(last, Spoken)
            last.add(child, scope)
        elif child.name in ACTIONS:
            steps.append(child)
        else:
            raise StaysCode(f"it uses <{child.name}>", f"使用了 <{child.name}>")
    return steps


@action("assign")
def _assign(element: Element, scope: Scope, after: Target) -> Target:
    attributes_only(element, "name", "expr")
    name = (element.get("name") or "").removeprefix("application.")
    if name not in scope.variables:
        raise StaysCode(f"it sets {name}, which only the code knows", f"它为只有代码内才有的 {name} 赋值")
    row = {"variable": name, "value": scope.expression(element.get("expr") or "")}
    if isinstance(after, NodeDraft) and after.type == "set" and not after.id:
        return NodeDraft("set", {"assignments": [row, *after.fields["assignments"]]}, dict(after.ways))
    return NodeDraft("set", {"assignments": [row]}, {"next": after})


@action("if")
def _if(element: Element, scope: Scope, after: Target) -> Target:
    """A condition; each branch goes on behind it unless it leads elsewhere."""
    branches: list[tuple[str | None, list[Element | str]]] = [(element.get("cond"), [])]
    for child in element.children:
        if isinstance(child, Element) and child.name in ("elseif", "else"):
            branches.append((child.get("cond") if child.name == "elseif" else None, []))
        else:
            branches[-1][1].append(child)
    otherwise = branches.pop()[1] if len(branches) > 1 and branches[-1][0] is None else []
    rows: list[dict[str, Any]] = []
    ways: dict[str, Target] = {}
    for number, (condition, content) in enumerate(branches, 1):
        port = f"branch_{number}"
        when = scope.expression(condition or "")
        rows.append({"id": port, "label": when[:200], "when": when})
        ways[port] = actions(content, scope, after)
    ways["otherwise"] = actions(otherwise, scope, after)
    return NodeDraft("condition", {"branches": rows}, ways)


@action("goto")
def _goto(element: Element, scope: Scope, after: Target) -> Target:
    attributes_only(element, "next")
    return scope.place(element.get("next"))


@action("exit")
def _exit(element: Element, scope: Scope, after: Target) -> Target:
    attributes_only(element)
    return scope.draft.end()


@action("disconnect")
def _disconnect(element: Element, scope: Scope, after: Target) -> Target:
    attributes_only(element)
    return scope.draft.hang_up()
