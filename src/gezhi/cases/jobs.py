"""What the worker sees to once a day."""

from django.conf import settings
from procrastinate.contrib.django import app

from gezhi.base.slices import SLICE, go_on
from gezhi.cases import actions


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="index_again", pass_context=False)
def index_again(timestamp: int) -> None:
    """Secret cases whose index was emptied are found by the words they may be found by."""
    go_on(actions.index_again, seconds=SLICE)


@app.periodic(cron="47 12 * * *")
@app.task(queueing_lock="seal_documents", pass_context=False)
def seal_documents(timestamp: int) -> None:
    """At noon, far from the nightly backup, which would miss what changes its name meanwhile."""
    actions.seal_documents(county=settings.COUNTY)
