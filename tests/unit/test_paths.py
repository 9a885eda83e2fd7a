"""Keys of roles: one safe word each, read back exactly, and shared by no two roles."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssoenv.base import paths
from ssoenv.base.models import Role

PART = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
ROLES = st.lists(PART, min_size=1, max_size=3).map(tuple)


@given(PART, PART, ROLES)
def test_a_key_is_one_safe_word_and_reads_back(
    session: str, account: str, roles: tuple[str, ...]
) -> None:
    key = paths.role_key(session, account, roles)
    assert re.fullmatch(r"[A-Za-z0-9%._/:-]+", key)
    assert not any(part in ("", ".", "..") or part[0] in ".-" for part in key.split("/"))
    assert paths.parse_role_key(key) == ((session,), (account,), roles)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("acme", "prod/eu", ("Admin",)), ("acme", "prod", ("eu", "Admin"))),
        (("acme", "prod", ("eu-Admin",)), ("acme", "prod-eu", ("Admin",))),
        (("acme", "prod", ("A", "B")), ("acme", "prod", ("A+B",))),
        (("acme", "prod", ("A", "B")), ("acme", "prod", ("A:B",))),
        (("acme", "a%41", ("R",)), ("acme", "aA", ("R",))),
        (("acme", "a_b", ("R",)), ("acme", "a%b", ("R",))),
    ],
)
def test_roles_that_look_alike_have_keys_of_their_own(
    one: tuple[str, str, tuple[str, ...]], other: tuple[str, str, tuple[str, ...]]
) -> None:
    assert paths.role_key(*one) != paths.role_key(*other)


@pytest.mark.parametrize("text", ["", "..", "../../x", "@/../..", "a/b", "a/b/c/d", "a/b/%zz", "a/b/%2f", "a/b/.x", "a//c", "/a/b/c"])  # fmt: skip
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="not the key"):
        Role.of_key(text)
