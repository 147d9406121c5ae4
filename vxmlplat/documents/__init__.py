"""Hardened loading of what comes from outside: fetch, cache, limits, XML with source positions."""
