"""The router that the files of this room's API hang their operations on."""

from ninja import Router

router = Router(tags=["hotline"])
