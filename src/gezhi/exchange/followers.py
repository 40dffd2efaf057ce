"""Who reads the book for subscriptions: one reader, as many places."""

from gezhi.exchange import actions
from gezhi.record.followers import reads_by_itself


@reads_by_itself("exchange")
def read_on() -> bool:
    """Their next lines become deliveries, each batch one transaction with their places."""
    return actions.read_on()
