"""Which cases an actor may see; finding one, holding it, searching."""

import json
from collections.abc import Collection, Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BooleanField, Count, Exists, Expression, OuterRef, Q, QuerySet

from gezhi.base import rows
from gezhi.base.actor import Actor
from gezhi.base.masking import mask_text
from gezhi.base.refusal import NotFound
from gezhi.base.sealed import blind_indexes
from gezhi.cases import rules
from gezhi.cases.models import (
    Case,
    Leg,
    Report,
)
from gezhi.cases.reads.showing import Sorted, is_shown_to_all
from gezhi.cases.rules import sealed
from gezhi.cases.rules.moves import ENDED, State
from gezhi.cases.rules.numbers import begins_number, is_number, plain_number, source_keys
from gezhi.cases.rules.sealed import Field, Looker
from gezhi.cases.rules.words import query_words
from gezhi.people import reads as people
from gezhi.rulebook import reads as rulebook
from gezhi.rulebook.rules import Stage

Ref = UUID | str


def visible_to(actor: Actor) -> QuerySet[Case]:
    """The cases this actor may know about. Lists and single reads both start here."""
    cases = Case.objects.all()
    return cases if actor.is_system else cases.filter(_Seen(actor))


def in_areas_of(actor: Actor) -> QuerySet[Case]:
    """Those of `visible_to` that lie in areas the actor reads whole; a list of them is quick."""
    inside = (Q(path__startswith=path) for path in actor.paths("case.read_area"))
    return Case.objects.filter(reduce(or_, inside, Q(pk__in=[])))


class _Seen(Expression):
    """The condition of `visible_to`, in SQL as it stands: every list of every page asks it.

    Built from Q and Exists, compiling it took longer than answering it.
    """

    conditional = True

    def __init__(self, actor: Actor) -> None:
        super().__init__(output_field=BooleanField())
        self.actor = actor
        self.alias = Case._meta.db_table

    def resolve_expression(self, query: Any = None, *args: Any, **kwargs: Any) -> "_Seen":
        return self._under(query.get_initial_alias())

    def relabeled_clone(self, change_map: Mapping[str, str]) -> "_Seen":
        return self._under(change_map.get(self.alias, self.alias))

    def _under(self, alias: str) -> "_Seen":
        clone = _Seen(self.actor)
        clone.alias = alias
        return clone

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return seen_by(self.actor, compiler.quote_name_unless_alias(self.alias))


def seen_by(actor: Actor, row: str) -> tuple[str, tuple[Any, ...]]:
    """The condition of `visible_to` for a case that a statement calls `row`, and its values."""
    if actor.is_system:
        return "TRUE", ()
    ways: list[tuple[str, Any]] = [
        (f"{row}.path LIKE %s", f"{path}%") for path in actor.paths("case.read_area")
    ]
    if units := [post.unit for post in actor.posts if "case.read" in post.rights]:
        legs = f"SELECT 1 FROM cases_leg l WHERE l.case_id = {row}.id AND l.unit_id = ANY(%s)"  # noqa: S608 - a name of ours
        ways += [
            (f"{row}.holder_id = ANY(%s)", units),
            (f"{row}.centre_id = ANY(%s)", units),
            (f"EXISTS ({legs})", units),
        ]
    if actor.proven:
        reports = f"SELECT 1 FROM cases_report r WHERE r.case_id = {row}.id AND r.id = ANY(%s)"  # noqa: S608 - as above
        ways.append((f"EXISTS ({reports})", list(actor.proven)))
    if not ways:
        return "FALSE", ()
    return f"({' OR '.join(sql for sql, _value in ways)})", tuple(each for _sql, each in ways)


def held_by(actor: Actor) -> QuerySet[Case]:
    """The open cases that lie with one of the actor's units now."""
    return Case.objects.filter(holder__in=actor.units).exclude(
        state__in=[state.value for state in ENDED]
    )


def called_to_help(actor: Actor) -> QuerySet[Case]:
    """The cases on which one of the actor's units has an open joint leg."""
    legs = Leg.objects.filter(
        case=OuterRef("pk"), role="joint", ended_at__isnull=True, unit__in=actor.units
    )
    return Case.objects.filter(Exists(legs))


def _named(cases: QuerySet[Case], ref: Ref) -> QuerySet[Case]:
    if isinstance(ref, UUID):
        return cases.filter(pk=ref)
    try:
        return cases.filter(pk=UUID(ref))
    except ValueError:
        return cases.filter(number=ref)


def case_for(actor: Actor, ref: Ref) -> Case:
    """The case with this id or number, if the actor may see it."""
    case = _named(visible_to(actor), ref).first()
    if case is None:
        raise NotFound()
    return case


def case_to_change(actor: Actor, ref: Ref) -> Case:
    """Like `case_for`, holding the row until the transaction ends."""
    case = _held(*_key_of(ref))
    if case is None or not _may_see(actor, case):
        raise NotFound()
    return case


def _held(which: str, value: Ref) -> Case | None:
    found = rows.fetch(Case, f"{which} FOR NO KEY UPDATE", [value], without=("words",))
    return found[0] if found else None


def _key_of(ref: Ref) -> tuple[str, Ref]:
    try:
        return "id = %s", ref if isinstance(ref, UUID) else UUID(ref)
    except ValueError:
        return "number = %s", ref


def _may_see(actor: Actor, case: Case) -> bool:
    """Whether the case is among `visible_to`; the two plain reasons need no question."""
    if actor.is_system or any(case.path.startswith(path) for path in actor.paths("case.read_area")):
        return True
    if actor.may_in("case.read", (case.holder_id, case.centre_id)):
        return True
    return visible_to(actor).filter(pk=case.pk).exists()


def looker(actor: Actor, case: Case) -> Looker:
    """What the actor may see of the reporters: who oversees its area, and who works on it now.

    A unit whose part is over reads on in the case, and needs nobody's name or phone for it.
    """
    opens = (
        any(
            {"case.open_sealed", "case.read_area"} <= post.rights
            and case.path.startswith(post.path)
            for post in actor.posts
        )
        or actor.may_in("case.open_sealed", (case.holder_id, case.centre_id))
        or (actor.may("case.open_sealed") and actor.may_in("case.open_sealed", joint_units(case)))
    )
    return Looker(
        opens=opens,
        is_named=actor.may("case.open_secret", unit=case.centre_id),
        calls_back=actor.may("case.visit_back", path=case.path),
    )


def may_open(actor: Actor, case: Case, report: Report, field: Field) -> bool:
    """Whether the actor may open one thing that a report says of its reporter."""
    return sealed.may_open(field, looker(actor, case), is_secret=report.is_secret, state=case.state)


class Placed(Sorted, Protocol):
    """What of a case says where it is, and whether that may be told."""

    @property
    def place(self) -> str: ...


def hides_place(case: Sorted) -> bool:
    """Whether where it is would tell who reported: of what is sensitive and was said in secrecy."""
    if not case.is_secret:
        return False
    known = rulebook.book(case.county, case.book).categories
    kind = known.get(case.category or case.proposed_category)
    return kind is None or kind.sensitive


def shown_place(case: Placed) -> str:
    """The words for the place, masked; none where they would tell who reported."""
    return "" if hides_place(case) else mask_text(case.place)


def shown_point(case: Case) -> tuple[float, float] | None:
    """Where it is on the map; None where nobody knows, or it would tell who reported."""
    if case.lon is None or case.lat is None or hides_place(case):
        return None
    return case.lon, case.lat


def case_to_follow(ref: Ref, *, county: str, actor: Actor) -> Case:
    """An open case of the county that anybody is shown as "the same nearby", held.

    Whoever follows a case reads on in it, so others are absent, unless the actor sees them anyway.
    """
    case = _held(*_key_of(ref))
    if case is None or case.county != county or case.state not in rules.OPEN:
        raise NotFound()
    if not is_shown_to_all(rulebook.current(county), case) and not _may_see(actor, case):
        raise NotFound()
    return case


def case_held(case_id: UUID) -> Case:
    """The case behind one the actor has already been let at, held (a main case, a reopened one)."""
    case = _held("id = %s", case_id)
    if case is None:
        raise NotFound()
    return case


def cases_behind(case_ids: Iterable[UUID]) -> list[Case]:
    """The cases that rows of a room above belong to, in one trip; not held, nobody sees them."""
    return rows.fetch(Case, "id = ANY(%s)", [list(set(case_ids))], without=("words",))


def secret_without_index(most: int) -> list[Case]:
    """Cases told in secrecy that no search for words finds, held; not those that were erased."""
    where = "is_secret AND words = ''::tsvector AND what <> '' ORDER BY id DESC LIMIT %s"
    return rows.fetch(Case, f"{where} FOR NO KEY UPDATE SKIP LOCKED", [most], without=("words",))


def situation(case: Case, actor: Actor) -> rules.Situation:
    """What of the case decides who may do what; of its reporters, those who are this actor."""
    told = (
        frozenset(Report.objects.filter(case=case).values_list("id", flat=True))
        if actor.proven
        else frozenset()
    )
    return rules.Situation(
        state=State(case.state),
        holder=case.holder_id,
        centre=case.centre_id,
        path=case.path,
        is_paused=case.paused_until is not None,
        joint_units=joint_units(case),
        finished_by=case.finished_by,
        reporters=told & actor.proven,
        is_alone=told <= actor.proven,
        stages=tuple(stage.key for stage in stages_left(case)),
        centre_path=people.unit(case.centre_id).path,
    )


def stages_left(case: Case) -> list[Stage]:
    """The stages of its category that nobody has said are reached; the last may be the finish."""
    known = rulebook.book(case.county, case.book).categories.get(case.category)
    return [one for one in known.stages if one.key not in case.stages] if known else []


def stages_reached(case_id: UUID) -> frozenset[str]:
    """The keys of the stages that were said to be reached; none of a case not yet written."""
    found = rows.ask("SELECT stages FROM cases_case WHERE id = %s", [case_id])
    return frozenset(json.loads(found[0][0])) if found else frozenset()


def joint_units(case: Case) -> frozenset[UUID]:
    """The units called to help that have not finished; only work under way has any."""
    if case.state != State.HANDLING:
        return frozenset()
    legs = rows.fetch(Leg, "case_id = %s AND ended_at IS NULL AND role = 'joint'", [case.id])
    return frozenset(leg.unit_id for leg in legs)


def moves_for(actor: Actor, case: Case) -> tuple[rules.Act, ...]:
    """Every act this actor could make on this case now."""
    return rules.moves_open_to(situation(case, actor), actor)


def search(cases: QuerySet[Case], typed: str) -> QuerySet[Case]:
    """Those of `cases` that match a number, theirs or another system's, or all that was typed."""
    typed = typed.strip()[:200]
    if not typed:
        return cases
    # One or the other, never both at once: the planner can use an index for each alone.
    if there := with_source_keys(source_keys(typed), county=settings.COUNTY):
        return cases.filter(pk__in=there)
    if is_number(number := plain_number(typed)):
        return cases.filter(number=number)
    if begins_number(typed) or not (words := query_words(typed)):
        return cases.filter(number__startswith=typed)
    return cases.filter(words=SearchQuery(words, config="simple", search_type="raw"))


def with_source_keys(keys: Collection[str], *, county: str) -> list[UUID]:
    """The cases that are known by one of these in another system; nobody sees them by that."""
    found = Case.objects.filter(county=county, source_key__in=keys) if keys else Case.objects.none()
    return list(found.values_list("id", flat=True))


def of_phone(actor: Actor, phone: str, *, county: str) -> QuerySet[Case]:
    """The cases one may see that somebody reported or joined with this phone, the newest first.

    Never what was told in secrecy: a number must not lead there.
    """
    index = blind_indexes(rules.phone_text(phone))
    told = Report.objects.filter(county=county, phone_index__in=index, is_secret=False)
    seen = visible_to(actor).filter(county=county, is_secret=False, pk__in=told.values("case"))
    return seen.order_by("-opened_at", "-id")


def public_cases(*, county: str) -> QuerySet[Case]:
    """Cases whose category is public and which were reviewed."""
    return Case.objects.filter(county=county, is_public=True, is_secret=False)


def alike_nearby(
    *, county: str, cells: Iterable[str], since: Any, category: str = ""
) -> QuerySet[Case]:
    """Open cases in these H3 cells since then, of a category where one is asked for."""
    found = Case.objects.filter(
        county=county, opened_at__gte=since, state__in=sorted(rules.OPEN), h3__in=list(cells)
    )
    if category:
        found = found.filter(Q(category=category) | Q(proposed_category=category))
    return found.order_by("-opened_at")


def state_counts(cases: QuerySet[Case]) -> dict[str, int]:
    """How many of `cases` are in each state."""
    return dict(cases.order_by().values_list("state").annotate(Count("id")))


def next_serial() -> int:
    """The next case serial; a sequence, so that writers never wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_case_serial')")
        row = cursor.fetchone()
    return int(row[0])


def unit_of(actor: Actor, case: Case) -> UUID | None:
    """The unit in whose name the actor acts on this case, for the record."""
    for unit in (case.holder_id, case.centre_id):
        if unit in actor.units:
            return unit
    return next((post.unit for post in actor.posts), None)


def names_of_units(cases: Iterable[Case]) -> dict[UUID, str]:
    """The names of the units that hold or lead these cases, in one go."""
    ids = {case.holder_id for case in cases} | {case.centre_id for case in cases}
    return people.unit_names(ids)
