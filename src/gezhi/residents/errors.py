"""Refusals of the residents room."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class ProofTooOld(Refusal):
    """What can't be taken back asks for a code that has just come."""

    code = "resident_proof_too_old"
    status = 403
    message = _("这一步要先确认是您本人：请用刚收到的短信验证码再验证一次。")


class SamePhone(Refusal):
    """The new phone is the old one."""

    code = "resident_same_phone"
    status = 422
    message = _("这就是您现在登录用的手机号，请填新的手机号。")
    field = "phone"


class AskedAlready(Refusal):
    """The same is asked already and waits for its answer."""

    code = "resident_asked_already"
    message = _("已经申请过，正在等待答复。")


class WantedMissing(Refusal):
    """To correct words the right ones are needed."""

    code = "resident_wanted_missing"
    status = 422
    message = _("请写下改好的原话。")
    field = "wanted"


class AnswerMissing(Refusal):
    """Whoever asked is told why not."""

    code = "resident_answer_missing"
    status = 422
    message = _("不同意的，请写明理由，申请的人会看到。")
    field = "answer"


class ErasureHeld(Refusal):
    """The case is under a legal hold."""

    code = "resident_erasure_held"
    message = _("这件事项正依法保留，暂时不能删除。请写明理由答复申请人，或等保留解除。")


class WordsHeld(Refusal):
    """The case is under a legal hold."""

    code = "resident_words_held"
    message = _("这件事项正依法保留，原话暂时不能更正。请写明理由答复申请人，或等保留解除。")


class ContactHeld(Refusal):
    """The case is under a legal hold."""

    code = "resident_contact_held"
    message = _("这件事项正依法保留，联系方式可以改，暂时不能删空。")


class NothingToDecide(Refusal):
    """The request is not there, was decided or taken back."""

    code = "resident_nothing_to_decide"
    status = 404
    message = _("没有找到等待答复的申请，可能已经有人处理，或者已被撤回。")


class CopyNotReady(Refusal):
    """The copy is not made yet, or is taken away again."""

    code = "resident_copy_not_ready"
    status = 404
    message = _("这份文件还没有做好，或者已经过期。可以重新做一份。")
