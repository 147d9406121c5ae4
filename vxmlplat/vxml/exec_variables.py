"""Variables in executable content: var, assign, clear, script, data (VoiceXML 2.0 §5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vxmlplat.ecma import UNDEFINED
from vxmlplat.vxml import model
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.execute import immediate, waiting

if TYPE_CHECKING:
    from vxmlplat.vxml.form import Run


@immediate(model.Var)
def _var(run: Run, node: model.Var) -> None:
    run.context.declare(node)


@immediate(model.Assign)
def _assign(run: Run, node: model.Assign) -> None:
    run.context.chain.assign(node.name, node.expr)


@immediate(model.Clear)
def _clear(run: Run, node: model.Clear) -> None:
    if node.names is None:
        run.clear_all()
        return
    chain = run.context.chain
    for name in node.names:
        item = name.removeprefix("dialog.")
        if run.clear_item(item):
            continue
        if not chain.declared(name.split(".")[0].split("[")[0]):
            raise Thrown(run.context.semantic(f"{name} is not declared and cannot be cleared", node.line))
        chain.assign_value(name, UNDEFINED)


@waiting(model.Script)
async def _script(run: Run, node: model.Script) -> None:
    await run.context.run_script(node)


@waiting(model.Data)
async def _data(run: Run, node: model.Data) -> None:
    await run.context.fetch_data(node)
