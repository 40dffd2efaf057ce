"""Proof of having been there, in the browser: a photo says where it was taken, near or far."""

import io
import re
from collections.abc import Callable

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect

from gezhi.cases import actions, adapters, reads
from gezhi.cases.models import Case
from gezhi.rulebook import actions as rulebook
from gezhi.rulebook import reads as books
from tests.browser import DESK, Window
from tests.cast import COUNTY, GRID, PASSWORD, County, point_in, report_leak

pytest_plugins = ["tests.browser"]

_METRES = 100
_DEGREE_M = 111_195  # of latitude, on the sphere that distances are reckoned on


def photo(lon: float, lat: float) -> bytes:
    """A picture as a phone takes one that knows where it is."""
    exif = Image.Exif()
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    gps[ExifTags.GPS.GPSLatitudeRef], gps[ExifTags.GPS.GPSLatitude] = "N", _parts(lat)
    gps[ExifTags.GPS.GPSLongitudeRef], gps[ExifTags.GPS.GPSLongitude] = "E", _parts(lon)
    out = io.BytesIO()
    Image.new("RGB", (800, 600), "seagreen").save(out, "JPEG", exif=exif)
    return out.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    rest = (degrees - whole) * 60
    return float(whole), float(int(rest)), round((rest - int(rest)) * 60, 4)


def _handled_where_one_must_have_been(county: County) -> Case:
    """A leak at the water department, of a category that asks for a photo taken there."""
    key = report_leak().case.proposed_category
    files = books.default_files()
    start = files["categories.toml"].index(f'key = "{key}"')
    before, block = files["categories.toml"][:start], files["categories.toml"][start:]
    own, bracket, after = block.partition("\n[[")
    own = re.sub(r"\nproof = .*", "", own) + f'\nproof = ["place"]\nproof_metres = {_METRES}\n'
    changed = files | {"categories.toml": f"{before}{own}{bracket}{after}"}
    rulebook.apply_book(changed, note="现场拍照", county=COUNTY, actor=county.actor("guan"))
    case = report_leak().case
    actions.accept(case.id, category=key, actor=county.actor("cun"))
    actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    return actions.sign(case.id, actor=county.actor("shui"))


@pytest.mark.browser
def test_a_photo_from_elsewhere_is_refused_at_its_field_and_one_from_there_is_proof(
    committed: County, window: Callable[..., Window]
) -> None:
    case = _handled_where_one_must_have_been(committed)
    lon, lat = point_in(GRID)
    shui = window("proof-place", DESK)
    shui.sign_in("shui", PASSWORD)
    page = shui.go(f"/desk/cases/{case.number}/")
    page.locator("[data-move=finish]").first.click()
    form = page.locator("#move-finish")
    expect(form).to_contain_text(f"离事发地不超过 {_METRES} 米")
    form.locator("[name=outcome]").select_option("solved")
    form.locator("[name=answer]").fill("管道已经换好，路面恢复。")

    def send(name: str, north_m: float) -> None:
        taken = photo(lon, lat + north_m / _DEGREE_M)
        form.locator("[name=after]").set_input_files(
            {"name": name, "mimeType": "image/jpeg", "buffer": taken}
        )
        form.locator("button[type=submit]").click()

    send("far.jpg", _METRES + 40)
    field = form.locator("[name=after]")
    expect(field).to_have_attribute("aria-invalid", "true")
    said = page.locator(f"#{(field.get_attribute('aria-describedby') or '').split()[0]}")
    expect(said).to_be_visible()
    expect(said).to_contain_text("现场拍摄的照片")
    expect(form).to_contain_text(re.compile("离事发地约 (139|140|141) 米"))
    expect(form.locator("[name=answer]")).to_have_value("管道已经换好，路面恢复。")
    shui.shoot("far")
    assert shui.faults_seen_by_axe() == []
    case.refresh_from_db()
    assert case.state == "handling"

    send("near.jpg", _METRES - 40)
    expect(page.locator(".gz-moved")).to_be_visible()
    shui.shoot("near")
    case.refresh_from_db()
    assert case.state == "done"
    stored = [adapters.read_file(each.county, each.id) for each in reads.attachments_of(case)]
    assert all(not Image.open(io.BytesIO(each)).getexif() for each in stored), "EXIF is cut"
