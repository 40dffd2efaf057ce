"""Refusals about shifts, rosters and leave."""

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class ShiftTaken(Refusal):
    """The unit has a shift of this name."""

    code = "shift_taken"
    message = _("这个机构已经有叫“%(name)s”的班次，请换一个名称，或先停用原来的。")
    field = "name"


class ShiftClosedAlready(Refusal):
    """Nothing can be done with a shift that is closed."""

    code = "shift_closed"
    message = _("这个班次已经停用，请选择别的班次。")
    field = "shift"


class NotOfTheUnit(Refusal):
    """Only people who work in the unit on that day may be on its roster."""

    code = "duty_not_of_the_unit"
    status = 422
    message = _("只能安排当天在这个机构任职的人。")
    field = "people"


class DutyOver(Refusal):
    """The shift has ended; a roster is not written afterwards."""

    code = "duty_over"
    message = _("这个班次已经结束，不能再改。")
    field = "first"


class DutyTooFar(Refusal):
    """Nobody plans that far."""

    code = "duty_too_far"
    status = 422
    message = _("最多提前一年排班。")
    field = "first"


class DutySame(Refusal):
    """Two duties of one person, in one cell or one that would be there twice: nothing to swap."""

    code = "duty_same"
    message = _("这两个班不能对调：是同一个人，或者对调后同一班里会有两个相同的人。")
    field = "other"


class NothingToCopy(Refusal):
    """The week before has no duty that is missing in this one."""

    code = "duty_nothing_to_copy"
    message = _("上一周没有可以复制的班，或者这一周都已经排好。")


class RotaMissing(Refusal):
    """What goes on by itself is a pattern, and none was laid down."""

    code = "rota_missing"
    message = _("这个班次还没有轮班顺序，请先按顺序排一次。")


class LeaveMomentsWrong(Refusal):
    """A leave ends before it begins, is over, or reaches years ahead."""

    code = "leave_moments_wrong"
    status = 422
    message = _("结束时间要晚于开始时间和现在，并在两年以内。")
    field = "ends"


class LeaveOverlaps(Refusal):
    """The person is away then already."""

    code = "leave_overlaps"
    message = _("这段时间和已有的请假（%(starts)s 至 %(ends)s）重叠。")
    field = "starts"


class SubstituteWrong(Refusal):
    """Only a colleague of the same unit stands in."""

    code = "leave_substitute_wrong"
    status = 422
    message = _("替班人必须是同一机构在岗的同事。")
    field = "substitute"


class SubstituteAway(Refusal):
    """The substitute is on leave too."""

    code = "leave_substitute_away"
    message = _("替班人这段时间也请假了，请换一个人，或者不填。")
    field = "substitute"


class LeaveEndedAlready(Refusal):
    """The leave is over."""

    code = "leave_ended"
    message = _("这次请假已经结束。")
