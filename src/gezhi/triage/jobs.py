"""The worker's part: topics every hour, trainings every night, and when somebody asks."""

from uuid import UUID

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from gezhi.base import clock
from gezhi.triage.actions import topics, training

_TRAINING_HOUR = 2


@app.task(name="gezhi.triage.jobs.find_topics")
def find_topics(run_id: str) -> None:
    """One search, asked for by somebody."""
    topics.work_on(UUID(run_id))


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="find_topics_hourly", pass_context=False)
def find_topics_hourly(timestamp: int) -> None:
    """Every hour: what many speak of now."""
    topics.run_hourly(settings.COUNTY)


@app.task(name="gezhi.triage.jobs.train_kinds")
def train_kinds(id: str) -> None:
    """One training; it fits in a process of its own."""
    training.train(UUID(id))


@app.periodic(cron="40 * * * *")
@app.task(queueing_lock="train_kinds_at_night", pass_context=False)
def train_at_night(timestamp: int) -> None:
    """At 02:40 by the clocks of the city; cron's hours are Greenwich's, so it looks hourly."""
    if timezone.localtime(clock.now()).hour == _TRAINING_HOUR:
        training.train_at_night(settings.COUNTY)
