"""The first launchready.toml: whatever files, roles and settings are called, it can be read."""

from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st
from launchready.config.draft import Draft, Place, draft_text
from launchready.config.load import parse_project

# Names of files may hold escape sequences, and bytes that are no UTF-8 come as half a surrogate.
_NAMES = st.text(st.one_of(st.sampled_from("\x1b\n\r\t\x7f\udcff\"'#\\[]= a"), st.characters(codec=None)), max_size=12)


@given(_NAMES, _NAMES, _NAMES, _NAMES)
@example("shop", "\x1b[31m.env", "member", "/version")
@example("shop", "\udcff.env", "mem\nber", "\udcff")
def test_what_is_drafted_can_be_read(name: str, file: str, role: str, path: str) -> None:
    place = Place("production", "https://app.example.com", file)
    draft = Draft(
        name, ("FastAPI",), 1, (role,), (file,), (file,), "http://127.0.0.1:8000", (place,), (file,), (role,), path
    )
    text = draft_text(draft).encode().decode()
    project = parse_project(Path.cwd(), Path("launchready.toml"), text)
    assert [one.name for one in project.environments] == ["local", "production"]
    if name and not any("\ud800" <= letter <= "\udfff" for letter in name):
        assert project.name == name
