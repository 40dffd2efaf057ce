"""Pages of the room: importing files, and the sources that bring messages by themselves."""
