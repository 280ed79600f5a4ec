"""The portal's one style block: what the theme in `.streamlit/config.toml` cannot say.

Only keys of our own (`.st-key-*`), test ids and roles are selected, never Streamlit's generated class names.
"""

from __future__ import annotations

import streamlit as st

# Streamlit's code colours are fixed and fail WCAG AA on the light theme; these pass on both (4.5:1 or more).
_CODE = """
.stCode .token.comment, .stCode .token.prolog, .stCode .token.cdata {
    color: light-dark(#57606a, #9aa4b2) !important;
}
.stCode .token.property, .stCode .token.attr-name, .stCode .token.parameter, .stCode .token.key {
    color: light-dark(#0b5394, #7cc4ff) !important;
}
.stCode .token.string, .stCode .token.attr-value, .stCode .token.char {
    color: light-dark(#12663a, #7ee2a8) !important;
}
.stCode .token.number, .stCode .token.boolean, .stCode .token.null,
.stCode .token.constant, .stCode .token.variable, .stCode .token.entity {
    color: light-dark(#8a3a00, #ffb86b) !important;
}
.stCode .token.keyword, .stCode .token.function, .stCode .token.builtin, .stCode .token.class-name {
    color: light-dark(#6b2fb3, #cfa8ff) !important;
}
.stCode .token.punctuation, .stCode .token.operator { color: light-dark(#3d4451, #b9c1cc) !important; }
.stCode code, .stCode pre { color: var(--st-text-color, inherit); }
"""

_FRAME = """
[data-testid="stMainBlockContainer"] { padding: 4.25rem clamp(1rem, 2.5vw, 2.5rem) 3rem; }
[data-testid="stToolbar"] { padding-inline: calc(clamp(1rem, 2.5vw, 2.5rem) - 1rem); }
/* The logo stands in a link, but for the first page, which it would lead to. */
:has(> [data-testid="stHeaderLogo"]) { display: flex; align-items: center; gap: 0.625rem; color: inherit; }
:has(> [data-testid="stHeaderLogo"])::after { content: "%(product)s"; font-weight: 600; white-space: nowrap; }
.stApp [data-testid="stCaptionContainer"] { color: light-dark(#565d6b, #a9b1bd); opacity: 1; }
.stApp [data-testid^="stBaseButton-primary"]:not(:disabled) { color: light-dark(#ffffff, #0e1420); }

.st-key-page_header {
    column-gap: 1.5rem;
    row-gap: 0.5rem;
    padding-bottom: 0.75rem;
    border-bottom: 1px solid light-dark(#e3e4e8, #3b3a37);
    justify-content: space-between;
}
.st-key-page_identity { gap: 0.625rem; min-width: 0; }
.st-key-page_identity a { padding: 0; }
.st-key-page_identity a p { color: light-dark(#565d6b, #a9b1bd); }
.st-key-page_identity a:hover p { text-decoration: underline; }
.st-key-page_identity [data-testid="stPageLink"] { display: flex; align-items: center; gap: 0.625rem; }
.st-key-page_identity [data-testid="stPageLink"]::after { content: "/" / ""; color: light-dark(#8b909a, #77756f); }
.st-key-page_identity h1 {
    font-size: 1.375rem; line-height: 1.3; padding: 0; max-width: 26rem; overflow: hidden; overflow-wrap: anywhere;
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2;
}

:is(.st-key-not_admitted, .st-key-none_chosen) h2 { font-size: 1.375rem; padding: 0; }

[data-testid="stPopoverBody"]:has(.st-key-page_links) { max-width: min(34rem, calc(100vw - 1rem)); }
.st-key-page_links a { background: none; padding-block: 0.375rem; }
.st-key-page_links a:hover { background: color-mix(in srgb, currentColor 8%, transparent); }
.st-key-page_links a p { font-weight: 400; white-space: normal; overflow-wrap: anywhere; }

.st-key-page_steps { counter-reset: step; }
.st-key-page_steps a { padding: 0.25rem 0.75rem; border-radius: 999px; }
.st-key-page_steps a::before {
    counter-increment: step;
    content: counter(step) / "";
    display: inline-grid;
    place-items: center;
    flex: none;
    width: 1.375rem;
    height: 1.375rem;
    border-radius: 50%;
    font-size: 0.75rem;
    font-weight: 600;
    color: light-dark(#ffffff, #10141c);
    background: light-dark(#626a78, #a9b1bd);
}
@media (max-width: 640px) {
    .stApp .st-key-page_steps { gap: 0; flex-wrap: nowrap; }
    .st-key-page_steps a { padding: 0.25rem 0.4375rem; gap: 0.3125rem; }
    .st-key-page_steps a p { font-size: 0.8125rem; }
    .st-key-page_steps a::before { width: 1.125rem; height: 1.125rem; font-size: 0.6875rem; }
}
.st-key-page_steps [class*="_current"] a { background: light-dark(#e7f0fb, #1b2a41); font-weight: 600; }
.st-key-page_steps [class*="_current"] a::before { background: light-dark(#0b6bcb, #7db0ff); }
"""


def apply(product: str) -> None:
    """Puts the style block on the page, once a run. `product` is the name that stands beside the mark."""
    st.html(f"<style>{_CODE}{_FRAME}</style>".replace("%(product)s", product))
