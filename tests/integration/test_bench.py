"""What is measured can be measured; how fast it is, no test says."""

import json
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_a_part_of_the_measurements_runs_and_tells_each_sample() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "sweep", "--quick", "--json"], capture_output=True, text=True, check=False
    )
    figures = json.loads(done.stdout)
    assert {figure["group"] for figure in figures} == {"sweep", "matching"}
    assert all(figure["samples"] and figure["worst"] >= figure["median"] > 0 for figure in figures)
