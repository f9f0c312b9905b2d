"""Whom a call trusts to say that a server is who it claims to be."""

import ssl


def trusted(ca_file: str) -> ssl.SSLContext | bool:
    """What a call hands aiohttp as ``ssl``: the machine's own anchors, and those of ``ca_file`` (PEM) besides, where one is given.

    Raises OSError when that cannot be read or holds no certificate.
    """
    if not ca_file:
        # aiohttp has read the machine's anchors when it was imported. Reading them again takes longer than many a run asks an app.
        return True
    context = ssl.create_default_context()
    context.load_verify_locations(ca_file)
    return context
