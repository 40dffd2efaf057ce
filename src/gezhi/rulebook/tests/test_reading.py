"""A broken rulebook is refused with file, line and reason: all of it at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gezhi.rulebook import reads
from gezhi.rulebook.errors import FAULTS, BrokenRulebook
from gezhi.rulebook.rules import FILES, PROOFS, SIZES
from gezhi.rulebook.rules.lines import Lines
from gezhi.rulebook.tests.books import default_book, files_with, line_of, problems_of

C, D, R, CAL, REA = FILES

# file, what is replaced, by what, the line that is blamed holds this, the fault
BREAKS = [
    (C, 'size = "small"', 'size = "tiny"', 'size = "tiny"', "not_one_of"),
    (C, 'size = "small"', "size = 3", "size = 3", "wrong_type"),
    (C, 'name_en = "Illegal building"\n', "", '[[category]]\nkey = "build.illegal"', "missing"),
    (C, 'proof = ["photo_after"]', 'proof = ["photo"]', 'proof = ["photo"]', "not_one_of"),
    (C, 'proof = ["photo_after"]', 'proof = ["place"]', 'proof = ["place"]', "metres_missing"),
    (C, 'key = "env.toilet"', 'key = "Env Toilet"', 'key = "Env Toilet"', "bad_key"),
    (C, 'key = "env.toilet"', 'key = "moon.toilet"', 'key = "moon.toilet"', "group_unknown"),
    (C, 'key = "env.toilet"', 'key = "env.pest"', 'key = "env.pest"\nname = "病', "twice"),
    (C, 'key = "env.other"', 'key = "env.others"', 'key = "env"', "other_missing"),
    (C, 'body = "dept-water"', 'body = "dept-moon"', 'body = "dept-moon"', "body_unknown"),
    (C, "by_grid = true", "by_gird = true", "by_gird = true", "key_unknown"),
    (C, "by_grid = true", 'by_grid = "yes"', 'by_grid = "yes"', "wrong_type"),
    (C, 'within = "4 working hours"', 'within = "4 wk"', "stages = [", "bad_span"),
    (C, 'within = "7 working days"', 'within = "4 working hours"', "stages = [", "stages_order"),
    (C, '"20 working days"', '"21 working days"', "stages = [", "stages_late"),
    (C, 'key = "fine"', 'key = "stop"', "stages = [", "twice"),
    (C, 'key = "fine"', 'key = "a fine"', "stages = [", "bad_stage_key"),
    (C, 'name_en = "Take it down", ', "", "stages = [", "missing"),
    (C, '[[group]]\nkey = "build"', '[[gruop]]\nkey = "build"', "[[gruop]]", "table_unknown"),
    (D, 'within = "1 hour"', 'within = "one hour"', 'within = "one hour"', "bad_span"),
    (D, 'kind = "visit"', 'kind = "vist"', 'kind = "vist"', "not_one_of"),
    (D, 'id = "sign"\n', 'id = "visit"\n', 'id = "visit"\nkind = "visit"', "twice"),
    (D, "urgent = true\nfirst = true\n", "", '[[due]]\nid = "accept"\n', "row_unreachable"),
    (D, 'size = "small"\n', 'category = "no.such"\n', 'category = "no.such"', "category_unknown"),
    (D, "visit_tries = 3", "visit_tries = 99", "visit_tries = 99", "out_of_range"),
    (D, "visit_tries = 3\n", "", "[limits]", "missing"),
    (D, "[50, 80]", "[50, 180]", "remind_percent", "out_of_range"),
    (R, 'to = ["{body}", "{station}"]', 'to = ["dept-moon"]', 'to = ["dept-moon"]', "body_unknown"),
    (R, 'kind = "company"', 'kind = "firm"', 'kind = "firm"', "not_one_of"),
    (
        R,
        'level = "town"\nby_grid = true\n',
        'level = "town"\n',
        '[[rule]]\nid = "town"\n',
        "row_unreachable",
    ),
    (CAL, '"08:30-12:00"', '"08:30-26:00"', '"08:30-26:00"', "bad_hours"),
    (CAL, '"14:30-18:00"', '"11:30-18:00"', '"11:30-18:00"', "bad_hours"),
    (CAL, 'last = "09-30"', 'last = "09-31"', 'last = "09-31"', "bad_day"),
    (CAL, 'last = "09-30"', 'last = "09-29"', "[[hours]]", "hours_gap"),
    (CAL, 'last = "09-30"', 'last = "10-01"', "[[hours]]", "hours_overlap"),
    (CAL, '"Asia/Shanghai"', '"Asia/Atlantis"', "Asia/Atlantis", "zone_unknown"),
    (CAL, '"refuse"\n', '"guess"\n', 'unknown_years = "guess"', "not_one_of"),
    (REA, 'code = "weather"', 'code = "reporter"', 'code = "reporter"\nname = "天', "twice"),
    (REA, "needs_words = true", "needs_words = 1", "needs_words = 1", "wrong_type"),
]


def blamed_line(text: str, part: str) -> int:
    """The line where `part` begins."""
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "old", "new", "blamed", "code"),
    BREAKS,
    ids=[f"{one[4]}-{one[2][:16]}" for one in BREAKS],
)
def test_each_fault_is_told_with_its_line(
    name: str, old: str, new: str, blamed: str, code: str
) -> None:
    files = files_with(name, old, new)
    found = {(one.file, one.line, one.code) for one in problems_of(files)}
    assert (name, blamed_line(files[name], blamed), code) in found


def test_the_default_book_has_no_fault() -> None:
    assert problems_of(reads.default_files()) == []


def test_toml_that_cannot_be_read_is_told_with_its_line() -> None:
    files = files_with(D, 'kind = "forward"', "kind = forward")
    (problem,) = problems_of(files)
    assert (problem.file, problem.code) == (D, "not_toml")
    assert problem.line == line_of(files[D], "kind = forward")


def test_all_faults_are_told_at_once_in_the_order_of_the_files() -> None:
    files = files_with(C, 'size = "small"', 'size = "tiny"')
    files[D] = files[D].replace('within = "1 hour"', 'within = "soon"', 1)
    files[CAL] = files[CAL].replace('"Asia/Shanghai"', '"Nowhere"')
    with pytest.raises(BrokenRulebook) as broken:
        reads.read_files(files)
    assert [one.file for one in broken.value.problems] == [C, D, CAL]
    assert broken.value.status == 422
    first = broken.value.problems[0]
    assert str(first).startswith(f"{C}:{first.line}: ")
    assert str(first) in str(broken.value)


def test_missing_and_unknown_files_are_told_by_name() -> None:
    files = reads.default_files() | {"extra.toml": ""}
    assert [(one.file, one.code) for one in problems_of(files)] == [("extra.toml", "file_unknown")]
    del files[R]
    assert {(one.file, one.code) for one in problems_of(files)} == {
        (R, "file_missing"),
        ("extra.toml", "file_unknown"),
    }


def test_rows_that_cross_need_somebody_to_say_which_goes_first() -> None:
    crossing = '[[due]]\nid = "x"\nkind = "finish"\nchannel = "hotline"\nwithin = "2 hours"\n\n'
    anchor = '[[due]]\nid = "finish-small"'
    files = files_with(D, anchor, crossing + anchor)
    blamed = {one.line for one in problems_of(files) if one.code == "row_overlaps"}
    assert blamed == {
        line_of(files[D], 'id = "finish-small"') - 1,
        line_of(files[D], 'id = "finish-big"') - 1,
    }
    files[D] = files[D].replace('channel = "hotline"\n', 'channel = "hotline"\nfirst = true\n')
    assert problems_of(files) == []


def test_a_row_for_what_two_rows_share_settles_them() -> None:
    rows = "".join(
        f'[[due]]\nid = "x{at}"\nkind = "visit"\n{conditions}within = "{at} hours"\n\n'
        for at, conditions in enumerate(
            ['size = "big"\nlevel = "town"\n', 'size = "big"\n', 'level = "town"\n'], start=1
        )
    )
    anchor = '[[due]]\nid = "visit"'
    assert problems_of(files_with(D, anchor, rows + anchor)) == []


def test_a_year_written_by_hand_is_known() -> None:
    year = max(default_book().calendar.official.years) + 1
    table = f'\n[[year]]\nyear = {year}\noff = [{year}-01-01]\nworking = []\nsource = "通知"\n'
    files = reads.default_files()
    files[CAL] += table
    official = reads.read_files(files).calendar.official
    assert year in official.years
    assert [day.isoformat() for day in official.off if day.year == year] == [f"{year}-01-01"]
    files[CAL] = files[CAL].replace(f"[{year}-01-01]", "[2001-01-01]")
    assert [one.code for one in problems_of(files)] == ["bad_day"]


def test_local_exceptions_are_read_and_a_day_may_stand_once() -> None:
    table = '\n[[exception]]\nday = [2026-11-23, 2026-11-24]\nworking = false\nnote = "县庆"\n'
    files = reads.default_files()
    files[CAL] += table
    assert len(reads.read_files(files).calendar.exceptions) == 2
    files[CAL] += table
    assert [one.code for one in problems_of(files)] == ["twice", "twice"]


def test_lines_are_found_past_strings_and_arrays_that_look_like_tables() -> None:
    lines = Lines(
        "top = 1\n"
        'text = """\n'
        "[[one]]\n"
        "size = 2\n"
        '"""\n'
        "[[one]]  # a comment\n"
        "list = [\n"
        '  "size = 3",\n'
        "]\n"
        "size = 4\n"
        "[[one]]\n"
        "deep = { size = 5 }\n"
        "size = 6 # [\n"
        "[two]\n"
        '"size" = 7\n'
    )
    assert lines.find("", 0, "top") == 1
    assert lines.find("one", 0) == 6
    assert lines.find("one", 0, "size") == 10
    assert lines.find("one", 1, "size") == 13
    assert lines.find("two", 0, "size") == 15
    assert lines.find("one", 1, "absent") == 11
    assert lines.find("three") == 0


@settings(max_examples=50, deadline=None)
@given(name=st.sampled_from(FILES), data=st.data())
def test_whatever_is_cut_out_the_answer_is_a_book_or_problems(
    name: str, data: st.DataObject
) -> None:
    files = reads.default_files()
    lines = files[name].splitlines(keepends=True)
    first = data.draw(st.integers(0, len(lines) - 1))
    count = data.draw(st.integers(1, 12))
    files[name] = "".join(lines[:first] + lines[first + count :])
    for problem in problems_of(files):
        assert problem.file in FILES
        assert problem.reason
        assert 0 <= problem.line <= files[problem.file].count("\n") + 1


@settings(max_examples=30, deadline=None)
@given(name=st.sampled_from(FILES), text=st.text(max_size=200))
def test_any_text_at_all_is_refused_without_an_accident(name: str, text: str) -> None:
    assert problems_of(reads.default_files() | {name: text})


# How stages were written before they had keys and English names.
SHORT_STAGES = '{ "停工" = "4 working hours", "拆除" = "20 working days" }'


def test_stages_written_short_have_their_places_as_keys() -> None:
    files = reads.default_files()
    text = files[C]
    begins = text.index("stages = [")
    ends = text.index("]\n", text.index("Take it down", begins))
    files[C] = text[:begins] + f"stages = {SHORT_STAGES}" + text[ends + 1 :]
    stages = reads.read_files(files).category("build.illegal").stages
    assert [(one.key, one.name, one.name_en) for one in stages] == [
        ("build.illegal:stage1", "停工", "停工"), ("build.illegal:stage2", "拆除", "拆除"),
    ]  # fmt: skip


def test_a_stage_may_be_called_as_long_as_it_ever_could() -> None:
    long = "s" + "o" * 29
    book = reads.read_files(files_with(C, 'key = "stop"', f'key = "{long}"'))
    assert book.category("build.illegal").stages[0].key == f"build.illegal:{long}"
    too_long = files_with(C, 'key = "stop"', f'key = "{long}o"')
    assert [one.code for one in problems_of(too_long)] == ["bad_stage_key"]


def test_what_is_only_looked_for_since_is_not_held_against_a_stored_version() -> None:
    files = files_with(C, '"20 working days"', '"21 working days"')
    assert [one.code for one in problems_of(files)] == ["stages_late"]
    assert reads.read_files(files, version=3, stored=True).version == 3
    files[D] = files[D].replace('within = "1 hour"', 'within = "soon"', 1)
    with pytest.raises(BrokenRulebook) as broken:
        reads.read_files(files, stored=True)
    assert [one.code for one in broken.value.problems] == ["bad_span"]


def test_every_fault_has_words_for_its_values() -> None:
    values = dict.fromkeys(
        ["allowed", "why", "name", "wanted", "value", "first", "least", "most", "count", "kind",
         "size", "day", "level", "before"], "x",
    )  # fmt: skip
    for code, words in FAULTS.items():
        assert str(words) % values, code


def test_the_default_book_is_one_a_county_can_work_with() -> None:
    book = default_book()
    assert len(book.groups) == 12
    assert len(book.categories) >= 120
    assert {one.size for one in book.categories.values()} == set(SIZES)
    assert {"cannot", "solved", "partly"} <= set(book.outcomes)
    for one in book.categories.values():
        assert one.label, f"{one.key} has no label"
        assert one.proof <= set(PROOFS)
        assert one.body in book.bodies
        assert not (one.sensitive and one.public), f"{one.key} is sensitive and public"
    names = [one.name for one in book.categories.values()]
    assert len(names) == len(set(names)), "two categories have the same name"
