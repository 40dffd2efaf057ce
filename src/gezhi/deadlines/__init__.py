"""Promises: due rows made from the rulebook and the clock ledger; rehearsals of other rulebooks."""
