"""What is written for a cluster, as documents: file by file, or put together by kustomize where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy" / "kubernetes"
_TOOLS = {"kustomize": ["kustomize", "build"], "kubectl": ["kubectl", "kustomize"]}

Document = dict[str, Any]


@cache
def written(*folders: str) -> tuple[Document, ...]:
    """Give the documents of folders below `deploy/kubernetes`, and the settings as the ConfigMap that they become."""
    files = (path for folder in folders for path in sorted((KUBERNETES / folder).glob("*.yaml")))
    found = [each for path in files for each in yaml.safe_load_all(path.read_text())]
    lines = [line for line in (KUBERNETES / "base" / "settings.env").read_text().splitlines() if line]
    data = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    return (*found, {"kind": "ConfigMap", "metadata": {"name": "shelftalk"}, "data": data})


@cache
def put_together(folder: str) -> tuple[Document, ...]:
    """Give what `kubectl apply -k` would send; skips without kustomize or kubectl."""
    tool = next((command for name, command in _TOOLS.items() if shutil.which(name)), None)
    if tool is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    done = subprocess.run([*tool, str(KUBERNETES / folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return tuple(yaml.safe_load_all(done.stdout))


def of_kind(documents: tuple[Document, ...], *kinds: str) -> list[Document]:
    """Give the documents of some kinds."""
    return [each for each in documents if each["kind"] in kinds]


def workloads(documents: tuple[Document, ...]) -> Iterator[tuple[str, Document, Document]]:
    """Give each workload's name, its pods' specification and its one container."""
    for each in of_kind(documents, "Deployment", "StatefulSet", "Job"):
        pod = each["spec"]["template"]["spec"]
        assert "initContainers" not in pod
        (container,) = pod["containers"]
        yield each["metadata"]["name"], pod, container


def labels_of(documents: tuple[Document, ...]) -> dict[str, dict[str, str]]:
    """Give the labels of each workload's pods."""
    chosen = of_kind(documents, "Deployment", "StatefulSet", "Job")
    return {each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"] for each in chosen}


def selected(selector: Document, labels: dict[str, str]) -> bool:
    """Tell whether a label selector chooses a pod with these labels."""
    wanted: dict[str, str] = selector.get("matchLabels", {})
    listed: list[Document] = selector.get("matchExpressions", [])
    assert {each["operator"] for each in listed} <= {"In"}
    return wanted.items() <= labels.items() and all(labels.get(each["key"]) in each["values"] for each in listed)


def settings_of(documents: tuple[Document, ...], container: Document) -> dict[str, str | None]:
    """Give the variables that a container starts with; None for one whose value is in a Secret."""
    (given,) = (each for each in of_kind(documents, "ConfigMap") if each["metadata"]["name"].startswith("shelftalk"))
    settings: dict[str, str | None] = given["data"] | {each["name"]: each.get("value") for each in container["env"]}
    return settings
