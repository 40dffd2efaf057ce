"""The book of facts, its followers and seals, the audit. No subject of the city."""
