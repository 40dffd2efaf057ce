"""Acts of triage."""

from gezhi.triage.actions.printing import print_cases, print_unprinted

__all__ = ["print_cases", "print_unprinted"]
