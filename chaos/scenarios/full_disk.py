"""Nothing can be written where the node wants to keep compiled code and the centres of labels."""

import subprocess

from chaos.findings import Findings
from chaos.scenario import Durations, Scenario
from chaos.stage import Stage
from omnibind_ros.simulation.sensors import Sensor

# Their decoders and preprocessing are compiled when first used; the result is what is cached.
COMPILED: tuple[Sensor, ...] = ("event", "lidar")
STEADY: tuple[Sensor, ...] = ("camera",)
# Labels the bundle does not have: their centres are computed, and would be cached.
NEW_LABELS = ("toaster", "door handle", "mug")
# In a mount namespace of its own, so that nobody else sees the disk and it goes with the process.
ON_FULL_DISK = """
mount -t tmpfs -o size=16k tmpfs "$1" || exit
cat /dev/zero > "$1/filler" 2> /dev/null
shift
exec "$@"
"""


def fill_disk(stage: Stage, findings: Findings, _: Durations) -> None:
    """The cache folder lies on a disk that is full; without the right to mount one, on no disk at all."""
    cache = stage.folder / "cache"
    prefix: tuple[str, ...] = ()
    if may_mount():
        cache.mkdir()
        prefix = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", ON_FULL_DISK, "sh", str(cache))
        findings.notes.append("a full disk of 16 kB")
    else:
        cache.write_text("a file where a folder is wanted", encoding="utf-8")
        findings.notes.append("no right to mount a disk here: a cache folder that cannot be made")
    stage.simulate(*COMPILED, *STEADY)
    node = stage.start_perception(
        {sensor: sensor for sensor in (*COMPILED, *STEADY)},
        prefix=prefix,
        environment={"NUMBA_CACHE_DIR": str(cache), "XDG_CACHE_HOME": str(cache)},
    )
    live_s = stage.wait_until_live(*COMPILED, *STEADY)
    findings.time("live_after_start_s", live_s - node.starts_s[0], at_most_s=60.0)
    asked_s = stage.set_parameter("perception", "labels", list(NEW_LABELS))
    heard = stage.observer.labels
    used_s = stage.wait(lambda: heard and heard[-1] <= {*NEW_LABELS, "unknown"}, 20.0, "the new labels are used")
    findings.time("new_labels_used_s", used_s - asked_s, at_most_s=20.0)
    stage.watch(2.0, node)
    warnings = node.said.count("label centres are not cached")
    findings.expect(warnings == 1, f"{warnings} log lines that centres are not cached instead of one")
    stage.judge(findings, (*COMPILED, *STEADY), live_s)


def may_mount() -> bool:
    """Whether this user may mount a file system in a namespace of its own."""
    command = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=10).returncode == 0
    except OSError:
        return False


SCENARIOS = (Scenario("full_disk", "the disk is full while compiled code and label centres are cached", fill_disk),)
