"""Refusals of the record."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.puzzle import Puzzle
from gezhi.base.refusal import Refusal


class OpeningReasonMissing(Refusal):
    """A sealed field was to be opened without saying why."""

    code = "opening_reason_missing"
    status = 422
    message = _("请写明查看的理由，再打开。")
    field = "reason"


class KeyMalformed(Refusal):
    """An Idempotency-Key is empty, too long or holds signs that can't be shown."""

    code = "idempotency_key_malformed"
    status = 422
    message = _("Idempotency-Key 应为 1 到 128 个能显示的字符。")


class KeyReused(Refusal):
    """The same Idempotency-Key came with another request."""

    code = "idempotency_key_reused"
    status = 422
    message = _("这个 Idempotency-Key 已用于另一个请求，请换一个新的。")


class PuzzleNeeded(Refusal):
    """Too many ask at once: a solved puzzle goes with the request (docs/security.md)."""

    code = "puzzle_needed"
    status = 429
    message = _("请求的人太多，请稍等片刻再发送；程序请解开 puzzle，放在 Gezhi-Puzzle 里再发送。")

    def __init__(self, *, puzzle: Puzzle) -> None:
        super().__init__()
        self.puzzle = puzzle
        self.more = {"puzzle": puzzle.as_json()}


class AuditFaulty(Refusal):
    """Audit lines were to be let go of that are not what was sealed."""

    code = "audit_faulty"
    status = 409
    message = _("%(fault)s。这些行先留着：请用 gezhi record verify 查清楚，再清除。")
