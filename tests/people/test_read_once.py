"""What an answer holds is read once and kept, and what somebody does with it is not seen by the next who asks."""

from launchready.ground.linked import linked
from launchready.probes.callers.forms import forms_of, links_of
from launchready.probes.callers.tokens import looked_at, parsed
from launchready.probes.exchange import Exchange

_HTML = {"content-type": ("text/html",)}
_PAGE = b"""<a href="/notes/5">a note</a><form method="post" action="/notes"><input name="text" value="first"><input type="file" name="picture"></form>"""


def page(path: str, body: bytes = _PAGE) -> Exchange:
    return Exchange("GET", f"http://127.0.0.1{path}", path, 200, _HTML, body)


def test_a_form_that_was_filled_in_is_as_it_stands_on_the_page_the_next_time() -> None:
    (form,) = forms_of(page("/new"))
    form.fields["text"].value = "another"
    form.fields.pop("text")
    form.files.clear()
    form.action = "/elsewhere"
    (again,) = forms_of(page("/new"))
    assert again.action == "/notes"
    assert again.fields["text"].value == "first"
    assert set(again.files) == {"picture"}


def test_the_same_page_at_two_addresses_leads_from_each_of_them() -> None:
    body = b"""<form method="post"><input name="text"></form><a href="edit">edit</a>"""
    for path, leads in (("/notes/5/", "/notes/5/edit"), ("/notes/6/", "/notes/6/edit")):
        (form,) = forms_of(page(path, body))
        assert (form.action, form.page) == (path, path)
        assert links_of(page(path, body)) == [leads]


def test_records_that_a_page_leads_to_are_the_same_however_often_it_is_read() -> None:
    first = list(linked(page("/"), ()))
    assert list(linked(page("/"), ())) == first


def test_what_somebody_changes_in_an_answer_is_not_seen_by_who_only_looks() -> None:
    answer = Exchange("GET", "http://127.0.0.1/", "/", 200, {}, b'{"owner": {"name": "ann"}}')
    assert looked_at(answer) == {"owner": {"name": "ann"}}
    parsed(answer)["owner"]["name"] = "ben"
    assert looked_at(answer) == {"owner": {"name": "ann"}}


def test_what_is_no_json_is_none_for_both() -> None:
    for body in (b"", b"plain", b"{", b"[" * 100_000):
        answer = Exchange("GET", "http://127.0.0.1/", "/", 200, {}, body)
        assert parsed(answer) is None
        assert looked_at(answer) is None
