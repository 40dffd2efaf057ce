"""Refusals of places, and words for what is wrong with a line of an imported table."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gezhi.base.refusal import Refusal


class OutsideCounty(Refusal):
    code = "place_outside_county"
    status = 422
    message = _("这个位置不在本辖区内。请在地图上重新选点，或写明所在的乡镇和村。")
    field = "place"


class CoordinatesWrong(Refusal):
    code = "coordinates_wrong"
    status = 422
    message = _("经纬度不对：经度在 -180 到 180 之间，纬度在 -90 到 90 之间。")
    field = "place"


class DatumUnknown(Refusal):
    code = "datum_unknown"
    status = 422
    message = _("不认识坐标系“%(name)s”。可用：wgs84、cgcs2000、gcj02、bd09。")
    field = "datum"


class CodeWrong(Refusal):
    code = "division_code_wrong"
    status = 422
    message = _("区划代码“%(code)s”不对：县 6 位、乡镇 9 位、村 12 位、网格 15 位数字。")
    field = "code"


class DivisionUnknown(Refusal):
    code = "division_unknown"
    status = 422
    message = _("没有区划“%(code)s”。请从列表中选择，或先把它录入。")
    field = "area"


class AreaNameMissing(Refusal):
    code = "area_name_missing"
    status = 422
    message = _("请填写区划名称，不超过 60 个字。")
    field = "name"


class AreaKindWrong(Refusal):
    code = "area_kind_wrong"
    status = 422
    message = _("类型“%(kind)s”与代码“%(code)s”的级别不符。")
    field = "kind"


class CodeTaken(Refusal):
    code = "division_code_taken"
    status = 409
    message = _("代码“%(code)s”已有区划在用。请换一个代码，或先办理区划变更。")
    field = "code"


class ParentMissing(Refusal):
    code = "division_parent_missing"
    status = 422
    message = _("“%(code)s”的上级区划还没有录入。请先录入上级。")
    field = "code"


class DivisionsUnreadable(Refusal):
    code = "divisions_unreadable"
    status = 422
    message = _("读不懂这个区划表。请用带“12位码、名称”或“code,name”表头的 CSV 文件。")
    field = "file"


class OutlinesUnreadable(Refusal):
    code = "outlines_unreadable"
    status = 422
    message = _("读不懂这个边界文件。请用 GeoJSON（面），坐标为普通经纬度数字，不要压缩编码。")
    field = "file"


class OutlineWrong(Refusal):
    code = "outline_wrong"
    status = 422
    message = _("边界不对（%(why)s）。请用闭合的面，坐标为经纬度。")
    field = "geometry"


class DatesOutOfOrder(Refusal):
    code = "division_dates_out_of_order"
    status = 409
    message = _("变更日期要晚于现有记录的生效日期（%(since)s）。请核对日期。")
    field = "on"


class EndsTooEarly(Refusal):
    """Its last day is not after its first."""

    code = "responsibility_ends_too_early"
    status = 422
    message = _("结束日期要晚于开始日期（%(since)s）。")
    field = "valid_to"


class ChangesDoNotFit(Refusal):
    """The table names divisions that are not as it says."""

    code = "division_changes_do_not_fit"
    status = 409
    message = _("变更表与现有区划对不上：%(list)s。请核对代码和名称后重试。")
    field = "file"


class SuccessorsNeeded(Refusal):
    """Divisions end and nobody said where they went; `undecided` holds them."""

    code = "division_successors_needed"
    status = 409
    message = _("这些区划撤销后归到哪里还没有指定：%(list)s。请逐个指定承接的区划，再办理变更。")
    field = "successors"


class FeatureWrong(Refusal):
    code = "map_feature_wrong"
    status = 422
    message = _("第 %(number)s 个地图要素不对。类型用 road、water、building、place，坐标为经纬度。")
    field = "features"


class PlaceNameWrong(Refusal):
    code = "place_name_wrong"
    status = 422
    message = _("请填写 2 到 60 个字的地名，并从列表里选类型，范围不超过 20 公里。")
    field = "name"


class PlaceNamePersonal(Refusal):
    code = "place_name_personal"
    status = 422
    message = _("地名会给所有人看，不要写电话、证件号。")
    field = "name"


class PlaceNamePlaceless(Refusal):
    code = "place_name_placeless"
    status = 422
    message = _("“%(name)s”在哪里？请在地图上点一下，或者选它所在的区划。")
    field = "path"


class PlaceNameTaken(Refusal):
    code = "place_name_taken"
    status = 409
    message = _("“%(name)s”在同一个地方已经登记过了。")
    field = "name"


class NamesUnreadable(Refusal):
    code = "place_names_unreadable"
    status = 422
    message = _("读不懂这个地名表。请用 xlsx 或 csv，第一行写“名称、类型、区划代码、经度、纬度”。")
    field = "file"


class NamesTooMany(Refusal):
    code = "place_names_too_many"
    status = 422
    message = _("一次最多导入 %(most)s 个地名，这个表有 %(count)s 个。请分成几个表导入。")
    field = "file"


class ReliefWrong(Refusal):
    code = "relief_wrong"
    status = 422
    message = _("高程数据不对：要二维数字网格，范围为西、南、东、北的经纬度。")
    field = "relief"


class ZoneWrong(Refusal):
    code = "zone_wrong"
    message = _("请写明地块名称（最多 60 个字）和种类。")
    status = 422


class ZoneTaken(Refusal):
    code = "zone_taken"
    message = _("这个区划里已经有“%(name)s”。")
    status = 409


class ResponsibilityWrong(Refusal):
    code = "responsibility_wrong"
    message = _("请写明在哪里、由哪个单位负责，以及依据（最多 200 个字）。")
    status = 422


class SaidAlready(Refusal):
    code = "responsibility_said_already"
    message = _("这里的同一种设施、同一类事项已经写明由谁负责；请先结束原来的一条。")
    status = 409


REASONS: Mapping[str, str | Promise] = {
    "cells_missing": _("这一行的列数不够"),
    "name_wrong": _("名称是空的，或超过 60 个字"),
    "name_personal": _("名称里有电话或证件号"),
    "code_wrong": _("代码不是 6、9、12 或 15 位的区划代码"),
    "parent_missing": _("上级区划不在表中，也没有录入"),
    "name_differs": _("这个代码已有名称不同的区划，改名请办理区划变更"),
    "repeated": _("同一个代码在表中出现两次而名称不同"),
    "geometry_wrong": _("不是闭合的面，或坐标不是经纬度"),
    "division_unknown": _("没有这个代码的区划"),
    "kind_unknown": _("不认识这个类型"),
    "number_wrong": _("经度、纬度或范围不是数字"),
    "place_missing": _("没有写在哪里：要有经度和纬度，或者区划代码"),
    "place_outside": _("位置不在您管理的区划里"),
    "name_taken": _("同一个地方已经有这个名字"),
}
