"""Calling back those who asked for it instead of waiting in a queue (智能劝阻回呼)."""
