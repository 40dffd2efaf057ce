"""What programs may ask of triage."""

from ninja import Router

<<<<<<< HEAD
from gezhi.triage.api import answers, finding, owning, topics

router = Router(tags=["triage"])
for _part in (answers.router, finding.router, owning.router, topics.router):
=======
from gezhi.triage.api import answers, finding, models, topics

router = Router(tags=["triage"])
for _part in (answers.router, finding.router, models.router, topics.router):
>>>>>>> a7975d7 (Whoever keeps the rulebook sees what was learned, trains now, and goes back to a version)
    router.add_router("", _part)
