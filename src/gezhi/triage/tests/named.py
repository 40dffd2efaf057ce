"""The small county with names in it: roads, estates, a school, and two of what confuses."""

from datetime import date

from shapely import LineString, Point, box

from gezhi.places import actions as places
from gezhi.places import reads as place_reads
from gezhi.places.models import AreaCode
from gezhi.places.rules import NewArea, NewFeature, NewName
from tests.cast import COUNTY, FAR_VILLAGE, GRID, OTHER, SETTING_UP, SINCE, TOWN

NAMESAKE = f"{OTHER}202"  # another 新庄村, in the other town
PEACE = f"{OTHER}203"
PEACE_GRID = f"{PEACE}001"
NEW_TOWN = f"{TOWN}001"
SCHOOL = f"{GRID[:12]}901"
SECOND_GRID = f"{GRID[:12]}002"
FAR_GRID = f"{FAR_VILLAGE}001"
THIRD_GRID, FOURTH_GRID = f"{TOWN}202001", f"{TOWN}202002"

_AREAS = (
    NewArea(NAMESAKE, "新庄村"),
    NewArea(PEACE, "和平村村委会"),
    NewArea(PEACE_GRID, "和平村一、二组网格"),
    NewArea(f"{PEACE}002", "和平村3-5组网格"),
    NewArea(NEW_TOWN, "新城社区居委会"),
    NewArea(f"{NEW_TOWN}001", "第一网格"),
    NewArea(SCHOOL, "朔渭县第一中学专属网格", "exclusive", "朔渭县第一中学"),
)
_ROADS = (
    ("东街", [(106.904, 35.61), (106.936, 35.61)]),
    ("建设路", [(106.91, 35.602), (106.91, 35.618)]),
    ("滨河大道", [(106.902, 35.615), (106.998, 35.615)]),
    ("滨河大道", [(106.998, 35.615), (106.998, 35.617)]),
    ("和平路", [(106.93, 35.602), (106.93, 35.618)]),
    ("东街", [(106.984, 35.61), (106.996, 35.61)]),
)
_NAMES = (
    NewName("阳光小区", "estate", lon=106.905, lat=35.605),
    NewName("阳光小区", "estate", lon=106.99, lat=35.604),
    NewName("金桂花园", "estate", lon=106.925, lat=35.604),
    NewName("老粮站", "other", lon=106.95, lat=35.606),
    NewName("朔渭县人民医院", "hospital", lon=106.925, lat=35.612),
    NewName("文化广场", "square", lon=106.915, lat=35.606),
    NewName("南桥", "bridge", lon=106.965, lat=35.612),
    NewName("河湾农贸市场", "market", lon=106.917, lat=35.611),
    NewName("王家嘴", "hamlet", FAR_VILLAGE),
    NewName("新村", "hamlet", lon=106.908, lat=35.617),
    NewName("新村", "hamlet", lon=106.965, lat=35.617),
    NewName("新村", "hamlet", lon=106.986, lat=35.617),
)


def add_names() -> None:
    """Put them into the small county that the cast lives in."""
    made = places.add_areas(_AREAS, on=SINCE, actor=SETTING_UP)
    school = next(area for area in made if area.path == SCHOOL)
    outline = box(106.911, 35.603, 106.914, 35.605)
    places.set_boundaries([(school.id, outline)], on=SINCE, actor=SETTING_UP)
    features = [NewFeature("road", LineString(points), name) for name, points in _ROADS]
    features += [
        NewFeature("water", LineString([(106.9, 35.613), (107.0, 35.613)]), "渭水河"),
        NewFeature("place", Point(106.91, 35.61), "柳树"),
        NewFeature("building", box(106.9301, 35.6041, 106.9304, 35.6043), "鸿运大厦"),
    ]
    places.add_features(COUNTY, features, actor=SETTING_UP)
    rows = [(line, new, "") for line, new in enumerate(_NAMES, start=2)]
    report = places.import_names(rows, county=COUNTY, actor=SETTING_UP)
    assert report.added == len(_NAMES), report
    village = place_reads.area_by_path(COUNTY, FAR_VILLAGE)
    AreaCode.objects.create(
        area_id=village.id, code=FAR_VILLAGE, name="石崖村村委会",
        valid_from=date(2010, 1, 1), valid_to=SINCE,
    )  # fmt: skip
