"""`referloop person …`: accounts for the web pages."""

import getpass
import sys
from typing import Annotated

import typer

from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, actor, desk
from gateway.domain.person import Role
from gateway.errors import PersonRefused
from gateway.services.access.accounts import By
from gateway.services.access.passwords import first_code
from gateway.services.access.single_sign_on import Identity, link_person

app = typer.Typer(no_args_is_help=True, help="Accounts for the web pages.")
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password's line from standard input; else it is asked for.")
]


@app.command("first-code")
def tell_first_code(config: Config) -> None:
    """The code that the web page asks for while nobody has an account."""
    with desk(config) as at_desk:
        if at_desk.access.accounts.nobody_yet():
            typer.echo(first_code(at_desk.access.accounts.key))
        else:
            typer.echo("Somebody has an account already: the code opens nothing any more.")
            raise typer.Exit(1)


@app.command("add")
def add(
    config: Config,
    name: str,
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.STAFF,
    *,
    password_stdin: FromStdin = False,
) -> None:
    """Make an account; the password is changed by its owner when they first log in."""
    with desk(config) as at_desk:
        person = at_desk.access.accounts.add(name, role, _password(password_stdin), _by())
    typer.echo(f"{person.name} can log in as {person.role}")


@app.command("list")
def list_(config: Config, as_json: AsJson = False) -> None:
    """Everybody by name."""
    with desk(config) as at_desk:
        rows: list[dict[str, object]] = [
            {
                "name": person.name,
                "role": person.role.value,
                "second_factor": person.has_second_factor,
                "disabled": person.is_disabled,
                "since": person.created_at,
            }
            for person in at_desk.access.accounts.everybody()
        ]
    empty = "Nobody has an account yet: referloop person add NAME --role administrator"
    print_rows(rows, as_json=as_json, empty=empty, zone=at_desk.rules.zone)


@app.command("disable")
def disable(config: Config, name: str) -> None:
    """Shut somebody out, at once; what they did stays under their name."""
    with desk(config) as at_desk:
        at_desk.access.accounts.disable(name, _by())
    typer.echo(f"{name} is shut out")


@app.command("enable")
def enable(config: Config, name: str) -> None:
    """Let somebody in again."""
    with desk(config) as at_desk:
        at_desk.access.accounts.enable(name, _by())
    typer.echo(f"{name} can log in again")


@app.command("log-out")
def log_out(config: Config, name: str) -> None:
    """End every stay of somebody who left a screen open; they can log in again."""
    with desk(config) as at_desk:
        at_desk.access.accounts.end_stays(name, _by())
    typer.echo(f"{name} is logged out everywhere")


@app.command("role")
def role_(config: Config, name: str, role: Role) -> None:
    """Give somebody another role."""
    with desk(config) as at_desk:
        at_desk.access.accounts.set_role(name, role, _by())
    typer.echo(f"{name} is {role} now")


@app.command("password")
def password(config: Config, name: str, *, password_stdin: FromStdin = False) -> None:
    """Set a password that its owner must change; also opens a door that wrong ones had shut."""
    with desk(config) as at_desk:
        at_desk.access.accounts.set_password(name, _password(password_stdin), _by())
    typer.echo(f"{name} has a new password, to be changed at the next log-in")


@app.command("reset-totp")
def reset_totp(config: Config, name: str) -> None:
    """Take the second factor away from somebody who lost it."""
    with desk(config) as at_desk:
        at_desk.access.accounts.reset_second_factor(name, _by())
    typer.echo(f"{name} logs in without a second factor now")


@app.command("link")
def link(
    config: Config, name: str, subject: Annotated[str, typer.Argument(help="Who they are at the provider: its `sub`.")]
) -> None:
    """Let somebody with an account here come in by the identity provider too."""
    with desk(config) as at_desk:
        issuer = at_desk.settings.oidc.issuer
        if not issuer:
            raise PersonRefused("oidc.issuer is empty: name the provider in the settings first")
        link_person(at_desk.store, at_desk.clock, name, Identity(issuer, subject), _by())
    typer.echo(f"{name} comes in by the provider now")


def _by() -> By:
    return By(f"{actor()} at the command line", "this machine")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    once, again = getpass.getpass("Password: "), getpass.getpass("Once more: ")
    if once != again:
        raise typer.BadParameter("the two passwords differ")
    return once
