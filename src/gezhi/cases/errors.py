"""Refusals of the case: each says what is wrong and what to do instead."""

from collections.abc import Sequence
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal
from gezhi.rulebook.rules import Fault


class MoveNotAllowed(Refusal):
    """The table of moves has no such row for the case's state."""

    code = "case_move_not_allowed"
    message = _("工单目前是“%(state)s”，不能“%(act)s”。")


class CaseChanged(Refusal):
    """Somebody else changed the case since it was read."""

    code = "case_changed"
    status = 412
    message = _("这个工单刚被别人改动过，请看过最新情况后再办。")


class CasePaused(Refusal):
    """The clock stands; the move needs it to run."""

    code = "case_paused"
    message = _("工单已挂起，请先恢复办理。")


class NotPaused(Refusal):
    """There is nothing to resume."""

    code = "case_not_paused"
    message = _("工单没有挂起。")


class JointLegsOpen(Refusal):
    """Units called to help have not finished."""

    code = "case_joint_legs_open"
    message = _("还有 %(count)s 个协办单位没有完成，请等待完成，或由督办员免除。")


class ProofMissing(Refusal):
    """The category asks for proof that is not there."""

    code = "case_proof_missing"
    status = 422
    message = _("这类事项办结还缺少：%(missing)s。")
    field = "proof"


class ReasonNeedsWords(Refusal):
    """A reason whose code alone does not tell the next one what to do."""

    code = "case_reason_needs_words"
    status = 422
    message = _("选这个理由需要写明情况。")
    field = "words"


class WordsMissing(Refusal):
    """Neither text nor picture says what is wrong."""

    code = "case_words_missing"
    status = 422
    message = _("请写几个字或拍一张照片，说明是什么事。")
    field = "what"


class WordsTooLong(Refusal):
    """The text is longer than the rulebook lets it be."""

    code = "case_words_too_long"
    status = 422
    message = _("文字最多 %(most)s 字，现在有 %(length)s 字，请精简一些。")
    field = "what"


class AnswersWrong(Refusal):
    """Questions of the category are not answered, or not so that it helps; `faults` has each."""

    code = "case_answers_wrong"
    status = 422
    message = _("还要回答：%(first)s。")
    field = "answers"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__(first=str(faults[0]))


class PlaceMissing(Refusal):
    """Neither point, address nor area says where."""

    code = "case_place_missing"
    status = 422
    message = _("请说明在哪里：地图上点一下，或写清地址、村组。")
    field = "place"


class PlaceOutside(Refusal):
    """The point lies outside the county."""

    code = "case_place_outside"
    status = 422
    message = _("这个位置不在本县范围内，请重新选择位置。")
    field = "place"


class ReasonUnknown(Refusal):
    """The reason code is not in the rulebook."""

    code = "case_reason_unknown"
    status = 422
    message = _("请从列表里选一个理由。")
    field = "reason"


class AnswerMissing(Refusal):
    """A case is finished with words the reporter can read."""

    code = "case_answer_missing"
    status = 422
    message = _("请用大白话写明办理结果，至少 %(least)s 个字，诉求人会看到这段话。")
    field = "answer"


class NothingSaid(Refusal):
    """A question, an answer, a demand or a note without words."""

    code = "case_nothing_said"
    status = 422
    message = _("请写明内容再提交。")
    field = "words"


class StageUnknown(Refusal):
    """The stage is none of the category's, or is reached already."""

    code = "case_stage_unknown"
    status = 422
    message = _("请从这类事项还没有完成的阶段里选一个；已经完成的不用再报。")
    field = "stage"


class UnitNotSuitable(Refusal):
    """The unit does not cover the place, is closed, or is a higher centre."""

    code = "case_unit_not_suitable"
    status = 422
    message = _("“%(unit)s”不能承办这里的事，请选择覆盖该地的单位；交给上级请用“上报上级”。")
    field = "unit"


class NoHigherCentre(Refusal):
    """There is nowhere to escalate to."""

    code = "case_no_higher_centre"
    message = _("已经在最高一级中心，不能再上报。")


class AlreadyDecidedAbove(Refusal):
    """The next higher centre has decided who does it; that can't be sent back."""

    code = "case_decided_above"
    message = _("上级中心已经裁定由您单位承办，不能再退回；确有困难请申请延期或吹哨。")


class UntilWrong(Refusal):
    """A moment lies in the past or further ahead than the rulebook lets it."""

    code = "case_until_wrong"
    status = 422
    message = _("时间要晚于现在，并且不超过 %(days)s 天。")
    field = "until"


class ExtensionWrong(Refusal):
    """An extension that is none, or that reaches further than the rulebook lets it."""

    code = "case_extension_wrong"
    status = 422
    message = _("现在的办结期限是 %(due)s：延期要比它晚，也要晚于现在；最晚到 %(latest)s。")
    field = "until"


class TooManyTimes(Refusal):
    """The rulebook limits how often."""

    code = "case_too_many_times"
    message = _("按规则最多 %(most)s 次，已经用完。")


class AlreadyAsked(Refusal):
    """The same approval, or a question, is already waiting."""

    code = "case_already_asked"
    message = _("已经提出过，正在等待答复。")


class NothingToDecide(Refusal):
    """The approval does not exist or was decided."""

    code = "case_nothing_to_decide"
    status = 404
    message = _("没有找到待审批的申请，可能已经有人处理。")


class DenialSaysNothing(Refusal):
    """Whoever asked is told why not."""

    code = "case_denial_says_nothing"
    status = 422
    message = _("不同意的，请写明为什么，申请的人会看到。")
    field = "words"


class NothingToAnswer(Refusal):
    """There is no open question or demand."""

    code = "case_nothing_to_answer"
    message = _("目前没有需要答复的问题。")


class OwnWorkNotVerified(Refusal):
    """Who finished a case can't verify it."""

    code = "case_own_work"
    message = _("不能核查自己办结的工单，请由其他人核查。")


class CheckPhotoMissing(Refusal):
    """Who says that it is really done shows it, where the work is proven by pictures."""

    code = "case_check_photo_missing"
    status = 422
    message = _("这类事项核查要有照片：请在现场拍一张，选好再提交。")
    field = "check"


class CheckSaysNothing(Refusal):
    """Who says that it is really done says or shows what they saw."""

    code = "case_check_says_nothing"
    status = 422
    message = _("请写明看到了什么，或者拍一张照片。")
    field = "words"


class ReturnSaysNothing(Refusal):
    """A check that sends work back tells the lead unit what is not done."""

    code = "case_return_says_nothing"
    status = 422
    message = _("请写明哪里没有办好，承办单位要照着办。")
    field = "words"


class VisitTooSoon(Refusal):
    """Tries of a return visit must be at different times."""

    code = "case_visit_too_soon"
    message = _("两次回访要隔开至少 %(hours)s 小时，请晚些再试。")


class WindowOver(Refusal):
    """The window for rating or reopening is over."""

    code = "case_window_over"
    message = _("结案后 %(days)s 天内可以评价或要求重办，现在已经过了期限。")


class RatedAlready(Refusal):
    """One reporter has one vote per finish."""

    code = "case_rated_already"
    message = _("您已经评价过了，谢谢。")


class RatingWrong(Refusal):
    """A rating is one to five."""

    code = "case_rating_wrong"
    status = 422
    message = _("评价请选 1 到 5 分。")
    field = "rating"


class MergeOfCopy(Refusal):
    """One was handed on to another system and is the other one here: each goes on by the other."""

    code = "case_merge_of_copy"
    status = 422
    message = _("这两件是同一件转出去又转回来的，不能并案：办完一件，另一件随着办完。")
    field = "main"


class MergeNotPossible(Refusal):
    """The main case is the same one, is ended or is merged itself."""

    code = "case_merge_not_possible"
    status = 422
    message = _("不能并入这个工单：它已结束、已并入别的工单，或就是本工单。")
    field = "main"


class CodeWrong(Refusal):
    """Number and tracking code do not belong together."""

    code = "case_code_wrong"
    audited = "sign_in_failed"
    status = 404
    message = _("编号或查询码不对，请核对截图或纸条后再试。")


class FileRefused(Refusal):
    """The file is too big, of a kind that is not taken, or not what it says it is."""

    code = "case_file_refused"
    status = 422
    message = _("“%(name)s”不能上传：%(why)s")
    field = "photos"
    reasons: ClassVar = {
        "kind_unknown": _("不认识的附件类型。"),
        "too_large": _("文件超过 %(mb)s MB。"),
        "no_picture": _("这不是能打开的照片，请换一张 JPG、PNG 或 WebP 图片。"),
        "not_taken": _("这种文件不能上传，请换成照片、PDF 或 Word 文件。"),
    }


class PictureKnown(Refusal):
    """The same picture is on the case already: it proves nothing more."""

    code = "case_picture_known"
    status = 422
    message = _("“%(name)s”和工单里已有的照片（%(known)s）是同一张，不能当作新的证明，请另拍一张。")
    field = "photos"


class PictureWaits(Refusal):
    """The same picture came before for the same act and waits for it."""

    code = "case_picture_waits"
    status = 422
    message = _("“%(name)s”先前已经收到，不用再传：在“已经收到的文件”里打上勾就行。")
    field = "photos"


class TooManyFiles(Refusal):
    """More files than the rulebook lets a case have."""

    code = "case_too_many_files"
    status = 422
    message = _("最多上传 %(most)s 个文件。")
    field = "photos"


class FileNotWaiting(Refusal):
    """A file named for an act did not come for it, or was taken or left out already."""

    code = "case_file_not_waiting"
    status = 422
    message = _("这些文件里有的不是为这一步上传的，或者已经用过。请重新打开再选。")
    field = "files"


class OutcomeUnknown(Refusal):
    """The outcome is not one of the list."""

    code = "case_outcome_unknown"
    status = 422
    message = _("请选择办理结果。")
    field = "outcome"


class CategoryMissing(Refusal):
    """The case was passed up before it was accepted and has no category yet."""

    code = "case_category_missing"
    status = 422
    message = _("这件事还没有定类别，请先选择事项类别。")
    field = "category"


class SizeUnknown(Refusal):
    """A size is small, big or hard."""

    code = "case_size_unknown"
    status = 422
    message = _("难易程度请选小事、大事或难事。")
    field = "size"


class NothingCorrected(Refusal):
    """A correction that leaves everything as it is."""

    code = "case_nothing_corrected"
    status = 422
    message = _("没有改动。改好以后再保存。")


class SecretNotPublic(Refusal):
    """Whoever reported it asked that nobody be told who they are."""

    code = "case_secret_not_public"
    status = 409
    message = _("举报人要求保密，这件事不能公开。")
