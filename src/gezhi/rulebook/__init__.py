"""Categories, deadlines, routing, calendars as versioned files: check, diff, apply."""
