"""What programs may ask of triage."""

from ninja import Router

from gezhi.triage.api import finding

router = Router(tags=["triage"])
router.add_router("", finding.router)
