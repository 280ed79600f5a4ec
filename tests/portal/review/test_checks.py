"""What keeps a release from being submitted, and what only warns: each rule broken alone in a document that passes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from core.integration import Integration
from core.portal.demo import EXAMPLES, read_examples
from core.portal.review import publication_report
from core.portal.review.checks import Surroundings, findings, release_report
from tests.portal.review.world import ACCOUNT, DOCUMENT, World, picture

TESTED: dict[str, Any] = {"create_list": "tested", "add_users": "tested", "remove_users": "tested"}
AROUND: dict[str, Any] = {"logo": picture(), "tested": TESTED, "account": ACCOUNT}


def found(change: tuple[str, Any] | None = None, **around: Any) -> set[tuple[str, str, str]]:
    document = copy.deepcopy(DOCUMENT)
    if change is not None:
        *path, last = change[0].split(".")
        target: Any = document
        for step in path:
            target = target[int(step)] if isinstance(target, list) else target[step]
        target[int(last) if isinstance(target, list) else last] = change[1]
    report = findings(Integration.model_validate(document), Surroundings(**{**AROUND, **around}))
    return {(one.severity, one.id, one.place) for one in report}


def test_a_release_that_is_ready_has_no_findings():
    assert found() == set()


@pytest.mark.parametrize(
    ("place", "value", "finding"),
    [
        ("summary", " ", ("error", "summary-missing", "summary")),
        ("description", "", ("error", "description-missing", "description")),
        ("description", "Lorem ipsum dolor sit amet.", ("error", "text-placeholder", "description")),
        ("summary", "TODO", ("error", "text-placeholder", "summary")),
        ("summary", "This is a test.", ("error", "text-placeholder", "summary")),
        ("display_name", "Test integration", ("error", "text-placeholder", "display_name")),
        (
            "summary",
            "Send push messages and  emails to the users of a cohort.",
            ("warning", "text-of-example", "summary"),
        ),
        (
            "endpoints.add_users.url",
            "http://api.acme.io/$list_id",
            ("error", "url-not-https", "endpoints.add_users.url"),
        ),
        ("endpoints.add_users.url", "http://localhost/$list_id", ("error", "url-not-https", "endpoints.add_users.url")),
        (
            "endpoints.add_users.url",
            "https://api.example.com/$list_id",
            ("warning", "host-reserved", "endpoints.add_users.url"),
        ),
        (
            "endpoints.create_list.errors",
            [{"status": "4xx", "reason": "No", "message": "Do it.", "body": None}],
            None,
        ),
        (
            "endpoints.create_list.errors",
            [{"status": 400, "reason": "No", "message": "Do it.", "body": {"code": 1}}],
            ("warning", "errors-unclassified", "endpoints.create_list.errors"),
        ),
        ("endpoints.add_users.item", '{"u": "$nope"}', ("error", "item.unknown-variable", "endpoints.add_users.item")),
    ],
)
def test_each_rule_names_its_place(place: str, value: Any, finding: tuple[str, str, str] | None):
    if finding is None:
        assert found((place, value)) == set()
    else:
        assert finding in found((place, value))


@pytest.mark.parametrize(
    "name", ["A contest finder", "Testimonials", "Latest news", "Protest watch", "Test Labs Europe"]
)
def test_a_name_that_only_sounds_like_a_placeholder_passes(name: str):
    assert ("error", "text-placeholder", "display_name") not in found(("display_name", name))


@pytest.mark.parametrize(
    ("around", "finding"),
    [
        ({"logo": None}, ("error", "logo-missing", "logo")),
        ({"logo": picture(64, 80)}, ("warning", "logo-not-square", "logo")),
        ({"name_taken": True}, ("error", "name-taken", "display_name")),
        ({"tested": {**TESTED, "add_users": "sandbox"}}, ("warning", "endpoint-sandbox-only", "endpoints.add_users")),
        ({"tested": {**TESTED, "add_users": "never"}}, ("error", "endpoint-untested", "endpoints.add_users")),
        ({"tested": {}}, ("error", "endpoint-untested", "endpoints.remove_users")),
        ({"account": {}}, ("error", "test-account", "test_account.fields.bearer_token")),
        (
            {"account": {"fields": {"bearer_token": "short"}}},
            ("error", "test-account", "test_account.fields.bearer_token"),
        ),
        ({"account": {"fields": ["x"]}}, ("error", "test-account", "test_account")),
        ({"account": {**ACCOUNT, "access": " "}}, ("warning", "test-account-access", "test_account.access")),
    ],
)
def test_what_is_around_the_document_counts(around: dict[str, Any], finding: tuple[str, str, str]):
    assert found(**around) == {finding} or finding in found(**around)


def test_an_unused_field_keeps_a_release_back():
    extra = {"variable": "nobody", "display_name": "Nobody"}
    fields = [*DOCUMENT["custom_fields"], extra]
    assert ("error", "variable-unused", "custom_fields.2") in found(("custom_fields", fields), account=None)


SECRETS = [
    ("auth.token", "sk_live_4eC39HqLyjWDarjtT1zdp7dc"),
    ("auth.token", "Abcdef1234567890"),
    ("headers.0", {"name": "X-Api-Key", "value": "a1b2c3d4e5"}),
    ("headers.0", {"name": "Authorization", "value": "App 0123456789abcdef"}),
    ("headers.0", {"name": "X-Trace", "value": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc"}),
    ("endpoints.add_users.url", "https://api.acme.io/$list_id?api_key=9f8e7d6c5b4a"),
    ("endpoints.add_users.url", "https://hooks.acme.io/T0AAB12/B0CC/Xy9Zq8Rt7Lm6Np5Kj4Hg3Fd2/$list_id"),
    ("endpoints.add_users.payload", '{"token": "pa55word-literal", "users": $items}'),
    ("endpoints.add_users.payload", '{"k": "0123456789abcdef0123456789abcdef", "users": $items}'),
]
WORDS = [
    ("auth.token", "$bearer_token"),
    ("auth.token", "prefix-$bearer_token"),
    ("headers.0", {"name": "X-Api-Version", "value": "2026-07-15"}),
    ("headers.0", {"name": "X-Api-Key", "value": "${bearer_token}"}),
    ("headers.0", {"name": "X-Environment", "value": "6f9619ff-8b86-d011-b42d-00cf4fc964ff"}),
    ("endpoints.add_users.url", "https://api.acme.io/v1/audience_membership_collections/$list_id?key=$bearer_token"),
    ("endpoints.add_users.payload", '{"tokenType": "email", "authorization_scheme": "v2", "users": $items}'),
    ("endpoints.add_users.payload", '{"type": "UserProfileMembershipUpdateRequest", "users": $items}'),
]


@pytest.mark.parametrize(("place", "value"), SECRETS)
def test_a_credential_in_a_template_is_found_and_not_quoted(place: str, value: Any):
    ids = {(severity, id) for severity, id, _ in found((place, value))}
    assert ("error", "secret-in-template") in ids
    document = copy.deepcopy(DOCUMENT)
    document["auth"]["token"] = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
    assert "sk_live" not in repr(findings(Integration.model_validate(document), Surroundings()))


@pytest.mark.parametrize(("place", "value"), WORDS)
def test_ordinary_words_are_no_credentials(place: str, value: Any):
    assert "secret-in-template" not in {id for _, id, _ in found((place, value))}


def test_a_secret_that_was_tested_with_is_found_wherever_it_stands():
    change = ("endpoints.add_users.payload", '{"x": "oursecret", "users": $items}')
    assert "secret-in-template" not in {id for _, id, _ in found(change)}
    assert "secret-in-template" in {id for _, id, _ in found(change, secrets=["oursecret"])}


def test_the_report_of_a_draft_knows_its_tests_its_logo_and_its_test_settings(world: World):
    made = world.integration()
    assert publication_report(world.store, world.partner, made, test_account=ACCOUNT) == ()
    ids = {one.id for one in publication_report(world.store, world.partner, made)}
    assert ids == {"test-account", "test-account-access"}
    world.store.set_logo("acme", made, None)
    stored = world.store.get("acme", made)
    document = copy.deepcopy(stored.document)
    document["endpoints"]["add_users"]["payload"] = '{"x": "hunter-two", "users": $items}'
    world.store.save("acme", made, stored.revision, document)
    world.store.save_test_settings("acme", made, {"fields": {"bearer_token": "hunter-two"}}, ["bearer_token"])
    ids = {one.id for one in publication_report(world.store, world.partner, made, test_account=ACCOUNT)}
    assert ids == {"logo-missing", "secret-in-template", "endpoint-untested"}


def test_the_reviewer_reads_the_report_of_what_was_submitted(world: World):
    made = world.integration()
    number = world.submitted(made)
    world.edit(made, summary="")
    assert release_report(world.store, world.reviewer, made, number) == ()


def test_the_examples_lack_nothing_but_words_hosts_and_tests_of_their_own():
    for example in read_examples(EXAMPLES):
        ids = {one.id for one in findings(example.integration, Surroundings(logo=picture(), tested=None))}
        assert ids <= {"text-of-example", "host-reserved", "errors-unclassified"}, example.name
