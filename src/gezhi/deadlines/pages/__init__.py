"""Pages of the room: rehearsals of other rulebooks on past cases."""

from gezhi.deadlines.pages.lists import differences, export
from gezhi.deadlines.pages.running import drop, home, new, progress, run, start, stop

__all__ = ["differences", "drop", "export", "home", "new", "progress", "run", "start", "stop"]
