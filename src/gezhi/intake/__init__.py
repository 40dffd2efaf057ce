"""Ways in for many matters at once: message files by column map, with errors to mend row by row."""
