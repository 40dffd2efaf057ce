"""After the work: checks, the return visit, the reporter's vote, closing and reopening."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from gezhi.base.actor import system
from gezhi.cases import actions as cases
from gezhi.cases.actions import Upload
from gezhi.cases.models import Case
from gezhi.cases.rules import State, asks_for_photos
from gezhi.demo.simulation import words
from gezhi.demo.simulation.life import Life
from gezhi.demo.simulation.photos import draw_photo
from gezhi.demo.simulation.words import one_of

_RULEBOOK = system("rulebook")


def judge(life: Life, case: Case) -> Iterator[datetime]:
    """Done: somebody looks, somebody calls, the reporter says a word; then it is closed."""
    world = life.world
    category = world.book.category(case.category)
    if category.public and not case.is_secret and life.rounds == 0 and life.happens(0.3):
        boss = world.staff.over(case.path, "case.approve", life.chance)
        world.do(cases.publish, case.id, is_public=True, actor=boss)
    if "second_check" in category.proof or life.happens(0.1):
        yield from _verify(life, case)
    if _is_done(life) and life.can_be_called and life.happens(0.3):
        yield from _rate(life, case)
    if _is_done(life) and life.can_be_called and life.happens(0.8):
        yield from _call(life, case)
    if _is_done(life):
        finished = life.look().finished_at or life.now
        yield max(life.now, finished + timedelta(days=world.book.limits.rate_days))
        if _is_done(life):
            world.do(cases.close, case.id, actor=_RULEBOOK)


def _is_done(life: Life) -> bool:
    return life.look().state == State.DONE


def _verify(life: Life, case: Case) -> Iterator[datetime]:
    world, chance = life.world, life.chance
    yield world.day_work(life.after(220))
    is_solved = not life.fails(0.06)
    said = one_of(words.VERIFIED if is_solved else words.NOT_VERIFIED, chance)
    centre = next(iter(world.staff.centres(case.path)))
    checker = world.staff.pick(centre.id, "case.verify", chance) or world.staff.over(
        case.path, "case.verify", chance
    )
    life.rounds += not is_solved
    if is_solved and asks_for_photos(world.book.category(case.category).proof):
        at = life.now.astimezone(world.zone)
        seen = Upload("seen.jpg", draw_photo("after", chance, place=None, at=at), "check")
        world.do(cases.attach, case.id, upload=seen, actor=checker)
    world.do(cases.verify, case.id, is_solved=is_solved, words=said, actor=checker)


def _rate(life: Life, case: Case) -> Iterator[datetime]:
    """By the tracking code; "not solved" sends it back to work."""
    world, chance = life.world, life.chance
    yield world.any_day(life.after_hours(0.5, 40))
    if not _is_done(life):
        return
    is_solved = not life.fails(0.08)
    rating = int(
        chance.choice([3, 4, 5], p=[0.1, 0.3, 0.6]) if is_solved else chance.integers(1, 3)
    )
    life.rounds += not is_solved
    world.do(
        cases.rate, case.id, report=life.report_id, is_solved=is_solved, rating=rating,
        words=one_of(words.GOOD if is_solved else words.BAD, chance), actor=life.reporter,
    )  # fmt: skip


def _call(life: Life, case: Case) -> Iterator[datetime]:
    """Up to three tries at different times of day."""
    world, chance = life.world, life.chance
    yield world.day_work(life.after_hours(2, 22))
    for _try in range(world.book.limits.visit_tries):
        if not _is_done(life):
            return
        caller = world.staff.over(case.path, "case.visit_back", chance)
        if life.happens(0.78):
            is_solved = not life.fails(0.07)
            rating = int(chance.choice([3, 4, 5], p=[0.12, 0.33, 0.55]) if is_solved else 2)
            said = one_of(words.GOOD if is_solved else words.BAD, chance)
            life.rounds += not is_solved
            world.do(
                cases.visit_back, case.id, is_reached=True, is_solved=is_solved, rating=rating,
                words=said, actor=caller,
            )  # fmt: skip
            return
        said = one_of(words.UNREACHED, chance)
        world.do(cases.visit_back, case.id, is_reached=False, words=said, actor=caller)
        yield world.day_work(life.after_hours(world.book.limits.visit_gap_hours + 0.5, 22))


def look_back(life: Life, case: Case) -> Iterator[datetime]:
    """Closed: a few come back, or an inspection finds that it was not done."""
    world, chance = life.world, life.chance
    said = one_of(words.REOPENED, chance)
    if life.can_be_called and life.fails(0.03):
        yield world.any_day(life.after_hours(12, 24 * 9))
        life.rounds += 1
        world.do(cases.reopen, case.id, reason="came_back", words=said, actor=life.reporter)
    elif life.fails(0.008):
        yield world.day_work(life.after_hours(24, 24 * 12))
        life.rounds += 1
        boss = world.staff.over(case.path, "case.reopen", chance)
        world.do(cases.reopen, case.id, reason="check", words=said, actor=boss)
