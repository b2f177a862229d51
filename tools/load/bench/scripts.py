"""What mapping scripts add to a message: processor time of a run."""
import json
import subprocess

from .programs import Failure

PATIENCE_S = 300
ALLOWED_US = 15  # what a typical transform may add


def measure(built):
    done = subprocess.run([built / "tests" / "script_bench"], stdout=subprocess.PIPE, text=True,
                          timeout=PATIENCE_S)
    if done.returncode != 0:
        raise Failure(f"script_bench ended with {done.returncode}")
    return json.loads(done.stdout)


def lines(result):
    yield "Scripts, one core: microseconds a run of a message of 1,500 bytes (JSON and XML: of 150 and 40)"
    for name, microseconds in result.items():
        yield f"{name:52} {microseconds:6.2f}{'' if microseconds < ALLOWED_US else '   too much'}"
