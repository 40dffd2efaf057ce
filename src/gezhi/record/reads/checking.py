"""Whether the books are whole: every line under its seal, seals in their chain, anchors kept."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, Subquery, Sum

from gezhi.base import clock
from gezhi.base.actor import Actor
from gezhi.base.refusal import NotFound
from gezhi.record import adapters, rules
from gezhi.record.models import Anchor, AuditLine, Cursor, Entry, Line, Seal
from gezhi.record.reads.audit import PURGED_TO, certificates
from gezhi.record.reads.book import SEALS_AUDIT, after
from gezhi.record.rules import Book, Fault, Walked

MODELS: dict[Book, type[Entry]] = {Book.FACTS: Line, Book.AUDIT: AuditLine}
SEALED_BY = {Book.FACTS: "seal", Book.AUDIT: SEALS_AUDIT}


def values_of(line: Entry) -> dict[str, Any]:
    """What of a line is hashed."""
    values = {
        "id": line.id,
        "xid": line.xid,
        "county": line.county,
        "kind": line.kind,
        "about": line.about,
        "data": line.data,
        "actor": line.actor,
        "at": line.at.isoformat(),
    }
    if isinstance(line, AuditLine):
        values |= {"reason": line.reason, "address": line.address}
    return values


def seal_values(
    last_xid: int, last_line: int, lines: int, root: bytes, at: datetime
) -> dict[str, Any]:
    """What of a seal is hashed. Seals from before had no `at` in it."""
    return {
        "last_xid": last_xid, "last_line": last_line, "lines": lines, "root": root.hex(),
        "at": at.astimezone(UTC).isoformat(),
    }  # fmt: skip


def last_seal(book: Book) -> Seal | None:
    """The newest seal over a book."""
    return Seal.objects.filter(book=book.value).order_by("-id").first()


def waits_since(book: Book) -> datetime | None:
    """Since when the oldest line that no seal covers yet has been waiting."""
    seal = last_seal(book)
    place = after(seal.last_xid, seal.last_line) if seal else Q()
    oldest = MODELS[book]._default_manager.filter(place).order_by("xid", "id").first()
    return oldest.at if oldest else None


def lines_sealed(book: Book) -> int:
    """How many lines of a book have ever been sealed."""
    found = Seal.objects.filter(book=book.value).aggregate(lines=Sum("lines"))
    return int(found["lines"] or 0)


def faults_in_book(book: Book = Book.FACTS) -> Iterator[Fault]:
    """Walk all seals of a book and the lines under them; say what does not fit."""
    walked = check_seals(book)
    while walked is not None:
        yield from walked.faults
        walked = check_seals(book, after_seal=int(walked.last))


def check_seals(book: Book, *, after_seal: int = 0, most: int = 20) -> Walked | None:
    """Check the seals that follow one, and the lines under them; None after the last."""
    seals = Seal.objects.filter(book=book.value).order_by("id")
    before = seals.filter(id=after_seal).first()
    found = list(seals.filter(id__gt=after_seal)[:most])
    if not found:
        return None
    faults: list[Fault] = []
    empty: list[tuple[Seal, list[Fault]]] = []
    for seal in found:
        faults += _faults_of_seal(book, before, seal)
        lines = list(_batch(book, before, seal))
        under = list(_faults_under(book, seal, lines))
        if lines or not under:
            faults += under
        else:
            empty.append((seal, under))
        before = seal
    purged = purged_to() if empty and book is Book.AUDIT else 0
    faults += [fault for seal, under in empty if seal.id > purged for fault in under]
    return Walked(str(found[-1].id), sum(seal.lines for seal in found), tuple(faults))


def _faults_of_seal(book: Book, before: Seal | None, seal: Seal) -> Iterator[Fault]:
    """Whether a seal follows from the one before, and keeps the leaves it was made of."""
    body = seal_values(seal.last_xid, seal.last_line, seal.lines, bytes(seal.root), seal.at)
    start = bytes(before.hash) if before else rules.BEGINNINGS[book]
    leaves = [leaf for _number, leaf in rules.unpack_leaves(bytes(seal.leaves))]
    is_rooted = not leaves or rules.merkle_root(leaves) == bytes(seal.root)
    if not (is_rooted and rules.follows(bytes(seal.hash), start, body, added="at")):
        yield Fault("seal_altered", {"book": book.value, "seal": seal.id})


def _faults_under(book: Book, seal: Seal, lines: Sequence[Entry]) -> Iterator[Fault]:
    there = {line.id: rules.leaf_hash(values_of(line)) for line in lines}
    if rules.merkle_root(list(there.values())) == bytes(seal.root):
        return
    sealed = list(rules.unpack_leaves(bytes(seal.leaves)))
    if sealed:
        gone = [number for number, _leaf in sealed if number not in there]
        elsewhere = MODELS[book]._default_manager.filter(id__in=gone)
        moved = set(elsewhere.values_list("id", flat=True))
        yield from rules.faults_under_seal(book, sealed, there, moved)
        return
    about: dict[str, str | int] = {"book": book.value, "seal": seal.id}
    if len(lines) != seal.lines:
        yield Fault("lines_missing", {**about, "sealed": seal.lines, "there": len(lines)})
    else:
        yield Fault("lines_altered", about)


def _batch(book: Book, before: Seal | None, seal: Seal) -> Iterator[Entry]:
    until = Q(xid__lt=seal.last_xid) | Q(xid=seal.last_xid, id__lte=seal.last_line)
    until &= Q(xid__lte=seal.last_xid)
    since = after(before.last_xid, before.last_line) if before else Q()
    yield from MODELS[book]._default_manager.filter(since & until).order_by("xid", "id")


def faults_before(seal: Seal) -> Iterator[Fault]:
    """What does not fit in the audit up to a seal of it, but for what was let go of before."""
    walked = check_seals(Book.AUDIT, after_seal=purged_to())
    while walked is not None:
        yield from walked.faults
        if int(walked.last) >= seal.id:
            return
        walked = check_seals(Book.AUDIT, after_seal=int(walked.last))


def checked_certificates() -> Iterator[tuple[AuditLine, Fault | None]]:
    """What was let go of, the newest first, and what speaks against each.

    Anybody who may add to the audit can write one, so it has to name the hash of its seal, and its
    own word for when that was isn't taken: the seal over it says so, or it is now.
    """
    seals = Seal.objects.filter(book=Book.AUDIT.value).order_by("id")
    for line in certificates():
        told, which = line.data[PURGED_TO], {"certificate": line.id}
        youngest = seals.filter(id=told).first() if isinstance(told, int) else None
        if youngest is None or line.data.get("hash") != bytes(youngest.hash).hex():
            yield line, Fault("certificate_wrong", which)
            continue
        place = Q(last_xid__gt=line.xid) | Q(last_xid=line.xid, last_line__gte=line.id)
        over = seals.filter(place).first()
        age = (over.at if over else clock.now()) - youngest.at
        is_early = age < timedelta(days=rules.LEAST_DAYS)
        values = {**which, "seal": youngest.id, "days": rules.LEAST_DAYS}
        yield line, Fault("purged_early", values) if is_early else None


def purged_to() -> int:
    """The last seal whose lines were let go of; 0 before there is one."""
    true = (line.data[PURGED_TO] for line, fault in checked_certificates() if fault is None)
    return max(true, default=0)


def seals_to_purge(before: datetime) -> list[Seal]:
    """The audit's seals, from the first still with lines, under which all lines are older."""
    seals = Seal.objects.filter(book=Book.AUDIT.value, id__gt=purged_to()).order_by("id")
    young = AuditLine.objects.filter(at__gte=before).order_by("xid", "id").first()
    found = list(seals.filter(at__lt=before))
    if young is None:
        return found
    place = (young.xid, young.id)
    return [seal for seal in found if (seal.last_xid, seal.last_line) < place]


def faults_around(county: str) -> Iterator[Fault]:
    """What no single seal shows: a cut end, a purge before its time, anchors that differ.

    Anchors in the database, and those in the files of whoever checks.
    """
    for book, follower in SEALED_BY.items():
        newest = Seal.objects.filter(book=book.value).order_by("-id")
        end = Cursor.objects.filter(
            name=follower
        ).annotate(  # one question, one moment
            sealed_xid=Subquery(newest.values("last_xid")[:1]),
            sealed_line=Subquery(newest.values("last_line")[:1]),
        )
        for cursor in end.exclude(line=0):
            if (cursor.xid, cursor.line) != (cursor.sealed_xid, cursor.sealed_line):
                yield Fault("end_missing", {"book": book.value})
    yield from (fault for _line, fault in checked_certificates() if fault)
    yield from _faults_in_anchors(county)
    for name, text in adapters.kept_anchors():
        yield from faults_against_anchor(text, name=name)


# --- anchors -----------------------------------------------------------------------------------


def anchors(county: str) -> list[Anchor]:
    """Every anchor made here, the oldest first."""
    return list(Anchor.objects.filter(county=county).order_by("id"))


def anchor_for(actor: Actor, id: int, *, county: str) -> Anchor:
    """One anchor, for who audits."""
    actor.must("audit.read", path=county)
    found = Anchor.objects.filter(county=county, id=id).first()
    if found is None:
        raise NotFound()
    return found


def last_anchor(county: str) -> Anchor | None:
    """The newest anchor."""
    return Anchor.objects.filter(county=county).order_by("-id").first()


def anchors_newer_than_known(county: str) -> list[str]:
    """The files of anchors that the database doesn't know and that are newer than all it knows."""
    last = last_anchor(county)
    found = []
    for name, text in adapters.kept_anchors():
        read = rules.read_anchor(text)
        is_newer = read and read.county == county and (last is None or read.made > last.at)
        if is_newer and not Anchor.objects.filter(hash=rules.hash_of_anchor(text)).exists():
            found.append(name)
    return found


def says(anchor: Anchor) -> dict[Book, rules.Sealed]:
    """The seals that an anchor names; none where it can't be read."""
    read = rules.read_anchor(anchor.text)
    return dict(read.seals) if read else {}


def faults_against_anchor(text: str, *, name: str) -> Iterator[Fault]:
    """What differs from an anchor kept elsewhere: the seal it names was made anew, or is gone."""
    anchor = rules.read_anchor(text)
    if anchor is None:
        yield Fault("anchor_unreadable", {"anchor": name})
        return
    if not Anchor.objects.filter(hash=rules.hash_of_anchor(text)).exists():
        yield Fault("anchor_removed", {"anchor": name})
    for book, sealed in anchor.seals.items():
        values: dict[str, str | int] = {
            "anchor": name, "book": book.value, "seal": sealed.seal,
        }  # fmt: skip
        seal = Seal.objects.filter(book=book.value, id=sealed.seal).first()
        if seal is None:
            yield Fault("anchor_seal_missing", values)
        elif bytes(seal.hash).hex() != sealed.hash:
            yield Fault("anchor_differs", values)


def _faults_in_anchors(county: str) -> Iterator[Fault]:
    """Whether the anchors in the database are what they were, and name seals that stand."""
    known: set[str] = set()
    for anchor in anchors(county):
        name = f"{anchor.day} ({anchor.id})"
        yield from faults_against_anchor(anchor.text, name=name)
        read = rules.read_anchor(anchor.text)
        if read and read.before and read.before not in known:
            yield Fault("anchor_removed", {"anchor": read.before[:16]})
        known.add(rules.hash_of_anchor(anchor.text))
