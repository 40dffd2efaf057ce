"""What pages and the API read from a request: who asks."""

from django.http import HttpRequest

from gezhi.base.actor import NOBODY, Actor


def actor_of(request: HttpRequest) -> Actor:
    """The actor the middleware put on the request; nobody in particular if it did not."""
    actor = getattr(request, "actor", NOBODY)
    if not isinstance(actor, Actor):
        raise TypeError("request.actor is not an Actor")
    return actor
