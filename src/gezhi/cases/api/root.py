"""The one router of the room: an address with two methods must stand in one router."""

from ninja import Router

router = Router(tags=["cases"])
