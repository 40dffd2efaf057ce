"""Searching for topics, by the hour or when somebody asks; likes that imports know of."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction

from gezhi.base import clock
from gezhi.base.actor import Actor, system
from gezhi.base.slices import new_pace, queue_once
from gezhi.triage.models import Liking, Topic, TopicCase, TopicRun
from gezhi.triage.reads import topics as topic_reads
from gezhi.triage.reads.answers import plain
from gezhi.triage.rules import runs, topics
from gezhi.triage.rules.runs import RunState
from gezhi.triage.rules.topics import Found

_JOB = "gezhi.triage.jobs.find_topics"
_DAYS = topics.WINDOW // timedelta(days=1)
_FORGOTTEN_AFTER = timedelta(days=180)  # topics that nobody speaks of any more
_SYSTEM = system("triage")
_log = structlog.get_logger("gezhi.triage")


def note_likes(case: UUID, *, likes: int, dislikes: int, county: str) -> None:
    """How a case was liked where it stood before; said again, the later numbers count."""
    Liking.objects.update_or_create(
        case_id=case, defaults={"county": county, "likes": likes, "dislikes": dislikes}
    )


@transaction.atomic
def ask_run(*, county: str, actor: Actor) -> TopicRun:
    """Have the topics of these weeks found; while a search is under way it is that one."""
    actor.must("case.supervise")
    now = clock.now()
    running = topic_reads.working_run(county)
    if running and running.touched_at > now - runs.LOST_AFTER:
        return running
    if running:
        running.state, running.finished_at = RunState.FAILED.value, now
        running.save(update_fields=["state", "finished_at"])
    _drop_old_runs(county)
    before = topic_reads.newest_run(county)
    try:
        with transaction.atomic():
            return TopicRun.objects.create(
                county=county,
                state=RunState.WORKING.value,
                actor=actor.label,
                pace=before.pace if before else 0,
                asked_at=now,
                touched_at=now,
            )
    except IntegrityError:  # somebody asked in the same moment
        return TopicRun.objects.get(county=county, state=RunState.WORKING)


def leave_to_worker(run: UUID) -> None:
    """Let the workers do it."""
    queue_once(_JOB, lock=f"topics:{run}", run_id=str(run))


def _drop_old_runs(county: str) -> None:
    kept = TopicRun.objects.filter(county=county).order_by("-asked_at", "-id")[: runs.KEPT]
    TopicRun.objects.filter(county=county).exclude(pk__in=[run.pk for run in kept]).delete()


def run_hourly(county: str) -> None:
    """The search of the hour, here and now."""
    work_on(ask_run(county=county, actor=_SYSTEM).id)


def work_on(run_id: UUID) -> None:
    """Find the topics; what there is stays until all of it is replaced at once."""
    run = topic_reads.run_under_way(run_id)
    if run is None:
        return
    try:
        _find(run)
    except Exception:
        TopicRun.objects.filter(pk=run.pk).update(
            state=RunState.FAILED.value, finished_at=clock.now()
        )
        raise


def _find(run: TopicRun) -> None:
    started, now = clock.now(), run.asked_at
    since = now - topics.WINDOW
    told = topic_reads.reports_told(run.county, since=since, until=now + timedelta(seconds=1))
    _show(run.id, 0, len(told))
    found = topics.find_topics(
        told, common=plain().common, progress=lambda done, total: _show(run.id, done, total)
    )
    with transaction.atomic():
        held = topic_reads.run_to_change(run.id)
        if held is None:  # it was given up as lost, and another one has begun
            return
        _keep(found, county=run.county, since=since, now=now)
        seconds = (clock.now() - started) / timedelta(seconds=1)
        held.state, held.finished_at = RunState.DONE.value, clock.now()
        held.done = held.total = len(told)
        held.found, held.pace = len(found), new_pace(held.pace, len(told), seconds)
        held.save(update_fields=["state", "finished_at", "done", "total", "found", "pace"])
    _log.info("topics found", reports=len(told), topics=len(found), seconds=round(seconds, 2))


def _show(run: UUID, done: int, total: int) -> None:
    """How far it is; not in a transaction, so that others see it at once."""
    TopicRun.objects.filter(pk=run, state=RunState.WORKING).update(
        done=done, total=total, touched_at=clock.now()
    )


def _keep(found: Sequence[Found], *, county: str, since: datetime, now: datetime) -> None:
    """Write what was found over what was known, each under the name it had."""
    known = topic_reads.known_topics(county, since=since)
    by_id = {topic.id: topic for topic in known}
    same = topics.keep_identities(
        [one.ids for one in found], {topic.id: members for topic, members in known.items()}
    )
    written = [
        _described(by_id.get(same[at]) if at in same else None, one, county, since, now)
        for at, one in enumerate(found)
    ]
    staying = [topic.id for topic in written]
    Topic.objects.filter(county=county, is_open=True).exclude(pk__in=staying).update(is_open=False)
    Topic.objects.filter(county=county, found_at__lt=now - _FORGOTTEN_AFTER).delete()
    for topic in written:
        topic.save()
    TopicCase.objects.filter(county=county, topic__in=staying).delete()
    TopicCase.objects.bulk_create(
        TopicCase(
            county=county, topic=topic, case_id=member.id, rank=rank, start=line.start, end=line.end
        )
        for topic, one in zip(written, found, strict=True)
        for rank, (member, line) in enumerate(zip(one.members, one.lines, strict=True))
    )  # fmt: skip


def _described(
    topic: Topic | None, one: Found, county: str, since: datetime, now: datetime
) -> Topic:
    moments = [member.at for member in one.members]
    found = topics.trend(moments, now=now, since=since)
    topic = topic or Topic(county=county)
    topic.path, topic.category = one.path, one.category
    topic.place, topic.towns, topic.words = one.place[:120], list(one.towns), list(one.words)
    topic.first_at, topic.last_at = _first(topic, one), one.last_at
    topic.cases, topic.reports, topic.likes = len(one.members), one.reports, one.likes
    topic.heat = round(topics.heat(one.members, now), 3)
    topic.days = topics.by_day(moments, now=now, days=_DAYS)
    topic.week = sum(topic.days[-7:])
    topic.ratio, topic.ratio_low, topic.ratio_high = topics.ends_of(found)
    topic.is_growing = topics.is_growing(found, topic.week)
    topic.is_open, topic.found_at = True, now
    return topic


def _first(topic: Topic, one: Found) -> datetime:
    """A topic that goes on began before the weeks that are looked at."""
    return min(topic.first_at or one.first_at, one.first_at)


def forget_lines_of(case: UUID) -> None:
    """Of words that are others now nobody knows which clause said most, nor what is shared."""
    told = TopicCase.objects.filter(case=case)
    Topic.objects.filter(pk__in=told.values("topic")).update(words=[])
    told.update(start=0, end=0)
