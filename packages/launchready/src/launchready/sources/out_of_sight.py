"""Whether what is called, and handed the request, is out of sight: then it may refuse it."""

from launchready.sources.call_names import OWN_OF_FRAMEWORK
from launchready.sources.resolver import Resolver


def out_of_sight(resolver: Resolver, path: str, name: str) -> bool:
    """Whether a name in a file leads to nothing that can be read, and to nothing of the framework's own."""
    found = resolver.find(path, name)
    made = found.binding.value if found and found.binding else None
    if found and made is not None and made.kind == "call":
        # const withCors = cors({ origin: true }): it says which sites may ask, and nothing of who does.
        entry = resolver.find(found.path, made.text) if made.text else None
        if (entry and entry.outside.partition(".")[0] == "cors") or (
            made.on is not None and "cors" in made.on.strings()
        ):
            return False
    return found is None or (found.function is None and not OWN_OF_FRAMEWORK.match(found.outside))
