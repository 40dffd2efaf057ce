"""Making the cases of a topic one."""

from dataclasses import dataclass
from uuid import UUID

from gezhi.base.actor import Actor
from gezhi.base.refusal import Refusal
from gezhi.cases import actions as cases
from gezhi.triage.errors import NothingToMerge
from gezhi.triage.reads import topics as reads


@dataclass(frozen=True)
class Merged:
    """How many went into the main case, and why others did not: number and reason."""

    main: str
    done: int
    refused: tuple[tuple[str, str], ...]


def merge_topic(topic: UUID, *, main: str, county: str, actor: Actor) -> Merged:
    """Put the open cases of a topic that this actor sees under one of them, by its number."""
    actor.must("case.merge")
    found = reads.topic_for(actor, topic, county=county)
    members = [one.case for one in reads.members_of(actor, found)]
    working = {case.number: case for case in members if reads.is_mergeable(case)}
    if main not in working or len(working) < 2:
        raise NothingToMerge()
    head = working.pop(main)
    refused = []
    for case in working.values():
        try:
            cases.merge(case.id, main=head.id, actor=actor)
        except Refusal as refusal:
            refused.append((case.number, str(refusal)))
    return Merged(head.number, len(working) - len(refused), tuple(refused))
