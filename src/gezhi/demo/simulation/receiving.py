"""At the centres: a case is taken on, refused, merged, sent up or down, given to a unit."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases import reads
from gezhi.cases.models import Case
from gezhi.cases.reads import routing
from gezhi.cases.rules import OPEN, State
from gezhi.demo.reads import WATCHER
from gezhi.demo.simulation import words
from gezhi.demo.simulation.life import Life
from gezhi.demo.simulation.words import one_of
from gezhi.people import reads as people
from gezhi.people.models import Unit


def take_on(life: Life, case: Case) -> Iterator[datetime]:
    """Reported: the centre looks at it, usually within ten minutes."""
    world, chance = life.world, life.chance
    if life.happens(0.02):
        yield life.after(6)
        world.do(cases.withdraw, case.id, words="已经自己解决了。", actor=life.reporter)
        return
    seen = life.after(4, 0.75)
    centre = people.unit(case.centre_id)
    if world.is_night(seen) and centre.level == "village" and life.happens(0.5):
        seen = world.any_day(seen)
    yield seen
    desk = world.staff.pick(case.centre_id, "case.accept", chance)
    if life.happens(0.02):
        yield from _refuse(life, case)
        if life.look().state != State.REPORTED:
            return
    world.do(cases.accept, case.id, category=life.category, actor=desk)


def _refuse(life: Life, case: Case) -> Iterator[datetime]:
    """Ask for leave to refuse; a supervisor grants it or not."""
    world, chance = life.world, life.chance
    reason = words.key_of(words.REFUSALS, chance)
    desk = world.staff.pick(case.centre_id, "case.refuse", chance)
    world.do(cases.refuse, case.id, reason=reason, words=words.REFUSALS[reason], actor=desk)
    yield from decide(life, case, granted=0.75)


def decide(life: Life, case: Case, *, granted: float) -> Iterator[datetime]:
    """A supervisor decides what is waiting for leave."""
    world = life.world
    yield world.any_day(life.after(70))
    asked = reads.approvals_of(case).filter(decided_at__isnull=True).first()
    if asked is None:
        return
    is_granted = life.happens(granted)
    said = "同意。" if is_granted else "理由不充分，请继续办理。"
    boss = world.staff.over(case.path, "case.approve", life.chance)
    world.do(
        cases.decide, case.id, approval=asked.id, is_granted=is_granted, words=said, actor=boss
    )


def forward(life: Life, case: Case) -> Iterator[datetime]:
    """Accepted: the centre merges it, sends it up or down, or gives it to a unit."""
    world, chance = life.world, life.chance
    yield life.after(14, 0.9)
    desk = world.staff.pick(case.centre_id, "case.assign", chance)
    main = world.same_nearby(case.path, life.category, case.opened_at, case.id)
    if main and life.rounds == 0 and life.happens(0.6) and _is_open(main):
        world.do(cases.merge, case.id, main=main, words="与在办件为同一件事。", actor=desk)
        return
    centre = people.unit(case.centre_id)
    lower = _lower_centre(life, case, centre)
    if lower is not None:
        life.came_down = True
        world.do(cases.hand_down, case.id, unit=lower, words="请就近核实办理。", actor=desk)
        return
    if _goes_up(life, case, centre):
        reason = ("beyond_means", "beyond_power", "several_towns")[int(chance.integers(3))]
        said = one_of(words.ESCALATED, chance)
        world.do(cases.escalate, case.id, reason=reason, words=said, actor=desk)
        return
    unit = _choose_unit(life, case, centre)
    world.do(cases.assign, case.id, unit=unit, actor=desk)


def _is_open(main: UUID) -> bool:
    return reads.case_for(WATCHER, main).state in OPEN


def _lower_centre(life: Life, case: Case, centre: Unit) -> UUID | None:
    """Small matters that came in at the top go down to where they are."""
    if case.sent_back or life.rounds or (centre.level == "town" and not life.came_down):
        return None
    odds = {"small": 0.6, "big": 0.3, "hard": 0.1}[case.size] * (
        1 if centre.level == "county" else 0.7
    )
    lower = [other for other in people.children_centres(centre) if case.path.startswith(other.path)]
    return lower[0].id if lower and life.happens(odds) else None


def _goes_up(life: Life, case: Case, centre: Unit) -> bool:
    if centre.level == "county" or life.came_down:
        return False
    odds = {"small": 0.06, "big": 0.3, "hard": 0.42}[case.size]
    return life.happens(odds if centre.level == "village" else odds * 0.5)


def _choose_unit(life: Life, case: Case, centre: Unit) -> UUID:
    """What the rulebook proposes; now and then a wrong one, which will send it back."""
    world = life.world
    life.is_misrouted = not case.sent_back and not case.is_urgent and life.happens(0.08)
    proposed = _proposed(life, case)
    if not life.is_misrouted:
        return proposed
    others = [unit.id for unit in world.staff.departments() if unit.id != proposed]
    return others[int(life.chance.integers(len(others)))]


def _proposed(life: Life, case: Case) -> UUID:
    """As the desk proposes it; the category's own body where nobody it names is here."""
    book = life.world.book
    found = routing.who(routing.matter_of(case), book, life.category, at=clock.now())
    if found.unit:
        return found.unit.id
    return people.unit_by_code(case.county, book.category(life.category).body).id
