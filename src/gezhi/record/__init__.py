"""The book of facts, its followers and seals, the audit of openings. No subject of the city."""
