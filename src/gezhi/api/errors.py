"""Refusals of the door itself, before any room is asked."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class KeyWrong(Refusal):
    """The Authorization header holds no key that works."""

    code = "api_key_wrong"
    audited = "sign_in_failed"
    status = 401
    message = _("接口密钥不对或已经作废，请向管理员申请新的密钥。")


class CsrfMissing(Refusal):
    """A browser's session changes things only with the CSRF token."""

    code = "csrf_missing"
    status = 403
    message = _("请求缺少 CSRF 令牌（X-CSRFToken），请刷新页面再试；程序请用接口密钥。")


class AddressUnknown(Refusal):
    """No operation has this address."""

    code = "address_unknown"
    status = 404
    message = _("接口里没有这个地址，请查看 /api/v1/docs。")


class MethodWrong(Refusal):
    """The address is known, the method is not."""

    code = "method_not_allowed"
    status = 405
    message = _("这个地址不支持这种请求方法。")


class NotJson(Refusal):
    """The body is no JSON."""

    code = "json_unreadable"
    status = 400
    message = _("请求正文不是合法的 JSON（UTF-8 编码，嵌套不过深，没有 NaN）。")


class RequestUnreadable(Refusal):
    """The request is no form or no HTTP that can be read."""

    code = "request_unreadable"
    status = 400
    message = _("请求读不了：表单或请求头的格式不对。")


class MediaTypeWrong(Refusal):
    """The body is of a media type the operation does not take."""

    code = "media_type_wrong"
    status = 415
    message = _("请把正文按 %(wanted)s 发送。")


class TooLarge(Refusal):
    """The body is larger than the door lets in."""

    code = "request_too_large"
    status = 413
    message = _("请求太大：JSON 正文最多 %(json)s MB，带文件的表单最多 %(form)s MB。")


class ZeroByte(Refusal):
    """A text holds a zero byte, which no person typed."""

    code = "zero_byte"
    status = 422
    message = _("文字里含有零字节（\\u0000），请去掉后再发送。")


class InputInvalid(Refusal):
    """Fields are missing, unknown or of the wrong kind; `errors` names each."""

    code = "input_invalid"
    status = 422
    message = _("内容有误，请按 errors 里逐项的说明修改。")


class Accident(Refusal):
    """Something broke in the house; it is logged, and nothing was changed."""

    code = "accident"
    status = 500
    message = _("系统出了故障，已经记录下来，请稍后再试。")


# --- Open311: the names of what is asked for stand in the words, as its clients expect ----------


class ArgumentMissing(Refusal):
    """An Open311 client left out what is required."""

    code = "argument_missing"
    status = 400
    message = _("%(name)s：必填（required）。")


class ArgumentWrong(Refusal):
    """An Open311 client sent what can't be read."""

    code = "argument_wrong"
    status = 400
    message = _("%(name)s：%(why)s")


class ArgumentsWrong(Refusal):
    """Several arguments of an Open311 client are missing or can't be read; `faults` has each."""

    code = "arguments_wrong"
    status = 400
    message = _("有几项参数不对，请逐项修改。")

    def __init__(self, faults: Sequence[Refusal]) -> None:
        super().__init__()
        self.faults = tuple(faults)


class NoSuchThing(Refusal):
    """Nothing has the code or id that an Open311 client named."""

    code = "no_such_thing"
    status = 404
    message = _("%(name)s：没有这一个（not found）。")


class ProgramUnknown(Refusal):
    """An Open311 client changes something without a key that works."""

    code = "program_unknown"
    audited = "sign_in_failed"
    status = 403
    message = _("api_key：缺少接口密钥，或者密钥不对、已经作废。")


class FormatUnknown(Refusal):
    """Nothing of Open311 has this address; each ends in .xml or .json."""

    code = "open311_address_unknown"
    status = 404
    message = _("没有这个地址；Open311 的地址以 .xml 或 .json 结尾，见 discovery.xml。")
