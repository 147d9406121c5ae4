"""Node types of the designer, one a file."""
