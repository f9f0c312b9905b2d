"""Which files set the environment of an app."""

import re

ENV_FILE = re.compile(r"(?:^|/)(?:\.env(?:\.[\w-]+)*|[\w-]+\.env)$")
_ENV_SHAPE = re.compile(r"example|sample|template|dist$|defaults?$|schema|test|ci$", re.I)


def is_env_file(path: str) -> bool:
    """Whether a path is an environment file that holds real values: ``.env``, ``.env.production``, not ``.env.example``."""
    name = path.rsplit("/", 1)[-1]
    return bool(ENV_FILE.search(path)) and not _ENV_SHAPE.search(name.removeprefix(".env").removesuffix(".env"))
