"""A UL2 run needs nothing of the other kinds."""

from pathlib import Path
import subprocess
import sys

import pytest
from support.corpora import documents, write
from support.plans import ul2_plan

from ul2_flan.pipelines.ul2.kind import KIND
from ul2_flan.tasks.denoising import preset_text, presets
from ul2_flan.tasks.vocabulary import Vocabulary

# A run in this process, and then all that was imported for it.
SCRIPT = """
import sys
from ul2_flan.pipelines import ul2
config = ul2.Config(
  inputs=[sys.argv[1]], vocabulary=sys.argv[2], inputs_length=64,
  targets_length=64, min_shards=2)
ul2.run(config, output=sys.argv[3], engine=ul2.Engine(local_workers=1))
print(*(name for name in sys.modules if name.startswith('ul2_flan.')))
"""

FLANS = (
  'pipelines.flan', 'pipelines.mix', 'pipelines.task_sources',
  'tasks.rendering', 'tasks.catalog', 'mixtures',
)  # fmt: skip


def test_a_run_loads_nothing_of_flans(tmp_path: Path, vocabulary_path: str):
  source = write(tmp_path / 'a.jsonl', documents(10))
  argv = [source, vocabulary_path, str(tmp_path / 'out')]
  loaded = subprocess.run(
    [sys.executable, '-c', SCRIPT, *argv],
    capture_output=True,
    text=True,
    check=True,
  ).stdout.split()
  assert 'ul2_flan.pipelines.ul2.worker' in loaded
  assert 'ul2_flan.pipelines.launch.finish' in loaded
  flans = tuple(f'ul2_flan.{name}' for name in FLANS)
  assert [name for name in loaded if name.startswith(flans)] == []


@pytest.mark.parametrize('epochs', [1, 3])
def test_the_vocabulary_knows_how_much_text_is_to_come(
  tmp_path: Path, vocabulary_path: str, monkeypatch, epochs: int
):
  source = write(tmp_path / 'a.jsonl', documents(10))
  plan = ul2_plan(source, vocabulary_path, f'--epochs={epochs}')
  told = []
  monkeypatch.setattr(
    Vocabulary, 'expect', lambda self, *given: told.append(given)
  )
  KIND.prepare(plan, 2)
  assert told == [(plan.estimate['tokens'], epochs, 2)]


def test_the_variant_of_a_run_is_its_preset():
  for preset in presets():
    assert KIND.variant({'denoisers': preset_text(preset)}) == preset
