"""The county's days: residents report, staff work, by the real acts under a simulated clock."""

from gezhi.demo.simulation.calling import take_calls, write_articles
from gezhi.demo.simulation.running import Tell, Told, simulate

__all__ = ["Tell", "Told", "simulate", "take_calls", "write_articles"]
