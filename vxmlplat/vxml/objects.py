"""``<object>`` (VoiceXML 2.0 §2.3.5): extensions that the platform offers by name.

An extension is a coroutine function registered under its ``classid``; it gets the parameters and returns
JSON.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from vxmlplat.ecma import UNDEFINED
from vxmlplat.vxml import model
from vxmlplat.vxml.errors import Thrown
from vxmlplat.vxml.events import Event
from vxmlplat.vxml.form import FormRun, visits
from vxmlplat.vxml.outcomes import Outcome
from vxmlplat.vxml.results import fill_item

Extension = Callable[[Mapping[str, Any]], Awaitable[Any]]
EXTENSIONS: dict[str, Extension] = {}


def extension(classid: str) -> Callable[[Extension], Extension]:
    """Register an extension under the URI that documents name in ``classid``."""

    def register(function: Extension) -> Extension:
        if classid in EXTENSIONS:
            raise ValueError(f"{classid} is registered twice")
        EXTENSIONS[classid] = function
        return function

    return register


@visits(model.ObjectItem)
async def _visit_object(run: FormRun, item: model.ObjectItem) -> Outcome | None:
    context = run.context
    params: dict[str, Any] = {}
    for param in item.params:
        value = param.value if param.expr is None else context.chain.evaluate(param.expr)
        params[param.name] = None if value is UNDEFINED else value
    function = EXTENSIONS.get(item.classid or "")
    if function is None:
        raise Thrown(Event("error.unsupported.objectname", f"there is no object {item.classid!r} here"))
    await context.session.play_queue()
    result = await context.session.wait(function(params))
    if isinstance(result, Event):
        raise Thrown(result)
    fill_item(context, item, result, {})
    run.mark_filled(item)
    return await run.execute_filled()
