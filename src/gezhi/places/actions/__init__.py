"""Changing places: areas, boundaries, map layers, imports, changes of divisions."""

from gezhi.places.actions.areas import add_area, add_areas, count_people
from gezhi.places.actions.changing import (
    ChangeReport,
    change_divisions,
    rewrite_paths,
    settle_paths,
)
from gezhi.places.actions.importing import ImportReport, import_divisions
from gezhi.places.actions.layers import add_features, set_relief
from gezhi.places.actions.naming import NamesReport, add_name, confirm_name, end_name, import_names
from gezhi.places.actions.outlines import (
    OutlineReport,
    import_outlines,
    set_boundaries,
    set_boundary,
)
from gezhi.places.actions.owning import (
    OwnersReport,
    add_responsibility,
    add_zone,
    end_responsibility,
    end_zone,
    import_responsibilities,
    redraw_zone,
)

__all__ = [
    "OwnersReport",
    "import_responsibilities",
    "redraw_zone",
    "ChangeReport",
    "ImportReport",
    "NamesReport",
    "OutlineReport",
    "add_area",
    "add_areas",
    "add_features",
    "add_name",
    "change_divisions",
    "count_people",
    "confirm_name",
    "end_name",
    "add_responsibility",
    "add_zone",
    "end_responsibility",
    "end_zone",
    "import_divisions",
    "import_names",
    "import_outlines",
    "rewrite_paths",
    "set_boundaries",
    "set_boundary",
    "set_relief",
    "settle_paths",
]
