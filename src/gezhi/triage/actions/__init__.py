"""Acts of triage."""
