"""Files that may be asked for, and which of them first."""


class Likely:
    """Paths by how often they were added. Of the files that five others import, nine in ten are asked for; of those that one does, every third."""

    def __init__(self) -> None:
        self._times: dict[str, int] = {}
        # Those that were added once, twice, …, each in the order in which they came to be.
        self._by_times: list[dict[str, None]] = []

    def add(self, path: str) -> None:
        """Count ``path`` once more."""
        times = self._times.get(path, 0)
        self._times[path] = times + 1
        if times:
            self._by_times[times - 1].pop(path, None)
        if times == len(self._by_times):
            self._by_times.append({})
        self._by_times[times][path] = None

    def pop(self) -> str | None:
        """Take out one of those that were added most often, the latest of them, which is nearest; None when there are no more."""
        for paths in reversed(self._by_times):
            if paths:
                return paths.popitem()[0]
        return None
