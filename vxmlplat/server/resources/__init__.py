"""The routes of the web interface: one module a resource family, each with its table (docs/api.md)."""
