"""Which column holds what: guessed from header words, changed by whoever imports."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.intake.errors import ColumnsWrong, WordsColumnMissing


class Field(StrEnum):
    """What a column may be of a message."""

    NUMBER = "number"
    TIME = "time"
    TITLE = "title"
    TEXT = "text"
    PLACE = "place"
    USER = "user"
    PHONE = "phone"
    LABEL = "label"
    LIKES = "likes"
    DISLIKES = "dislikes"


FIELD_NAMES: Mapping[Field, str | Promise] = {
    Field.NUMBER: _("编号"),
    Field.TIME: _("时间"),
    Field.TITLE: _("标题"),
    Field.TEXT: _("正文"),
    Field.PLACE: _("地点"),
    Field.USER: _("姓名或网名"),
    Field.PHONE: _("电话"),
    Field.LABEL: _("原分类"),
    Field.LIKES: _("赞成数"),
    Field.DISLIKES: _("反对数"),
}
# 序号 is not here: it numbers the rows of one file and means nothing in the next.
_WORDS: Mapping[Field, tuple[str, ...]] = {
    Field.NUMBER: (
        "来源单号", "numberthere", "留言编号", "编号", "工单号", "工单编号", "信件编号", "受理编号",
        "流水号", "事件编号", "诉求编号", "单号", "id", "number", "no", "caseid", "messageid",
        "reference",
    ),
    Field.TIME: (
        "留言时间", "来电时间", "受理时间", "上报时间", "反映时间", "提交时间", "诉求时间",
        "时间", "登记时间", "创建时间", "发布时间", "日期", "留言日期", "time", "date", "datetime",
        "created", "createdat", "createddate", "submitted",
    ),
    Field.TITLE: ("留言主题", "主题", "标题", "留言标题", "题目", "事件标题", "title", "subject"),
    Field.TEXT: (
        "留言详情", "详情", "内容", "留言内容", "诉求内容", "反映内容", "事件描述", "描述",
        "问题描述", "事件内容", "正文", "text", "content", "details", "detail", "description",
        "message", "body",
    ),
    Field.PLACE: (
        "地点", "事发地点", "位置", "事发地址", "发生地址", "问题地址", "事件地点", "事件地址",
        "发生地点", "诉求地点", "诉求地址", "反映地点", "来电地址", "地址", "place", "address",
        "location", "where",
    ),
    Field.USER: (
        "留言用户", "用户", "网友", "姓名", "诉求人", "来电人", "联系人", "反映人", "留言人",
        "昵称", "姓名或网名", "user", "username", "name", "reporter", "author", "nameornickname",
    ),
    Field.PHONE: (
        "电话", "手机", "手机号", "手机号码", "联系电话", "联系方式", "来电号码", "phone", "mobile",
        "tel", "telephone",
    ),
    Field.LABEL: (
        "一级分类", "一级标签", "分类", "类别", "标签", "事项类别", "问题分类", "label", "category",
        "tag", "class", "原分类", "originalcategory",
    ),
    Field.LIKES: ("点赞数", "点赞", "赞成数", "赞", "支持数", "likes", "like", "upvotes"),
    Field.DISLIKES: ("反对数", "反对", "踩", "dislikes", "dislike", "downvotes"),
}  # fmt: skip
# Headers of the file with what went wrong; it comes back without them being asked about.
ERROR_HEADERS = ("错误原因", "what is wrong")
Columns = dict[str, int]


def _plain(head: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", head)).casefold()


def guess_columns(header: Sequence[str]) -> Columns:
    """Field → column, by the words of the header; the first word of a field's list wins."""
    plain = [_plain(re.sub(r"[(（].*?[)）]", "", head)) for head in header]
    found: Columns = {}
    for field, words in _WORDS.items():
        for word in words:
            if word in plain and plain.index(word) not in found.values():
                found[field.value] = plain.index(word)
                break
    return found


def best_header(lines: Sequence[Sequence[str]]) -> int:
    """Which of the first lines is the header: tables often begin with a line that names them."""
    known = [len(guess_columns(line)) for line in lines]
    return known.index(max(known)) if max(known) >= 2 else 0


def is_error_column(head: str) -> bool:
    """Whether this column was added by the error file."""
    return _plain(head) in {_plain(name) for name in ERROR_HEADERS}


def check_columns(columns: Mapping[str, int], width: int) -> Columns:
    """The map, if every field and column is there and none is given twice."""
    fields = {field.value for field in Field}
    at = list(columns.values())
    if not set(columns) <= fields or len(set(at)) < len(at):
        raise ColumnsWrong()
    if not all(0 <= column < width for column in at):
        raise ColumnsWrong()
    if Field.TEXT not in columns and Field.TITLE not in columns:
        raise WordsColumnMissing()
    return dict(columns)
