"""Speech engines, one a file, found through the entry points of the package."""
