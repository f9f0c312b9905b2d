"""The root command, and what every command promises: exit codes, plain errors, a stop that loses nothing."""

import gc
import importlib
import sys

import click

from launchready import __version__

# Command -> (module, what it does). The text stands here so that --help imports no command.
COMMANDS = {
    "demo": ("launchready.cli.demo", "Start a sample app, audit it, and audit it again with everything mended."),
    "init": ("launchready.cli.init", "Write a first launchready.toml for the app in a folder."),
    "identities": ("launchready.cli.identities", "Read and write who signs in, in the format schemathesis uses."),
    "audit": ("launchready.cli.audit", "Ask everything and give a verdict: GO, NO-GO or INCOMPLETE."),
    "prove": ("launchready.cli.prove", "Call the app directly as everybody, and say who got what."),
    "inputs": ("launchready.cli.inputs", "Send the app what it must refuse, and too much of it."),
    "surface": ("launchready.cli.surface", "List every way in, and who may use it."),
    "policy": ("launchready.cli.policy", "Draft the policy, compare it with the code, show who may call what."),
    "secrets": ("launchready.cli.secrets", "Search the source, a commit or a branch for keys: for hooks and CI."),
    "fix": ("launchready.cli.fix", "Show what would mend the app, as a diff; write it with --apply."),
    "explain": ("launchready.cli.explain", "Explain a check: what it looks at, and how to fix what it found."),
    "roadmap": ("launchready.cli.roadmap", "Show every line a launch is judged by, and where this app stands."),
    "report": ("launchready.cli.report", "Write a stored run again, in any format."),
    "handover": ("launchready.cli.handover", "Write the handover page: what is known, and what an owner must attest."),
    "history": ("launchready.cli.history", "List the stored runs."),
    "diff": ("launchready.cli.diff", "Show what changed between two runs."),
}

EXIT_CODES = "Exit codes: 0 go, 1 no-go, 2 usage, 3 nothing to check, 4 incomplete, 5 internal error."


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Command names, in the order a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Resolve, and name the nearest command for one that does not exist."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, 1)
            hint = f" Did you mean {near[0]!r}?" if near else " `launchready --help` lists the commands."
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, epilog=EXIT_CODES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="launchready")
def cli() -> None:
    """Can this app take its first real customers? A verdict you can trust, the proof, and the fix."""


def main() -> None:
    """Run the command line and end the process with one of the promised exit codes."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        code = 2
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        code = 4
    except BrokenPipeError:
        # The reader went away (`launchready … | head`); Python would complain again while closing standard output.
        sys.stderr.close()
        code = 0
    except Exception:  # noqa: BLE001  a fault of ours must not end with 1, which means NO-GO
        import traceback

        traceback.print_exc()
        click.echo(
            f"This is a fault of launchready {__version__}, not of your app. Please report it with the lines above.",
            err=True,
        )
        code = 5
    # What is left ends with the process: nobody needs to look for garbage in it.
    gc.freeze()
    sys.exit(code if isinstance(code, int) else 0)
