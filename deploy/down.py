"""`shelftalk down`: end what `shelftalk up` started."""

from __future__ import annotations

from rich.console import Console

from deploy.local import docker
from deploy.local.stack import LocalStack
from deploy.settings import Settings


def down() -> None:
    """End the local broker and registry and wait until they are gone. Data stays; a service of yours is left alone."""
    settings = Settings()
    ended = LocalStack(settings.home_folder, settings.cache_folder).down()
    ended = docker.down(settings.home_folder) or ended
    Console(highlight=False, markup=False).print(
        f"down; data and logs stay in {settings.home_folder}" if ended else "nothing was running"
    )
