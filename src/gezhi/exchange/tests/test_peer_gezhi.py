"""Our own Open311 as the peer, over HTTP: handed over, worked on there, followed to its end."""

from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from gezhi.cases import actions as cases
from gezhi.cases.models import Attachment, Case, HistoryLine
from gezhi.exchange.tests.city import city, only_handover, peer_at, work_for_peers
from gezhi.exchange.tests.handing import hand_over, later, photo, report
from gezhi.people import actions as people
from tests.cast import SETTING_UP, County

_PLAIN = "env.pest"


def test_a_case_makes_the_round_through_another_gezhi(committed: County, live_server: Any) -> None:
    token = people.make_key(
        account=committed.accounts["dui"].id, name="peer", actor=SETTING_UP
    ).token
    address = f"{live_server.url}/open311/v2".replace("localhost", "127.0.0.1")
    peer = peer_at(committed, address, key=str(token), others=_PLAIN)
    assert (peer.form, peer.has_updates) == ("json", True)
    assert _PLAIN in {each["code"] for each in peer.offers}
    here = hand_over(committed)
    work_for_peers()
    assert only_handover().error == ""
    there = Case.objects.exclude(pk=here.pk).get()
    assert only_handover().request == there.number
    assert there.proposed_category == _PLAIN
    assert (there.channel, there.path) == ("open311", here.path)
    cases.accept(there.id, category=_PLAIN, actor=SETTING_UP)
    cases.assign(there.id, unit=committed.unit("dept-water"), actor=SETTING_UP)
    cases.sign(there.id, actor=SETTING_UP)
    work_for_peers(later(minutes=6))
    cases.finish(there.id, outcome="solved", answer="已经劝止，以后不再播放", actor=SETTING_UP)
    work_for_peers(later(minutes=12))
    here.refresh_from_db()
    assert (here.state, here.answer) == ("done", "邻县：已经劝止，以后不再播放")
    steps = HistoryLine.objects.filter(case=here, actor=f"peer:{peer.id}").order_by("seq")
    assert list(steps.values_list("act", flat=True)) == ["sign", "note", "note", "note", "finish"]
    assert Case.objects.count() == 2


def test_the_picture_of_the_work_makes_the_round_too(committed: County, live_server: Any) -> None:
    """Of a case there that nobody has reviewed: the address itself lets this program in."""
    token = people.make_key(
        account=committed.accounts["dui"].id, name="peer", actor=SETTING_UP
    ).token
    address = f"{live_server.url}/open311/v2".replace("localhost", "127.0.0.1")
    peer_at(committed, address, key=str(token), others="utility.lamp")
    here = hand_over(committed, category="utility.lamp")
    work_for_peers()
    there = Case.objects.exclude(pk=here.pk).get()
    cases.accept(there.id, category="utility.lamp", actor=SETTING_UP)
    cases.assign(there.id, unit=committed.unit("dept-water"), actor=SETTING_UP)
    cases.sign(there.id, actor=SETTING_UP)
    cases.attach(there.id, upload=cases.Upload("a.jpg", photo(), "after"), actor=SETTING_UP)
    cases.finish(there.id, outcome="solved", answer="换了灯泡，亮了", actor=SETTING_UP)
    work_for_peers(later(minutes=6))
    here.refresh_from_db()
    assert (here.state, here.answer) == ("done", "邻县：换了灯泡，亮了")
    assert Attachment.objects.filter(case=here, kind="after").count() == 1


def test_the_same_post_again_is_the_same_case_in_another_gezhi(
    committed: County, live_server: Any
) -> None:
    token = people.make_key(
        account=committed.accounts["dui"].id, name="peer", actor=SETTING_UP
    ).token
    address = f"{live_server.url}/open311/v2".replace("localhost", "127.0.0.1")
    peer_at(committed, address, key=str(token), others=_PLAIN)
    hand_over(committed)
    work_for_peers()
    one = only_handover()
    number = one.request
    # As if the process had been killed when the answer came, and no list showed the mark.
    Case.objects.filter(number=number).update(what="（删去）")
    one.reach, one.request, one.is_unclear, one.looks = "waiting", "", True, 2
    one.save()
    work_for_peers()
    assert only_handover().request == number
    assert Case.objects.count() == 2


def test_what_came_back_in_a_circle_is_not_sent_again(committed: County, live_server: Any) -> None:
    token = people.make_key(
        account=committed.accounts["dui"].id, name="peer", actor=SETTING_UP
    ).token
    address = f"{live_server.url}/open311/v2".replace("localhost", "127.0.0.1")
    peer = peer_at(committed, address, key=str(token), others=_PLAIN)
    here = hand_over(committed)
    work_for_peers()
    assert only_handover().error == ""
    there = Case.objects.exclude(pk=here.pk).get()
    hand_over(committed, there)
    work_for_peers()
    assert Case.objects.count() == 2
    assert list(peer.handovers.filter(case=there).values_list("reach", "why")) == [("dead", "loop")]


def test_a_report_that_names_pictures_gets_them(committed: County, client: Client) -> None:
    token = people.make_key(
        account=committed.accounts["dui"].id, name="other", actor=SETTING_UP
    ).token
    with city(picture=photo()) as there:
        good, inside = f"{there.url}/lamp.jpg", "https://10.0.0.8/lamp.jpg"
        sent = {
            "api_key": str(token), "service_code": _PLAIN, "lat": "35.61", "long": "106.91",
            "description": "蚊子太多", "media_url": [good, inside],
        }  # fmt: skip
        answer = client.post("/open311/v2/requests.json", sent)
        assert answer.status_code == 200
        assert there.asked == [], "the answer doesn't wait for it"
        work_for_peers()
        work_for_peers(later(minutes=6))
        assert there.asked == ["GET lamp"]
    case = Case.objects.get()
    [file] = Attachment.objects.filter(case=case)
    assert (file.kind, file.media_type) == ("photo", "image/jpeg")
    assert file.report == case.reports.get()
    assert case.answers["media_url"].splitlines() == [good, inside]


def test_a_picture_that_does_not_come_is_asked_for_an_hour(
    committed: County, client: Client
) -> None:
    token = people.make_key(
        account=committed.accounts["dui"].id, name="other", actor=SETTING_UP
    ).token
    sent = {"api_key": str(token), "service_code": _PLAIN, "lat": "35.61", "long": "106.91"}
    with city() as there:
        gone = there.url
    client.post("/open311/v2/requests.json", {**sent, "media_url": f"{gone}/lamp.jpg"})
    tries = [work_for_peers(later(minutes=5 * at)) for at in range(16)]
    assert sum(tries) == 13
    assert not Attachment.objects.exists()


def test_a_picture_stays_inside_where_the_case_is_public_by_the_time_it_comes(
    committed: County, client: Client
) -> None:
    token = people.make_key(
        account=committed.accounts["dui"].id, name="other", actor=SETTING_UP
    ).token
    with city(picture=photo()) as there:
        sent = {
            "api_key": str(token), "service_code": _PLAIN, "lat": "35.61", "long": "106.91",
            "description": "蚊子太多", "media_url": f"{there.url}/lamp.jpg",
        }  # fmt: skip
        client.post("/open311/v2/requests.json", sent)
        # A supervisor publishes it while the picture is on its way.
        there.before = lambda: Case.objects.update(is_public=True)
        work_for_peers()
    assert not Attachment.objects.get().is_public


def test_a_picture_that_came_is_not_fetched_again_for_one_that_did_not(
    committed: County, client: Client
) -> None:
    token = people.make_key(
        account=committed.accounts["dui"].id, name="other", actor=SETTING_UP
    ).token
    with city() as gone:
        missing = f"{gone.url}/lamp.jpg"
    with city(picture=photo()) as there:
        sent = {
            "api_key": str(token), "service_code": _PLAIN, "lat": "35.61", "long": "106.91",
            "description": "蚊子太多", "media_url": [missing, f"{there.url}/lamp.jpg"],
        }  # fmt: skip
        client.post("/open311/v2/requests.json", sent)
        for minutes in (0, 5, 10):
            work_for_peers(later(minutes=minutes))
        assert there.asked == ["GET lamp"]
    job = ProcrastinateJob.objects.filter(task_name="gezhi.exchange.jobs.fetch_pictures").last()
    assert job is not None
    assert (job.queue_name, job.args["links"]) == ("pictures", missing)


@pytest.mark.parametrize("is_public", [True, False])
def test_what_another_gezhi_merged_comes_back_with_the_number_if_that_is_public(
    committed: County, live_server: Any, is_public: bool
) -> None:
    token = people.make_key(
        account=committed.accounts["dui"].id, name="peer", actor=SETTING_UP
    ).token
    address = f"{live_server.url}/open311/v2".replace("localhost", "127.0.0.1")
    peer_at(committed, address, key=str(token), others=_PLAIN)
    here, main = hand_over(committed), report()
    cases.accept(main.id, category=_PLAIN, actor=SETTING_UP)
    Case.objects.filter(pk=main.pk).update(is_public=is_public)
    work_for_peers()
    there = Case.objects.exclude(pk__in=[here.pk, main.pk]).get()
    cases.merge(there.id, main=main.id, words="同一件事", actor=SETTING_UP)
    work_for_peers(later(minutes=6))
    back = HistoryLine.objects.get(case=here, act="send_back")
    assert (main.number in back.words) == is_public, back.words
