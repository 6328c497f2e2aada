"""`curdbee-compat certs`: certificates for the names that old clients build."""

from pathlib import Path

import click

from curdbee_compat import config
from curdbee_compat.users import Refused


@click.command()
@click.argument("subdomains", metavar="SUB...", nargs=-1, required=True)
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Where they are kept.  [default: certs/ of the instance]"
)
def certs(subdomains: tuple[str, ...], folder: Path | None) -> None:
    """Make a private certificate authority, once, and by it a certificate for each SUB.curdbee.com.

    What is there stays. Clients are told to trust authority.pem: docs/pointing-a-client.md says how."""
    # cryptography is large, and nothing else needs it
    from curdbee_compat.certs import Refused as NotMade
    from curdbee_compat.certs import make

    chosen = folder or config.instance_folder(config.values()) / "certs"
    try:
        trusted, *made = make(subdomains, chosen)
    except NotMade as error:
        raise Refused(str(error)) from None
    click.echo(f"Clients must trust: {trusted}")
    for path in made:
        click.echo(f"For the web server: {path} and {path.with_suffix('.key').name}")
