"""What programs may ask of triage."""

from ninja import Router

router = Router(tags=["triage"])
