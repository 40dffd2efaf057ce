"""What is said at the return visit after each finish is the vote on that finish."""

from datetime import timedelta

from gezhi.base import clock
from gezhi.cases import actions
from gezhi.cases.models import Report
from gezhi.deadlines.tests.test_visits import PHONE, Login, finish, told
from tests.cast import County, plain_reason, voice_of


def test_the_second_visits_vote_is_kept(county: County, login: Login) -> None:
    case = finish(told(PHONE).case, county)
    visit = {"is_reached": "yes", "is_solved": "no", "rating": "1", "words": "没修"}
    url, client = f"/desk/cases/{case.number}/moves/visit_back/", login("fang")
    assert client.post(url, {**visit, "revision": case.lines}).status_code == 200
    case.refresh_from_db()
    assert case.state == "handling"
    with clock.standing_at(clock.now() + timedelta(days=1)):
        case = actions.finish(
            case.id,
            outcome="cannot",
            reason=plain_reason("cannot"),
            answer="这回真的修好了。",
            actor=county.actor("shui"),
        )
        visit |= {"is_solved": "yes", "rating": "5", "words": "好了"}
        assert client.post(url, {**visit, "revision": case.lines}).status_code == 200
    vote = Report.objects.get(case=case)
    assert (vote.is_solved, vote.rating, vote.rating_words) == (True, 5, "好了")


def test_an_own_vote_on_this_finish_stays(county: County) -> None:
    made = told(PHONE)
    case = finish(made.case, county)
    actions.rate(case.id, report=made.report.id, is_solved=True, rating=4, actor=voice_of(made))
    actions.visit_back(
        case.id, is_reached=True, is_solved=True, rating=2, actor=county.actor("fang")
    )
    assert Report.objects.get(case=case).rating == 4
