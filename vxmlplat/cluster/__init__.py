"""Several nodes as one platform."""
