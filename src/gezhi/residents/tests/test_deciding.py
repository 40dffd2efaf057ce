"""What is asked about data, before those who decide it: who reads it, what a hold keeps."""

from collections.abc import Callable

from django.test import Client

from gezhi.cases import actions as cases
from gezhi.residents.models import DataRequest
from gezhi.residents.tests.signing import PHONE, Phone, sign_in
from tests.cast import COUNTY, GRID, NOBODY, County, point_in

Login = Callable[[str], Client]
WHO = "我是三社的李秀兰，怕人知道是我说的"


def test_what_who_asked_for_secrecy_writes_is_read_by_the_centre_alone(
    county: County, phone: Phone, rita: Client, login: Login
) -> None:
    lon, lat = point_in(GRID)
    secret = cases.report(
        county=COUNTY,
        what="村口自来水管破裂，半天没人管",
        where=cases.Where(lon=lon, lat=lat),
        channel="portal",
        contact=cases.Contact(name="李秀兰", phone=PHONE, is_secret=True),
        actor=NOBODY,
    )
    number = secret.case.number
    sign_in(rita, phone)
    rita.post(f"/me/reports/{number}/", {"wish": "erase", "why": WHO})
    cun, an = login("cun"), login("an")
    address = f"/desk/data-requests/{DataRequest.objects.get().id}/"
    assert WHO in cun.get("/desk/data-requests/").content.decode()
    waiting = an.get("/desk/data-requests/").content.decode()
    assert number in waiting
    assert WHO not in waiting
    cun.post(address, {"is_granted": "no", "answer": "李秀兰，事情还没办完"})
    assert "李秀兰" in cun.get("/desk/data-requests/").content.decode()
    answered = an.get("/desk/data-requests/").content.decode()
    assert number in answered
    assert "李秀兰" not in answered
