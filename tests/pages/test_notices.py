"""The pages of notices: one's own alone, links that may be opened twice, the bell, how one is told,
and what was not delivered."""

import base64
import json
from datetime import time, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from grids.models import Post
from incidents import joint, telling, workflow
from incidents.letters import Gateway, Message, Preference, PushDevice, numbers_for
from incidents.models import Outbox
from incidents.notices import NOTICES
from incidents.views import notices as pages
from lib import now
from tests import cast
from tests.incidents import play, post
from tests.pages.test_deadlines import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(town):
    """A case that waits for the water bureau, which has been told."""
    made = play.dispatched(town, town.urgent)
    post.told()
    return made


def listed(member, language="en", **asked):
    return client_of(member, language).get(reverse("notices"), asked)


def of(member, channel="page"):
    return Message.objects.filter(member=member, channel=channel).order_by("-pk").first()


def opened(member, message):
    return client_of(member).get(reverse("notice", args=[message.key]))


# --- the list ------------------------------------------------------------------------------------


def test_the_list_says_what_waits_and_leads_there(town, case):
    text = listed(town.handler).text
    assert "A case waits for you" in text and case.number in text and "urgent" in text
    assert "Stormwater manhole cover" in text and "due 3 Mar, 11:00" in text
    assert case.number not in listed(town.gardener).text


def test_an_empty_list_says_what_will_stand_here(town):
    assert "Nothing was told to you yet" in listed(town.gardener).text
    assert "You have read everything" in listed(town.gardener, unread="1").text


def test_every_page_has_the_bell_with_its_count(town, case):
    page = client_of(town.handler).get(reverse("cases"))
    assert 'data-unread="1"' in page.text
    assert client_of(town.handler).get(reverse("bell")).json() == {"unread": 1}
    assert 'data-unread="0"' in client_of(town.gardener).get(reverse("cases")).text


def test_the_bell_counts_no_further_than_it_shows(town, case):
    first = of(town.handler)
    rows = [
        Outbox(step=case.steps.last(), notice="warn", made_at=now.now(), to_member=town.handler)
        for _each in range(110)
    ]
    Outbox.objects.bulk_create(rows)
    post.told()
    assert Message.objects.unread_of(town.handler).count() == 111 and first
    assert client_of(town.handler).get(reverse("bell")).json() == {"unread": 100}
    assert "99+" in listed(town.handler).text


def test_the_list_goes_by_key(town, case, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    for _each in range(4):
        play.dispatched(town)
    post.told()
    seen, address = [], reverse("notices")
    while address:
        page = client_of(town.handler).get(address)
        seen += [row.pk for row in page.context["rows"]]
        following = page.context["next"]
        address = following and f"{reverse('notices')}?before={following}"
    assert len(seen) == len(set(seen)) == 5 and seen == sorted(seen, reverse=True)
    for nonsense in ("x", "²", "9" * 40, "-1"):
        assert listed(town.handler, before=nonsense).status_code == 200


def test_what_one_may_not_see_any_more_is_not_described(town, case):
    Post.objects.filter(member=town.handler).update(valid_until=cast.BEGAN)
    text = listed(town.handler).text
    assert case.number not in text and "You can no longer see what this is about." in text
    answer = opened(town.handler, of(town.handler))
    assert answer.status_code == 200 and case.number not in answer.text


def test_a_joint_task_and_what_has_ended_lead_to_their_pages(town):
    task = joint.call(
        town.street_handler,
        units=[town.water],
        due_at=now.now() + timedelta(minutes=30),
        subject="burst pipe",
        place="the gate",
    )
    post.told()
    assert "burst pipe" in listed(town.handler).text
    assert opened(town.handler, of(town.handler)).url == reverse("joint_task", args=[task.pk])


# --- links ---------------------------------------------------------------------------------------


def test_a_link_may_be_opened_twice(town, case):
    message = of(town.handler)
    for _time in range(2):
        assert opened(town.handler, message).url == reverse("case", args=[case.number])
        message.refresh_from_db()
        assert message.read_at == now.now()


def test_a_link_of_an_e_mail_marks_the_same_notice_of_the_page_as_read(town):
    post.reach(town.handler)
    case = play.dispatched(town, town.urgent)
    post.told()
    assert opened(town.handler, of(town.handler, "email")).url.endswith(f"{case.number}/")
    assert of(town.handler).read_at is not None


def test_a_link_is_its_reader_s_alone(town, case):
    message = of(town.handler)
    assert opened(town.gardener, message).status_code == 404
    answer = Client().get(reverse("notice", args=[message.key]))
    assert answer.status_code == 302 and str(message.key) in answer.url
    message.refresh_from_db()
    assert message.read_at is None


def test_several_lead_to_a_page_of_them_and_are_read_then(town):
    cases = [play.dispatched(town) for _each in range(3)]
    now.set_to(now.now() + timedelta(hours=1))
    post.told()
    message = of(town.handler)
    assert message.notice == "several" and "3 notices" in listed(town.handler).text
    text = opened(town.handler, message).text
    assert all(case.number in text for case in cases)
    message.refresh_from_db()
    assert message.read_at and not message.collects
    play.dispatched(town)
    post.told()
    assert post.messages(town.handler) == [("several", 3), ("your_turn", 1)]


def test_a_fold_of_one_is_read_as_that_one(town):
    case = play.dispatched(town)
    now.set_to(now.now() + timedelta(hours=1))
    post.told()
    assert post.messages(town.handler) == [("several", 1)]
    text = listed(town.handler).text
    assert "A case waits for you" in text and case.number in text
    assert opened(town.handler, of(town.handler)).url == reverse("case", args=[case.number])


def test_all_up_to_what_was_seen_are_read_and_nothing_newer(town, case):
    upto = of(town.handler).pk
    play.dispatched(town)
    post.told()
    client = client_of(town.handler)
    answer = client.post(reverse("notices_read"), {"upto": upto, "next": "/notices/?unread=1"})
    assert answer.url == "/notices/?unread=1"
    assert Message.objects.unread_of(town.handler).count() == 1
    away = client.post(reverse("notices_read"), {"upto": "x", "next": "https://evil.example.org"})
    assert away.url == reverse("notices")


# --- how I am told -------------------------------------------------------------------------------

WISHES = {
    "email": "on",
    "quiet_from": "22:00",
    "quiet_until": "07:00",
    "digest": "day",
    "digest_hour": "18",
}


def test_a_member_says_how_they_are_told(town):
    client = client_of(town.handler)
    for _time in range(2):
        assert client.post(reverse("notice_settings"), WISHES).status_code == 302
    mine = Preference.objects.get()
    assert (mine.member, mine.email, mine.push, mine.sms) == (town.handler, True, False, False)
    assert (mine.quiet_from, mine.quiet_until) == (time(22), time(7))
    assert (mine.digest, mine.digest_hour) == ("day", 18)
    page = client.get(reverse("notice_settings"))
    assert "22:00" in page.text


@pytest.mark.parametrize(
    "wrong",
    [{"quiet_until": ""}, {"quiet_from": "25:00"}, {"digest_hour": "24"}, {"digest": "week"}],
)
def test_what_is_wrong_is_named_and_kept(town, wrong):
    answer = client_of(town.handler).post(reverse("notice_settings"), WISHES | wrong)
    assert answer.status_code == 422 and "field-error" in answer.text
    assert not Preference.objects.exists()


def test_the_table_of_notices_is_shown_whole(town):
    text = client_of(town.handler).get(reverse("notice_settings")).text
    for notice in NOTICES.values():
        assert str(notice.title).replace("'", "&#x27;") in text or str(notice.title) in text


def keys(number=1):
    return {
        "endpoint": f"https://fcm.googleapis.com/fcm/send/{number}",
        "p256dh": base64.urlsafe_b64encode(b"p" * 65).decode().rstrip("="),
        "auth": base64.urlsafe_b64encode(b"a" * 16).decode().rstrip("="),
    }


def test_a_browser_shows_notices_and_none_any_more(town):
    client = client_of(town.handler)
    for _time in range(2):
        assert client.post(reverse("push_device"), keys()).status_code == 204
    assert PushDevice.objects.get().member == town.handler
    # The same browser with another member signed in is theirs.
    client_of(town.gardener).post(reverse("push_device"), keys())
    assert PushDevice.objects.get().member == town.gardener
    client.post(reverse("push_device"), keys() | {"off": "1"})
    assert PushDevice.objects.exists()
    client.post(reverse("push_forget"), {"device": PushDevice.objects.get().pk})
    assert PushDevice.objects.exists()
    client_of(town.gardener).post(reverse("push_device"), keys() | {"off": "1"})
    assert not PushDevice.objects.exists()


def test_only_so_many_browsers_are_kept_for_a_member(town):
    client = client_of(town.handler)
    for number in range(pages.MOST_DEVICES + 3):
        client.post(reverse("push_device"), keys(number))
    assert PushDevice.objects.filter(member=town.handler).count() == pages.MOST_DEVICES


@pytest.mark.parametrize(
    "wrong",
    [{"endpoint": "https://evil.example.org/x"}, {"p256dh": "x"}, {"auth": "<>"}, {"endpoint": ""}],
)
def test_a_browser_at_an_unknown_service_or_with_nonsense_is_refused(town, wrong):
    answer = client_of(town.handler).post(reverse("push_device"), keys() | wrong)
    assert answer.status_code == 422 and not PushDevice.objects.exists()


def test_the_worker_of_push_is_a_script(town):
    answer = Client().get(reverse("push_worker"))
    assert answer["Content-Type"] == "text/javascript" and "push_worker" in answer.text


# --- undelivered ---------------------------------------------------------------------------------


@pytest.fixture
def dead(town):
    post.reach(town.handler)
    post.gateway(town)
    case = play.dispatched(town, town.urgent)
    post.told()
    Message.objects.filter(channel="sms").update(state="dead", tries=9, error="HTTP 503")
    return case


def test_dead_letters_are_shown_to_who_looks_after_the_system_and_go_again(town, dead):
    client = client_of(town.sysadmin)
    text = client.get(reverse("undelivered")).text
    assert dead.number in text and "HTTP 503" in text and town.handler.phone not in text
    message = Message.objects.get(channel="sms")
    client.post(reverse("undelivered"), {"message": message.pk})
    message.refresh_from_db()
    assert (message.state, message.tries, message.error) == ("waiting", 0, "")
    Message.objects.filter(pk=message.pk).update(state="dead")
    client.post(reverse("undelivered"), {"all": "1"})
    message.refresh_from_db()
    assert message.state == "waiting"


def test_nobody_else_sees_or_sends_them_again(town, dead):
    elsewhere = cast.make_city("OC", lon=115.0)
    message = Message.objects.get(channel="sms")
    other = client_of(elsewhere.sysadmin)
    assert dead.number not in other.get(reverse("undelivered")).text
    for given in ({"message": message.pk}, {"all": "1"}, {"message": "x"}, {}):
        other.post(reverse("undelivered"), given)
    assert Message.objects.get(channel="sms").state == "dead"
    for name in ("leader", "handler", "secadmin", "auditor"):
        assert client_of(getattr(town, name)).get(reverse("undelivered")).status_code == 403


def test_notices_that_could_not_be_told_are_tried_again(town, dead):
    Outbox.objects.create(
        step=dead.steps.last(), notice="nonsense", made_at=now.now(), to_member=town.handler
    )
    telling.tell()
    client = client_of(town.sysadmin)
    assert "nonsense" in client.get(reverse("undelivered")).text
    client.post(reverse("undelivered"), {"aside": "1"})
    assert Outbox.objects.not_told().get().error == ""


# --- the gateway in the administration -----------------------------------------------------------


def test_a_new_gateway_gets_a_secret_that_is_shown_once(town):
    client = client_of(town.sysadmin)
    given = {"city": town.city.pk, "url": "https://sms.example.org/in", "is_active": "on"}
    add = reverse("admin:incidents_gateway_add")
    page = client.post(add, given | {"secret": ""}, follow=True)
    made = Gateway.objects.get()
    assert made.secret.startswith("whsec_") and made.secret in page.text.replace("&#x3D;", "=")
    change = reverse("admin:incidents_gateway_change", args=[made.pk])
    assert made.secret not in client.get(change).text
    client.post(change, given | {"secret": "", "url": "https://sms.example.org/two"})
    kept = Gateway.objects.get()
    assert (kept.secret, kept.url) == (made.secret, "https://sms.example.org/two")
    client.post(change, given | {"secret": "another secret of sixteen"})
    assert Gateway.objects.get().secret == "another secret of sixteen"
    history = client.get(reverse("admin:incidents_gateway_history", args=[made.pk])).text
    assert "another secret" not in history


@pytest.mark.parametrize("url", ["ftp://x.example.org", "javascript:alert(1)", "x"])
def test_a_gateway_is_reached_by_http_alone(town, url):
    given = {"city": town.city.pk, "url": url, "is_active": "on"}
    client_of(town.sysadmin).post(reverse("admin:incidents_gateway_add"), given)
    assert not Gateway.objects.exists()


# --- who, and cost -------------------------------------------------------------------------------

PERSONAL = ("notices", "bell", "notice_settings")


@pytest.mark.parametrize("who", [name for name, _role, _place in cast.ACCOUNTS])
def test_every_member_has_notices_and_one_role_the_undelivered(town, who):
    client = client_of(getattr(town, who))
    for name in PERSONAL:
        assert client.get(reverse(name)).status_code == 200
    wanted = 200 if who == "sysadmin" else 403
    assert client.get(reverse("undelivered")).status_code == wanted


@pytest.mark.parametrize("name", [*PERSONAL, "undelivered"])
def test_a_stranger_signs_in_first(name):
    assert Client().get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["notices_read", "push_device", "push_forget", "undelivered"])
def test_a_stranger_changes_nothing(name):
    assert Client().post(reverse(name)).status_code == 302


def test_pages_take_few_queries_and_no_more_with_more_notices(
    town, dead, django_assert_max_num_queries
):
    pages_of = [
        (client_of(town.handler), "notices"),
        (client_of(town.handler), "notice_settings"),
        (client_of(town.sysadmin), "undelivered"),
    ]

    def costs():
        for client, name in pages_of:
            with django_assert_max_num_queries(12):
                assert client.get(reverse(name)).status_code == 200

    costs()
    due = (now.now() + timedelta(hours=5)).isoformat()
    for _each in range(6):
        case = play.dispatched(town)
        workflow.move(case, "supervise", town.leader, words="hurry", due=due)
    joint.call(
        town.street_handler,
        units=[town.water],
        due_at=now.now() + timedelta(minutes=30),
        subject="burst pipe",
        place="the gate",
    )
    post.told()
    Message.objects.exclude(channel="page").update(state="dead", collects=False)
    costs()


def test_the_bell_costs_one_query(town, case, django_assert_num_queries):
    client = client_of(town.handler)
    client.get(reverse("bell"))
    # member, posts, the count
    with django_assert_num_queries(3):
        assert json.loads(client.get(reverse("bell")).content)


def test_the_bell_is_asked_for_together_with_what_waits(town, case, django_assert_num_queries):
    assert town.handler.has_perm("incidents.handle_case")  # their posts are read
    with django_assert_num_queries(1):
        assert numbers_for(town.handler, with_waiting=True) == {"unread": 1, "waiting": 1}
    assert numbers_for(town.gardener, with_waiting=True) == {"unread": 0, "waiting": 0}
    assert numbers_for(town.assessor, with_waiting=False) == {"unread": 0, "waiting": 0}
