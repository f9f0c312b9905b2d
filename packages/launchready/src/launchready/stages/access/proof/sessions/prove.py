"""Sessions and tokens of callers of ours: forged, replayed, planted, mailed, and what sign-in tells about who has an account."""

from collections.abc import Sequence

from launchready.ground.ground import Ground
from launchready.ground.people import introduce
from launchready.ground.result import Harm
from launchready.probes.callers.caller import Caller
from launchready.probes.callers.values import person
from launchready.stages.access.proof.sessions.believed import prove_believed
from launchready.stages.access.proof.sessions.cross_site import prove_cross_site
from launchready.stages.access.proof.sessions.endings import prove_fixation, prove_sign_out
from launchready.stages.access.proof.sessions.enumeration import prove_enumeration, prove_timing
from launchready.stages.access.proof.sessions.forging import prove_forging
from launchready.stages.access.proof.sessions.in_the_open import prove_addresses, prove_cookie_flags
from launchready.stages.access.proof.sessions.invites import prove_invites
from launchready.stages.access.proof.sessions.letters import Letters
from launchready.stages.access.proof.sessions.new_passwords import prove_password_change
from launchready.stages.access.proof.sessions.plain_cookies import prove_plain_cookies
from launchready.stages.access.proof.sessions.resets import asks_for_resets, prove_resets
from launchready.stages.access.proof.sessions.unasked import prove_unasked


async def prove_sessions(ground: Ground, words: Sequence[str]) -> None:
    """Try one caller's kind of session; ``words`` are guesses for keys, and public keys in PEM, out of the source.

    What changes an account is tried on two made for it, and what may lock one comes last.
    """
    if not ground.callers or not (ground.accounts.doors.paths or ground.accounts.doors.named):
        return
    caller = ground.callers[-1]
    for one in ground.callers[-2:]:
        # What was tried before may have ended a session.
        await ground.sending.alive(one)
    await ground.step("no password", lambda: prove_believed(ground))
    await ground.stage("forging", lambda: prove_forging(ground, caller, words))
    await ground.step("plain cookies", lambda: prove_plain_cookies(ground, caller))

    async def travelling() -> None:
        await prove_cross_site(ground, await prove_cookie_flags(ground, caller))

    await ground.step("cross-site", travelling)
    await ground.stage("addresses", lambda: prove_addresses(ground, caller))
    await ground.step("signing out", lambda: prove_sign_out(ground, caller))
    await ground.step("fixation", lambda: prove_fixation(ground, caller))
    await ground.step("who has an account", lambda: prove_enumeration(ground, caller))
    if not ground.writes:
        return
    letters = Letters(ground.accounts.mail)
    await ground.step("invitations", lambda: prove_invites(ground, letters))
    await ground.step("passwords", lambda: _passwords(ground, letters))


async def _passwords(ground: Ground, letters: Letters) -> None:
    spare = await _spare(ground, "fay", "f")
    if spare is None:
        return
    await prove_password_change(ground, spare)
    if asks_for_resets(ground):
        await prove_resets(ground, spare, await _spare(ground, "gus", "g"), letters)
    await prove_unasked(ground, spare)
    await prove_timing(ground, spare)


async def _spare(ground: Ground, name: str, letter: str) -> Caller | None:
    """An account made to be locked out or taken over; None, and a gap, when the app gives no more."""
    caller = await ground.sign_up(name, person(ground.random(name), letter))
    if caller is None:
        for harm in (Harm.SESSION, Harm.RESET):
            ground.gap(
                f"account {name}",
                "no more accounts could be made, so new passwords and reset links were not tried on one",
                "an app that lets a few accounts be made in a row",
                harm,
            )
    else:
        await introduce(ground, caller)
    return caller
