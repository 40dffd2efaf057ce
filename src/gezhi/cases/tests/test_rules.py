"""The table of moves, the ledger, proof, numbers and pictures, from values alone."""

import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.PngImagePlugin import PngInfo

from gezhi.base.actor import Actor, Post
from gezhi.cases import rules
from gezhi.cases.actions.attaching import safe_name
from gezhi.cases.errors import MoveNotAllowed
from gezhi.cases.rules import Act, Entry, EntryKind, Evidence, Situation, State
from gezhi.cases.rules.numbers import plain_number
from gezhi.cases.rules.pictures import NotAPicture, read_picture

CENTRE, LEAD, OTHER = uuid4(), uuid4(), uuid4()
PATH = "990101101201001"
THEN = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)

# What the table lets happen, state by state; everything else is refused.
ALLOWED = {
    State.REPORTED: "accept refuse escalate ask answer pause resume extend decide supervise"
    " answer_supervision merge withdraw note attach correct publish",
    State.ACCEPTED: "refuse assign escalate hand_down ask answer pause resume extend decide"
    " supervise answer_supervision merge withdraw note attach reclassify correct publish",
    State.ASSIGNED: "sign send_back escalate ask answer pause resume extend decide supervise"
    " answer_supervision merge note attach reclassify correct publish",
    State.HANDLING: "send_back escalate whistle arrive finish_leg excuse_leg reach_stage ask"
    " answer pause resume extend decide supervise answer_supervision finish merge note attach"
    " reclassify correct publish",
    State.DONE: "verify visit_back rate close note attach correct publish",
    State.CLOSED: "rate reopen note correct publish",
    State.REFUSED: "note correct publish",
    State.MERGED: "rate unmerge note correct publish",
    State.WITHDRAWN: "note correct publish",
}


@pytest.mark.parametrize("state", list(State))
def test_the_table_of_moves(state: State) -> None:
    allowed = {Act(word) for word in ALLOWED[state].split()}
    for act in rules.MOVES:
        if act in allowed:
            assert rules.find_move(act, state).act == act
        else:
            with pytest.raises(MoveNotAllowed) as refusal:
                rules.find_move(act, state)
            assert set(refusal.value.allowed) == set(allowed)


def _staff(unit: UUID, path: str, *rights: str) -> Actor:
    return Actor("account:x", "staff", posts=(Post(unit, "r", path, frozenset(rights)),))


def _situation(state: State, *, holder: UUID = CENTRE) -> Situation:
    return Situation(state, holder, CENTRE, PATH, centre_path=PATH)


@pytest.mark.parametrize(
    ("act", "actor", "holder", "may"),
    [
        (Act.ACCEPT, _staff(CENTRE, PATH, "case.accept"), CENTRE, True),
        (Act.ACCEPT, _staff(OTHER, PATH, "case.accept"), CENTRE, False),
        (Act.ACCEPT, _staff(CENTRE, PATH), CENTRE, False),
        (Act.SIGN, _staff(LEAD, PATH, "case.sign"), LEAD, True),
        (Act.SIGN, _staff(CENTRE, PATH, "case.sign"), CENTRE, False),
        (Act.SUPERVISE, _staff(OTHER, "990101", "case.supervise"), LEAD, True),
        (Act.SUPERVISE, _staff(OTHER, "990102", "case.supervise"), LEAD, False),
        (Act.WHISTLE, _staff(CENTRE, PATH, "case.whistle"), LEAD, True),
        (Act.CLOSE, _staff(CENTRE, "", "case.close"), LEAD, False),
        (Act.MERGE, _staff(CENTRE, PATH, "case.merge"), LEAD, True),
        (Act.MERGE, _staff(OTHER, "990101", "case.merge"), LEAD, True),
        (Act.MERGE, _staff(OTHER, "990101102", "case.merge"), LEAD, False),
        (Act.UNMERGE, _staff(OTHER, "990101", "case.merge"), LEAD, True),
    ],
)
def test_whose_move_it_is(act: Act, actor: Actor, holder: UUID, *, may: bool) -> None:
    state = next(iter(sorted(rules.MOVES[act].froms)))
    assert (act in rules.moves_open_to(_situation(state, holder=holder), actor)) is may


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["pause", "resume", "transfer", "extend", "stop", "start"]),
            st.integers(0, 5000),
        ),
        max_size=12,
    ),
    st.integers(0, 5000),
)
def test_what_ran_and_what_stood_are_all_the_time_there_was(
    steps: list[tuple[str, int]], more: int
) -> None:
    """Whatever was paused, handed on and stopped: nothing is lost and nothing counted twice."""
    at, entries = THEN, [Entry(EntryKind.START, THEN, LEAD)]
    for kind, minutes in steps:
        at += timedelta(minutes=minutes)
        entries.append(Entry(EntryKind(kind), at, OTHER if kind == "transfer" else None))
    now = at + timedelta(minutes=more)
    ran = sum(rules.elapsed(entries, now=now).values(), timedelta())
    stood = sum((end - start for start, end in rules.pauses(entries, since=THEN, now=now)),
                timedelta())  # fmt: skip
    assert ran + stood == now - THEN


@pytest.mark.parametrize(
    ("needed", "evidence", "missing"),
    [
        (["photo_after"], [], ("photo_after",)),
        (["photo_after"], [Evidence("after", True)], ()),
        (["photo_after"], [Evidence("after", False)], ("photo_after",)),
        (["photo_pair"], [Evidence("after", True)], ("photo_pair",)),
        (["photo_pair"], [Evidence("after", True), Evidence("before", True)], ()),
        (["document"], [Evidence("document", False)], ()),
        (["place"], [Evidence("after", True, 106.9001, 35.6)], ()),
        (["place"], [Evidence("after", True, 106.91, 35.6)], ("place",)),
        (["place"], [Evidence("after", True)], ("place",)),
        (["signature", "document"], [], ("signature", "document")),
    ],
)
def test_missing_proof(
    needed: list[str], evidence: list[Evidence], missing: tuple[str, ...]
) -> None:
    place = (106.9, 35.6)
    found = rules.missing_proof(needed, evidence, place=place, metres=100, is_checked=False)
    assert found == missing


def test_a_number_says_the_day_and_a_code_is_read_however_it_is_typed() -> None:
    assert rules.format_number(date(2026, 11, 22), 421) == "261122-000421"
    code = rules.make_code(lambda alphabet: alphabet[0])
    assert code == "22222222"
    assert rules.plain_code(" 7bgd-z58p ") == "7BGDZ58P"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("261122-000421", "261122-000421"),
        ("261122000421", "261122-000421"),
        (" 261122 000421 ", "261122-000421"),
        ("261122-0004", "261122-0004"),
        ("水管", "水管"),
    ],
)
def test_a_number_is_found_with_or_without_its_dash(typed: str, number: str) -> None:
    assert plain_number(typed) == number


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\水管.jpg", "水管.jpg"),
        ("a;rm -rf.jpg", "a_rm -rf.jpg"),
        ("...", "file"),
        ("x" * 300, "x" * 80),
        ("<script>.png", "_script_.png"),
    ],
)
def test_a_files_name_is_only_a_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def _phone_picture() -> bytes:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = "2026:11:17 09:30:00"
    gps = exif.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", (35.0, 36.0, 36.0)
    gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (106.0, 54.0, 0.0)
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "green").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_a_pictures_exif_is_read_and_then_gone() -> None:
    picture = read_picture(_phone_picture())
    assert picture.taken_at == datetime(2026, 11, 17, 1, 30, tzinfo=UTC)
    assert picture.lon == pytest.approx(106.9)
    assert picture.lat == pytest.approx(35.61)
    clean = Image.open(io.BytesIO(picture.data))
    assert clean.size == (300, 400), "turned upright"
    assert not clean.getexif()
    assert b"Exif" not in picture.data


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b"\xff\xd8\xff\xe0 broken", b"GIF89a", b"<svg onload=x>", b"%PDF-1.4"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        read_picture(data)


def test_a_picture_bomb_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    with pytest.raises(NotAPicture):
        read_picture(out.getvalue())


@given(st.text(max_size=60))
def test_any_typed_words_make_a_query_the_database_takes(typed: str) -> None:
    query = rules.query_words(typed)
    assert "''" not in query
    assert query.count("'") % 2 == 0


def test_nothing_hidden_in_a_picture_survives() -> None:
    """Polyglots, comments and metadata: what is kept is written anew from the pixels."""
    hidden = b"<script>alert(1)</script>"
    for form, more in (
        ("JPEG", {"comment": hidden}),
        ("PNG", {"pnginfo": _text_chunk(hidden)}),
        ("GIF", {"comment": hidden}),
    ):
        out = io.BytesIO()
        Image.new("RGB", (64, 48), "steelblue").save(out, form, **more)
        sent = out.getvalue() + b"PK\x03\x04" + hidden
        assert hidden in sent
        kept = read_picture(sent)
        assert kept.data.startswith(b"\xff\xd8\xff"), form
        assert b"script" not in kept.data, form
        assert b"PK\x03\x04" not in kept.data, form


def _text_chunk(text: bytes) -> PngInfo:
    info = PngInfo()
    info.add_text("Comment", text.decode())
    return info
