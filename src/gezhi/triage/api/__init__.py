"""What programs may ask of triage."""

from ninja import Router

from gezhi.triage.api import answers, finding, models, owning, topics

router = Router(tags=["triage"])
for _part in (answers.router, finding.router, models.router, owning.router, topics.router):
    router.add_router("", _part)
