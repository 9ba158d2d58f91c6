"""What the manifests promise without a cluster: as they are written, and as kustomize puts them together."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import kubernetes_validate
import pytest

from deploy.settings import Settings
from schemas.rights import user_of
from schemas.topics import INPUTS, REQUESTS, WORKERS_GROUP
from streams import __main__ as streams_process
from streams.settings import StreamsSettings
from tests.deploy.manifests import (
    ROOT,
    Document,
    labels_of,
    of_kind,
    put_together,
    selected,
    settings_of,
    workloads,
    written,
)
from workers.metrics import TABLE
from workers.settings import WorkerSettings

PROCESSES = {"provision": Settings, "streams": StreamsSettings, "worker": WorkerSettings}
ROLES = {"provision": "operator", "streams": "streams", "worker": "worker"}
LONG_LIVED = ("streams", "worker")
MARGIN_SECONDS = 10  # to publish, to leave the group and to end, after the work is done


@pytest.fixture(params=["written", "overlays/cpu", "overlays/gpu"])
def manifests(request: pytest.FixtureRequest) -> tuple[Document, ...]:
    return written("base", "autoscaling") if request.param == "written" else put_together(request.param)


def named(documents: tuple[Document, ...], kind: str, name: str) -> Document:
    (found,) = (each for each in of_kind(documents, kind) if each["metadata"]["name"] == name)
    return found


def test_no_container_may_become_more_than_it_is(manifests: tuple[Document, ...]) -> None:
    for name, pod, container in workloads(manifests):
        context = pod["securityContext"]
        assert (context["runAsNonRoot"], context["runAsUser"], context["runAsGroup"]) == (True, 10001, 10001), name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {key for key in pod if key.startswith("host")} == set()


def test_the_namespace_takes_no_pod_that_may(manifests: tuple[Document, ...]) -> None:
    labels = named(manifests, "Namespace", "shelftalk")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_no_pod_is_known_to_the_cluster(manifests: tuple[Document, ...]) -> None:
    for name, pod, _ in workloads(manifests):
        assert (pod["automountServiceAccountToken"], pod["enableServiceLinks"]) == (False, False), name


def test_nobody_takes_a_node_s_memory_or_disk(manifests: tuple[Document, ...]) -> None:
    for name, pod, container in workloads(manifests):
        assert {"memory", "ephemeral-storage"} <= set(container["resources"]["limits"]), name
        assert {"cpu", "memory", "ephemeral-storage"} <= set(container["resources"]["requests"]), name
        assert all("sizeLimit" in each["emptyDir"] for each in pod["volumes"] if "emptyDir" in each), name


def test_images_are_of_this_release(manifests: tuple[Document, ...]) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    images = {container["image"] for _, _, container in workloads(manifests)}
    assert {image.rpartition(":")[2] for image in images} == {version}
    assert {image.rpartition(":")[0] for image in images} <= {
        "shelftalk-streams", "shelftalk-worker-cpu", "shelftalk-worker-gpu"
    }  # fmt: skip


def test_what_selects_pods_finds_them(manifests: tuple[Document, ...]) -> None:
    labels = labels_of(manifests)
    selectors = {
        each["metadata"]["name"]: each["spec"]["selector"] for each in of_kind(manifests, "PodDisruptionBudget")
    }
    for each in of_kind(manifests, "Deployment", "StatefulSet"):
        selectors[f"its own {each['metadata']['name']}"] = each["spec"]["selector"]
    assert selectors
    for name, selector in selectors.items():
        assert [pod for pod in labels if selected(selector, labels[pod])] == [name.split()[-1]], name
    service = named(manifests, "Service", "streams")
    assert service["spec"]["selector"].items() <= labels["streams"].items()
    assert named(manifests, "StatefulSet", "streams")["spec"]["serviceName"] == service["metadata"]["name"]


def test_nothing_goes_in_or_out_but_what_is_listed(manifests: tuple[Document, ...]) -> None:
    policies = {each["metadata"]["name"]: each["spec"] for each in of_kind(manifests, "NetworkPolicy")}
    assert policies.pop("nothing") == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    for name, policy in policies.items():
        (direction,) = policy["policyTypes"]
        for rule in policy[direction.lower()]:
            peers = rule["to" if direction == "Egress" else "from"]
            assert all(peer["namespaceSelector"]["matchLabels"] for peer in peers), name
            assert peers, name
            assert rule["ports"], name


def test_who_may_reach_the_broker_and_who_is_asked_for_metrics(manifests: tuple[Document, ...]) -> None:
    labels = labels_of(manifests)
    reach = named(manifests, "NetworkPolicy", "broker-and-registry")["spec"]["podSelector"]
    asked = named(manifests, "NetworkPolicy", "metrics")["spec"]["podSelector"]
    scraped = named(manifests, "PodMonitor", "shelftalk")["spec"]["selector"]
    assert {name for name in labels if selected(reach, labels[name])} == set(PROCESSES)
    assert {name for name in labels if selected(asked, labels[name])} == set(LONG_LIVED)
    assert {name for name in labels if selected(scraped, labels[name])} == set(LONG_LIVED)


def test_the_allowed_ports_are_those_of_the_settings(manifests: tuple[Document, ...]) -> None:
    rules = named(manifests, "NetworkPolicy", "broker-and-registry")["spec"]["egress"]
    allowed = {port["port"] for rule in rules for port in rule["ports"]}
    _, _, container = next(workloads(manifests))
    given = settings_of(manifests, container)
    addresses = f"{given['KAFKA_BOOTSTRAP']} {given['SCHEMA_REGISTRY_URL']}"
    assert {int(port) for port in re.findall(r":(\d+)", addresses)} == allowed


def test_more_replicas_than_partitions_would_stand_idle(manifests: tuple[Document, ...]) -> None:
    most = named(manifests, "ScaledObject", "worker")["spec"]["maxReplicaCount"]
    assert most <= min(topic.partitions for topic in REQUESTS)
    replicas = named(manifests, "StatefulSet", "streams")["spec"]["replicas"]
    assert 2 <= replicas <= min(topic.partitions for topic in INPUTS)
    assert "replicas" not in named(manifests, "Deployment", "worker")["spec"]  # or each apply would undo the scaling


def test_the_scaler_looks_at_what_workers_read(manifests: tuple[Document, ...]) -> None:
    triggers = named(manifests, "ScaledObject", "worker")["spec"]["triggers"]
    lags = [each["metadata"] for each in triggers if each["type"] == "kafka"]
    assert {lag["topic"] for lag in lags} == {topic.name for topic in REQUESTS}
    assert {lag["consumerGroup"] for lag in lags} == {WORKERS_GROUP}
    assert {(lag["sasl"], lag["tls"], lag["bootstrapServersFromEnv"]) for lag in lags} == {
        ("scram_sha512", "enable", "KAFKA_BOOTSTRAP")
    }
    known = {metric.name for metric in TABLE}
    queries = [each["metadata"]["query"] for each in triggers if each["type"] == "prometheus"]
    assert {name for query in queries for name in re.findall(r"shelftalk_\w+", query)} <= known
    assert {tier for query in queries for tier in re.findall(r'tier="(\w+)"', query)} == {"interactive", "bulk"}


def test_the_scaler_is_a_user_that_may_only_look() -> None:
    user = named(written("autoscaling"), "ConfigMap", "scaler")["data"]["username"]
    assert user == user_of("scaler")


def test_scaling_in_is_slower_than_scaling_out(manifests: tuple[Document, ...]) -> None:
    behaviour = named(manifests, "ScaledObject", "worker")["spec"]["advanced"]["horizontalPodAutoscalerConfig"][
        "behavior"
    ]
    out, slow = behaviour["scaleUp"], behaviour["scaleDown"]
    assert slow["stabilizationWindowSeconds"] >= 10 * out["stabilizationWindowSeconds"] > 0
    assert _pods_per_minute(slow) < _pods_per_minute(out)


def _pods_per_minute(behaviour: Document) -> float:
    (policy,) = behaviour["policies"]
    return float(60 * policy["value"] / policy["periodSeconds"])


def test_work_in_flight_is_finished_before_a_pod_is_killed(manifests: tuple[Document, ...]) -> None:
    pods = {name: (pod, container) for name, pod, container in workloads(manifests)}
    pod, container = pods["worker"]
    drain = float(settings_of(manifests, container)["SHELFTALK_DRAIN_SECONDS"] or 0)
    assert pod["terminationGracePeriodSeconds"] >= drain + MARGIN_SECONDS > MARGIN_SECONDS
    pod, _ = pods["streams"]
    assert pod["terminationGracePeriodSeconds"] >= streams_process._DRAIN_SECONDS + MARGIN_SECONDS


def test_every_variable_is_one_that_its_process_reads(manifests: tuple[Document, ...]) -> None:
    engines = {"VLLM_CPU_KVCACHE_SPACE"}
    for name, _, container in workloads(manifests):
        known = (
            set().union(*(_variables(kind) for kind in PROCESSES.values()))
            if name == "provision"
            else _variables(PROCESSES[name])
        )
        assert set(settings_of(manifests, container)) - engines - known == set(), name


def _variables(settings: Any) -> set[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return {str(field.validation_alias or f"{prefix}{name}".upper()) for name, field in settings.model_fields.items()}


def test_each_process_is_a_user_of_its_own(manifests: tuple[Document, ...]) -> None:
    users = {name: settings_of(manifests, container)["KAFKA_SASL_USER"] for name, _, container in workloads(manifests)}
    assert users == {name: user_of(role) for name, role in ROLES.items()}  # type: ignore[arg-type]


def test_no_secret_is_written_down(manifests: tuple[Document, ...]) -> None:
    assert of_kind(manifests, "Secret") == []
    for name, _, container in workloads(manifests):
        given = settings_of(manifests, container)
        secret = {key for key in given if re.search(r"PASSWORD|TOKEN|SECRET|KEY", key) and not key.endswith("_FILE")}
        assert secret == set(), name


def test_every_file_that_a_variable_names_is_mounted(manifests: tuple[Document, ...]) -> None:
    for name, pod, container in workloads(manifests):
        (mount,) = (each["mountPath"] for each in container["volumeMounts"] if each["name"] == "secrets")
        (volume,) = (each["projected"] for each in pod["volumes"] if each["name"] == "secrets")
        there = {f"{mount}/{item['path']}" for source in volume["sources"] for item in source["secret"]["items"]}
        given = settings_of(manifests, container)
        wanted = {str(value) for key, value in given.items() if key.endswith("_FILE")}
        if name not in LONG_LIVED:
            wanted.discard(str(given["SHELFTALK_METRICS_TOKEN_FILE"]))  # nobody asks it for numbers
        assert there == wanted, name
        assert volume["defaultMode"] == 0o440


def test_what_is_written_to_is_a_volume(manifests: tuple[Document, ...]) -> None:
    claims = {
        each["metadata"]["name"] for each in named(manifests, "StatefulSet", "streams")["spec"]["volumeClaimTemplates"]
    }
    for name, pod, container in workloads(manifests):
        mounts = {each["mountPath"]: each for each in container["volumeMounts"]}
        assert {each["name"] for each in mounts.values()} <= {each["name"] for each in pod["volumes"]} | claims
        writable = {path for path, mount in mounts.items() if not mount.get("readOnly")}
        assert {"/tmp", "/var/lib/shelftalk"} <= writable, name  # noqa: S108
    assert claims == {"tables"}


def test_a_pod_is_judged_by_its_progress(manifests: tuple[Document, ...]) -> None:
    for name, _, container in workloads(manifests):
        if name not in LONG_LIVED:
            continue
        (port,) = container["ports"]
        assert str(port["containerPort"]) == settings_of(manifests, container)["SHELFTALK_METRICS_PORT"]
        asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert {each["port"] for each in asked.values()} == {port["name"]}
        assert [each["path"] for each in asked.values()] == ["/live", "/live", "/ready"]


def test_a_node_can_be_emptied_and_one_of_each_stays(manifests: tuple[Document, ...]) -> None:
    budgets = {each["metadata"]["name"]: each["spec"] for each in of_kind(manifests, "PodDisruptionBudget")}
    assert set(budgets) == set(LONG_LIVED)
    for budget in budgets.values():
        assert (budget["maxUnavailable"], budget["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_a_worker_has_no_name_that_outlives_its_pod(manifests: tuple[Document, ...]) -> None:
    for _, _, container in workloads(manifests):
        assert "SHELFTALK_WORKER_ID" not in settings_of(manifests, container)  # decision 0008


def test_a_worker_with_a_graphics_card_has_one_of_its_own() -> None:
    documents = put_together("overlays/gpu")
    pod, container = next((pod, container) for name, pod, container in workloads(documents) if name == "worker")
    resources = container["resources"]
    assert resources["requests"]["nvidia.com/gpu"] == resources["limits"]["nvidia.com/gpu"] == 1
    assert pod["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert {each["key"] for each in pod["tolerations"]} == {
        "nvidia.com/gpu", "node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"
    }  # fmt: skip
    mounts = {each["mountPath"]: each["name"] for each in container["volumeMounts"]}
    (memory,) = (each["emptyDir"] for each in pod["volumes"] if each["name"] == mounts["/dev/shm"])  # noqa: S108
    assert memory["medium"] == "Memory"
    assert settings_of(documents, container)["SHELFTALK_MODEL"].startswith("/models/")  # type: ignore[union-attr]


@pytest.mark.parametrize("folder", ["base", "overlays/cpu", "overlays/gpu"])
def test_the_cluster_knows_every_field(folder: str) -> None:
    theirs = {"ScaledObject", "TriggerAuthentication", "PodMonitor"}
    ours = [each for each in put_together(folder) if each["kind"] not in theirs]
    assert ours
    for each in ours:
        kubernetes_validate.validate(each, "1.34", strict=True)
