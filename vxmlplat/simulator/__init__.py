"""A caller made of text and virtual time."""
