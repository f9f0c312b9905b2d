"""Where the app runs, as far as files in its repository say: names, addresses, and the port on this machine."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from launchready.model.addresses import parts_of
from launchready.sources.places import is_real
from launchready.sources.tree import SourceFile, Tree

_NAMES = {
    "production": "production",
    "prod": "production",
    "live": "production",
    "staging": "staging",
    "stage": "staging",
    "preview": "preview",
    "demo": "demo",
    "qa": "qa",
    "uat": "uat",
}
_ENV_FILE = re.compile(r"(?:^|/)\.env\.(\w+)(?:\.\w+)?$")
# Rails, Django and Symfony keep one file or folder of settings for each environment.
_SETTINGS = re.compile(r"(?:^|/)(?:config/environments|settings|config/packages)/(\w+)(?:\.rb|\.py|/[^/]+\.yaml)$")
_ADDRESS = re.compile(
    r"^\s*(?:export\s+)?\w*(?:APP|SITE|BASE|PUBLIC|ROOT|SERVER|AUTH|API)_?UR[LI]\s*=\s*[\"']?(https?://[^\s\"'#]+)",
    re.M,
)
_FLY = re.compile(r"(?:^|/)fly(?:\.(\w+))?\.toml$")
_FLY_APP = re.compile(r"^\s*app\s*=\s*[\"']([\w-]+)[\"']", re.M)
# The settings of a hoster at the root of a repository: somebody deploys from it.
_HOSTED = frozenset(
    (
        "render.yaml",
        "vercel.json",
        "netlify.toml",
        "railway.json",
        "railway.toml",
        "Procfile",
        "wrangler.toml",
        "app.yaml",
    )
)
_WORKFLOW = re.compile(r"(?:^|/)\.github/workflows/[^/]+\.ya?ml$")
_STEP = re.compile(
    r"^\s*environment:\s*(?:[\"']?(\w+)[\"']?\s*$|\n\s+name:\s*[\"']?(\w+)[\"']?\s*$(?:\n\s+url:\s*[\"']?(https?://[^\s\"'$]+))?)",
    re.M,
)
_PORTS = (
    (re.compile(r"(?:^|/)package\.json$"), re.compile(r"\"(?:dev|start)\":\s*\"[^\"]*(?:-p|--port|PORT)[ =](\d{2,5})")),
    (re.compile(r"(?:^|/)(?:Dockerfile|Containerfile)$"), re.compile(r"^\s*EXPOSE\s+(\d{2,5})", re.M | re.I)),
    (
        re.compile(r"(?:^|/)(?:docker-)?compose\.ya?ml$"),
        re.compile(r"^\s*-\s*[\"']?(?:127\.0\.0\.1:)?(\d{4,5}):\d+", re.M),
    ),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """An environment the repository tells of: its ``url``, empty when no file states it, and the ``file`` that does."""

    name: str
    url: str
    file: str


def environments(tree: Tree) -> tuple[Seen, ...]:
    """Each environment once, by name; the file that states an address goes before one that does not."""
    found: dict[str, Seen] = {}
    for file in tree.files:
        for seen in _told(tree, file) if is_real(file.path) else ():
            if seen.name not in found or (seen.url and not found[seen.name].url):
                found[seen.name] = seen
    return tuple(found[name] for name in sorted(found))


def port(tree: Tree) -> int | None:
    """The port the app takes on this machine: of its start command, its image, or its compose file."""
    for named, states in _PORTS:
        for file in sorted(tree.files, key=lambda file: file.path.count("/")):
            if named.search(file.path) and (found := states.search(tree.text(file.path) or "")):
                return int(found.group(1))
    return None


def _told(tree: Tree, file: SourceFile) -> Iterator[Seen]:
    name = file.path.rsplit("/", 1)[-1]
    if (env := _ENV_FILE.search(file.path)) and env.group(1) in _NAMES:
        addresses = (found.group(1) for found in _ADDRESS.finditer(tree.text(file.path) or ""))
        yield Seen(_NAMES[env.group(1)], next(filter(_is_public, addresses), ""), file.path)
    elif (settings := _SETTINGS.search(file.path)) and settings.group(1) in _NAMES:
        yield Seen(_NAMES[settings.group(1)], "", file.path)
    elif fly := _FLY.search(file.path):
        app = _FLY_APP.search(tree.text(file.path) or "")
        yield Seen(
            _NAMES.get(fly.group(1) or "", "production"), f"https://{app.group(1)}.fly.dev" if app else "", file.path
        )
    elif name == "CNAME":
        domain = (tree.text(file.path) or "").strip()
        if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", domain):
            yield Seen("production", f"https://{domain}", file.path)
    elif _WORKFLOW.search(file.path):
        for step in _STEP.finditer(tree.text(file.path) or ""):
            said = (step.group(1) or step.group(2)).lower()
            if said in _NAMES:
                yield Seen(_NAMES[said], step.group(3) or "", file.path)
    elif file.path in _HOSTED:
        yield Seen("production", "", file.path)


def _is_public(url: str) -> bool:
    host = parts_of(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_private
    except ValueError:
        return "." in host and "$" not in host and not host.endswith((".localhost", ".local", ".test", ".example"))
