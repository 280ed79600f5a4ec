"""Connections in the store: whose they are, what of them a page can see, and what becomes of their secrets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from core.errors import ConflictError, InputError, NotFoundError
from core.portal import Store, Vault
from core.portal.customers.connections import CustomerConnection
from core.portal.sealing import seal
from core.portal.tables import releases
from core.request import Connection
from tests.portal.conftest import KEY
from tests.portal.customers.conftest import ACME, SHOP, Market

Form = Callable[..., Connection]
SECRET = "tok-5ecret"
SECRETS = {"bearer_token"}


def make(market: Market, form: Connection, **options: Any) -> CustomerConnection:
    return market.store.create_connection(SHOP, "p2", market.integration, form, SECRETS, **options)


def test_only_the_engine_gets_the_secret(market: Market, form: Form, tmp_path: Path):
    made = make(market, form(), target="sandbox", created_by="Carl")
    for shown in (made, market.store.get_connection(SHOP, made.id), *market.store.list_connections(SHOP)):
        assert shown.settings == Connection(name="Ours", fields={"region": "us"}, mappings={"user_id": "id"})
        assert (shown.secrets, shown.target, shown.created_by) == ({"bearer_token"}, "sandbox", "Carl")
        assert SECRET not in repr(shown)
    assert market.store.connection_settings(SHOP, made.id) == form()
    assert not any(SECRET.encode() in file.read_bytes() for file in tmp_path.iterdir())


def test_a_secret_stays_until_it_is_replaced_or_forgotten(market: Market, form: Form):
    made = make(market, form())

    def saved(**fields: Any) -> tuple[Any, frozenset[str]]:
        shown = market.store.update_connection(SHOP, made.id, Connection(name="New", fields=fields), SECRETS)
        return market.store.connection_settings(SHOP, made.id).fields, shown.secrets

    assert saved(region="eu") == ({"bearer_token": SECRET, "region": "eu"}, {"bearer_token"})
    assert saved(bearer_token="other") == ({"bearer_token": "other"}, {"bearer_token"})
    assert saved(bearer_token="") == ({}, frozenset())
    assert market.store.get_connection(SHOP, made.id).name == "New"


def test_nothing_of_another_organisation_is_there(market: Market, form: Form):
    made = make(market, form())
    store = market.store
    for org, connection_id in ((ACME, made.id), (SHOP, "x" * 16), (SHOP, "' OR 1=1 --"), (SHOP, "\0"), (SHOP, "")):
        for reach in (store.get_connection, store.connection_settings, store.delete_connection):
            with pytest.raises(NotFoundError, match="no such connection"):
                reach(org, connection_id)
        with pytest.raises(NotFoundError, match="no such connection"):
            store.update_connection(org, connection_id, form("Mine"), SECRETS)
    assert store.list_connections(ACME) == []
    with pytest.raises(NotFoundError, match="project"):
        store.create_connection(SHOP, "p1", market.integration, form(), SECRETS)
    assert store.get_connection(SHOP, made.id).name == "Ours"


def test_two_connections_to_one_destination_have_two_names(market: Market, form: Form):
    make(market, form())
    with pytest.raises(InputError, match="has this name"):
        make(market, form(" OURS "))
    other = make(market, form("Theirs"))
    with pytest.raises(InputError, match="has this name"):
        market.store.update_connection(SHOP, other.id, form(), SECRETS)
    market.store.update_connection(SHOP, other.id, form("theirs"), SECRETS)
    elsewhere = market.release()
    market.store.create_connection(SHOP, "p2", elsewhere, form(), SECRETS)
    assert [one.name for one in market.store.list_connections(SHOP, market.integration)] == ["Ours", "theirs"]


def test_a_connection_that_syncs_use_stays(market: Market, form: Form):
    made = make(market, form())
    cohort = market.cohort(["id"])
    sync = market.store.create_sync(SHOP, cohort, made.id, "daily", "Carl")
    assert market.store.syncs_of_connections(SHOP) == {made.id: 1}
    with pytest.raises(ConflictError, match="A sync uses it"):
        market.store.delete_connection(SHOP, made.id)
    market.store.delete_sync(SHOP, sync.id)
    market.store.delete_connection(SHOP, made.id)
    assert market.store.list_connections(SHOP) == []


def test_a_secret_under_a_lost_key_counts_as_not_filled_in(market: Market, form: Form, url: str, clock: Any):
    made = make(market, form())
    other = Store(url, Vault([Fernet.generate_key()]), clock=clock)
    assert other.connection_settings(SHOP, made.id).fields == {"region": "us"}
    other.close()


def test_a_rotation_takes_in_connections_projects_and_test_accounts(market: Market, form: Form, url: str, clock: Any):
    made = make(market, form())
    market.store.update_project(SHOP, "p2", {"secret": "project-secret"})
    account = {"fields": {"bearer_token": "for-the-review"}}
    with market.store._write() as connection:
        sealed = seal({"account": account}, frozenset({"account"}), Vault([KEY]))["account"]
        connection.execute(releases.update().values(test_account=sealed))
    new = Fernet.generate_key()
    both = Store(url, Vault([new, KEY]), clock=clock)
    done = both.reseal_secrets()
    both.close()
    assert (done.secrets, done.unreadable) == (3, 0)
    rotated = Store(url, Vault([new]), clock=clock)
    assert rotated.connection_settings(SHOP, made.id) == form()
    assert rotated.project_secret(SHOP, "p2") == "project-secret"
    assert rotated.test_account(market.reviewer, market.integration, 1) == account
    rotated.close()
