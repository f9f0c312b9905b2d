"""The address of a running app, as a person gives it."""

from launchready.cli.exits import Stop
from launchready.model.addresses import is_web, without_userinfo


def site_of(url: str, option: str) -> str:
    """The address that ``option`` was given, without a slash at its end. Raises :class:`Stop`, which repeats no password, for what is none or holds one."""
    plain = without_userinfo(url)
    if plain != url:
        raise Stop(
            f"Read {option} {plain!r}: a name or a password stands before the host, and every report names the address. "
            'Leave it out, and give it to an identity with login = "basic" in launchready.toml.'
        )
    if not is_web(url):
        raise Stop(f"Read {option} {url!r}: that is no web address. Give one such as http://127.0.0.1:8000.")
    return url.rstrip("/")
