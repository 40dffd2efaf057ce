"""What a second factor is, as tables; and one code tried twice in one moment."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gezhi.base import clock
from gezhi.people import actions, reads, rules
from gezhi.people.rules import Owed, Role
from gezhi.people.rules.factors import step_of_code

RFC_SECRET = b"12345678901234567890"
NOON = datetime(2026, 11, 17, 4, 0, tzinfo=UTC)
SEES = {Role.GRID_WORKER, Role.RECEPTIONIST, Role.HANDLER, Role.SUPERVISOR, Role.RETURN_VISITOR,
        Role.MEDIATOR, Role.ADMINISTRATOR, Role.SECURITY_ADMINISTRATOR, Role.AUDITOR}  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
     (2000000000, "279037"), (20000000000, "353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238(seconds, code):
    moment = datetime.fromtimestamp(seconds, UTC)
    assert rules.totp_code(RFC_SECRET, rules.step_at(moment)) == code


@pytest.mark.parametrize(
    ("off", "taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_phone_may_be_half_a_minute_off(off, taken):
    step = rules.step_at(NOON) + off
    code = rules.totp_code(RFC_SECRET, step)
    found = rules.step_of_code(RFC_SECRET, code, now=NOON, after=0)
    assert found == (step if taken else None)


@given(after=st.integers(-3, 3), off=st.integers(-3, 3))
def test_no_step_is_taken_at_or_before_one_that_was(after, off):
    present = rules.step_at(NOON)
    code = rules.totp_code(RFC_SECRET, present + off)
    found = rules.step_of_code(RFC_SECRET, code, now=NOON, after=present + after)
    assert (found is not None) == (after < off and abs(off) <= 1)


@pytest.mark.parametrize("role", Role)
def test_whose_role_needs_one(role):
    assert rules.needs_factor("roles", [role]) == (role in SEES)
    assert rules.needs_factor("all", [])
    assert not rules.needs_factor("none", [role])


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_what_is_owed(has, must, proven, first):
    owed = rules.owed(has_factor=has, must_have=must, is_proven=proven, must_change_password=first)
    if has and not proven:
        assert owed == Owed.PROOF
    elif first:
        assert owed == Owed.PASSWORD
    else:
        assert owed == (Owed.SET_UP if must and not proven else None)


@given(st.binary(min_size=10, max_size=10))
def test_a_recovery_code_is_known_however_it_is_typed_and_by_its_account_alone(random):
    code, account = rules.spell_recovery_code(random), UUID(int=1)
    digest = rules.recovery_digest(account, code)
    assert rules.is_recovery_code(code)
    assert not set(code) & set("lo01")
    assert rules.recovery_digest(account, f" {code.upper().replace('-', ' ')} ") == digest
    assert rules.recovery_digest(UUID(int=2), code) != digest


@pytest.mark.parametrize(
    ("stored", "shown", "sound"), [(0, 0, True), (0, 1, True), (5, 6, True), (5, 5, False),
                                   (5, 4, False), (5, 0, False)],
)  # fmt: skip
def test_a_passkeys_counter_goes_on(stored, shown, sound):
    assert rules.is_counter_sound(stored, shown) == sound


@pytest.mark.parametrize(("seconds", "minutes"), [(-1, 0), (0, 0), (1, 1), (60, 1), (61, 2)])
def test_minutes_to_wait_are_whole(seconds, minutes):
    assert rules.minutes_until(NOON + timedelta(seconds=seconds), NOON) == minutes


def test_one_code_sent_twice_in_one_moment_is_taken_once(committed, monkeypatch):
    """Both are made to stand between reading the last step and writing the next.

    Without the lock they meet there and both get in. With it the second waits at the account.
    """
    account = committed.accounts["cun"]
    person = reads.person_entering(account)
    with clock.standing_at(NOON):
        code = rules.totp_code(RFC_SECRET, rules.step_at(NOON))
        actions.set_up_app(secret=RFC_SECRET, code=code, actor=person)
    later = NOON + timedelta(minutes=2)
    code = rules.totp_code(RFC_SECRET, rules.step_at(later))
    between, seen = threading.Barrier(2), []

    def stand_between(*values, **named):
        with suppress(threading.BrokenBarrierError):
            between.wait(timeout=0.5)
        return step_of_code(*values, **named)

    monkeypatch.setattr(rules, "step_of_code", stand_between)

    def enter():
        try:
            with clock.standing_at(later):
                given = actions.prove_by_code(account.id, code=code, address="", actor=person)
            seen.append(given is not None)
        finally:
            connection.close()

    threads = [threading.Thread(target=enter) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [False, True]
