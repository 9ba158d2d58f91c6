"""Every scenario there is."""

from __future__ import annotations

from tests.faults import scenarios_deaths
from tests.faults.scenario import Scenario

ALL: tuple[Scenario, ...] = (*scenarios_deaths.SCENARIOS,)
BY_NAME = {scenario.name: scenario for scenario in ALL}
