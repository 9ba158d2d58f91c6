"""One contender in a process of its own: `... contend NAME LOAD BOOTSTRAP HELD TOTAL`.

HELD messages are in the topic, TOTAL of them are served. The last line of the output is JSON: what was spent.
"""

from __future__ import annotations

import gc
import json
import sys
import uuid
from dataclasses import asdict
from typing import cast

import structlog

from tests.benchmarks.contenders import CONTENDERS, ContenderName, Course
from tests.benchmarks.loads import LoadName, input_topic, load_for
from tests.benchmarks.meter import Meter
from workers.kafka import KafkaConfig


def main() -> None:
    """Run the contender that the arguments name and say what it spent."""
    name, load_name, bootstrap, held, total = sys.argv[1:]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    load = cast(LoadName, load_name)
    course = Course(
        topic=input_topic(load),
        kafka=KafkaConfig(bootstrap, f"bench-{uuid.uuid4().hex[:12]}"),
        load=load_for(load, count=int(held)),
        meter=Meter(int(total)),
    )
    gc.freeze()  # what was prepared beforehand is no part of the work
    CONTENDERS[cast(ContenderName, name)](course)
    print(json.dumps(asdict(course.meter.spent())))  # noqa: T201 - this is the process's answer


if __name__ == "__main__":
    main()
