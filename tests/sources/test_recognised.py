"""Frameworks that are named although their routes are not read: never silence, never a false promise."""

from pathlib import Path

from tests.sources.reading import surface


def test_frameworks_are_named_by_their_packages(tmp_path: Path) -> None:
    found = surface(
        tmp_path,
        package_json='{"dependencies": {"@nestjs/core": "^10.0.0", "next": "14"}}',
        requirements_txt="Django==5.0\nflask-appbuilder>=4\n",
    )
    named = {framework.name: framework.endpoints for framework in found.frameworks}
    assert named == {"NestJS": 0, "Next.js": 0, "Django": 0, "Flask-AppBuilder": 0}
    assert any("NestJS is recognised, but its routes are not read" in unread.reason for unread in found.unread)


def test_a_manifest_that_does_not_parse_is_no_crash(tmp_path: Path) -> None:
    found = surface(tmp_path, package_json="{", pyproject_toml="[[[", composer_json="[" * 100_000)
    assert found.frameworks == ()
