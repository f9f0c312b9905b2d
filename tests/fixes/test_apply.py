"""All of it is written or nothing is, and only over what was read."""

from pathlib import Path

import pytest
from launchready.fixes.apply import ApplyError, apply, newest, revert


def _there(root: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in root.iterdir() if file.is_file()}


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("b.py", b"as it was when it was read"),
        ("new.py", b"there was one"),
        ("a.py", None),
        ("a.py/inside.py", None),
        ("link.py", b"two"),
    ],
)
def test_nothing_is_written_when_one_file_is_not_as_it_was(tmp_path: Path, name: str, before: bytes | None) -> None:
    (tmp_path / "a.py").write_bytes(b"one")
    (tmp_path / "b.py").write_bytes(b"two")
    (tmp_path / "link.py").symlink_to(tmp_path / "b.py")
    was = _there(tmp_path)
    with pytest.raises(ApplyError, match="othing was written"):
        apply(tmp_path, ("x",), {"b.py": (b"two", b"2"), name: (before, b"new")})
    assert _there(tmp_path) == was
    assert newest(tmp_path) is None


def test_two_runs_are_taken_back_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"one\r\n\xc3\xbc")
    (tmp_path / "a.py").chmod(0o755)
    apply(tmp_path, ("x",), {"a.py": (b"one\r\n\xc3\xbc", b"two"), "b.py": (None, b"new")})
    second = newest(tmp_path)
    assert second is not None
    assert (tmp_path / "a.py").stat().st_mode & 0o777 == 0o755
    revert(tmp_path, second)
    assert _there(tmp_path) == {"a.py": b"one\r\n\xc3\xbc"}
    assert newest(tmp_path) is None


def test_a_record_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    apply(tmp_path, ("x",), {"b.py": (None, b"new")})
    (record,) = (tmp_path / ".launchready" / "fixes").glob("*.json")
    record.write_text("{")
    with pytest.raises(ApplyError, match="Take the changes back with git"):
        newest(tmp_path)
