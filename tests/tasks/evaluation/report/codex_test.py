"""The predictions of Codex on BIG-Bench-Hard score what their authors say."""

from collections.abc import Mapping
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ul2_flan.tasks.evaluation.__main__ import main


@pytest.fixture(scope='module')
def codex(shared_data: Path) -> Path:
  return shared_data / 'eval' / 'bbh_codex'


def scored(
  file: Path, variant: str, capsys: pytest.CaptureFixture[str]
) -> Mapping[str, Any]:
  command = ['score', str(file), '--suite', 'bbh', '--variant', variant]
  assert main([*command, '--json']) == 0
  return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
  ('variant', 'means'),
  [
    ('direct', {'mean': 52.76, 'family_mean': 56.61, 'normalised': 34.62}),
    ('cot', {'mean': 73.71, 'family_mean': 73.93, 'normalised': 63.36}),
  ],
)
def test_the_official_accuracies(codex, variant, means, capsys):
  facts = scored(codex / f'{variant}.jsonl.gz', variant, capsys)
  official = json.loads((codex / 'accuracy.json').read_text())
  assert len(official) == 27
  for key, row in official.items():
    task = facts['tasks'][f'bbh:{key}']
    assert task['n'] == row['examples']
    assert task['accuracy'] == pytest.approx(row[variant], abs=1e-9)
  assert {name: round(facts[name], 2) for name in means} == means


def test_no_target_leaks_into_a_score(codex, tmp_path, capsys):
  """With another question's target, the score is how often both agree."""
  lines = gzip.decompress((codex / 'direct.jsonl.gz').read_bytes()).splitlines()
  rows = [row for row in map(json.loads, lines) if row['task'] == 'snarks']
  targets = [row['target'] for row in rows]
  rotated = targets[1:] + targets[:1]
  file = tmp_path / 'rotated.jsonl'
  file.write_text(
    '\n'.join(
      json.dumps(row | {'target': target})
      for row, target in zip(rows, rotated, strict=True)
    )
  )
  equal = [r['prediction'] == t for r, t in zip(rows, rotated, strict=True)]
  task = scored(file, 'direct', capsys)['tasks']['bbh:snarks']
  assert task['accuracy'] == pytest.approx(100 * sum(equal) / len(equal))
  assert 0 < sum(equal) < len(equal)
