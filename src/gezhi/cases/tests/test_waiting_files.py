"""Files that come with an act wait inside for it: nobody outside sees work that did not happen."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from gezhi.cases import actions, reads
from gezhi.cases.errors import FileNotWaiting, PictureKnown, ProofMissing
from gezhi.cases.models import Attachment, Case
from gezhi.cases.rules import Act
from gezhi.rulebook import reads as rulebook
from tests.cast import COUNTY, County, plain_reason, report_leak

Login = Callable[[str], Client]
DONE: dict[str, Any] = {"outcome": "solved", "answer": "水管已经换好了"}


def picture(colour: str = "gray") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return out.getvalue()


def photo(name: str, colour: str = "gray") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(colour), "image/jpeg")


def send(client: Client, case: Case, act: str, **typed: object) -> Any:
    case.refresh_from_db()
    typed.setdefault("revision", case.lines)
    return client.post(f"/desk/cases/{case.number}/moves/{act}/", typed)


def names_seen(case: Case) -> set[str]:
    """What the reporter's page, the public page and the API of tracking go by."""
    return {file.name for file in reads.attachments_of(case) if file.is_public}


def file_of(case: Case, name: str) -> Attachment:
    return reads.attachments_of(case).get(name=name)


@pytest.fixture
def helped(county: County, handled: Case) -> Case:
    """A case that can't be finished yet: a unit called to help has not finished."""
    units = [county.unit("dept-transport")]
    return actions.whistle(handled.id, units=units, words="来围挡", actor=county.actor("shui"))


def ready(case: Case, county: County) -> None:
    actions.finish_leg(case.id, words="已围挡", actor=county.actor("lu"))


def ticked(text: str) -> list[str]:
    return re.findall(r'name="files" value="([^"]+)"[^>]* checked', text)


def test_photos_of_a_refused_act_are_seen_once_it_goes_through(
    login: Login, county: County, helped: Case, rita: Client
) -> None:
    actions.publish(helped.id, is_public=True, actor=county.actor("du"))
    client = login("shui")
    refused = send(client, helped, "finish", **DONE, once="a", after=photo("after.jpg"))
    assert refused.status_code == 409
    after = file_of(helped, "after.jpg")
    assert (after.is_public, after.waits_for) == (False, "finish")
    assert rita.get(f"/files/{after.id}/").status_code == 404
    assert str(after.id) not in rita.get(f"/track/{helped.number}/").content.decode()
    assert ticked(refused.content.decode()) == [str(after.id)]
    ready(helped, county)
    again = {"once": "a", "files": [str(after.id)], "has_chosen": "True"}
    assert send(client, helped, "finish", **DONE, **again).status_code == 200
    assert names_seen(helped) == {"after.jpg"}
    assert rita.get(f"/files/{after.id}/").status_code == 200
    line = reads.history_of(helped).get(act="finish")
    assert line.data["shown"] == [str(after.id)]
    story = client.get(f"/desk/cases/{helped.number}/").content.decode()
    assert "给诉求人看的照片：1 张" in story


def test_a_photo_taken_back_before_the_second_try_is_seen_by_nobody(
    login: Login, county: County, helped: Case
) -> None:
    client = login("shui")
    send(client, helped, "finish", **DONE, after=photo("first.jpg"))
    ready(helped, county)
    text = client.get(f"/desk/cases/{helped.number}/moves/finish/").content.decode()
    assert ticked(text) == [str(file_of(helped, "first.jpg").id)]
    second = photo("second.jpg", "green")
    answer = send(client, helped, "finish", **DONE, has_chosen="True", after=second)
    assert answer.status_code == 200
    assert names_seen(helped) == {"second.jpg"}
    assert file_of(helped, "first.jpg").waits_for == "left_out"


def test_a_photo_that_was_left_out_may_come_again(
    login: Login, county: County, handled: Case
) -> None:
    """Its sender took the tick away for the first finish, and needs it for the second."""
    client = login("shui")
    send(client, handled, "finish", outcome="solved", answer="", after=photo("after.jpg"))
    done = {"outcome": "cannot", "reason": plain_reason("cannot"), "answer": "要等明年再换"}
    assert send(client, handled, "finish", **done, has_chosen="True").status_code == 200
    assert file_of(handled, "after.jpg").waits_for == "left_out"
    back = {"is_solved": "no", "words": "今年就能换"}
    assert send(login("du"), handled, "verify", **back).status_code == 200
    again = photo("again.jpg")
    assert send(client, handled, "finish", **DONE, after=again).status_code == 200
    assert names_seen(handled) == {"again.jpg"}
    with pytest.raises(PictureKnown):
        actions.attach(
            handled.id, upload=actions.Upload("more.jpg", picture(), "check"),
            actor=county.actor("du"),
        )  # fmt: skip


def test_both_tries_count_where_nothing_was_taken_back(
    login: Login, county: County, helped: Case
) -> None:
    client = login("shui")
    send(client, helped, "finish", **DONE, once="b", after=photo("first.jpg"))
    again = send(
        client, helped, "finish", **DONE, once="b", has_chosen="True",
        files=[str(file_of(helped, "first.jpg").id)], after=photo("second.jpg", "green"),
    )  # fmt: skip
    assert again.status_code == 409
    assert len(ticked(again.content.decode())) == 2
    ready(helped, county)
    # The browser sends the first one once more: it is the same file.
    send(client, helped, "finish", **DONE, once="b", after=photo("first.jpg"))
    assert names_seen(helped) == {"first.jpg", "second.jpg"}


def test_what_was_unticked_stays_unticked_when_the_form_comes_back(
    login: Login, helped: Case
) -> None:
    client = login("shui")
    send(client, helped, "finish", **DONE, after=photo("first.jpg"))
    second = photo("second.jpg", "green")
    again = send(client, helped, "finish", **DONE, has_chosen="True", after=second)
    assert ticked(again.content.decode()) == [str(file_of(helped, "second.jpg").id)]


def begun(county: County, wanted: str) -> Case:
    book = rulebook.current(COUNTY)
    category = next(key for key, one in book.categories.items() if wanted in one.proof)
    case = report_leak().case
    actions.accept(case.id, category=category, actor=county.actor("cun"))
    actions.assign(case.id, unit=county.unit("dept-water"), actor=county.actor("cun"))
    return actions.sign(case.id, actor=county.actor("shui"))


def test_a_photo_taken_back_proves_nothing(login: Login, county: County) -> None:
    case = begun(county, "photo_after")
    client = login("shui")
    send(client, case, "finish", answer="", outcome="solved", after=photo("first.jpg"))
    refused = send(client, case, "finish", **DONE, has_chosen="True")
    assert refused.status_code == 422
    assert "还缺：处理后照片" in refused.content.decode()
    first = file_of(case, "first.jpg")
    assert first.waits_for == "finish", "a refused act leaves it as it was"
    with pytest.raises(ProofMissing):
        actions.finish(case.id, **DONE, files=[], actor=county.actor("shui"))
    actions.finish(case.id, **DONE, files=[first.id], actor=county.actor("shui"))
    assert names_seen(case) == {"first.jpg"}


def test_papers_prove_and_are_not_shown(login: Login, county: County) -> None:
    case = begun(county, "document")
    paper = SimpleUploadedFile("paper.pdf", b"%PDF-1.4 paper", "application/pdf")
    sent = {"document": paper, "after": photo("after.jpg"), "before": photo("b.jpg", "red")}
    assert send(login("shui"), case, "finish", **DONE, **sent).status_code == 200
    assert file_of(case, "paper.pdf").waits_for == ""
    assert "paper.pdf" not in names_seen(case)


def test_a_file_that_is_not_waiting_is_not_taken(county: County, handled: Case) -> None:
    shui = county.actor("shui")
    inner = actions.attach(
        handled.id, upload=actions.Upload("a.jpg", picture(), "after"), is_public=False, actor=shui
    )
    with pytest.raises(FileNotWaiting):
        actions.finish(handled.id, **DONE, files=[inner.id], actor=shui)
    actions.finish(handled.id, **DONE, actor=shui)
    assert names_seen(handled) == set(), "what was added as an inner file stays one"


def test_photos_of_another_unit_that_came_to_nothing_are_not_of_this_work(
    login: Login, county: County, helped: Case
) -> None:
    send(login("shui"), helped, "finish", **DONE, after=photo("waters.jpg"))
    ready(helped, county)
    actions.send_back(helped.id, reason="not_here", actor=county.actor("shui"))
    cun, lu = county.actor("cun"), county.actor("lu")
    actions.assign(helped.id, unit=county.unit("dept-transport"), actor=cun)
    actions.sign(helped.id, actor=lu)
    text = login("lu").get(f"/desk/cases/{helped.number}/moves/finish/").content.decode()
    assert "waters.jpg" in text
    assert ticked(text) == []
    with pytest.raises(ProofMissing):
        actions.finish(helped.id, **DONE, actor=lu)
    mine = photo("roads.jpg", "blue")
    assert send(login("lu"), helped, "finish", **DONE, after=mine).status_code == 200
    assert names_seen(helped) == {"roads.jpg"}


def test_whose_act_it_never_is_leaves_no_files(login: Login, handled: Case) -> None:
    refused = send(login("zhen"), handled, "finish", **DONE, after=photo("after.jpg"))
    assert refused.status_code == 403
    assert not reads.attachments_of(handled).exists()


def test_verifying_shows_its_own_photos_and_a_return_takes_none_away(
    login: Login, county: County, handled: Case
) -> None:
    send(login("shui"), handled, "finish", **DONE, after=photo("after.jpg"))
    client = login("du")
    refused = send(
        client, handled, "verify", is_solved="no", words="", check=photo("seen.jpg", "red")
    )
    assert refused.status_code == 422
    assert names_seen(handled) == {"after.jpg"}
    seen = file_of(handled, "seen.jpg")
    assert seen.waits_for == Act.VERIFY
    words = {"is_solved": "no", "words": "还在漏", "has_chosen": "True", "files": [str(seen.id)]}
    assert send(client, handled, "verify", **words).status_code == 200
    assert names_seen(handled) == {"after.jpg", "seen.jpg"}
    handled.refresh_from_db()
    assert handled.state == "handling"
    later = photo("later.jpg", "blue")
    send(login("shui"), handled, "attach", after=later, is_public="yes")
    assert names_seen(handled) == {"after.jpg", "seen.jpg"}
    send(login("shui"), handled, "finish", **DONE)
    assert names_seen(handled) == {"after.jpg", "seen.jpg", "later.jpg"}
    visit = {"is_reached": "yes", "is_solved": "yes"}
    assert send(login("fang"), handled, "visit_back", **visit).status_code == 200
    assert names_seen(handled) == {"after.jpg", "seen.jpg", "later.jpg"}


def test_through_the_api_too_pictures_of_the_work_wait_for_it(
    county: County, helped: Case, key: Callable[[str], str]
) -> None:
    bearer = {"Authorization": f"Bearer {key('shui')}"}
    api, client = f"/api/v1/cases/{helped.number}", Client(headers=bearer)
    made = {
        name: client.post(
            f"{api}/attachments", {"file": photo(f"{name}.jpg", colour), "kind": name}
        ).json()
        for name, colour in (("before", "red"), ("after", "gray"), ("photo", "blue"))
    }
    paper = client.post(
        f"{api}/attachments", {"file": photo("s.jpg", "white"), "kind": "signature"}
    ).json()
    assert (made["after"]["is_public"], made["after"]["waits_for"]) == (False, "finish")
    assert paper["is_public"] is False
    assert names_seen(helped) == {"photo.jpg"}, "what the place looks like is no work"
    finish = f"{api}/moves/finish"
    assert client.post(finish, DONE, "application/json").status_code == 409
    assert names_seen(helped) == {"photo.jpg"}
    ready(helped, county)
    wrong = client.post(finish, {**DONE, "files": [paper["id"]]}, "application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "case_file_not_waiting")
    named = {**DONE, "files": [made["after"]["id"]]}
    assert client.post(finish, named, "application/json").status_code == 200
    assert names_seen(helped) == {"photo.jpg", "after.jpg"}
    assert file_of(helped, "before.jpg").waits_for == "left_out"


def test_without_names_an_act_takes_all_that_waits(
    county: County, handled: Case, key: Callable[[str], str]
) -> None:
    bao = county.actor("shuiba")
    for kind, colour in (("before", "red"), ("after", "green")):
        upload = actions.Upload(f"{kind}.jpg", picture(colour), kind)
        actions.attach(handled.id, upload=upload, actor=bao)
    client = Client(headers={"Authorization": f"Bearer {key('shui')}"})
    answer = client.post(f"/api/v1/cases/{handled.number}/moves/finish", DONE, "application/json")
    assert answer.status_code == 200, answer.content
    assert names_seen(handled) == {"before.jpg", "after.jpg"}
    assert list(reads.faults_in_chain(reads.case_held(handled.id), reads.history_of(handled))) == []
