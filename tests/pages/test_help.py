"""Help: every topic has a text of its own, can be linked to, and no dollar sign of it becomes a formula."""

from __future__ import annotations

import re

import pytest

from pages.parts import guide
from tests.pages.conftest import OpenPage


@pytest.mark.parametrize("name", guide.TOPICS)
def test_a_topic_opens_by_its_link(open_page: OpenPage, name: str):
    page = open_page("help")
    page.query_params["topic"] = name
    page.run()
    assert not page.exception
    assert any(shown.value == guide.text(name).strip() for shown in page.markdown)


def test_an_unknown_topic_opens_the_first(open_page: OpenPage):
    assert guide.text("../../README") == guide.text("prerequisites")


@pytest.mark.parametrize("name", guide.TOPICS)
def test_a_variable_stands_in_code_where_no_formula_can_come_of_it(name: str):
    assert "$" not in re.sub(r"`[^`]*`", "", guide.text(name))
