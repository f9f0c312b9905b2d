"""Reads the body of an answer: as much of it as anybody looks at, and on to its end where that is near."""

import aiohttp

LARGEST_BODY = 1 << 20
# Whoever hangs up in the midst of an answer can bring down an app that does not expect it, and the line cannot be used again.
_NEAR = 1 << 24


async def received(response: aiohttp.ClientResponse) -> bytes:
    """At most ``LARGEST_BODY`` of the body. The rest of one that promises an end is read and left."""
    kept = bytearray()
    ends = response.content_length is not None and response.content_length <= _NEAR
    try:
        async for chunk in response.content.iter_chunked(65_536):
            kept += chunk[: LARGEST_BODY - len(kept)]
            if len(kept) == LARGEST_BODY and not ends:
                break
    except aiohttp.ClientPayloadError:
        # A body shorter than its header promised is shown by browsers too.
        pass
    except TimeoutError:
        if len(kept) < LARGEST_BODY:
            raise
    return bytes(kept)
