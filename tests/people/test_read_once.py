"""What an answer holds is read once and kept, and what somebody does with it is not seen by the next who asks."""

from dataclasses import replace

from launchready.ground.linked import linked
from launchready.ground.seen import Seen, alone
from launchready.ground.views import holds
from launchready.probes.callers.forms import forms_of, links_of
from launchready.probes.callers.tokens import looked_at, parsed
from launchready.probes.exchange import Exchange

_HTML = {"content-type": ("text/html",)}
_PAGE = b"""<a href="/notes/5">a note</a><form method="post" action="/notes"><input name="text" value="first"><input type="file" name="picture"></form>"""


class Counted(bytes):
    """A body that counts how often it was made into text."""

    times = 0

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        self.times += 1
        return super().decode(encoding, errors)


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


def test_an_answer_is_read_once_however_many_ask_what_it_says() -> None:
    body = Counted(_PAGE)
    answer = page("/", body)
    assert (alone(answer), answer.text) == (Seen.ALLOWED, _PAGE.decode())
    first = body.times
    assert [alone(answer) for _ in range(3)] == [Seen.ALLOWED] * 3
    assert (answer.text, body.times) == (_PAGE.decode(), first)


def test_what_was_read_out_of_an_answer_is_not_said_of_another_made_of_it() -> None:
    asks = page("/", b'<form method="post"><input type="password" name="p"></form>')
    assert alone(asks) is Seen.DENIED
    for another in (replace(asks, body=_PAGE), page("/", _PAGE)):
        assert alone(another) is Seen.ALLOWED
        assert another.text == _PAGE.decode()
    assert alone(replace(asks, status=404)) is Seen.HIDDEN


def test_a_page_that_cannot_name_an_id_is_not_read_for_it() -> None:
    body = Counted(b'[{"id": 5, "text": "first"}]')
    answer = Exchange("GET", "http://127.0.0.1/notes", "/notes", 200, {}, body)
    assert not holds(answer, "77")
    assert body.times == 0
    assert holds(answer, "5")


def test_the_fields_of_an_answer_are_looked_through_for_the_first_id_alone() -> None:
    rows = b", ".join(b'{"id": %d, "text": "%s"}' % (one, b"x" * 500) for one in range(100))
    body = Counted(b"[" + rows + b"]")
    answer = Exchange("GET", "http://127.0.0.1/notes", "/notes", 200, {}, body)
    assert holds(answer, "5")
    first = body.times
    assert all(holds(answer, str(one)) for one in range(100))
    assert not holds(answer, "x" * 500)
    assert body.times == first


def test_an_id_that_is_written_in_another_way_is_found_all_the_same() -> None:
    body = b'[{"id": "caf\\u00e9"}, {"id": "a\\/b"}, {"id": "x\\u002dy"}, {"slug": "plain"}]'
    answer = Exchange("GET", "http://127.0.0.1/notes", "/notes", 200, {}, body)
    for value in ("caf\u00e9", "a/b", "x-y", "plain"):
        assert holds(answer, value), value
    assert not holds(answer, "lain")
