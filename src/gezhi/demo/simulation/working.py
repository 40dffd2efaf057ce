"""At the unit that leads: signing, sending back, notes, questions, pauses, whistles, finishing."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from gezhi.base.actor import Actor
from gezhi.cases import actions as cases
from gezhi.cases import reads
from gezhi.cases.actions import Upload
from gezhi.cases.models import Case
from gezhi.cases.rules import State
from gezhi.deadlines import reads as deadlines
from gezhi.demo.simulation import words
from gezhi.demo.simulation.life import Life
from gezhi.demo.simulation.matters import ANSWERS
from gezhi.demo.simulation.photos import draw_photo, draw_signature, make_document
from gezhi.demo.simulation.receiving import decide
from gezhi.demo.simulation.words import key_of, one_of
from gezhi.people import reads as people

# minutes of work: half of all cases take less
Happening = Callable[[Life, Case], Iterator[datetime]]
_WORK = {"small": 260.0, "big": 1_900.0, "hard": 5_400.0}


def sign(life: Life, case: Case) -> Iterator[datetime]:
    """Assigned: the unit signs, or sends back what is not its own."""
    world, chance = life.world, life.chance
    yield _at_work(life, case, life.after(12 if case.is_urgent else 45, 0.9))
    worker = world.staff.pick(case.holder_id, "case.sign", chance)
    is_refused = life.is_misrouted or life.fails(0.015)
    if is_refused and not case.is_decided_above:
        life.is_misrouted = False
        said = one_of(words.SENT_BACK, chance)
        world.do(cases.send_back, case.id, reason="not_ours", words=said, actor=worker)
        return
    world.do(cases.sign, case.id, actor=worker)


def _at_work(life: Life, case: Case, moment: datetime) -> datetime:
    """Grids and whatever is urgent are worked on any day, the others in office hours."""
    if case.is_urgent or people.unit(case.holder_id).kind == "grid":
        return life.world.any_day(moment)
    return life.world.day_work(moment)


def work(life: Life, case: Case) -> Iterator[datetime]:
    """Handling: what happens on the way, then the proof and the answer."""
    chance = life.chance
    if case.paused_until is not None:
        yield max(case.paused_until, life.now)
        _resume(life, case)
    length = _WORK[case.size] * (0.4 if case.is_urgent else 1) * (0.4 if life.rounds else 1)
    length *= float(chance.lognormal(0, 0.75)) * (2.8 if life.happens(0.07) else 1)
    ends = life.now + timedelta(minutes=round(length, 1))
    for happening in _happenings(life, case):
        yield from happening(life, case)
        if life.look().state != State.HANDLING:
            return
    if life.now < ends:
        yield ends
    yield _at_work(life, case, life.now + timedelta(minutes=2))
    if life.look().state == State.HANDLING:
        _finish(life, case)


def _happenings(life: Life, case: Case) -> list[Happening]:
    """What comes up on the way, in an order of its own."""
    is_small = case.size == "small"
    odds: list[tuple[Happening, float]] = [
        (_note, 0.3),
        (_ask, 0.08 if life.can_be_called else 0.0),
        (_whistle, 0.0 if is_small else 0.12),
        (_supervise, 0.05),
        (_pause, 0.01 if is_small else 0.08),
        (_extend, 0.01 if is_small else 0.1),
    ]
    found = [happening for happening, share in odds if life.happens(share)]
    return [_reach_stages, *found] if reads.stages_left(case) else found


def _worker(life: Life, case: Case, right: str = "case.work") -> Actor | None:
    return life.world.staff.pick(case.holder_id, right, life.chance)


def _note(life: Life, case: Case) -> Iterator[datetime]:
    yield _at_work(life, case, life.after(80))
    worker = _worker(life, case)
    life.world.do(cases.note, case.id, words=one_of(words.NOTES, life.chance), actor=worker)


def _reach_stages(life: Life, case: Case) -> Iterator[datetime]:
    """The first is mostly reached the same day, the others some days later; one is forgotten.

    The last is what finishing says.
    """
    world, chance = life.world, life.chance
    for number, stage in enumerate(reads.stages_left(case)[:-1]):
        yield _at_work(life, case, life.after(1_800 if number else 100))
        if life.look().state != State.HANDLING:
            return
        if life.happens(0.08):
            continue
        said = one_of(words.STAGES.get(stage.key, words.STAGE), chance)
        worker = _worker(life, case)
        world.do(cases.reach_stage, case.id, stage=stage.key, words=said, actor=worker)


def _ask(life: Life, case: Case) -> Iterator[datetime]:
    """A question; most people answer within a day, for the others the clock runs on."""
    world, chance = life.world, life.chance
    yield _at_work(life, case, life.after(40))
    asked = one_of(words.QUESTIONS, chance)
    if world.do(cases.ask, case.id, words=asked, actor=_worker(life, case, "case.ask")) is None:
        return
    if life.happens(0.8):
        yield world.any_day(life.after_hours(0.3, 26))
        said = one_of(words.ANSWERS, chance)
        world.do(cases.answer, case.id, words=said, actor=life.reporter)
        return
    yield life.now + timedelta(days=world.book.limits.answer_days, minutes=2)
    _resume(life, case)


def _resume(life: Life, case: Case) -> None:
    if life.look().paused_until is not None:
        life.world.do(cases.resume, case.id, actor=_worker(life, case, "case.pause"))


def _pause(life: Life, case: Case) -> Iterator[datetime]:
    world, chance = life.world, life.chance
    yield _at_work(life, case, life.after(240))
    reason = key_of(words.PAUSES, chance)
    until = life.now + timedelta(days=int(chance.integers(2, 9)))
    worker = _worker(life, case, "case.pause")
    world.do(
        cases.pause, case.id, reason=reason, until=until, words=words.PAUSES[reason], actor=worker
    )
    yield from decide(life, case, granted=0.85)
    if life.look().paused_until is not None:
        yield max(life.now, until)
        _resume(life, case)


def _extend(life: Life, case: Case) -> Iterator[datetime]:
    world, chance = life.world, life.chance
    yield _at_work(life, case, life.after(400))
    reason = key_of(words.EXTENSIONS, chance)
    target = deadlines.target(case)
    due = target.due if target else life.now
    until = max(due, life.now) + timedelta(days=int(chance.integers(2, 6)))
    worker = _worker(life, case, "case.extend")
    said = words.EXTENSIONS[reason]
    world.do(cases.extend, case.id, reason=reason, until=until, words=said, actor=worker)
    yield from decide(life, case, granted=0.85)


def _whistle(life: Life, case: Case) -> Iterator[datetime]:
    """One to three departments are called; nearly all come and finish, the rest are excused."""
    world, chance = life.world, life.chance
    yield _at_work(life, case, life.after(120))
    others = [unit.id for unit in world.staff.departments() if unit.id != case.holder_id]
    count = int(chance.choice([1, 2, 3], p=[0.5, 0.35, 0.15]))
    called = [others[int(at)] for at in chance.choice(len(others), count, replace=False)]
    worker = _worker(life, case, "case.whistle")
    said = one_of(words.WHISTLES, chance)
    if world.do(cases.whistle, case.id, units=called, words=said, actor=worker) is None:
        return
    for unit in called:
        helper = world.staff.pick(unit, "case.work", chance)
        yield world.day_work(life.after(70))
        world.do(cases.arrive, case.id, actor=helper)
        if life.happens(0.9):
            yield world.day_work(life.after(200))
            said = one_of(words.JOINT_DONE, chance)
            world.do(cases.finish_leg, case.id, words=said, actor=helper)
    yield world.day_work(life.after(90))
    for leg in reads.legs_of(case).filter(role="joint", ended_at__isnull=True):
        boss = world.staff.over(case.path, "case.approve", chance)
        world.do(cases.excuse_leg, case.id, leg=leg.id, words=words.EXCUSED, actor=boss)


def _supervise(life: Life, case: Case) -> Iterator[datetime]:
    world, chance = life.world, life.chance
    yield world.day_work(life.after(300))
    boss = world.staff.over(case.path, "case.supervise", chance)
    world.do(cases.supervise, case.id, words=one_of(words.DEMANDS, chance), actor=boss)
    yield _at_work(life, case, life.after(60))
    said = one_of(words.DEMAND_ANSWERS, chance)
    worker = _worker(life, case, "case.note")
    world.do(cases.answer_supervision, case.id, words=said, actor=worker)


def _finish(life: Life, case: Case) -> None:
    """The proof the category asks for, then outcome and answer."""
    world, chance = life.world, life.chance
    worker = _worker(life, case)
    outcome = str(chance.choice(["solved", "partly", "cannot"], p=[0.87, 0.06, 0.07]))
    if outcome == "solved":
        for upload in _proof(life, case):
            world.do(cases.attach, case.id, upload=upload, actor=worker)
    reason = "" if outcome == "solved" else key_of(words.CANNOT, chance)
    answer = words.CANNOT.get(reason) or ANSWERS.get(life.category, words.FINISHED)
    if outcome == "partly":
        answer = f"已先行处理一部分。{answer}"
    world.do(cases.finish, case.id, outcome=outcome, answer=answer, reason=reason, actor=worker)


def _proof(life: Life, case: Case) -> Iterator[Upload]:
    needed = life.world.book.category(case.category).proof
    there = {item.kind for item in reads.evidence_of(case)}
    place = (case.lon, case.lat) if case.lon is not None and case.lat is not None else None
    at = life.now.astimezone(life.world.zone)
    if "photo_pair" in needed and "before" not in there:
        yield Upload("before.jpg", draw_photo("before", life.chance, place=place, at=at), "before")
    if needed & {"photo_after", "photo_pair", "place"}:
        yield Upload("after.jpg", draw_photo("after", life.chance, place=place, at=at), "after")
    if "document" in needed and "document" not in there:
        number = int(life.chance.integers(1_000, 9_999))
        yield Upload("document.pdf", make_document(number, at=at), "document")
    if "signature" in needed and "signature" not in there:
        yield Upload("signature.jpg", draw_signature(life.chance), "signature")
