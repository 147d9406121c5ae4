"""``/api/numbers``: what answers a dialled number."""

from __future__ import annotations

from typing import Annotated, Any, Self

from aiohttp import web
from pydantic import Field, model_validator

from vxmlplat.server.auditing import changing
from vxmlplat.server.bodies import Body, json_response, read_model
from vxmlplat.server.errors import ApiError
from vxmlplat.server.events import NumbersChanged
from vxmlplat.server.roles import Role
from vxmlplat.server.routes import RouteTable
from vxmlplat.server.services import services_of
from vxmlplat.store.numbers import Number

TABLE = RouteTable()

Address = Annotated[str, Field(max_length=2000, pattern=r"^(https?|file)://|^/")]


class NumberBody(Body):
    """A number and what answers it: a flow or a document, a CCXML document, or the one run by the other."""

    number: Annotated[str, Field(pattern=r"^[A-Za-z0-9+*#_.@-]{1,64}$")]
    flow: str | None = None
    document: Address | None = None
    ccxml: Address | None = None
    test: bool = False
    """Its callers get the version that is on test."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if not (self.flow or self.document or self.ccxml):
            raise ValueError("give a flow, a document or a ccxml")
        if self.flow and self.document:
            raise ValueError("give a flow or a document, not both")
        if self.test and not self.flow:
            raise ValueError("a test number is answered by a flow")
        return self


def _as_json(number: Number) -> dict[str, Any]:
    return {
        "number": number.number,
        "flow": number.flow,
        "document": number.document,
        "ccxml": number.ccxml,
        "test": number.test,
    }


@TABLE.get("/api/numbers", Role.OPERATOR)
async def list_numbers(request: web.Request) -> web.Response:
    """Every number that is answered."""
    return json_response([_as_json(number) for number in await services_of(request).store.numbers.all()])


@TABLE.put("/api/numbers", Role.OPERATOR)
async def replace_numbers(request: web.Request) -> web.Response:
    """Make this list the numbers that are answered; the next call sees it."""
    services = services_of(request)
    body = await read_model(request, list[NumberBody])
    names = [one.number for one in body]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ApiError(422, "number.twice", f"{', '.join(twice)} is there more than once")
    unknown = sorted(
        {one.flow for one in body if one.flow} - {f.id for f in await services.store.flows.all()}
    )
    if unknown:
        raise ApiError(422, "number.flow_unknown", f"there is no flow {', '.join(unknown)}")
    numbers = [
        Number(
            number=one.number,
            flow=one.flow or None,
            document=one.document,
            ccxml=one.ccxml,
            test=one.test,
        )
        for one in body
    ]
    async with changing(request, "numbers.replace", "numbers", {"numbers": names}):
        await services.store.numbers.replace(numbers)
    await services.events.publish(NumbersChanged())
    return json_response([_as_json(number) for number in numbers])
