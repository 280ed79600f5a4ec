"""Configure: what is edited on the left is saved, checked beside its field, and rendered on the right."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.destination import EXAMPLE
from core.integration import Integration
from core.portal import Store, Stored
from core.portal.cohorts.keeping import add_snapshot
from core.portal.demo import DEMO_ORG
from core.portal.review import evidence_for
from core.settings import Settings
from tests.pages.conftest import OpenPage

HOSTILE = "$x$ ![](http://evil.test/x.png) :red[x] <b> | `"
SECRET = "s3cr3t-token-value"
FILLED: dict[str, Any] = {
    "display_name": "Acme Messaging",
    "auth": {"method": "bearer", "token": "$bearer_token"},
    "custom_fields": [
        {"variable": "bearer_token", "display_name": "Bearer Token", "secret": True},
        {
            "variable": "platform",
            "display_name": "Platform",
            "field_type": "button_group",
            "options": [{"label": "iOS", "value": "ios"}, {"label": "Android", "value": "android"}],
            "default": "ios",
        },
    ],
    "headers": [{"name": "X-Platform", "value": "$platform"}],
    "mapping_fields": [
        {"variable": "user_id_field_amplitude", "display_name": "User ID Mapping", "target_name": "User ID"}
    ],
    "endpoints": {
        "create_list": {"url": "https://api.example.com/lists", "payload": '{"name": "$amp_cohort_name"}'},
        "add_users": {
            "url": "https://api.example.com/lists/$list_id/add",
            "payload": '{"userIds": $items}',
            "item": '"$user_id_field_amplitude"',
            "batch_size": 500,
            "errors": [{"status": 404, "reason": "Gone", "message": "Create it again."}],
        },
    },
}


@pytest.fixture
def made(store: Store) -> Stored:
    return create(store)


def create(store: Store, **changes: Any) -> Stored:
    """A filled-in integration in the store, with some of its parts replaced."""
    return store.create_integration(DEMO_ORG, Integration.model_validate({**FILLED, **changes}).model_dump(mode="json"))


@pytest.fixture
def destination() -> Iterator[str]:
    """A destination on a loopback port: `/STATUS/...` answers with that status, and nests the id of a new list."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            answer = {"data": {"id": "L-42"}, "seen": self.headers["Authorization"]}
            body = b"<html>Sorry</html>" if "html" in self.path else json.dumps(answer).encode()
            self.send_response(int(self.path.split("/")[1]))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def document(store: Store, made: Stored) -> dict[str, Any]:
    return store.get(DEMO_ORG, made.id).document


def box(page: AppTest, label: str, number: int = 0) -> Any:
    return [found for found in page.text_input if found.label == label][number]


def button(page: AppTest, label: str, number: int = 0) -> Any:
    return [found for found in page.button if found.label == label][number]


def control(page: AppTest, label: str, number: int = 0) -> Any:
    return [found for found in page.segmented_control if found.label == label][number]


def shown(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption))


def code(page: AppTest) -> str:
    return "\n".join(element.value for element in page.code)


def click(page: AppTest, label: str, number: int = 0) -> None:
    button(page, label, number).click().run()
    assert not page.exception


def unfold(page: AppTest, key: str) -> None:
    page.session_state[key] = True
    page.run()
    assert not page.exception


def choose_endpoint(page: AppTest, name: str) -> None:
    control(page, "Endpoint").set_value(name).run()
    assert not page.exception


def send(page: AppTest) -> None:
    control(page, "Send to").set_value("My endpoint").run()
    click(page, "Send test request")


def test_an_integration_whose_id_bears_two_underscores_can_be_edited(
    store: Store, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("core.portal.integrations.new_id", lambda: "Ld5_9V4WVJCAn__x")
    page = open_page("configure", create(store).id)
    assert any(title.value == "Acme Messaging" for title in page.title)


def test_choosing_a_method_brings_its_fields_and_takes_the_old_ones(store: Store, made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    control(page, "Method").set_value("basic").run()
    variables = [field["variable"] for field in document(store, made)["custom_fields"]]
    assert variables == ["api_key", "api_secret", "platform"]
    assert "Authorization: Basic" in shown(page)


def test_a_field_of_the_old_method_that_is_used_elsewhere_stays(store: Store, open_page: OpenPage):
    made = create(store, headers=[{"name": "X-Token", "value": "$bearer_token"}])
    page = open_page("configure", made.id)
    control(page, "Method").set_value("none").run()
    assert "bearer_token" in [field["variable"] for field in document(store, made)["custom_fields"]]


def test_a_row_taken_out_of_the_middle_leaves_the_others_as_they_were(store: Store, open_page: OpenPage):
    names = ["one", "two", "three"]
    fields = [{"variable": name, "display_name": name.title()} for name in names]
    made = create(store, custom_fields=fields)
    page = open_page("configure", made.id)
    box(page, "Display name", 1).set_value("Changed").run()
    click(page, "Remove Changed")
    assert [box(page, "Variable", number).value for number in range(2)] == ["one", "three"]
    assert [field["variable"] for field in document(store, made)["custom_fields"]] == ["one", "three"]


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        ('{"userIds": $itmes}', r"Did you mean \$items?"),
        ('{"userIds": "$items"}', "Drop the quotes"),
        ("not json", r"Add users › Payload"),
    ],
)
def test_a_mistake_in_a_payload_shows_on_the_right_instead_of_a_request(
    store: Store, open_page: OpenPage, payload: str, sentence: str
):
    endpoints = {**FILLED["endpoints"], "add_users": {**FILLED["endpoints"]["add_users"], "payload": payload}}
    made = create(store, endpoints=endpoints)
    page = open_page("configure", made.id)
    choose_endpoint(page, "add_users")
    assert sentence in shown(page)
    assert "userIds" not in code(page)


def test_a_url_without_a_scheme_is_named_beside_its_field(made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    box(page, "URL").set_value("api.example.com/lists").run()
    assert "http" in shown(page)
    assert "POST" not in code(page)


def test_the_form_feeds_the_request_and_outlives_a_reload_with_its_secret_sealed(
    store: Store, made: Stored, open_page: OpenPage
):
    page = open_page("configure", made.id)
    box(page, "Bearer Token").set_value(SECRET).run()
    control(page, "Platform").set_value("android").run()
    again = open_page("configure", made.id)
    assert "`android`" in shown(again)
    assert "Bearer \\*\\*\\*" in shown(again) or "Bearer ***" in shown(again)
    assert box(again, "Bearer Token").value == ""
    assert "saved" in box(again, "Bearer Token").placeholder
    assert store.get_test_settings(DEMO_ORG, made.id)["fields"]["bearer_token"] == SECRET
    assert SECRET not in shown(again) + code(again)


def test_the_curl_command_shows_a_secret_only_when_it_is_asked_to(made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    box(page, "Bearer Token").set_value(SECRET).run()
    assert "$BEARER_TOKEN" in code(page)
    next(toggle for toggle in page.toggle if toggle.label == "With my secrets").set_value(True).run()
    assert SECRET in code(page)


def test_an_empty_required_field_is_named_when_the_request_is_sent(made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    send(page)
    assert "Fill in Bearer Token in the Connect form" in shown(page)


def test_a_list_id_at_another_path_is_taken_over_with_a_click(
    store: Store, made: Stored, open_page: OpenPage, destination: str
):
    page = open_page("configure", made.id)
    box(page, "Bearer Token").set_value(SECRET).run()
    box(page, "URL").set_value(f"{destination}/200/lists").run()
    send(page)
    assert "There is nothing at" in shown(page)
    assert SECRET not in shown(page) + code(page)
    click(page, "`data.id`")
    assert document(store, made)["endpoints"]["create_list"]["list_id_path"] == "data.id"
    assert "`$list_id` is `L-42`" in shown(page)
    choose_endpoint(page, "add_users")
    assert "/lists/L-42/add" in code(page)
    click(page, "Clear list id")
    assert "/lists/LIST_ID/add" in code(page)


def test_an_unclassified_answer_becomes_a_rule_with_a_click(
    store: Store, made: Stored, open_page: OpenPage, destination: str
):
    page = open_page("configure", made.id)
    box(page, "Bearer Token").set_value(SECRET).run()
    box(page, "URL").set_value(f"{destination}/422/lists").run()
    send(page)
    click(page, "Add a rule for this answer")
    assert document(store, made)["endpoints"]["create_list"]["errors"][0]["status"] == 422
    assert "Add a rule for this answer" not in [found.label for found in page.button]


def test_a_test_request_counts_as_a_test_of_the_endpoint_as_it_stands(
    store: Store, made: Stored, open_page: OpenPage, destination: str
):
    def tested() -> str:
        return evidence_for(store, DEMO_ORG, made.id, document(store, made)).endpoints["create_list"].state

    page = open_page("configure", made.id)
    box(page, "Bearer Token").set_value(SECRET).run()
    box(page, "URL").set_value(f"{destination}/200/lists").run()
    box(page, "Path to the list id").set_value("data.id").run()
    assert tested() == "never"
    send(page)
    assert tested() == "tested"
    box(page, "URL").set_value(f"{destination}/200/other").run()
    assert tested() == "never"
    kept = [store.run_events(DEMO_ORG, run.id) for run in store.list_runs(DEMO_ORG, made.id, kind="single")]
    assert len(kept) == 1
    assert SECRET not in repr(kept)


def test_html_and_a_refused_connection_are_said_in_a_sentence(made: Stored, open_page: OpenPage, destination: str):
    page = open_page("configure", made.id)
    box(page, "Bearer Token").set_value(SECRET).run()
    box(page, "URL").set_value(f"{destination}/200/html").run()
    send(page)
    assert "but the answer has HTML" in shown(page)
    box(page, "URL").set_value("http://127.0.0.1:9/").run()
    click(page, "Send test request")
    assert "refused the connection" in shown(page)


def test_an_endpoint_that_is_missing_is_one_click_away(store: Store, made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    choose_endpoint(page, "remove_users")
    click(page, "Copy from Add users")
    copied = document(store, made)["endpoints"]["remove_users"]
    assert (copied["batch_size"], copied["item"]) == (500, '"$user_id_field_amplitude"')


def test_without_list_creation_the_customer_gives_the_list_id(store: Store, made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    unfold(page, "more_create_list")
    click(page, "Remove: the customer gives the list id")
    assert document(store, made)["endpoints"]["create_list"] is None
    assert box(page, "List ID").value == ""
    click(page, "Configure list creation")
    assert "list_id" not in [field["variable"] for field in document(store, made)["custom_fields"]]


def test_rules_are_suggested_and_copied_without_doubles(store: Store, made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    unfold(page, "rules_create_list")
    click(page, "Add suggested: 400, 401, 404, 429")
    click(page, "Copy from Add users")
    statuses = [rule["status"] for rule in document(store, made)["endpoints"]["create_list"]["errors"]]
    assert statuses == [400, 401, 404, 429]


def test_a_sub_error_code_that_is_no_object_is_refused_and_not_saved(store: Store, made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    choose_endpoint(page, "add_users")
    unfold(page, "rules_add_users")
    box(page, "Sub error code").set_value("1000").run()
    assert "Not saved" in shown(page)
    box(page, "Sub error code").set_value('{"error_code": 1000}').run()
    assert "Not saved" not in shown(page)
    assert document(store, made)["endpoints"]["add_users"]["errors"][0]["body"] == {"error_code": 1000}


def test_an_endpoint_can_have_its_own_authentication(store: Store, made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    unfold(page, "more_create_list")
    next(toggle for toggle in page.toggle if toggle.label == "Own authentication").set_value(True).run()
    assert document(store, made)["endpoints"]["create_list"]["auth"]["method"] == "bearer"
    control(page, "Method", 1).set_value("none").run()
    assert document(store, made)["endpoints"]["create_list"]["auth"] == {"method": "none"}
    assert document(store, made)["auth"]["method"] == "bearer"


def test_other_users_come_with_a_click(made: Stored, open_page: OpenPage):
    page = open_page("configure", made.id)
    choose_endpoint(page, "add_users")
    before = code(page)
    click(page, "Regenerate")
    assert code(page) != before


def test_hostile_names_are_escaped_or_stand_in_code(store: Store, open_page: OpenPage):
    fields = [{"variable": HOSTILE, "display_name": HOSTILE, "help": HOSTILE}]
    made = create(
        store, display_name=HOSTILE, custom_fields=fields, headers=[{"name": HOSTILE, "value": HOSTILE}],
        mapping_fields=[{"variable": "user", "display_name": HOSTILE, "target_name": HOSTILE}],
    )  # fmt: skip
    page = open_page("configure", made.id)
    labels = [element.label for kind in (page.text_input, page.selectbox, page.button) for element in kind]
    outside_code = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", "\n".join((shown(page), *labels)))
    assert "evil" in shown(page)
    assert "![](" not in outside_code
    assert ":red[x]" not in outside_code


def test_a_new_integration_opens_and_says_where_to_begin(store: Store, open_page: OpenPage):
    new = Integration(display_name="New", type="property")
    made = store.create_integration(DEMO_ORG, new.model_dump(mode="json"))
    page = open_page("configure", made.id)
    assert "Without a mapping field no request can name a user" in shown(page)
    click(page, "Add mapping field")
    click(page, "Configure update users")
    box(page, "URL").set_value("https://api.example.com/users").run()
    assert '"batch"' in code(page)


def test_a_list_of_the_sandbox_is_not_used_at_the_partners_own_endpoint(store: Store, open_page: OpenPage) -> None:
    made = store.create_integration(DEMO_ORG, EXAMPLE.model_dump(mode="json")).id
    store.save_test_settings(DEMO_ORG, made, {"list_id": "L1", "list_id_from": "Sandbox"}, [])
    page = open_page("configure", made)
    next(one for one in page.segmented_control if one.label == "Send to").set_value("My endpoint").run()

    assert not page.exception
    assert (store.get_test_settings(DEMO_ORG, made) or {})["list_id"] is None


def test_the_mappings_choose_from_the_properties_of_the_chosen_project(
    store: Store, made: Stored, open_page: OpenPage
) -> None:
    store.add_project("500001", DEMO_ORG, "Second shop", "another-api-key")
    for project, column in (("378831", "first_column"), ("500001", "second_column")):
        cohort = store.create_cohort(DEMO_ORG, project, f"Cohort of {project}", {"kind": "upload"})
        content = io.BytesIO(f"{column},user_id\na,u-{project}\n".encode())
        add_snapshot(store, Settings.from_environment(), DEMO_ORG, cohort.id, "a.csv", content, datetime.now(UTC))
    page = open_page("configure", made.id)
    choice = page.selectbox(key=f"project-{made.id}")
    assert choice.options == ["Demo project (378831)", "Second shop (500001)"]
    assert mapping_options(page)[:2] == ["first_column", "user_id"]
    choice.select("500001").run()
    assert mapping_options(page)[:2] == ["second_column", "user_id"]
    choose_endpoint(page, "add_users")
    assert '["u-500001"]' in "".join(code(page).split())


def mapping_options(page: AppTest) -> list[str]:
    return next(list(one.options) for one in page.selectbox if one.label == "User ID Mapping")
