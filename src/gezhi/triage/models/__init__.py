"""Rows of triage."""

from gezhi.triage.models.prints import Print

__all__ = ["Print"]
