"""Addresses as apps, people and repositories write them, and what is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from launchready.model.addresses import is_web, parts_of

_TEXTS = st.text(st.one_of(st.sampled_from("htps:/[]@.?#%1a\\ "), st.characters()), max_size=30)


@given(_TEXTS, st.sampled_from(("", "http://127.0.0.1:8000/app/x?y=1", "http://[::1]/")))
@example("http://[::1", "")
@example("//[", "http://127.0.0.1/")
@example("http://127.0.0.1:99999/", "")
@example("http://a:b/", "")
def test_any_text_has_parts(text: str, base: str) -> None:
    parts = parts_of(text, base)
    assert parts.port is None or 0 <= parts.port < 65536
    assert parts.hostname is None or parts.hostname in parts.netloc.lower()
    assert is_web(text) in (True, False)


@pytest.mark.parametrize("text", ["http://[::1", "http://127.0.0.1:99999", "http://x:port/", "//[", "http://"])
def test_what_is_no_address_has_no_host(text: str) -> None:
    assert parts_of(text, "http://127.0.0.1/").hostname in (None, "127.0.0.1")
    assert not is_web(text)


def test_a_relative_one_is_seen_from_where_it_stands() -> None:
    assert parts_of("../b?c=d", "http://127.0.0.1/a/x/").geturl() == "http://127.0.0.1/a/b?c=d"
    assert is_web("https://app.example.com") and is_web("http://[::1]:8000")
    assert not is_web("app.example.com") and not is_web("ftp://app.example.com") and not is_web("http://x:0")
