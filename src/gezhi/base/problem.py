"""A refusal as programs read it: the members of RFC 9457 (problem details)."""

from http import HTTPStatus
from typing import Any

from gezhi.base.refusal import Refusal

MEDIA_TYPE = "application/problem+json"
# Where every code is explained; the part after # is the code.
PROBLEMS = "/api/v1/docs#"


def problem_of(refusal: Refusal) -> dict[str, Any]:
    """What a refusal says, for a program: `code` is what to decide by, `detail` is for people."""
    return problem(
        refusal.status,
        refusal.code,
        str(refusal),
        field=refusal.field,
        allowed=[str(each) for each in refusal.allowed],
    )


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members every problem has; `field` and `allowed` stand even where they are empty."""
    return {
        "type": PROBLEMS + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "field": "",
        "allowed": [],
        **more,
    }
