"""The worker's part: topics are found every hour, and when somebody asks."""

from uuid import UUID

from django.conf import settings
from procrastinate.contrib.django import app

from gezhi.triage.actions import topics


@app.task(name="gezhi.triage.jobs.find_topics")
def find_topics(run_id: str) -> None:
    """One search, asked for by somebody."""
    topics.work_on(UUID(run_id))


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="find_topics_hourly", pass_context=False)
def find_topics_hourly(timestamp: int) -> None:
    """Every hour: what many speak of now."""
    topics.run_hourly(settings.COUNTY)
