"""All readers of docs/exports.md give the examples that seqio gives."""

import glob
import json
from pathlib import Path
import re
import shlex
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from support.corpora import documents, write
from support.house.modules import ROOT

from ul2_flan.pipelines import __main__, ul2
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks import records

PAGE = (ROOT / 'docs' / 'exports.md').read_text()
RUN = 'build/demo/ul2r'

# Inputs and targets of examples, sorted.
Examples = list[tuple[list[int], list[int]]]


@pytest.fixture(scope='module')
def folder(tmp_path_factory, vocabulary_path) -> Path:
  """Where the commands of the page have run."""
  folder = tmp_path_factory.mktemp('exports')
  with pytest.MonkeyPatch.context() as patch:
    patch.chdir(folder)
    config = ul2.Config(
      inputs=[write(folder / 'a.jsonl', documents(30))],
      vocabulary=vocabulary_path,
      inputs_length=64,
      targets_length=64,
      min_shards=3,
    )
    ul2.run(config, output=RUN, engine=Engine(local_workers=1))
    page = PAGE.replace('\\\n', ' ')
    for line in re.findall(r'^ul2-flan (.*)$', page, re.M):
      argv = shlex.split(line)
      one = ['--local_workers=1'] * (argv[0] != 'verify')
      assert __main__.main([*argv, *one]) == 0
  return folder


def block(name: str) -> str:
  """The Python block of the page that imports a library."""
  (found,) = (
    b for b in re.findall(r'```python\n(.*?)```', PAGE, re.S) if name in b
  )
  return found


def ran(folder: Path, name: str, monkeypatch) -> dict[str, Any]:
  monkeypatch.chdir(folder)
  monkeypatch.setenv('HF_HOME', str(folder / 'hub'))
  monkeypatch.setenv('HF_HUB_OFFLINE', '1')
  names: dict[str, Any] = {}
  exec(block(name), names)
  return names


# In a process of its own: another test may have registered this name.
READ = """
import json, sys
import seqio
from ul2_flan.tasks.register import register
(name,) = register(sys.argv[1])
read = seqio.get_mixture_or_task(name).get_dataset(
  {'inputs': 64, 'targets': 64}, 'train', use_cached=True, shuffle=False
)
print(json.dumps([
  [e['inputs'].tolist(), e['targets'].tolist()]
  for e in read.as_numpy_iterator()
]))
"""


@pytest.fixture(scope='module')
def expected(folder) -> Examples:
  done = subprocess.run(
    [sys.executable, '-c', READ, str(folder / RUN)],
    check=True,
    capture_output=True,
    text=True,
  )
  read = json.loads(done.stdout.splitlines()[-1])
  made = sorted((inputs, targets) for inputs, targets in read)
  assert made
  assert {sides[i][-1] for sides in made for i in (0, 1)} == {1}
  return made


def test_datasets_reads_what_seqio_reads(folder, expected, monkeypatch):
  names = ran(folder, 'import datasets', monkeypatch)
  assert (
    sorted((e['inputs'], e['targets']) for e in names['examples']) == expected
  )


def test_pytorch_reads_what_seqio_reads(folder, expected, monkeypatch):
  pytest.importorskip('torch', reason='is 3 GB, and for the user to install')
  names = ran(folder, 'import datasets', monkeypatch)
  exec(block('import torch'), names)
  loaded = [
    tuple(row[: max(row.nonzero()) + 1].tolist() for row in rows)
    for batch in names['loader']
    for rows in zip(batch['inputs'], batch['targets'], strict=True)
  ]
  assert sorted(loaded) == expected


def test_grain_reads_what_seqio_reads(folder, expected, monkeypatch):
  found = list(ran(folder, 'import grain', monkeypatch)['examples'])
  features = manifest_of(str(folder / RUN)).features
  sides = [
    tuple(
      [*example[side].tolist(), *[1] * features[side].add_eos]
      for side in ('inputs', 'targets')
    )
    for example in found
  ]
  assert sides != sorted(sides)
  assert sorted(sides) == expected


def test_parquet_has_what_seqio_reads(folder, expected):
  from pyarrow import parquet as pq

  rows = [
    row
    for path in sorted(folder.glob('out/parquet/ul2r/train-*.parquet'))
    for row in pq.read_table(path).to_pylist()
  ]
  assert sorted((row['inputs'], row['targets']) for row in rows) == expected


def test_maxtext_finds_what_it_takes(folder, expected, monkeypatch):
  import grain
  import yaml

  monkeypatch.chdir(folder)
  (given,) = re.findall(r'(?:^    \w+: .*\n)+', PAGE, re.M)
  settings = yaml.safe_load(given)
  (column,) = settings['train_data_columns']
  source = grain.sources.ArrayRecordDataSource(
    sorted(glob.glob(settings['grain_train_files']))
  )
  sequences = [records.decode_example(record)[column] for record in source]
  # The page's run has sides of 512 tokens, and this one of 64.
  assert settings['max_target_length'] == 2 * 512
  assert {len(tokens) for tokens in sequences} == {2 * 64}
  assert settings['packing'] is settings['tokenize_train_data'] is False
  known = {*map(str, expected)}
  for tokens in sequences:
    text = np.trim_zeros(tokens, 'b')
    ends = np.flatnonzero(np.equal(text, 1)) + 1
    sides = [side.tolist() for side in np.split(text, ends)]
    assert sides.pop() == []  # EOS is last
    pairs = zip(sides[::2], sides[1::2], strict=True)
    assert {*map(str, pairs)} <= known
