"""Refusals of the record."""

from django.utils.translation import gettext_lazy as _

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
