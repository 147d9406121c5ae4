"""Queues, skills, agents, routing."""
