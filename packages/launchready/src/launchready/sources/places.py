"""What a file is for, by its path: built for browsers, or come with a package, or belonging to the app itself and not to its tests."""

import re
from collections.abc import Set
from functools import lru_cache

# Several ask the same of each file of a tree.
_PATHS = 8192

_BUILT = re.compile(
    r"(?:^|/)(?:dist|build|out|public|storybook-static|\.next/static|\.nuxt|\.output/public|static|_app/immutable|_next/static)/(?:.*/)?[\w.@~-]+\.(?:js|mjs|map|css|html)$"
    # A digest in the name, as bundlers give it: hexadecimal, base 32 in capitals, or eight signs of base64url with letters of both sizes. In `check-e2e-orders.mjs`
    # and `step-2-create-users.mjs` a person wrote words.
    r"|[.-](?:(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}|(?=[A-Z]*[2-7])(?=[2-7]*[A-Z])[A-Z2-7]{8}|(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{8,10})"
    r"(?:\.chunk|\.bundle)?\.(?:js|mjs|css)(?:\.map)?$|\.min\.(?:js|css)$"
)
_OUTPUT = re.compile(r"(?P<build>(?:.*?/)?(?:dist|build|out|\.next|\.nuxt|\.output|\.svelte-kit))/")
_NOT_REAL = re.compile(
    r"(?:^|/)(?:tests?|__tests?__|spec|specs|e2e|cypress|fixtures?|testdata|mocks?|__mocks?__|examples?|samples?|benchmarks?|seeds?|stories|locales?|i18n|translations?|"
    # Packages of others that were put into Git.
    r"node_modules|bower_components|site-packages|dist-packages)(?:/|$)"
    # The settings that tests run with: `settings/test.py`, `config/environments/test.rb`.
    r"|(?:^|/)(?:settings|configs?|environments)/(?:tests?|testing|ci)\.(?:py|rb|js|ts|php|ya?ml|toml)$"
    # What the environment of a test run is given: `.env.test`, `.env.test.local` (dotenv-flow, Next.js, Vite), `.env-test` (pydantic-settings by `env_file`),
    # `.env.dusk.local` (Laravel).
    r"|(?:^|/)\.env[._-](?:\w+-)?(?:tests?|testing|e2e|ci|dusk)(?:\.[\w-]+)*$"
    # Services that are started for a test run: `compose.ci.yaml`, `docker-compose.e2e.yml`.
    r"|(?:^|/)(?:docker-)?compose[._-](?:tests?|testing|e2e|ci|cypress|playwright)\.ya?ml$"
    # `startapp` of Django makes a `tests.py` in each app.
    r"|(?:^|/)(?:tests|test_[^/]*|conftest)\.py$|[._-](?:test|spec|stories|mock)s?\.\w+$|(?:^|/)(?:CHANGELOG|README)[^/]*$",
    re.I,
)
_LOCK = re.compile(
    r"(?:^|/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|go\.sum|packages\.lock\.json|[\w.-]+\.lock)$"
)
_REQUIREMENTS = re.compile(r"(?:^|/)requirements[\w./-]*\.(?:txt|in)$")

# A folder "spec" holds the tests of Ruby, and as often the description of an API.
_SPECIFICATION = re.compile(r"(?:^|(?<=/))specs?/(?=[^/]*\.(?:ya?ml|json|graphqls?)$)")

# Where package managers put the packages of others, also when somebody put the folder into Git.
# Yarn puts itself there as well (yarnpkg.com: which files should be gitignored).
_INSTALLED = re.compile(
    r"(?:^|/)(?:node_modules|bower_components|site-packages|dist-packages|\.pnpm-store|\.yarn/(?:releases|plugins|sdks|cache|unplugged))/"
)

# A library that was copied among what the app serves: `static/js/vendor/timeline.min.js`. A folder of sellers, `shop/vendors/views.py`, is none.
_VENDORED = re.compile(
    r"(?:^|/)(?:static|assets|public|www|media|js|css|lib)/(?:[^/]+/)*(?:vendors?|third[-_]?party)/(?:[^/]+/)*[^/]+\.(?:js|mjs|css|map)$",
    re.I,
)

# Pictures, sound, type and archives. What stands in such a file under a name was made by whoever made the picture, or is a page that was saved as one.
_MEDIA = re.compile(
    r"\.(?:png|jpe?g|gif|webp|avif|ico|bmp|tiff?|pdf|mp[34]|m4a|wav|ogg|webm|mov|woff2?|ttf|otf|eot|zip|t?gz)$", re.I
)

# What the server part of a framework's build holds: keys in it are made anew with each build (Next.js, `prerender-manifest.json`).
_REBUILT = re.compile(r"(?:^|/)(?:\.next|\.nuxt|\.output|\.svelte-kit|\.open-next|\.vercel/output)/")


def is_media(path: str) -> bool:
    """Whether a file is a picture, sound, type or an archive by its name."""
    return bool(_MEDIA.search(path))


def is_rebuilt(path: str) -> bool:
    """Whether a file is part of what a framework builds, and made anew each time."""
    return bool(_REBUILT.search(path))


def is_vendored(path: str) -> bool:
    """Whether a file is a library of others that was copied among what the app serves, by where it lies."""
    return bool(_VENDORED.search(path))


def is_installed(path: str) -> bool:
    """Whether a file came with a package that the app installs: published by others, for everybody to read."""
    return bool(_INSTALLED.search(path))


_COMPILED = re.compile(r"(?:^|(?<=/))(?:dist|build|out|lib|compiled)/(?P<inner>.+)\.(?P<kind>js|mjs|cjs|jsx)$")
_WRITTEN = {"js": ("ts", "tsx"), "jsx": ("tsx",), "mjs": ("mts",), "cjs": ("cts",)}


def is_compiled(path: str, known: Set[str]) -> bool:
    """Whether a script was made from a file of ``known`` in TypeScript: ``dist/routes/a.js`` from ``src/routes/a.ts`` or ``routes/a.ts``."""
    found = _COMPILED.search(path)
    return found is not None and any(
        f"{path[: found.start()]}{folder}{found['inner']}.{suffix}" in known
        for folder in ("src/", "")
        for suffix in _WRITTEN[found["kind"]]
    )


@lru_cache(maxsize=_PATHS)
def is_built(path: str) -> bool:
    """Whether a file is what browsers download: a bundle, a source map, a public page."""
    return bool(_BUILT.search(path))


def build_of(path: str) -> str:
    """The folder of built output that a file stands below: ``web/dist`` for ``web/dist/js/app.js``, empty for what people write."""
    found = _OUTPUT.match(path)
    return found["build"] if found else ""


@lru_cache(maxsize=_PATHS)
def is_real(path: str) -> bool:
    """Whether a file belongs to the app, and not to its tests, examples or documentation."""
    return not _NOT_REAL.search(specified(path))


def specified(path: str) -> str:
    """A path without the folder that makes a description of an API look like a test: ``spec/openapi.yaml``."""
    return _SPECIFICATION.sub("", path)


def is_lock(path: str) -> bool:
    """Whether a file lists packages as a tool pinned them: full of digests, and of nothing secret."""
    return bool(_LOCK.search(path))


def is_pinned(path: str) -> bool:
    """Whether a file names packages and their versions, whatever names they have."""
    return is_lock(path) or bool(_REQUIREMENTS.search(path))
