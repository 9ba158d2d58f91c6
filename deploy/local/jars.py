"""The Java programs of the local stack: fetched once, never run unless they are the pinned ones.

`jars.sha256` beside this file pins every file by hash, so that what runs does not depend on what a repository serves.
"""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.local.errors import JarRefused, JarUnreachable

PINS_FILE = Path(__file__).with_name("jars.sha256")
REGISTRY_ARTIFACT = "apicurio-registry-app"

_FETCHES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Pin:
    """One file of a Maven repository and the only content that is accepted for it."""

    sha256: str
    group: str
    artifact: str
    version: str
    packaging: str = "jar"
    classifier: str = ""

    @property
    def filename(self) -> str:
        """Give the file's name in the cache; the hash in it keeps two contents apart."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{classifier}-{self.sha256[:12]}.{self.packaging}"


def read_pins(path: Path = PINS_FILE) -> tuple[Pin, ...]:
    """Give the pinned files: lines of a hash and `group:artifact:version[:packaging[:classifier]]`."""
    lines = (line.split() for line in path.read_text().splitlines() if line and not line.startswith("#"))
    return tuple(Pin(sha256, *coordinate.split(":")) for sha256, coordinate in lines)


def kafka_class_path(cache: Path, say: Callable[[str], None]) -> str:
    """Give the class path of Apache Kafka, fetching what is missing; raises JarRefused or JarUnreachable."""
    pins = [pin for pin in read_pins() if pin.artifact != REGISTRY_ARTIFACT]
    return ":".join(str(path) for path in _ensure(pins, cache / "jars", say))


def registry_folder(cache: Path, say: Callable[[str], None]) -> Path:
    """Give the folder with Apicurio's `quarkus-run.jar`, fetching it when missing; raises as above."""
    (pin,) = (pin for pin in read_pins() if pin.artifact == REGISTRY_ARTIFACT)
    folder = cache / "registry" / f"{pin.version}-{pin.sha256[:12]}"
    if not folder.is_dir():
        (archive,) = _ensure([pin], cache / "jars", say)
        _unpack(archive, folder)
        archive.unlink()
    return folder


def is_cached(cache: Path) -> bool:
    """Tell whether the stack starts without a network."""
    kafka = [pin for pin in read_pins() if pin.artifact != REGISTRY_ARTIFACT]
    registry = any((cache / "registry").glob("*/quarkus-run.jar"))
    return registry and all((cache / "jars" / pin.filename).is_file() for pin in kafka)


def is_reachable(*, timeout_seconds: float = 10) -> bool:
    """Tell whether the repository that the files come from has the first of them."""
    import requests  # noqa: PLC0415 - what jgo fetches with; only asked where nothing is cached
    from jgo.constants import MAVEN_CENTRAL_URL  # noqa: PLC0415

    pin = read_pins()[0]
    path = f"{pin.group.replace('.', '/')}/{pin.artifact}/{pin.version}/{pin.artifact}-{pin.version}.{pin.packaging}"
    try:
        return requests.head(f"{MAVEN_CENTRAL_URL}/{path}", timeout=timeout_seconds, allow_redirects=True).ok
    except requests.RequestException:
        return False


def _ensure(pins: Iterable[Pin], folder: Path, say: Callable[[str], None]) -> list[Path]:
    """Give each pinned file's path, all of them checked."""
    wanted = {pin: folder / pin.filename for pin in pins}
    missing = [pin for pin, path in wanted.items() if not path.is_file()]
    if missing:
        say(f"fetching {len(missing)} Java {'files' if len(missing) > 1 else 'file'} once, to {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(_FETCHES_AT_ONCE) as pool:
            list(pool.map(lambda pin: _fetch(pin, wanted[pin]), missing))
    for pin, path in wanted.items():
        _check(pin, path)
    return list(wanted.values())


def _fetch(pin: Pin, path: Path) -> None:
    """Fetch one file; it appears under its name only when it is whole and the pinned one."""
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=path.parent) as folder:
        fetched = _resolve(pin, Path(folder))
        _check(pin, fetched)
        fetched.replace(path)


def _resolve(pin: Pin, repository: Path) -> Path:
    from jgo.maven import MavenContext  # noqa: PLC0415 - slow to import, and a warm start does not need it

    try:
        component = MavenContext(repo_cache=repository).project(pin.group, pin.artifact).at_version(pin.version)
        return Path(component.artifact(classifier=pin.classifier, packaging=pin.packaging).resolve())
    except (OSError, RuntimeError) as error:
        raise JarUnreachable(
            f"{pin.group}:{pin.artifact}:{pin.version} could not be fetched from Maven Central ({error}): "
            "connect this machine, or copy the cache folder of one that is connected"
        ) from error


def _check(pin: Pin, path: Path) -> None:
    with path.open("rb") as handle:
        found = hashlib.file_digest(handle, "sha256").hexdigest()
    if found != pin.sha256:
        raise JarRefused(
            f"{path} is not the pinned file (sha256 {found}, wanted {pin.sha256}): "
            "it is not run. Delete it to fetch it again; if it then still differs, trust nobody in between"
        )


def _unpack(archive: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    unpacking = Path(tempfile.mkdtemp(prefix=".unpack-", dir=folder.parent))
    try:
        with tarfile.open(archive) as content:
            content.extractall(unpacking, filter="data")
        unpacking.rename(folder)
    finally:
        shutil.rmtree(unpacking, ignore_errors=True)
