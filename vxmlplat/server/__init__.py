"""The aiohttp application: REST, WebSocket, sign-in, roles, audit (docs/api.md, docs/services.md).

The face of the room::

    app = create_app(Services(store, recorder, questions))   # vxmlplat.server.app
    routes = platform_routes(services)                       # path families to mount in a documents.Fetcher
    password = await first_administrator(services)           # None when there are users
    services.events.subscribe(FlowChanged, take_it_up)       # what changed, to whom it concerns

A resource family is a module of ``resources`` with its table of routes; a service of designed documents is a
module of ``platform_services``, registered by its name.
"""
