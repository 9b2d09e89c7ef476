from pathlib import Path

from setuptools import find_packages, setup

PACKAGE = "omnibind_ros"
SHARE = Path("share") / PACKAGE
# `colcon build --symlink-install` runs a link to this file in a folder that has not all the others
REQUIREMENTS = Path(__file__).resolve().parent / "requirements"


def shared_files(*folders: str) -> list[tuple[str, list[str]]]:
    """Every file below the folders, as (where it is installed, its paths here), folder by folder."""
    by_folder: dict[Path, list[str]] = {}
    for folder in folders:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                by_folder.setdefault(path.parent, []).append(str(path))
    return [(str(SHARE / folder), files) for folder, files in by_folder.items()]


def requirements(name: str) -> list[str]:
    """The requirements of a file in requirements/, with those of the files it names."""
    found: list[str] = []
    for line in (REQUIREMENTS / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            found += requirements(line.removeprefix("-r ").strip())
        elif line and not line.startswith("#"):
            found.append(line)
    return found


setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(include=[PACKAGE, f"{PACKAGE}.*"]),
    package_data={PACKAGE: ["py.typed", "dashboard/web/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (str(SHARE), ["package.xml"]),
        *shared_files("launch", "config", "models"),
    ],
    python_requires=">=3.10,<3.14",
    install_requires=requirements("runtime.txt"),
    extras_require={
        name: requirements(f"{name}.txt") for name in ("dashboard", "memory", "ray", "teachers", "test", "training")
    },
    zip_safe=False,
    maintainer="omnibind_ros maintainers",
    maintainer_email="maintainers@omnibind-ros.example",
    description="Recognises objects from whatever sensors are live: camera, thermal, event, touch, sound, LiDAR, text.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "build_engines = omnibind_ros.nodes.build_engines:main",
            "dashboard = omnibind_ros.nodes.dashboard:main",
            "demo = omnibind_ros.nodes.demo:main",
            "doctor = omnibind_ros.nodes.doctor:main",
            "encoder = omnibind_ros.nodes.encoder:main",
            "file_player = omnibind_ros.nodes.file_player:main",
            "fusion = omnibind_ros.nodes.fusion:main",
            "info = omnibind_ros.nodes.info:main",
            "memory = omnibind_ros.nodes.memory:main",
            "monitor = omnibind_ros.nodes.monitor:main",
            "overlay = omnibind_ros.nodes.overlay:main",
            "perception = omnibind_ros.nodes.perception:main",
            "record = omnibind_ros.nodes.record:main",
            "replay = omnibind_ros.replay.command:main",
            "sensor_simulator = omnibind_ros.nodes.sensor_simulator:main",
        ],
    },
)
