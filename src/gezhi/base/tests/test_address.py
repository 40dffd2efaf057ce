"""Where a request comes from: only our own proxies are believed about it."""

from ipaddress import ip_network

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory, override_settings

from gezhi.base import env
from gezhi.base.http import address_of

PROXIES = [ip_network("10.0.0.0/8"), ip_network("::1")]
OUTSIDE, NEAR, FAR = "203.0.113.7", "10.0.0.1", "10.1.2.3"


@pytest.mark.parametrize(
    ("remote", "told", "found"),
    [
        (OUTSIDE, "", OUTSIDE),
        (OUTSIDE, "198.51.100.1", OUTSIDE),  # no proxy of ours: it may say what it likes
        (NEAR, "", NEAR),
        (NEAR, OUTSIDE, OUTSIDE),
        (NEAR, f"1.1.1.1, {OUTSIDE}", OUTSIDE),  # what stands left of it, the asker wrote
        (NEAR, f"1.1.1.1, {OUTSIDE}, {FAR}", OUTSIDE),  # through two of ours
        (NEAR, "nonsense", NEAR),
        (NEAR, f"{OUTSIDE}, nonsense", NEAR),
        (NEAR, FAR, FAR),
        ("::1", "[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:10.0.0.1", f"{OUTSIDE}:51234", OUTSIDE),
        ("", "", ""),
    ],
)
def test_only_our_own_proxies_are_believed(remote: str, told: str, found: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=remote, headers={"X-Forwarded-For": told})
    with override_settings(PROXIES=PROXIES):
        assert address_of(request) == found


def test_without_proxies_nobody_is_believed() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=NEAR, headers={"X-Forwarded-For": OUTSIDE})
    assert address_of(request) == NEAR


def test_what_is_no_network_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEZHI_PROXIES", "10.0.0.0/8, proxy.local")
    with pytest.raises(ImproperlyConfigured, match="GEZHI_PROXIES"):
        env.networks("GEZHI_PROXIES", "")
