"""Writes one variant of Opsboard into a folder, as if somebody had built it there."""

import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from launchready.demo import bundle
from launchready.demo.history import make_history
from launchready.demo.keys import Keys
from launchready.demo.template import VARIANTS, lines_of

TEMPLATE = Path(__file__).parent / "opsboard"
_RENAMED = {"gitignore": ".gitignore", "env.example": ".env.example"}


@dataclass(frozen=True, slots=True)
class Build:
    """A materialised variant. ``env`` is what its process is started with; ``head`` the full id of its last commit."""

    variant: str
    source: Path
    head: str
    env: dict[str, str]
    password: str


def materialise(variant: str, source: Path) -> Build:
    """Write ``variant`` with its bundle and Git history into ``source``, which must not exist yet.

    Raises ValueError for a variant there is not, FileExistsError, and FileNotFoundError when git is not installed.
    """
    if variant not in VARIANTS:
        raise ValueError(f"Looked for the variant {variant!r} of Opsboard: there are only {' and '.join(VARIANTS)}.")
    if shutil.which("git") is None:
        raise FileNotFoundError(
            "Opsboard's history is made by git, which is not installed. Install git and start again."
        )
    source.mkdir(parents=True)
    keys = Keys.make()
    for file in sorted(TEMPLATE.rglob("*")):
        relative = file.relative_to(TEMPLATE)
        if not file.is_file() or "__pycache__" in relative.parts:
            continue
        text = lines_of(variant, file.read_text(encoding="utf-8"))
        if text is None:
            continue
        target = source / relative.parent / _RENAMED.get(relative.name, relative.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = text.replace("@@SENDGRID@@", keys.sendgrid).replace("@@SESSION@@", keys.session)
        target.write_text(text, encoding="utf-8")
    client = {"VITE_STRIPE_PUBLISHABLE_KEY": keys.stripe_public}
    if variant == "unsafe":
        client["VITE_SENDGRID_SECRET_KEY"] = keys.sendgrid_bundle
        lines = [f"STRIPE_SECRET_KEY={keys.stripe}", *(f"{name}={value}" for name, value in client.items())]
        (source / ".env.production").write_text("\n".join(lines) + "\n", encoding="utf-8")
    bundle.build(source, client)
    head = make_history(source, variant, keys)
    password = secrets.token_urlsafe(12)
    env = {"OPSBOARD_SEED_PASSWORD": password, "STRIPE_WEBHOOK_SECRET": "whsec_" + secrets.token_hex(16)}
    if variant == "guarded":
        env |= {"SECRET_KEY": secrets.token_hex(32), "SENDGRID_API_KEY": keys.sendgrid, "GIT_COMMIT": head}
    else:
        env |= {"STRIPE_SECRET_KEY": keys.stripe}
    return Build(variant, source, head, env, password)
