"""Gezhi: grassroots governance in one house. Rooms and floors: docs/house.md."""
