"""The variables that these tests write into templates, and texts that have broken other template languages."""

from __future__ import annotations

from hypothesis import strategies as st

from core.template import Names, Variable

NAMES = Names(
    {
        variable.name: variable
        for variable in (
            Variable("name"),
            Variable("cohort_id"),
            Variable("list_id"),
            Variable("count", "number"),
            Variable("on", "boolean"),
            Variable("note", required=False),
            Variable("region", host_safe=True),
            Variable("server", host_safe=True, host_dots=True),
            Variable("items", "items"),
            Variable("user_id", per_member=True),
            Variable("email", required=False, per_member=True),
            Variable("phone", required=False, per_member=True),
            Variable("age", "number", required=False, per_member=True),
            Variable("subscribed", "boolean", required=False, per_member=True),
            Variable("zip_code", required=False, per_member=True, pattern="[0-9]{5}"),
        )
    },
    aliases={"listId": "list_id"},
    forbidden={"in_cohort": "there is no cohort here."},
)

HOSTILE = (
    'a"b', "back\\slash", "\\", '\\"', "line\nbreak", "tab\tcr\r", "\x00\x01\x1f\x7f", "emoji 🎉👩‍👩‍👧", "ünïcödé",
    "日本語", "$name", "${name}", "$$", "{}", "{0}", "%s", "100%", "%(x)s", "</script>", "\u2028\u2029", "\ud800",
    "x\udfffy", "\ufeff", "\ue000\ue001", "'", "`", "null", "true", "0", " ", "a,b", "$items",
)  # fmt: skip

any_text = st.one_of(st.text(st.characters(exclude_categories=[])), st.sampled_from(HOSTILE))
"""Any text that Python can hold, lone surrogates among them."""
some_text = any_text.filter(bool)


def as_json_reads_it(text: str) -> str:
    """A text after a way through UTF-16, which JSON's escapes are: two halves of a character become that character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
