"""The template editor in a real browser, behind the portal's own security headers."""

from __future__ import annotations

import json
import re

import pytest
from driver import APPS, NewPage, Record, Servers, ready
from playwright.sync_api import Locator, Page, expect

CONTRAST = """
(root) => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number)
  const over = ([r, g, b, a = 1], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)]
  const light = colour => {
    const [r, g, b] = colour.map(v => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const found = {}
  const parts = "label, pre span, [data-part=gutter] span, [data-part=message], [role=option] span"
  for (const part of root.querySelectorAll(parts)) {
    if (!part.textContent.trim()) continue
    const layers = []
    for (let at = part; at; at = at.parentElement ?? at.getRootNode().host)
      layers.push(getComputedStyle(at).backgroundColor)
    const ground = layers.reverse().map(numbers).reduce((below, layer) => over(layer, below), [255, 255, 255])
    const text = over(numbers(getComputedStyle(part).color), ground)
    const [high, low] = [light(text), light(ground)].sort((a, b) => b - a)
    found[`${part.tagName} ${part.className} ${part.dataset.part ?? ""}`] = (high + 0.05) / (low + 0.05)
  }
  return found
}
"""


@pytest.fixture(scope="module")
def editor_server(servers: Servers) -> str:
    return servers.start(APPS / "editor_server.py")


@pytest.fixture
def opened(editor_server: str, page: Page) -> Page:
    page.goto(editor_server)
    ready(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.locator("pre span.key").first).to_be_visible()  # the component's own script has drawn it
    return page


def payload(page: Page) -> Locator:
    return page.get_by_role("textbox", name="API payload")


def clear(page: Page) -> None:
    payload(page).click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.press("Delete")


def seen_by_python(page: Page, text: str) -> None:
    """Waits until the page's script has the text; it is shown there as JSON."""
    expect(page.locator(".st-key-seen code")).to_have_text(json.dumps(text), use_inner_text=True)


def spans(page: Page, kind: str) -> list[str]:
    return page.locator(f"pre span.{kind}").all_inner_texts()


def focused(page: Page) -> bool:
    return bool(payload(page).evaluate("box => box.getRootNode().activeElement === box"))


def test_it_colours_json_and_variables(opened: Page) -> None:
    assert spans(opened, "key")[:3] == ['"name"', '"price"', '"list"']
    assert spans(opened, "variable")[:3] == ["$amp_cohort_name", "$list_id", "$items"]
    assert spans(opened, "number") == ["-1.5e3"]
    assert spans(opened, "literal") == ["true"]
    assert spans(opened, "escape") == ["$$"]
    assert spans(opened, "unknown") == []


def test_a_name_that_is_known_and_not_offered_is_no_unknown_one(opened: Page) -> None:
    clear(opened)
    opened.keyboard.insert_text("$cohort_name $cohort_nam ")
    assert (spans(opened, "variable")[:1], spans(opened, "unknown")) == (["$cohort_name"], ["$cohort_nam"])
    assert opened.get_by_role("option", name="$cohort_name", exact=True).count() == 0


def test_the_coloured_text_is_the_text(opened: Page) -> None:
    clear(opened)
    odd = '{"é😀\\"": "${email|default:\\"}$", "x": tru $$$items ${ \'<b>&amp;\t"unended\n-12.e5 $9 "'
    opened.keyboard.insert_text(odd)
    assert opened.locator("pre[data-part=code]").first.text_content() == payload(opened).input_value() + " \n"


def test_what_is_typed_reaches_python_without_leaving_the_editor(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("[1, 2")
    seen_by_python(opened, "[1, 2]")
    assert focused(opened)
    opened.keyboard.type(", 3")
    seen_by_python(opened, "[1, 2, 3]")


def test_leaving_the_editor_commits_at_once(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("7")
    payload(opened).blur()
    seen_by_python(opened, "7")


def test_a_dollar_offers_the_variables_and_filters_them(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("$")
    options = opened.get_by_role("option")
    expect(options).to_have_count(6)
    expect(options.first).to_contain_text("name of the cohort")
    opened.keyboard.type("am")
    expect(options).to_have_count(2)
    opened.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    opened.keyboard.press("Enter")
    seen_by_python(opened, "$amp_cohort_id")
    expect(options).to_have_count(0)


def test_inside_braces_the_caret_stays_where_a_filter_follows(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type('"${em')
    opened.keyboard.press("Tab")
    opened.keyboard.type('|lower}"')
    seen_by_python(opened, '"${email|lower}"')
    assert "${email|lower}" in spans(opened, "variable")


def test_a_variable_can_be_chosen_with_the_mouse(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("[$")
    opened.get_by_role("option", name="$list_id").click()
    seen_by_python(opened, "[$list_id]")
    assert focused(opened)


def test_escape_closes_the_list_and_leaves_the_text(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("$li")
    opened.keyboard.press("Escape")
    expect(opened.get_by_role("option")).to_have_count(0)
    assert payload(opened).input_value() == "$li"


def test_two_dollars_are_a_dollar_and_offer_nothing(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type('"$$e')
    expect(opened.get_by_role("option")).to_have_count(0)


def test_a_mistake_is_underlined_and_told(opened: Page) -> None:
    clear(opened)
    opened.keyboard.insert_text('{\n  "😀": $itmes}')
    message = opened.get_by_role("status").first
    expect(message).to_have_text("Line 2, column 8: $itmes is not a variable. Did you mean $items?")
    assert spans(opened, "mistake") == ["$itmes"]
    expect(payload(opened)).to_have_attribute("aria-invalid", "true")

    box = opened.locator("pre span.mistake").bounding_box()
    assert box is not None
    opened.mouse.move(box["x"] + 5, box["y"] + 5)
    expect(payload(opened)).to_have_attribute("title", re.compile("is not a variable"))

    opened.keyboard.press("ControlOrMeta+Home")
    opened.keyboard.insert_text("\n")
    expect(message).to_contain_text("Line 3, column 8")
    opened.keyboard.press("ControlOrMeta+End")
    for _ in range(4):
        opened.keyboard.press("Backspace")
    expect(message).to_have_text("")


def test_python_replaces_the_text_with_a_new_revision(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("1")
    opened.get_by_role("button", name="Copy from another endpoint").click()
    expect(payload(opened)).to_have_value('{"copied": $items}')
    seen_by_python(opened, '{"copied": $items}')
    payload(opened).click()
    opened.keyboard.press("ControlOrMeta+End")
    opened.keyboard.type(" ")
    seen_by_python(opened, '{"copied": $items} ')


def test_a_new_revision_with_the_same_text_changes_nothing(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("$li")
    opened.keyboard.press("Tab")
    seen_by_python(opened, "$list_id")
    opened.get_by_role("button", name="Something else changed").click()
    expect(opened.locator("[data-test-script-state=notRunning]")).to_be_visible()
    payload(opened).focus()
    opened.keyboard.press("ControlOrMeta+z")
    seen_by_python(opened, "$li")


def test_a_change_calls_back_with_the_new_text(opened: Page) -> None:
    expect(opened.locator(".st-key-changed")).to_have_text("nothing")
    clear(opened)
    opened.keyboard.type("12")
    expect(opened.locator(".st-key-changed")).to_have_text("12 in payload")


def test_a_rerun_with_an_older_value_leaves_the_text_alone(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("[1")
    opened.get_by_role("button", name="Rerun").click()
    seen_by_python(opened, "[1]")
    expect(payload(opened)).to_have_value("[1]")


def test_typing_through_many_reruns_loses_no_key(opened: Page) -> None:
    clear(opened)
    text = "one two three four five six seven"
    payload(opened).press_sequentially(text, delay=60)
    expect(payload(opened)).to_have_value(text)
    seen_by_python(opened, text)


def test_brackets_and_quotes_close_themselves(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type('{"a": ["b"]}')
    assert payload(opened).input_value() == '{"a": ["b"]}'
    clear(opened)
    opened.keyboard.type('{\n"a": [\n1')
    assert payload(opened).input_value() == '{\n  "a": [\n    1\n  ]\n}'
    clear(opened)
    opened.keyboard.type("[")
    opened.keyboard.press("Backspace")
    assert payload(opened).input_value() == ""


def test_json_typed_over_the_whole_text_is_the_json_that_was_typed(opened: Page) -> None:
    payload(opened).click()
    opened.keyboard.press("ControlOrMeta+a")
    opened.keyboard.type('{"title": "hello", "source": "amplitude"}')
    expect(payload(opened)).to_have_value('{"title": "hello", "source": "amplitude"}')


def test_undo_goes_back_through_what_the_editor_put_in(opened: Page) -> None:
    clear(opened)
    opened.keyboard.type("$li")
    opened.keyboard.press("Tab")
    opened.keyboard.press("ControlOrMeta+z")
    assert payload(opened).input_value() == "$li"


def test_tab_indents_and_escape_then_tab_leaves(opened: Page) -> None:
    clear(opened)
    opened.keyboard.press("Tab")
    opened.keyboard.type("1")
    assert payload(opened).input_value() == "  1"
    opened.keyboard.press("Escape")
    opened.keyboard.press("Tab")
    assert not focused(opened)


def test_tab_indents_the_lines_of_a_selection(opened: Page) -> None:
    clear(opened)
    opened.keyboard.insert_text("a\n\nb")
    opened.keyboard.press("ControlOrMeta+a")
    opened.keyboard.press("Tab")
    assert payload(opened).input_value() == "  a\n\n  b"


def test_a_read_only_editor_takes_no_keys(opened: Page) -> None:
    before = payload(opened).input_value()
    opened.get_by_text("Read only").click()
    expect(payload(opened)).not_to_be_editable()
    payload(opened).click()
    opened.keyboard.type("x{$")
    assert payload(opened).input_value() == before


def test_it_grows_with_its_lines_and_then_scrolls_with_its_numbers(opened: Page) -> None:
    height = payload(opened).evaluate("box => box.clientHeight")
    clear(opened)
    opened.keyboard.insert_text("\n".join(str(number) for number in range(1, 41)))
    grown = payload(opened).evaluate("box => box.clientHeight")
    assert height < grown < 24 * 20 + 40
    first, last = opened.locator("[data-part=gutter] span").first, opened.locator("[data-part=gutter] span").nth(39)
    expect(last).to_have_text("40")
    expect(last).to_be_in_viewport()
    frame = opened.locator("[data-part=frame]").first.bounding_box()
    top = first.bounding_box()
    assert frame is not None
    assert top is not None
    assert top["y"] < frame["y"]


def test_long_lines_scroll_sideways_with_their_colours(opened: Page) -> None:
    clear(opened)
    opened.keyboard.insert_text('"' + "long " * 100 + '$items"')
    assert payload(opened).evaluate("box => box.scrollLeft") > 0
    box = opened.locator("pre span.variable").first.bounding_box()
    frame = opened.locator("[data-part=frame]").first.bounding_box()
    assert box is not None
    assert frame is not None
    assert frame["x"] < box["x"] < frame["x"] + frame["width"]


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_both_schemes_and_widths(
    editor_server: str, new_page: NewPage, record: Record, scheme: str, width: int
) -> None:
    page = new_page(scheme=scheme, width=width)
    page.goto(editor_server)
    ready(page)
    payload(page).click()
    page.keyboard.press("ControlOrMeta+End")
    page.keyboard.insert_text("\n$itmes $nobody ")
    expect(page.get_by_role("status").first).not_to_have_text("")
    page.keyboard.type("$")
    expect(page.get_by_role("option").first).to_be_visible()

    contrast = page.locator("[data-part=root]").first.evaluate(CONTRAST)
    assert len(contrast) >= 10
    assert {part: ratio for part, ratio in contrast.items() if ratio < 4.5} == {}
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    listbox = page.get_by_role("listbox").bounding_box()
    assert listbox is not None
    assert listbox["x"] >= 0
    assert listbox["x"] + listbox["width"] <= width
    assert (record.errors, record.external) == ([], [])
