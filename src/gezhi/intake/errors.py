"""Refusals of intake, and words for what is wrong with a row of an imported table."""

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class TableUnreadable(Refusal):
    code = "import_unreadable"
    status = 422
    message = _("读不懂这个文件。请用 xlsx 或 csv（UTF-8 或 GB18030 编码），第一行是表头。")
    field = "file"


class TableEmpty(Refusal):
    code = "import_empty"
    status = 422
    message = _("这个文件里没有数据行。请检查是否选错了文件，或者数据不在第一张工作表。")
    field = "file"


class TableTooLarge(Refusal):
    code = "import_too_large"
    status = 422
    message = _("文件太大：最多 %(mb)s MB、%(rows)s 行、%(columns)s 列。请分成几个文件再导入。")
    field = "file"


class ChannelUnknown(Refusal):
    code = "import_channel_unknown"
    status = 422
    message = _("来源请从列表中选择：%(known)s。")
    field = "channel"


class ColumnsWrong(Refusal):
    code = "import_columns_wrong"
    status = 422
    message = _("列的对应不对：每个字段只能对应一列，列要在文件里。")
    field = "columns"


class WordsColumnMissing(Refusal):
    code = "import_words_column_missing"
    status = 422
    message = _("请指明哪一列是“正文”或“标题”，至少要有一个。")
    field = "columns"


class ImportNotReady(Refusal):
    code = "import_not_ready"
    status = 409
    message = _("这次导入现在是“%(state)s”，不能这样做。请刷新页面看最新进度。")


class FileGone(Refusal):
    code = "import_file_gone"
    status = 409
    message = _("这次导入的文件已不在。已经收下的行不会重复，请重新上传这个文件。")


class SourceOff(Refusal):
    code = "source_off"
    status = 409
    message = _("这个来源已停用，没有收下。")


class SignatureWrong(Refusal):
    """No such source, no signature, an old one or a wrong one: they look alike."""

    code = "source_signature_wrong"
    status = 401
    message = _("签名不对或已过期。请核对来源地址、密钥和时钟。")


class MapWrong(Refusal):
    code = "source_map_wrong"
    status = 422
    message = _("字段对照有误：%(why)s")
    field = "field_map"


class SourceWrong(Refusal):
    code = "source_wrong"
    status = 422
    message = _("来源的设置有误：%(why)s")


class SourceHasReceived(Refusal):
    code = "source_has_received"
    status = 409
    message = _("这个来源收到过消息，不能删除，只能停止接收。")


class SourceNotTried(Refusal):
    code = "source_not_tried"
    status = 409
    message = _("请先用一个样例试读成功，再启用。")


class MessageSettled(Refusal):
    code = "message_settled"
    status = 409
    message = _("这条已经处理过了，请刷新页面。")


class MessageNeedsPerson(Refusal):
    code = "message_needs_person"
    status = 409
    message = _("这条再试也不会收下，要由接收的人看过原文再定。")


class MessageLarge(Refusal):
    code = "message_large"
    status = 409
    message = _("这封信超过 %(mb)s MB，这里不取，请在信箱里看。")


class MessageGone(Refusal):
    code = "message_gone"
    status = 409
    message = _("这条的原文已不在，不能再读。")


class WrongRow(Exception):
    """What can't be taken as it is; `reason` is a key of `REASONS` or `SENT_REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS: Mapping[str, str | Promise] = {
    "text_missing": _("正文和标题都是空的"),
    "time_missing": _("时间是空的"),
    "time_unreadable": _("读不懂这个时间，请写成 2019-01-03 12:00"),
    "time_ambiguous": _("时间有两种读法（分不清年、月、日），请写成 2019-01-03 12:00"),
    "time_impossible": _("没有这一天或这个时刻"),
    "time_future": _("时间在将来"),
    "time_too_early": _("时间太早（1990 年以前）"),
    "number_missing": _("没有编号"),
    "number_long": _("编号太长"),
    "label_long": _("分类超过 64 个字"),
    "place_long": _("地点超过 200 个字"),
    "number_taken": _("这个编号已经导入过，但内容不同；确是另一件事请换一个编号"),
    "row_accident": _("系统处理这一行时出了差错，已记入日志；请稍后再导入一次"),
}
FORGOTTEN = "forgotten"
# Of what sources bring, beside those of rows above.
SENT_REASONS: Mapping[str, str | Promise] = {
    "items_missing": _("找不到“items”所指的列表"),
    "point_wrong": _("经纬度读不懂"),
    "photo_unreadable": _("照片不是能读的 Base64"),
    "photos_many": _("照片太多"),
    "changed": _("这个编号收过，但内容不同"),
    "accident": _("系统处理时出了差错，会自动再试"),
    "sender_unknown": _("信里提到工单，但发信人不是诉求人"),
    "sender_forged": _("信箱的服务器查出，这封信不是从它写的地址发来的"),
    "case_ended": _("补充的工单已经结束"),
    "sender_many": _("这个发信人一小时内来信太多"),
    "mail_large": _("邮件太大"),
    "mail_parts": _("邮件的部分太多或套得太深"),
    "again": _("一小时内同一地址来过一模一样的信"),
    "automatic": _("自动回复或退信"),
    "list": _("群发邮件"),
    "own": _("本系统自己发的邮件"),
    FORGOTTEN: _("到了保存期限，原文已清除"),
}


class SentUnreadable(Refusal):
    """What was sent as a whole; `why` is why."""

    code = "source_unreadable"
    status = 422
    message = _("读不懂发来的内容：%(why)s")
    reasons: ClassVar = {
        **REASONS,
        **SENT_REASONS,
        "sent_large": _("最多 %(most)s MB"),
        "sent_many": _("一次最多 %(most)s 条，这次 %(count)s 条"),
        "sent_empty": _("内容是空的"),
        "sent_none": _("里面一条也没有"),
        "sent_code": _("不是 UTF-8 编码的 JSON"),
        "sent_no_json": _("不是 JSON：第 %(line)s 行第 %(sign)s 个字"),
    }


FAULT_NAMES: Mapping[str, str | Promise] = {
    "unreadable": _("内容读不懂"),
    "refused": _("没有收下"),
    "map": _("字段对照里的分类，规则册里已经没有"),
    "unreachable": _("连不上"),
    "login": _("登录不上"),
    "answer": _("对方的回答不对"),
    "accident": _("系统差错"),
    "full": _("一小时内来得太多，余下的等下一小时"),
}
# Notes that stand in what is taken in.
REPLY_NOTE = _("诉求人来信补充：%(words)s")
LEFT_OUT_NOTE = _("来信所附文件有 %(count)s 个没有收下")
CONTINUED = _("……（全文 %(length)s 字，其余见办理记录）")
CONTINUATION = _("（接前文，%(part)s/%(parts)s）")
TIME_NOTE = _("（原表所填时间：%(cell)s）")
