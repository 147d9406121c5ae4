"""What is kept: SQLModel tables and their migrations."""
