"""Write `jars.sha256` anew after a version below was changed: `make lock-jars`, then review the difference."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from jgo.maven import MavenContext

from deploy.local.jars import PINS_FILE, REGISTRY_ARTIFACT

KAFKA = "org.apache.kafka:kafka_2.13:4.1.1"
# Kafka brings slf4j's interface and no backend: this one writes to the standard error, which is the log.
LOGGING = "org.slf4j:slf4j-simple:1.7.36"
REGISTRY = ("io.apicurio", REGISTRY_ARTIFACT, "3.3.3")

_HEAD = "# Every Java file of the local stack, by content. Written by `make lock-jars`; a difference stops the start.\n"


def main() -> None:
    """Resolve the programs with all that they need and write one line for each file."""
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder))
        asked = [context.create_dependency(coordinate) for coordinate in (KAFKA, LOGGING)]
        inputs, others = context.resolver.resolve(asked)
        jars = {dependency.artifact for dependency in inputs + others}
        lines = [
            _line((jar.groupId, jar.artifactId, jar.version), jar.resolve())
            for jar in sorted(jars, key=lambda jar: jar.key)
        ]
        archive = context.project(*REGISTRY[:2]).at_version(REGISTRY[2]).artifact(classifier="all", packaging="tar.gz")
        lines.append(_line(REGISTRY, archive.resolve(), suffix=":tar.gz:all"))
    PINS_FILE.write_text(_HEAD + "\n".join(lines) + "\n")


def _line(coordinate: tuple[str, str, str], path: Path, *, suffix: str = "") -> str:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return f"{digest}  {':'.join(coordinate)}{suffix}"


if __name__ == "__main__":
    main()
