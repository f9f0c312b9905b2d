"""What is said of a call that got no answer."""

import errno
import ssl

import aiohttp

from launchready.probes.exchange import AWAY, DROPPED, LATE

# What OpenSSL calls an answer that does not begin as TLS does.
_NO_TLS = "WRONG_VERSION_NUMBER"


def unanswered(url: str, error: Exception, seconds: float) -> str:
    """What was tried, what came of it, and what to do; ``seconds`` is how long an answer was waited for."""
    match error:
        case TimeoutError():
            return (
                f"Called {url}: {LATE} {seconds:g} s. Look whether the app answers in a browser; when it is only "
                "slow, give it longer with --timeout."
            )
        case ssl.SSLError() | aiohttp.ClientConnectorSSLError() if _NO_TLS in str(error):
            return f"Called {url}: it answers there, but not by TLS. Give the address with http://, or the port that speaks TLS."
        case aiohttp.ClientConnectorCertificateError() | ssl.SSLError() | aiohttp.ClientConnectorSSLError():
            return f"Called {url}: its certificate cannot be trusted ({_short(error)}). Customers see a warning page; mend the certificate, or give its CA as [domains] ca_file."
        case aiohttp.ClientConnectorDNSError():
            return f"Called {url}: the name cannot be found. Check the spelling and the DNS record."
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientConnectionResetError():
            return f"Called {url}: {DROPPED}. Look at its log."
        case aiohttp.ClientOSError(errno=errno.ECONNRESET):
            return f"Called {url}: {DROPPED}. Look at its log."
        case aiohttp.ClientConnectorError(errno=errno.ECONNREFUSED):
            return f"Called {url}: {AWAY}. Start the app, or correct the URL."
        case aiohttp.ClientConnectorError() | ConnectionError():
            return f"Called {url}: {AWAY} ({_short(error)}). Start the app, or correct the URL."
        case aiohttp.InvalidURL() | ValueError():
            return f"Called {url}: that is no usable address ({_short(error)}). Correct the URL."
        case _:
            return f"Called {url}: the answer was not understandable HTTP ({_short(error)}). Is that the port of the app? Look at the server's log."


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    text = text.split("[", 1)[-1].rstrip("]") if "[" in text else text
    return (text or type(error).__name__)[:120]
