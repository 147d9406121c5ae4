"""The CCXML 1.0 interpreter."""
