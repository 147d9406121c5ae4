"""Breadcrumbs, roll-ups, paths, figures."""
