"""The aiohttp application: REST, WebSocket, sign-in, roles, audit."""
