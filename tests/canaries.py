"""Unmistakable values in every personal field, and the loop that leaves them wherever it can."""

import base64
import io
import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client
from PIL import Image
from PIL.ExifTags import Base

from gezhi.base import clock
from gezhi.cases import actions as cases
from gezhi.cases.models import Case
from gezhi.desk import actions as desk
from gezhi.exchange import actions as exchange
from gezhi.hotline import actions as hotline
from gezhi.intake import actions as intake
from gezhi.intake.actions import sources
from gezhi.intake.actions.taking import Brought, receive
from gezhi.people import actions as people
from gezhi.people.rules import step_at, totp_code
from gezhi.record.tests.test_followers import read_everything
from gezhi.residents import jobs
from gezhi.residents.models import Copy, DataRequest, HeldContact
from gezhi.residents.tests.signing import Phone
from gezhi.retention import actions as retention
from tests.cast import COUNTY, GRID, SETTING_UP, County, plain_reason, point_in

NAME, PHONE, ADDRESS = "金丝雀阿黄", "13987650123", "金丝雀巷七十七号"
STAFF_PHONE, MAIL = "13612340987", "canary@example.org"
MAKER = "CanaryCameraMaker"
# Of whoever follows, whoever the desk writes down, whoever signs in and asks about their data.
SECOND, SECOND_PHONE, SECOND_ADDRESS = "金丝雀阿绿", "13587654321", "金丝雀巷八十八号"
AT_DESK, IN_SHEET = "金丝雀阿蓝", "金丝雀阿紫"
RESIDENT_PHONE = "13487650987"
WANTED, REASON, ANSWER = "金丝雀要写成这样", "金丝雀说的理由", "金丝雀得到的答复"
MANY = "金丝雀叫大家办完"
SUBJECT = "canary-at-the-provider"
TOTP = b"canary-totp-secret!!"
ASKED = (WANTED, REASON, ANSWER, MANY)
PERSONAL = (
    NAME, PHONE, ADDRESS, STAFF_PHONE, MAIL, MAKER, SECOND, SECOND_PHONE, SECOND_ADDRESS, AT_DESK,
    IN_SHEET, RESIDENT_PHONE, *ASKED,
)  # fmt: skip
PASSWORD = "Canary-Password-7!x"


def _photo() -> bytes:
    image, out = Image.new("RGB", (60, 40), "gray"), io.BytesIO()
    exif = image.getexif()
    exif[Base.Make] = MAKER
    exif[Base.Artist] = NAME
    image.save(out, "JPEG", exif=exif)
    return out.getvalue()


class Browser(Client):
    """A client that remembers every answer; an accident is an answer."""

    def __init__(self, **more: Any) -> None:
        super().__init__(raise_request_exception=False, **more)
        self.answers: list[Any] = []

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        self.answers.append(answer)
        return answer

    def api(self, path: str, body: Any, **more: Any) -> Any:
        sent = json.dumps(body)
        return self.post(f"/api/v1{path}", sent, content_type="application/json", **more)


class Loop:
    """One matter from its report to the last word, and everything that can go wrong beside it."""

    def __init__(self, county: County, phone: Phone) -> None:
        self.county, self.phone = county, phone
        self.rita, self.desk, self.work, self.own = (Browser() for _each in range(4))
        self._sign_in(self.desk, "cun")
        self._sign_in(self.work, "shui")
        made = people.make_key(account=county.accounts["dui"].id, name="canary", actor=SETTING_UP)
        self.token = str(made.token)
        self.program = Browser(headers={"authorization": f"Bearer {self.token}"})

    def _sign_in(self, browser: Browser, who: str) -> None:
        account = self.county.accounts[who]
        account.set_password(PASSWORD)
        account.save()
        browser.post("/desk/sign-in/", {"login": who, "password": "Canary-Wrong-Password"})
        answer = browser.post("/desk/sign-in/", {"login": who, "password": PASSWORD})
        assert answer.status_code == 302

    def go(self) -> None:
        self._report()
        self._factors()
        self._work()
        self._by_others()
        self._about_data()
        self._subscribe()
        self._come_in()
        self._go_wrong()
        read_everything()
        self._write("bench")  # nobody has answered it yet

    def _report(self) -> None:
        lon, lat = point_in(GRID)
        body = {
            "what": "村口自来水管破裂，路上全是水",
            "where": {"lon": lon, "lat": lat, "place": "村口"},
            "contact": {"name": NAME, "phone": PHONE, "address": ADDRESS},
        }
        found = self.rita.api("/cases", body, headers={"Idempotency-Key": "canary-key-0123456789"})
        assert found.status_code == 201, found.content
        self.number, self.code, self.report = (
            found.json()[name] for name in ("number", "code", "report")
        )

    def _subscribe(self) -> None:
        """Another system, whose address says more than it should."""
        address = f"https://hooks.example.org/{MAIL}"
        made = self.program.api("/webhooks", {"name": "别的平台", "address": address})
        assert made.status_code == 201, made.content
        changed = self.program.api(f"/webhooks/{made.json()['webhook']['id']}/secret", {})
        self.signing = [answer.json()["secret"] for answer in (made, changed)]

    def _come_in(self) -> None:
        """By telephone, by mail, from and to other systems."""
        sent = {"call_id": "canary-call", "agent": "cun", "from_number": SECOND_PHONE}
        rung = self.program.api("/calls", sent)
        assert rung.status_code == 201, rung.content
        hotline.note_typed(
            UUID(rung.json()["id"]), typed={"name": AT_DESK}, actor=self.county.actor("cun")
        )
        over = self.program.api("/calls/canary-call/end", {"recording": f"tapes/{MAIL}"})
        assert over.status_code == 200, over.content
        guan = self.county.actor("guan")
        source, secret = sources.add_source("webhook", sources.Wanted(name="平台"), actor=guan)
        self.signing += [secret, sources.renew_secret(source.id, actor=guan)[1]]
        box = sources.Wanted(name="信箱", host="mail.example.org", user="box", secret=PASSWORD)
        self.mailbox, _shown = sources.add_source("mailbox", box, actor=guan)
        self._write("lamp")
        exchange.make_peer(
            name="邻县", unit=self.county.unit("dept-water"), key=MAIL,
            address=f"https://city.example.org/{MAIL}", actor=guan,
        )  # fmt: skip

    def _write(self, what: str) -> None:
        lines = (f"From: {SECOND} <{MAIL}>", f"Subject: {what}", f"Message-ID: <{what}-{MAIL}>", "")
        mail = "\r\n".join((*lines, f"The {what} at the gate is broken.")).encode()
        taken = receive(self.mailbox, Brought(what, mail))
        assert taken.fate == "taken"
        self.signing.append(taken.code)

    def _work(self) -> None:
        county, number = self.county, self.number
        category = self.rita.answers[-1].json()["proposed_category"]
        moves = f"/desk/cases/{number}/moves"
        cases.accept(number, category=category, actor=county.actor("cun"))
        cases.assign(number, unit=county.unit("dept-water"), actor=county.actor("cun"))
        cases.sign(number, actor=county.actor("shui"))
        cases.attach(
            number, upload=cases.Upload("水管.jpg", _photo(), "photo"), actor=county.actor("shui")
        )
        self.work.post(f"{moves}/note/", {"words": "已经联系施工队"})
        opened = self.desk.post(
            f"/desk/cases/{number}/contact/{self.report}/phone/",
            {"why": "other", "words": "回电话问位置"},
        )
        assert PHONE in opened.content.decode(), "the loop opens what is sealed"
        self.desk.post("/desk/notices/settings/", {"phone": STAFF_PHONE, "mail": MAIL})
        cases.finish(
            number, outcome="cannot", reason=plain_reason("cannot"),
            answer="管道属于小区物业，已经告知。", actor=county.actor("shui"),
        )  # fmt: skip
        self.rita.post("/track/", {"number": number, "code": self.code})
        self.rita.post(f"/track/{number}/rate/", {"is_solved": "yes", "rating": "5"})
        for path in ("/desk/export.xlsx?tab=area", "/desk/", f"/desk/cases/{number}/"):
            self.desk.get(path)
        table = f"留言编号,留言用户,留言主题,留言时间,留言详情\n1,{NAME},灯,2019/1/3,灯不亮\n"
        self.desk.post(
            "/desk/import/", {"file": _named("m.csv", table.encode()), "channel": "board"}
        )

    def _factors(self) -> None:
        """Somebody of the staff has an app, codes for when it is lost, and a name elsewhere."""
        actor = self.county.actor("shuiba")
        first = totp_code(TOTP, step_at(clock.now()))
        people.set_up_app(secret=TOTP, code=first, actor=actor)
        self.recovery = people.new_recovery_codes(actor=actor)
        account = self.county.accounts["shuiba"]
        people.bind_identity(account.id, subject=SUBJECT, actor=SETTING_UP)
        browser = self.staff = Browser()
        account.set_password(PASSWORD)
        account.save()
        browser.post("/desk/sign-in/", {"login": "shuiba", "password": PASSWORD})
        browser.post("/desk/sign-in/second/", {"code": "000000"})
        browser.post("/desk/sign-in/second/", {"code": self.recovery[0]})
        assert browser.get("/desk/").status_code == 200

    def _by_others(self) -> None:
        """A second reporter, one that the desk writes down, sheets with good and wrong rows."""
        contact = {"name": SECOND, "phone": SECOND_PHONE, "address": SECOND_ADDRESS}
        lon, lat = point_in(GRID)
        body = {
            "what": "路灯不亮，晚上看不清路",
            "where": {"lon": lon, "lat": lat, "place": "村口"},
        }
        self.other = self.rita.api("/cases", body).json()["number"]
        followed = self.rita.api(f"/cases/{self.other}/follow", {"contact": contact})
        assert followed.status_code == 201, followed.content
        by_phone = {**body, "channel": "desk", "contact": {"name": AT_DESK}}
        token = people.make_key(
            account=self.county.accounts["cun"].id, name="canary", actor=SETTING_UP
        ).token
        program = Browser(headers={"authorization": f"Bearer {token}"})
        taken = program.api("/cases", by_phone)
        assert taken.status_code == 201, taken.content
        self.token_of_desk, self.by_key = str(token), program
        sheet = (
            "留言编号,留言用户,留言主题,留言时间,留言详情\n"
            f"1,{IN_SHEET},灯,2019/1/3 12:00:00,灯不亮，晚上看不清路\n"
            f"2,{IN_SHEET},灯,没有这个时间,灯不亮\n"
        )
        intake.import_messages(
            sheet.encode(), name="canary.csv", county=COUNTY, actor=self.county.actor("cun")
        )
        found = Case.objects.get(number=self.other)
        desk.start_bulk(
            "supervise", [desk.Wanted(found.id, found.number, None)], arguments={"words": MANY},
            key="canary-bulk", digest="d", county=COUNTY, actor=self.county.actor("du"),
        )  # fmt: skip

    def _about_data(self) -> None:
        """A resident signs in, takes the report in, asks about the data, and is answered."""
        self.own.post("/me/sign-in/", {"phone": RESIDENT_PHONE})
        self.own.post("/me/code/", {"code": "000000"})
        self.sent_code = self.phone.newest(to=RESIDENT_PHONE)
        assert self.own.post("/me/code/", {"code": self.sent_code}).status_code == 302
        self.own.post("/mine/", {"number": self.number, "code": self.code})
        page = f"/me/reports/{self.number}/"
        self.own.post(page, {"wish": "correct", "wanted": WANTED, "why": REASON})
        asked = DataRequest.objects.get()
        assert (asked.wanted, asked.reason) == (WANTED, REASON)
        decided = self.desk.post(
            f"/desk/data-requests/{asked.id}/", {"is_granted": "no", "answer": ANSWER}
        )
        assert decided.status_code == 302
        assert ANSWER in self.own.get(page).content.decode()
        # Under a hold what is corrected is kept as it was: here to what a court may ask for.
        held = retention.hold(self.number, reason="等法院的判决", actor=self.county.actor("an"))
        self.own.post(page, {"name": "某人"})
        assert HeldContact.objects.count() == 1
        self.own.post(page, {"name": NAME})
        retention.lift(held.id, reason="判决生效", actor=self.county.actor("an"))
        self.own.post("/me/copy/")
        jobs.make_copy(str(Copy.objects.get().id))
        assert self.own.get("/me/copy/file/").status_code == 200

    def _go_wrong(self) -> None:
        """Each sort of refusal, with personal values in the request."""
        contact = {"name": NAME, "phone": PHONE, "address": ADDRESS}
        sent = {"what": PHONE, "where": 5, "contact": contact, "name": NAME}
        # The name of a field that is not known is named: here it is a phone.
        self.repeats = self.rita.api("/cases", {**sent, PHONE: NAME})
        for browser in (self.rita, self.desk, self.program, self.own):
            browser.api("/cases", sent)  # 422
            browser.api("/residents/codes", {"phone": f"{PHONE}x"})
            browser.api(f"/residents/reports/{PHONE}/requests", {"wish": WANTED, "wanted": 5})
            browser.get(f"/me/reports/{NAME}/")
            browser.post(f"/desk/data-requests/{PHONE}/", {"answer": ANSWER})
            browser.api(f"/cases/{PHONE}/moves/note", {"words": NAME})  # 404 or 401
            browser.api(f"/cases/{self.number}/moves/accept", {"category": NAME})  # 403, 409, 422
            browser.post("/api/v1/cases", f'{{"name": "{NAME}', content_type="application/json")
            browser.put("/api/v1/cases", PHONE, content_type="text/plain")  # 405
            browser.post("/track/", {"number": PHONE, "code": NAME})
            browser.get(f"/nothing/{PHONE}/")
        self.desk.post("/desk/cases/new/", {"name": NAME, "phone": PHONE, "address": ADDRESS})

    @property
    def sessions(self) -> tuple[str, ...]:
        name = settings.SESSION_COOKIE_NAME
        signed = (self.desk, self.work, self.staff)
        return (
            *(browser.cookies[name].value for browser in signed),
            self.own.cookies[f"{settings.PORTAL_COOKIES}resident"].value,
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        return (
            PASSWORD, "Canary-Wrong-Password", self.code, self.token, self.token_of_desk,
            TOTP.decode(), TOTP.hex(), base64.b32encode(TOTP).decode(), *self.recovery,
            SUBJECT, *self.sessions,
        )  # fmt: skip

    @property
    def answers(self) -> list[Any]:
        return [
            answer
            for browser in (
                self.rita,
                self.desk,
                self.work,
                self.program,
                self.own,
                self.staff,
                self.by_key,
            )
            for answer in browser.answers
        ]


def _named(name: str, data: bytes) -> io.BytesIO:
    file = io.BytesIO(data)
    file.name = name
    return file
