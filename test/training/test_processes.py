import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs PyTorch, which the robot's environment does not have")

from training.processes import gathered, own_share  # noqa: E402

ROOT = Path(__file__).parents[2]
PROCESSES = 2
SETTINGS = {"CUDA_VISIBLE_DEVICES": "", "GLOO_SOCKET_IFNAME": "lo", "OMP_NUM_THREADS": "1"}

# One step of a linear student on its share of a batch; the main process prints the loss and the gradients.
STEP = """
import json, sys, torch
from torch.nn.functional import normalize
from training.config import DistilConfig
from training.distillation.distil import Taught, alignment_terms
from training.processes import accelerator, average_gradients, gathered, is_main, own_share, same_everywhere

assert same_everywhere("asked before anything else") == "asked before anything else"

def one_step(shared):
    generator = torch.Generator().manual_seed(0)
    inputs, text, image = (torch.randn(12, 8, generator=generator, dtype=torch.float64) for _ in range(3))
    picture = torch.arange(12)
    picture[3] = -1
    student = torch.nn.Linear(8, 8, bias=False).double()
    with torch.no_grad():
        student.weight.copy_(torch.randn(8, 8, generator=generator, dtype=torch.float64))
    log_temperature = torch.nn.Parameter(torch.tensor(-1.0, dtype=torch.float64))
    row = own_share(torch.arange(12)) if shared else torch.arange(12)
    whole = gathered if shared else lambda values: values
    taught = Taught(normalize(text)[row], normalize(image)[row], (row % 5), picture[row])
    taught = Taught(*(whole(v) for v in (taught.text_BD, taught.image_BD, taught.meaning_B, taught.picture_B)))
    terms = alignment_terms(
        whole(normalize(student(inputs[row]))), taught, temperature=log_temperature.exp(), settings=DistilConfig()
    )
    loss = torch.stack(list(terms.values())).sum()
    loss.backward()
    if shared:
        average_gradients([student.weight, log_temperature])
    return [loss.item(), student.weight.grad.tolist(), log_temperature.grad.item()]

together = one_step(True)
if is_main():
    print(json.dumps({"processes": accelerator().num_processes, "together": together, "alone": one_step(False)}))
accelerator().wait_for_everyone()
accelerator().end_training()
"""


def test_two_processes_have_the_loss_and_the_gradients_of_one(tmp_path):
    script = tmp_path / "step.py"
    script.write_text(STEP)
    launch = ["torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", str(PROCESSES)]
    ran = subprocess.run(
        [sys.executable, "-m", *launch, str(script)],
        cwd=ROOT,
        env={**os.environ, **SETTINGS, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    result = json.loads(next(line for line in ran.stdout.splitlines() if line.startswith("{")))
    assert result["processes"] == PROCESSES
    for together, alone in zip(result["together"], result["alone"], strict=True):
        torch.testing.assert_close(torch.tensor(together), torch.tensor(alone), atol=1e-10, rtol=1e-8)


def test_one_process_has_everything():
    rows = torch.arange(5)
    assert torch.equal(own_share(rows), rows)
    assert gathered(rows) is rows
