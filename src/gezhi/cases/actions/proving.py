"""Showing number and tracking code: whose report it is, and that nobody guesses."""

from gezhi.base import clock
from gezhi.cases import reads
from gezhi.cases.models import Report
from gezhi.record.actions import Proof, pay_for_code


def prove_code(number: str, code: str, *, county: str, address: str, proof: Proof) -> Report:
    """The report they belong to. A wrong code costs a try, and with none left a puzzle.

    Not within a transaction: a refusal must not take the counting back.
    """
    paid = pay_for_code(number.strip()[:24], proof, address=address, now=clock.now())
    report = reads.report_by_code(number, code, county=county)
    paid.give_back()
    return report
