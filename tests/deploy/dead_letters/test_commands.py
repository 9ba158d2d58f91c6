"""`shelftalk dead-letters` as an operator meets it, without a broker."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from io import StringIO
from types import SimpleNamespace

import pytest
import typer
from rich.console import Console, Group
from rich.console import RenderableType as Shown
from typer.testing import CliRunner

from deploy.cli import app
from deploy.dead_letters import commands
from deploy.dead_letters.judge import Judged, Judgement, Known, KnownProduct, ProductEvent, Verdict
from deploy.dead_letters.letter import Letter, LetterId, listed
from deploy.dead_letters.show import details, dump, json_line, line, plan
from deploy.reader import CannotRead
from schemas import topics
from schemas.codec import ErrorClass
from schemas.registry import FakeRegistry
from streams.decode import Rejection
from tests.factories import dead_letter, product
from tests.streams.messages import codec_on

_NOWHERE = {"KAFKA_BOOTSTRAP": "127.0.0.1:1", "SCHEMA_REGISTRY_URL": "http://127.0.0.1:1", "COLUMNS": "200"}
_RUNNER = CliRunner(env=_NOWHERE)
_HOSTILE = "\x1b[31mred \u202eturned\n1/1 put back"


def printed(shown: Shown) -> str:
    console = Console(width=200, force_terminal=False)
    with console.capture() as captured:
        console.print(shown)
    return captured.get()


@pytest.mark.parametrize(
    "arguments",
    [
        ["list", "--since", "yesterday"],
        ["list", "--class", "no-such-class"],
        ["show", "17"],
        ["redrive", "17"],
        ["redrive", "--value", "repaired.json"],
        ["redrive", "0/1", "0/2", "--value", "repaired.json"],
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_read(arguments: list[str]) -> None:
    assert _RUNNER.invoke(app, ["dead-letters", *arguments]).exit_code == 2


@pytest.mark.timeout(60)
def test_a_broker_that_is_away_ends_the_command_with_what_to_do() -> None:
    started = time.monotonic()
    done = _RUNNER.invoke(app, ["dead-letters", "list"])
    assert isinstance(done.exception, CannotRead)
    assert "the broker at 127.0.0.1:1 cannot be read" in str(done.exception)
    assert "KAFKA_BOOTSTRAP" in str(done.exception)
    assert time.monotonic() - started < 30


def test_a_line_says_where_when_and_why_but_never_what() -> None:
    letter = Letter(LetterId(2, 17), dead_letter(value=b"secret", key=b"P1"))
    told = line(listed(letter)).plain
    assert told == (
        "2/17        2025-10-09 08:53:21  product-created/1/10  internal-error  3 attempts  ValueError in a step"
    )
    fields = json.loads(json_line(listed(letter)))
    assert (fields["id"], fields["value_bytes"], fields["topic"]) == ("2/17", 6, "product-created")
    assert "secret" not in json_line(listed(letter))


def test_nothing_in_a_letter_can_move_the_cursor_turn_the_writing_or_begin_a_line() -> None:
    letter = Letter(LetterId(0, 1), dead_letter(_HOSTILE, key=_HOSTILE.encode(), error=_HOSTILE, failed_by=_HOSTILE))
    judged = Judged(letter, Judgement(Verdict.NOT_OURS, _HOSTILE), goes_back=False)
    for shown in (line(listed(letter)), details(letter, None, None), Group(*plan([judged]))):
        assert "red turned" in printed(shown).replace("[31m", "")
        assert not {"\x1b", "\u202e"} & set(printed(shown))
        assert not any(row.startswith("1/1") for row in printed(shown).splitlines())
    assert not {"\x1b", "\u202e"} & set(json_line(listed(letter)))


def test_details_show_the_record_where_it_is_one_and_bytes_where_not() -> None:
    letter = Letter(LetterId(0, 1), dead_letter(value=b"\x00\x01secret" + bytes(300)))
    bad = Rejection(ErrorClass.TRUNCATED, "too short")
    dumped = printed(details(letter, bad, None))
    assert "00 01 73 65 63 72 65 74" in dumped
    assert "308 bytes in all: --raw FILE writes them" in dumped
    mismatch = printed(details(letter, Rejection(ErrorClass.KEY_MISMATCH, "the key is another"), product()))
    assert "today key-mismatch: the key is another" in mismatch
    assert '"product_id": "P1"' in mismatch


def test_bytes_are_dumped_in_rows_of_sixteen() -> None:
    assert dump(b"0123456789abcdef\x00") == [
        "000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
        "000010  00                                               .",
    ]


def test_a_plan_names_each_letter_with_its_verdict_and_reason() -> None:
    letter = Letter(LetterId(0, 1), dead_letter("review-posted"))
    forced = Judged(letter, Judgement(Verdict.STILL_BAD, "truncated: too short", may_force=True), goes_back=True)
    shown = printed(Group(*plan([forced])))
    assert "0/1  review-posted/1/10  internal-error  still bad, forced  truncated: too short" in shown


class Terminal(StringIO):
    """Somebody sits there."""

    def isatty(self) -> bool:
        return True


@dataclass
class Desk:
    """An operator's terminal and letter 0/7, a product's version 3: what is known at each reading, what went back."""

    known: list[Known]
    answer: bool
    back: list[Letter] = field(default_factory=list)

    def sit_down(self, monkeypatch: pytest.MonkeyPatch) -> None:
        codec = codec_on(FakeRegistry())
        letter = Letter(LetterId(0, 7), dead_letter(value=codec.encode(topics.PRODUCT_CREATED, product(version=3))))
        world = SimpleNamespace(codec=codec, source=None, endpoints=SimpleNamespace(bootstrap=""))
        monkeypatch.setattr(sys, "stdin", Terminal())
        monkeypatch.setattr(typer, "confirm", lambda _question: self.answer)
        monkeypatch.setattr(commands, "_world", lambda: nullcontext(world))
        monkeypatch.setattr(commands, "letters_named", lambda *_: (letter,))
        monkeypatch.setattr(commands, "known_of", lambda *_: self.known.pop(0))
        monkeypatch.setattr(commands, "Redriver", lambda _: SimpleNamespace(put_back=self.back.extend))


def test_what_was_overtaken_while_the_question_stood_does_not_go_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    overtaken = Known(products={"P1": KnownProduct(events=(ProductEvent(1, 11, 4),))})
    desk = Desk([Known(), overtaken], answer=True)
    desk.sit_down(monkeypatch)
    with pytest.raises(typer.Exit):
        commands.redrive(["0/7"])
    assert desk.back == []
    assert "version 4 came since" in capsys.readouterr().out.partition("overtaken while the question stood:")[2]


@pytest.mark.parametrize(("answer", "back"), [(True, [LetterId(0, 7)]), (False, [])])
def test_a_letter_goes_back_after_a_yes_and_not_after_a_no(
    monkeypatch: pytest.MonkeyPatch, *, answer: bool, back: list[LetterId]
) -> None:
    desk = Desk([Known(), Known()], answer=answer)
    desk.sit_down(monkeypatch)
    with suppress(typer.Exit):
        commands.redrive(["0/7"])
    assert [each.id for each in desk.back] == back
