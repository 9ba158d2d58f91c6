"""`shelftalk contradict`: sentences about a shop's own products made false, and how many the guard refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from training.contradiction_score import Judged, as_json, scores, table
from training.contradictions import Case, cases


def contradict(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Files of products and sentences.")],
    *,
    seed: Annotated[int, typer.Option(help="The same seed makes the same suite.")] = 1,
    most: Annotated[int, typer.Option(min=1, help="At most so many false sentences of each kind.")] = 400,
    out: Annotated[Path | None, typer.Option(help="Where the cases go with their verdicts, as JSON lines.")] = None,
    as_numbers: Annotated[bool, typer.Option("--json", help="The scores as JSON.")] = False,
) -> None:
    """Make sentences about a shop's products false in one way each, and count how many of each kind are refused.

    FOLDER has products.jsonl (sku, title, categories, price, attributes, description), attribute_to_text*.csv or
    answers*.tsv, at any depth. The table has the share refused by kind of contradiction with its 95 % interval, and
    last the false alarms: true sentences that are refused, where their facts are in the record and over all.

    Example: `shelftalk contradict ../my-shop --seed 7 --json > scores.json`.
    """
    judged: list[Judged] = []
    lines: list[str] = []
    for case, line, refused in _verdicts(folder, seed=seed, most=most):
        judged.append(Judged(case.kind, case.is_false, case.in_record, refused))
        lines.append(line)
    if not judged:
        raise typer.BadParameter(f"{folder} has no file that this command reads", param_hint="FOLDER")
    if out is not None:
        out.write_text("".join(lines), encoding="utf-8")
    found = scores(iter(judged))
    typer.echo(as_json(found) if as_numbers else table(found))


def _verdicts(folder: Path, *, seed: int, most: int) -> Iterator[tuple[Case, str, bool]]:
    # Only here: the other commands run where the guard's own packages are not installed.
    from deploy.check_lines import How, check_line  # noqa: PLC0415

    for number, case in enumerate(cases(folder, seed=seed, most_per_kind=most), 1):
        checked = check_line(case.line().encode(), number, How(reasons=True))
        told = json.loads(case.line()) | {"rules": checked.rules, "allowed": not checked.rules}
        yield case, json.dumps(told, ensure_ascii=False) + "\n", bool(checked.rules)
