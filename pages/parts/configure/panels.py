"""The two panels: beside each other on a wide screen, the right one always in sight; one at a time on a narrow one.

Which one a narrow screen shows is decided in the browser, without a rerun: the style block looks at the choice.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

_STYLE = """
.st-key-panel_choice { display: none; }
.st-key-configuration_panel, .st-key-testing_panel { gap: 0.75rem; }
.st-key-configuration_panel h2, .st-key-testing_panel h2 { font-size: 1.125rem; padding: 0; }
[class*="st-key-section_"] { gap: 0.625rem; padding-block: 0.875rem; }
[class*="st-key-section_"] h3 { font-size: 1rem; font-weight: 600; padding: 0; }
.st-key-panels [data-testid="stHeading"] [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
[class*="st-key-section_"] [data-testid="stCaptionContainer"] { margin-top: -0.25rem; }
.st-key-panels :is(p, td) > code { font-size: 0.8125rem; color: inherit; }

[class*="st-key-editor-"] { margin-bottom: -0.5rem; }

[class*="st-key-icon_"] button { padding-inline: 0.375rem; min-width: 0; }
[class*="st-key-icon_"] button [data-testid="stMarkdownContainer"] {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
[class*="st-key-icon_more"] button [aria-hidden="true"]:has(> span > [data-testid="stIconMaterial"]) { display: none; }
[class*="st-key-add-"] button, [class*="st-key-clear-"] button { min-height: 1.75rem; }
:is(.st-key-row_users, .st-key-row_captured) button { min-height: 1.75rem; }
.st-key-section_request p { font-size: 0.875rem; }
[class*="st-key-options-"] { padding-left: 1rem; border-left: 2px solid light-dark(#e3e4e8, #3b3a37); }
[class*="st-key-options-"] { margin-bottom: 0.5rem; }
[class*="st-key-custom_fields-"]:is([class*="-variable-"], [class*="-display_name-"]) { flex-basis: 6.5rem; }
[class*="st-key-mapping_fields-"][class*="-variable-"] { flex-grow: 4; }
[class*="st-key-mapping_fields-"][class*="-target_name-"] { flex-basis: 5.5rem; }
.st-key-row_list_id [role="radio"] { min-height: 2.5rem; }
.st-key-row_project p { font-size: 0.875rem; }

.st-key-testing_panel table { width: 100%; font-size: 0.875rem; }
.st-key-testing_panel :is(td, th) { padding: 0.3125rem 0.5rem; border-inline: none; }
.st-key-testing_panel th { font-size: 0.75rem; border-top: none; text-align: left; }
.st-key-testing_panel th { color: light-dark(#565d6b, #a9b1bd); }
.st-key-testing_panel td code { padding: 0; background: none; white-space: normal; overflow-wrap: anywhere; }
.st-key-testing_panel :is(td, th):first-child { padding-left: 0; }
.st-key-section_variables td:first-child { min-width: 7rem; }
.st-key-section_variables :is(td, th):nth-child(4) { text-align: center; }
[data-testid="stLayoutWrapper"]:has(> .st-key-conflict) {
    position: sticky; top: 3.75rem; z-index: 95; background: light-dark(#ffffff, #191815);
}
@media (min-width: 900px) {
    [data-testid="stColumn"]:has(.st-key-testing_panel) {
        position: sticky; top: 4rem; align-self: flex-start; max-height: calc(100vh - 5rem); overflow-y: auto;
        padding: 0 2px 2px; scrollbar-width: thin;
    }
}
@media (max-width: 899.98px) {
    .st-key-panel_choice {
        display: flex; position: sticky; top: 3.75rem; z-index: 90; padding-block: 0.5rem;
        background: var(--st-background-color, light-dark(#ffffff, #0e1117));
    }
    .st-key-panels [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"]) > [data-testid="stColumn"] {
        min-width: 100%;
    }
    .st-key-testing_panel :is(td, th) { padding-inline: 0.25rem; }
    [class*="st-key-row_call_"] [class*="-url-"] { flex-basis: 11rem; }
    [class*="st-key-endpoint_edited"] [role="radiogroup"] { flex-wrap: nowrap; }
    [class*="st-key-endpoint_previewed"] [role="radiogroup"] { flex-wrap: nowrap; }
    [class*="st-key-endpoint_edited"] [role="radio"] { padding-inline: 0.25rem; min-width: 0; }
    [class*="st-key-endpoint_previewed"] [role="radio"] { padding-inline: 0.25rem; min-width: 0; }
}
"""
_HIDDEN = """
@media (max-width: 899.98px) {
    .stApp:has(.st-key-panel_choice button:nth-of-type(2)[aria-checked="true"]) 
        [data-testid="stColumn"]:has(.st-key-configuration_panel),
    .stApp:has(.st-key-panel_choice button:nth-of-type(1)[aria-checked="true"])
        [data-testid="stColumn"]:has(.st-key-testing_panel) {
        display: none;
    }
}
"""


def panels() -> tuple[DeltaGenerator, DeltaGenerator]:
    """The left and the right panel, each with its title."""
    st.html(f"<style>{_STYLE}{_HIDDEN}</style>")
    st.segmented_control(
        "Panel", ["Configuration", "Testing"], default="Configuration", required=True, key="panel_choice",
        label_visibility="collapsed", width="stretch", on_change="ignore",
    )  # fmt: skip
    with st.container(key="panels"):
        left, right = st.columns([11, 9], gap="medium")
    configuration = left.container(key="configuration_panel")
    testing = right.container(key="testing_panel")
    configuration.header("Configuration", anchor=False)
    testing.header("Testing integration", anchor=False)
    return configuration, testing
