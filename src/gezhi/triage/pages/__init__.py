"""Pages of triage for staff."""
