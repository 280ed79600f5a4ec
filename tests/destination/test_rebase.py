"""Pointing an integration at the sandbox changes scheme and host, and nothing else."""

from __future__ import annotations

import pytest

from core.destination import sandboxed
from core.destination.rebase import path_prefixes
from tests.destination.sandbox_partners import plain_list, with_one_url

BASE = "http://127.0.0.1:8000/sandbox/KEY"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.example.com/lists/$list_id/add?x=$user_id", f"{BASE}/lists/$list_id/add?x=$user_id"),
        ("https://$dc.api.example.com:8443/x", f"{BASE}/x"),
        ("https://${dc|lower}.example.com/x", f"{BASE}/x"),
        ("https://${dc|default:a/b}.example.com/x", f"{BASE}/x"),
        ("HTTP://api.example.com", BASE),
        ("https://api.example.com?x=1", f"{BASE}?x=1"),
        ("https://[::1]:80/x", f"{BASE}/x"),
        ("not a url", "not a url"),
    ],
)
def test_scheme_and_host_are_replaced(url: str, expected: str) -> None:
    changed = sandboxed(plain_list(endpoints={"add_users": {"url": url}}), f"{BASE}/").endpoints.add_users
    assert changed is not None
    assert changed.url == expected


def test_everything_else_stays() -> None:
    integration = with_one_url()
    changed = sandboxed(integration, BASE)
    back = changed.model_copy(update={"endpoints": integration.endpoints})
    assert back == integration
    assert changed.endpoints.add_users is not None
    assert changed.endpoints.add_users.url == f"{BASE}/3.0/lists/$audience_id/segments/$list_id"


def test_the_same_call_on_two_hosts_gets_a_prefix() -> None:
    endpoints = {
        "add_users": {"url": "https://add.example.com/v1/$list_id"},
        "remove_users": {"url": "https://remove.example.com/v1/all"},
    }
    integration = plain_list(endpoints=endpoints)
    assert path_prefixes(integration) == {"add_users": "/host2", "remove_users": "/host3"}
    assert sandboxed(integration, BASE).endpoints.remove_users.url == f"{BASE}/host3/v1/all"  # type: ignore[union-attr]


def test_two_hosts_with_different_calls_need_no_prefix() -> None:
    endpoints = {"remove_users": {"url": "https://remove.example.com/v1/all"}}
    assert path_prefixes(plain_list(endpoints=endpoints)) == {}
    same_path = {"remove_users": {"url": "https://remove.example.com/lists/$list_id/add", "method": "DELETE"}}
    assert path_prefixes(plain_list(endpoints=same_path)) == {}
