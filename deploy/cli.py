"""The console command `shelftalk`: every command lives in a module of its own and is wired here, nothing else is."""

from __future__ import annotations

import os
import sys

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from deploy.attack import attack
from deploy.check import check
from deploy.contradict import contradict
from deploy.dataset.command import dataset
from deploy.dead_letters.commands import app as dead_letters
from deploy.dead_letters.read import DeadLetterError
from deploy.demo.command import demo
from deploy.demo.errors import DemoError
from deploy.doctor import doctor
from deploy.down import down
from deploy.evaluate import evaluate
from deploy.evaluation.errors import NoExamples
from deploy.faq.commands import app as faq
from deploy.faq.read import FaqError
from deploy.feed import feed
from deploy.feedback.commands import app as feedback
from deploy.feedback.read import FeedbackError
from deploy.feeder import CannotFeed
from deploy.kafka_writer import NotWritten
from deploy.local.errors import StackError
from deploy.model import model
from deploy.plan import plan
from deploy.planning.figures import CannotPlan
from deploy.provision import ProvisioningFailed, provision
from deploy.reader import CannotRead
from deploy.release.commands import app as release
from deploy.secure import CannotSecure, secure
from deploy.settings import Settings
from deploy.tail import CannotTail, tail
from deploy.trace import NoTrace, trace
from deploy.train_demo.command import train_demo
from deploy.up import up
from schemas.access import EX_REFUSED, AccessRefused
from schemas.connection import wrong_settings
from schemas.registry import RegistryError
from training.examples import DataError
from training.release import ReleaseError
from workers.model import ModelNotFound

_HELP = """Shop events in, checked copy out: the operator's commands.

[bold]A first look[/]

  shelftalk demo          all of it at once, with a shop made for it\n
  shelftalk train-demo    the demo's model learns from that shop, and writes in the next demo if it is better\n
  shelftalk doctor        what this machine lacks\n
  shelftalk up            a broker and a registry on this machine\n
  shelftalk provision     topics and schemas\n
  shelftalk feed FOLDER   a shop's files to the input topics\n
  shelftalk tail          published copy as it comes\n
  shelftalk trace NAME    what happened to a request or a product, step by step\n
  shelftalk down          end it; data stays in var/

[bold]Without a broker or a model[/]

  shelftalk check FILE    texts held against their records: what is not in the facts\n
  shelftalk contradict DIR    true sentences made false, and how many the guard refuses\n
  shelftalk evaluate TASK how good a model's texts are, on files of examples\n
  shelftalk dataset TASK  training examples out of files, with the worker's own prompts\n
  shelftalk model         where the default model's files are\n
  shelftalk attack FILE   what is published when events carry orders to the machine

[bold]When something cannot be processed[/]

  shelftalk dead-letters list --since 2h       what, from where, and why\n
  shelftalk dead-letters show 2/17             one of them, whole\n
  shelftalk dead-letters redrive --dry-run     what could go back, and what not

[bold]What shoppers ask often[/]

  shelftalk faq list             questions of several shoppers that wait for an answer\n
  shelftalk faq show ID          how it was asked, and what was answered\n
  shelftalk faq approve ID       give that answer from now on; `edit` gives yours, `reject` none

[bold]Which model writes[/]

  shelftalk release show            what is live, what was before, what is on its way\n
  shelftalk release propose TASK FOLDER ...    a model that is no worse on any gate; then `shadow`, `canary`, `live`\n
  shelftalk release rollback TASK   one step back\n
  shelftalk feedback record ID approved     what a person makes of a text; also edited, rejected, rated\n
  shelftalk feedback report         revisions side by side

[bold]With your own Kafka[/]

  export KAFKA_BOOTSTRAP=broker:9093 SCHEMA_REGISTRY_URL=https://registry:8443 KAFKA_SECURITY_PROTOCOL=...\n
  shelftalk provision --replication-factor 3 --dry-run\n
  shelftalk secure users --dry-run      who may do what; without --dry-run it makes them\n
  shelftalk plan --events-per-day N     how many machines, and what they cost

Every command takes --help. Data, logs and state are under SHELFTALK_HOME (default var/).
"""

app = typer.Typer(
    name="shelftalk",
    help=_HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo)
app.command()(train_demo)
app.command()(doctor)
app.command()(up)
app.command()(down)
app.command()(provision)
app.command()(secure)
app.command()(plan)
app.command()(feed)
app.command()(tail)
app.command()(trace)
app.command()(check)
app.command()(contradict)
app.command()(evaluate)
app.command()(dataset)
app.command()(model)
app.command()(attack)
app.add_typer(dead_letters)
app.add_typer(faq)
app.add_typer(release)
app.add_typer(feedback)

# What an operator can do something about, by its message alone.
_PLAIN_ERRORS = (
    AccessRefused,
    CannotFeed,
    CannotPlan,
    CannotRead,
    CannotSecure,
    CannotTail,
    DeadLetterError,
    DemoError,
    FaqError,
    FeedbackError,
    ModelNotFound,
    NoExamples,
    DataError,
    NoTrace,
    NotWritten,
    ProvisioningFailed,
    RegistryError,
    ReleaseError,
    StackError,
)


def main() -> None:
    """Run one command; an error that its message explains is printed without a trace.

    The exit code is then 1, 77 when the broker or the registry refuses us, 78 when the environment cannot be meant.
    """
    try:
        app()
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        _tell("Settings", wrong_settings(error))
        sys.exit(os.EX_CONFIG)
    except _PLAIN_ERRORS as error:
        _tell(type(error).__name__, str(error))
        sys.exit(EX_REFUSED if isinstance(error, AccessRefused) else 1)


def _tell(name: str, message: str) -> None:
    Console(stderr=True, highlight=False).print(f"[red]{name}:[/] {escape(message)}", soft_wrap=True)
