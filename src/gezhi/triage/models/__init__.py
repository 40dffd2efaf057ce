"""Rows of triage."""
