"""Anchors kept as files where the database went back to an earlier state."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gezhi.base.actor import Actor
from gezhi.record import adapters, reads
from gezhi.record.actions.writing import note
from gezhi.record.rules import AuditKind


@transaction.atomic
def set_newer_anchors_aside(*, county: str, actor: Actor, now: datetime) -> int:
    """Take the anchors of days that are lost out of what is checked; how many those were.

    For whoever went back on purpose, and told on the audit: else they would speak for ever of
    seals that are gone, and of others once their numbers are used again. They are kept, in a
    folder beside the others. An older one that is missing in the database stays a fault.
    """
    newer = reads.anchors_newer_than_known(county)
    if newer:
        folder = f"lost-{timezone.localtime(now):%Y%m%dT%H%M%S}"
        note(
            AuditKind.BACKUP,
            about="anchors",
            data={"work": "went back", "anchors": len(newer), "first": newer[0],
                  "last": newer[-1], "folder": folder},
            county=county,
            actor=actor,
            now=now,
        )  # fmt: skip
        adapters.set_anchors_aside(newer, folder)
    return len(newer)
