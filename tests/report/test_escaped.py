"""Texts that try to be more than text, read back by a parser of Markdown with tables."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from launchready.core.policy.compare import Difference, Sort
from launchready.model.inputs import LimitRow, LimitSeen
from launchready.model.surface import Access, Endpoint, Span, Surface
from launchready.model.words import Kind
from launchready.report.escaped import code, markdown, spreadsheet
from launchready.report.limits import limits_markdown
from launchready.report.paint import clean
from launchready.report.policy_check import render_differences
from launchready.report.surface import render_surface
from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")

# What marks are made of comes as often as everything else.
TEXTS = st.text(st.one_of(st.sampled_from("\\`|*_<>[]()!#&;~@:/. =+-wa"), st.characters(codec="utf-8")), max_size=30)
HOSTILE = "/a\\|b`<img src=x onerror=alert(1)>`|[x](javascript:y)<!--"


def row_of(document: str) -> list[Token]:
    """The cells of the first row of a document's table."""
    tokens = PARSER.parse(document)
    body = next(at for at, token in enumerate(tokens) if token.type == "tbody_open")
    end = next(at for at, token in enumerate(tokens) if at > body and token.type == "tr_close")
    return [token for token in tokens[body:end] if token.type == "inline"]


@given(TEXTS, TEXTS)
def test_a_text_stays_one_cell_with_its_letters(first: str, second: str) -> None:
    for form, kinds in ((markdown, {"text", "text_special"}), (code, {"text", "text_special", "code_inline"})):
        found = row_of(f"| a | b | c |\n|---|---|---|\n| {form(first)} | {form(second)} | end |\n")
        assert len(found) == 3
        for cell, said in zip(found, (first, second), strict=False):
            parts = cell.children or []
            assert {part.type for part in parts} <= kinds
            # Spaces around a cell or a span of code are not shown.
            shown = "".join(part.content for part in parts)
            assert shown.replace("\u200b", "").strip() == clean(said).replace("\u200b", "").strip()


@pytest.mark.parametrize("text", ["@ada", "see https://evil.example", "www.evil.example", "HTTP://x", "ada@x.example"])
def test_nobody_is_called_and_nothing_becomes_a_link(text: str) -> None:
    assert not re.search(r"@\w|://|www\.", markdown(text), re.I)


@given(TEXTS)
def test_a_cell_of_a_spreadsheet_is_no_formula(text: str) -> None:
    assert not spreadsheet(text).startswith(("=", "+", "-", "@"))
    assert spreadsheet(text).removeprefix("'") == clean(text).removeprefix("'")


ROUTE = Endpoint("GET", HOSTILE, "x", (Kind.OTHER,), "read", Access(), (), Span(HOSTILE, 1), only_when=HOSTILE)
SEEN = LimitSeen(ROUTE.name, "search", 30, 5, "account", around=(HOSTILE,))
LIMITS = LimitRow("search", (ROUTE.name,), ("5/minute per account",), True, "", (SEEN,))
LACKS = Difference(Sort.UNLISTED, ROUTE.name, HOSTILE, HOSTILE)


@pytest.mark.parametrize(
    ("document", "columns"),
    [
        pytest.param(render_surface(Surface((ROUTE,)), "markdown", HOSTILE), 6, id="surface"),
        pytest.param(limits_markdown(HOSTILE, [LIMITS]), 4, id="limits"),
        pytest.param(render_differences([LACKS], "markdown", HOSTILE, 1, "policy.toml"), 3, id="policy"),
    ],
)
def test_what_an_app_calls_its_routes_is_only_text(document: str, columns: int) -> None:
    parts = [one for token in PARSER.parse(document) for one in (token, *(token.children or ()))]
    assert not {part.type for part in parts} & {"html_block", "link_open", "image"}
    assert {part.content for part in parts if part.type == "html_inline"} <= {"<br>"}
    assert len(row_of(document)) == columns
