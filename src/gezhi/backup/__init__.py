"""Backups: written, kept by rule, proved by restoring them, restored. Who did so and when is kept.

What is inside of rows is no concern of this room: it carries the database whole.
"""
