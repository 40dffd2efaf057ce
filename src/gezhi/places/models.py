"""Areas with dated codes, boundaries, successions, map features, names, relief, revisions."""

from django.db import models
from django.db.models import F, Q

from gezhi.base.ids import new_id
from gezhi.places import rules

# A path in the middle of a change of divisions carries a leading 0, which no real one has.
_PATH = r"^0?[1-9][0-9]{3}([0-9]{2}([0-9]{3}){0,3})?$"
_NOW = Q(valid_to=None)
_DATES = Q(valid_to=None) | Q(valid_to__gte=F("valid_from"))


class Area(models.Model):
    """A division or grid. Its id stays; its code, name and parent may change.

    `path` says where its land lies today, also for an area that has ended.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    level = models.CharField(max_length=8)
    kind = models.CharField(max_length=12)
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=60)
    short_name = models.CharField(max_length=60)
    path = models.CharField(max_length=16)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    households = models.PositiveIntegerField(default=0)
    population = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(
                fields=["county", "path"],
                opclasses=["text_ops", "text_pattern_ops"],
                name="places_area_path",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "path"], condition=_NOW, name="places_area_one_per_path"
            ),
            models.CheckConstraint(condition=_DATES, name="places_area_dates_in_order"),
            models.CheckConstraint(condition=Q(path__regex=_PATH), name="places_area_path_digits"),
            models.CheckConstraint(
                condition=Q(level__in=[level.value for level in rules.LEVELS]),
                name="places_area_level_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in rules.KINDS]),
                name="places_area_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AreaCode(models.Model):
    """The code and name an area bore from one day until before another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(max_length=15)
    name = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=_NOW, name="places_areacode_one_bearer"
            ),
            models.UniqueConstraint(
                fields=["area"], condition=_NOW, name="places_areacode_one_per_area"
            ),
            models.CheckConstraint(condition=_DATES, name="places_areacode_dates_in_order"),
        ]
        indexes = [models.Index(fields=["code", "valid_from"], name="places_areacode_bearers")]

    def __str__(self) -> str:
        return f"{self.code} {self.name} from {self.valid_from}"


class Succession(models.Model):
    """What an area became on a day: itself under another code or name, or part of another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    before = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    before_code = models.CharField(max_length=15)
    after_code = models.CharField(max_length=15)
    on = models.DateField()
    kind = models.CharField(max_length=8)

    class Meta:
        indexes = [models.Index(fields=["before_code", "on"], name="places_succession_code")]
        constraints = [
            models.UniqueConstraint(
                fields=["before", "after", "on"], name="places_succession_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["renamed", "recoded", "moved", "merged"]),
                name="places_succession_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.before_code} {self.kind} {self.after_code} on {self.on}"


class Boundary(models.Model):
    """The outline of an area (WKB, WGS-84) while it was valid."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    geometry = models.BinaryField()
    source_datum = models.CharField(max_length=8)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["area"], condition=_NOW, name="places_boundary_one_per_area"
            ),
            models.CheckConstraint(condition=_DATES, name="places_boundary_dates_in_order"),
            models.CheckConstraint(
                condition=Q(source_datum__in=[datum.value for datum in rules.Datum]),
                name="places_boundary_datum_known",
            ),
        ]

    def __str__(self) -> str:
        return f"outline of {self.area_id} from {self.valid_from}"


class Feature(models.Model):
    """A road, water, building or named place of the map (WKB, WGS-84)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=60, blank=True)
    geometry = models.BinaryField()
    height = models.FloatField(default=0)
    rank = models.PositiveSmallIntegerField(default=3)

    class Meta:
        indexes = [models.Index(fields=["county", "kind"], name="places_feature_kind")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in rules.FEATURE_KINDS]),
                name="places_feature_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class PlaceName(models.Model):
    """What people call a place: an estate, a school, a market, or a name that stands on no map.

    It lies in an area, and where it is known at a point. `actor` is who of the staff wrote it down.
    `is_waiting`: a grid worker did, and nobody who looks after the area has said yes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    metres = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=8)
    actor = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    is_waiting = models.BooleanField(db_default=False)

    class Meta:
        indexes = [models.Index(fields=["county", "name"], name="places_placename_name")]
        constraints = [
            models.UniqueConstraint(
                fields=["county", "area", "name"], condition=_NOW, name="places_placename_once"
            ),
            models.CheckConstraint(condition=_DATES, name="places_placename_dates_in_order"),
            models.CheckConstraint(
                condition=Q(lon=None, lat=None) | Q(lon__isnull=False, lat__isnull=False),
                name="places_placename_whole_point",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in rules.NAME_KINDS]),
                name="places_placename_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["person", "import"]), name="places_placename_source_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Relief(models.Model):
    """The heights of a county: a regular WGS-84 grid, float32 rows from the north, zlib."""

    county = models.CharField(primary_key=True, max_length=6)
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    rows = models.PositiveIntegerField()
    columns = models.PositiveIntegerField()
    heights = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(west__lt=F("east"), south__lt=F("north")),
                name="places_relief_bounds_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"relief of {self.county}"


class Zone(models.Model):
    """A named ground inside the county: an estate, a market, a stretch of a road or a river.

    `area` is the smallest area it lies in. Without an outline it is known by its name alone.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    kind = models.CharField(max_length=8)
    name = models.CharField(max_length=60)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    geometry = models.BinaryField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["county", "area", "name"], condition=_NOW, name="places_zone_one_per_name"
            ),
            models.CheckConstraint(condition=_DATES, name="places_zone_dates_in_order"),
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in rules.ZONE_KINDS]),
                name="places_zone_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class Responsibility(models.Model):
    """Who answers for what on a ground or in an area, while it is laid down so.

    `asset` and `category` (or a group) are codes of the rulebook, "" for any; `unit` is a code.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    county = models.CharField(max_length=6)
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, null=True, related_name="owners")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+")
    asset = models.CharField(max_length=24, blank=True)
    category = models.CharField(max_length=60, blank=True)
    unit = models.CharField(max_length=48)
    reason = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["county", "unit"], name="places_responsibility_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "asset", "category"],
                condition=_NOW & Q(zone__isnull=False),
                name="places_responsibility_of_zone",
            ),
            models.UniqueConstraint(
                fields=["area", "asset", "category"],
                condition=_NOW & Q(area__isnull=False),
                name="places_responsibility_of_area",
            ),
            models.CheckConstraint(
                condition=Q(zone__isnull=True) ^ Q(area__isnull=True),
                name="places_responsibility_of_one",
            ),
            models.CheckConstraint(condition=_DATES, name="places_responsibility_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} since {self.valid_from}"


class Revision(models.Model):
    """Which state of a county's places is the current one. Its row is the lock of all changes.

    `names` is that of what has a name, and where it is: it stays where only an owner changes.
    """

    county = models.CharField(primary_key=True, max_length=6)
    token = models.UUIDField(default=new_id)
    names = models.UUIDField(default=new_id)
    changed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.county} {self.token}"
