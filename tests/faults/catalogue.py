"""Every scenario there is."""

from __future__ import annotations

from tests.faults import (
    baselines,
    scenarios_deaths,
    scenarios_disk,
    scenarios_hangs,
    scenarios_headline,
    scenarios_input,
    scenarios_network,
    scenarios_streams,
    scenarios_time,
)
from tests.faults.scenario import Scenario

ALL: tuple[Scenario, ...] = (
    *scenarios_deaths.SCENARIOS,
    *scenarios_hangs.SCENARIOS,
    *scenarios_network.SCENARIOS,
    *scenarios_disk.SCENARIOS,
    *scenarios_input.SCENARIOS,
    *scenarios_time.SCENARIOS,
    *scenarios_streams.SCENARIOS,
    *baselines.SCENARIOS,
    *scenarios_headline.SCENARIOS,
)
BY_NAME = {scenario.name: scenario for scenario in ALL}
