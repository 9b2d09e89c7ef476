"""Drivers and nodes are killed without warning and come back, as after a crash or a pulled cable."""

from chaos.findings import Findings
from chaos.scenario import Durations, Scenario
from chaos.stage import TTL_OF_S, TTL_S, Stage, source_parameters
from omnibind_ros.nodes.sensor_simulator import DRIVERS
from omnibind_ros.simulation.sensors import SENSORS, Sensor

# A driver stays away for longer than its data counts.
AWAY_S: dict[Sensor, float] = {"prompt": 4.5}
USE_LIMIT_S = 1.0
# What must pass before there is something to use: the microphone's window, the time until the next prompt.
FIRST_DATA_S: dict[Sensor, float] = {"microphone": 1.0, "prompt": DRIVERS["prompt"].period_s}
RESTART_LIMIT_S = 20.0


def kill_drivers(stage: Stage, findings: Findings, _: Durations) -> None:
    """Every driver in turn."""
    drivers = {sensor: stage.simulate(sensor, respawn_after_s=AWAY_S.get(sensor, 1.0)) for sensor in SENSORS}
    stage.start_perception({sensor: sensor for sensor in SENSORS})
    start_s = stage.wait_until_live(*SENSORS)
    for sensor, driver in drivers.items():
        killed_s = driver.kill()
        excluded_s = stage.wait_until_left_out(sensor)
        bound_s = TTL_OF_S.get(sensor, TTL_S) + DRIVERS[sensor].period_s
        findings.time(f"{sensor}_excluded_s", excluded_s - killed_s, at_most_s=bound_s)
        plugged_s = stage.wait_until_plugged(driver, times=2)
        used_s = stage.wait_until_used(sensor, plugged_s)
        limit_s = USE_LIMIT_S + FIRST_DATA_S.get(sensor, 0.0)
        findings.time(f"{sensor}_used_s", used_s - plugged_s, at_most_s=limit_s)
        stage.judge_lost(findings, [one for one in SENSORS if one != sensor], killed_s, excluded_s)
    stage.wait_until_live(*SENSORS, limit_s=10.0)
    stage.judge(findings, (), start_s)


def kill_perception(stage: Stage, findings: Findings, _: Durations) -> None:
    """The node itself, twice."""
    sensors: tuple[Sensor, ...] = ("camera", "thermal", "microphone", "lidar")
    stage.simulate(*sensors)
    stage.start_perception({sensor: sensor for sensor in sensors})
    for number in (1, 2):
        start_s = stage.wait_until_live(*sensors)
        stage.wait_for_recognitions(30)
        stage.judge(findings, sensors, start_s)
        killed_s = stage.kill_node()
        stage.observer.states.clear()
        back_s = stage.wait_until_live(*sensors)
        findings.time(f"restart_{number}_s", back_s - killed_s, at_most_s=RESTART_LIMIT_S)


def kill_distributed(stage: Stage, findings: Findings, _: Durations) -> None:
    """One of two encoders, the other one, then the fusion: what the rest sees must go on being recognised."""
    halves: dict[str, tuple[Sensor, ...]] = {"encoder_a": ("camera", "thermal"), "encoder_b": ("lidar", "touch")}
    for name, sensors in halves.items():
        stage.simulate(*sensors)
        stage.start_node("encoder", source_parameters({sensor: sensor for sensor in sensors}), name=name)
    stage.start_node("fusion", {})
    everything = [sensor for sensors in halves.values() for sensor in sensors]
    start_s = stage.wait_until_live(*everything)
    for name, sensors in halves.items():
        killed_s = stage.kill_node(name)
        excluded_s = stage.wait_until_left_out(*sensors)
        bound_s = TTL_S + max(DRIVERS[sensor].period_s for sensor in sensors)
        findings.time(f"{name}_excluded_s", excluded_s - killed_s, at_most_s=bound_s)
        stage.judge_lost(findings, [one for one in everything if one not in sensors], killed_s, excluded_s)
        back_s = stage.wait_until_live(*sensors, limit_s=RESTART_LIMIT_S)
        findings.time(f"{name}_restart_s", back_s - killed_s, at_most_s=RESTART_LIMIT_S)
    stage.judge(findings, (), start_s)
    killed_s = stage.kill_node("fusion")
    stage.observer.states.clear()
    back_s = stage.wait_until_live(*everything)
    findings.time("fusion_restart_s", back_s - killed_s, at_most_s=RESTART_LIMIT_S)


SCENARIOS = (
    Scenario("drivers_killed", "every driver is killed and respawned", kill_drivers, embeddings_of=SENSORS),
    Scenario("perception_killed", "`perception` is killed twice and respawned", kill_perception),
    Scenario(
        "distributed_killed", "distributed: each `encoder`, then `fusion`, is killed and respawned", kill_distributed
    ),
)
