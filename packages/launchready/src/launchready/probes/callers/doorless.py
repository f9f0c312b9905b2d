"""Why nobody is anybody to an app that shuts nothing to strangers."""

from typing import TYPE_CHECKING

from launchready.probes.callers.caller import Caller
from launchready.probes.callers.puts import put_routes
from launchready.probes.callers.signin import login_routes
from launchready.probes.callers.signup import pages_up, signup_routes
from launchready.probes.callers.trouble import FAILS_AT_ALL, NO_DOOR, Tried

if TYPE_CHECKING:
    from launchready.probes.callers.accounts import Accounts


async def note_why(accounts: "Accounts", caller: Caller) -> None:
    """Note that the app fails at all, that it knows no people, or that it does and no session could be tried."""
    if (failed := accounts.doors.broken) is not None:
        accounts.note(f"GET {failed.path}: {failed.status}", FAILS_AT_ALL)
        return
    known = accounts.endpoints
    if signup_routes(known) or put_routes(known) or login_routes(known) or await pages_up(accounts, caller):
        accounts.note("sign-up", "no address refuses a stranger, so that no session could be tried")
    elif not accounts.tried:
        accounts.tried.append(Tried("sign-up", NO_DOOR))
