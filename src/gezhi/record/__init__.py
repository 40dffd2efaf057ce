"""The book of facts, its followers and seals, and the audit of openings. Owns no subject of the city."""
