"""Real text and tasks are mixed and packed, and seqio reads them."""

import collections
from collections.abc import Mapping, Sequence
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import seqio
from support.outputs import records_of

from ul2_flan.pipelines import flan, mix, ul2, verify
from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.tasks import records
from ul2_flan.tasks.register import register
from ul2_flan.tasks.vocabulary import Vocabulary

LENGTHS = {'inputs': 512, 'targets': 512}

NIV2 = (
  'task003_mctaco_question_generation_event_duration',
  'task037_qasc_generate_related_fact',
  'task040_qasc_question_generation',
)
TASKS = (
  *(f'niv2:{name}' for name in NIV2),
  'cot:gsm8k',
  'cot:strategyqa',
  't0_sf:ag_news_classify',
  't0_sf:cosmos_qa_no_prompt_text',
  'flan2021:bool_q',
  'flan2021:glue_mrpc',
)

Example = tuple[tuple[int, ...], tuple[int, ...]]


@pytest.fixture(scope='module')
def runs(shared_data, tmp_path_factory) -> dict[str, Path]:
  """The outputs of `ul2` and `flan`, mixed once as they are and once packed."""
  folder = tmp_path_factory.mktemp('chain')
  text = folder / 'text.jsonl'
  with gzip.open(sorted(shared_data.glob('text/en/*.gz'))[0], 'rt') as file:
    text.write_text(''.join(file.readlines()[:100]))
  flags = ['--vocabulary', f'{shared_data}/vocab/t5.spiece.model']
  flags += [f'--{side}_length={length}' for side, length in LENGTHS.items()]
  outputs = {k: folder / k for k in ('ul2', 'flan', 'mixed', 'packed')}
  status = ul2.main(
    [
      *flags,
      *('--input', str(text), '--output', str(outputs['ul2'])),
      *('--name', 'chain_ul2r', '--preset', 'ul2r', '--per_denoiser'),
    ]
  )
  folders = {'niv2': 'niv2/tasks', 't0_sf': 'p3/rendered'}
  for suite in ('cot', 'flan2021'):
    folders[suite] = suite
  status += flan.main(
    [
      *flags,
      *('--output', str(outputs['flan']), '--name', 'chain_flan'),
      *(f'--source={k}={shared_data / v}' for k, v in folders.items()),
      *('--tasks', ','.join(TASKS), '--cap', '150', '--strict'),
      *('--validation_fraction', '0.05'),
    ]
  )
  for name, more in (('mixed', []), ('packed', ['--pack', 'enc_dec'])):
    status += mix.main(
      [
        *('--manifest', str(outputs['ul2']), str(outputs['flan'])),
        *('--mixture', 'ul2r_flan2022', '--include', 'in_flan2021'),
        *('--num_examples', '3000', '--min_shards', '4'),
        *('--output', str(outputs[name]), '--name', f'chain_{name}', *more),
      ]
    )
  assert not status
  return outputs


def examples_of(output: Path, data_set: str) -> list[Example]:
  """Reads all training examples of a data set, without EOS."""
  found = []
  for record in records_of(output, data_set, 'train'):
    example = records.decode_example(record)
    found.append(tuple(tuple(example[k].tolist()) for k in LENGTHS))
  return found


def read(name: str, converter: Any, lengths: Mapping[str, int]) -> list[Any]:
  dataset = seqio.get_dataset(
    name,
    lengths,
    converter,
    shuffle=False,
    use_cached=True,
    num_epochs=1,
    verbose=False,
  )
  return list(dataset.as_numpy_iterator())


def unpacked(rows: Sequence[Mapping[str, np.ndarray]]) -> list[Example]:
  """Takes packed sequences apart into examples, without EOS."""
  found = []
  for row in rows:
    for k in range(1, row['decoder_segment_ids'].max() + 1):
      sides = []
      for part, tokens in (('encoder', 'input'), ('decoder', 'target')):
        chosen = row[f'{part}_segment_ids'] == k
        ids = row[f'{part}_{tokens}_tokens'][chosen].tolist()
        assert ids.pop() == 1
        assert 1 not in ids
        sides.append(tuple(ids))
      found.append(tuple(sides))
  return found


@pytest.fixture(scope='module')
def packed(runs) -> list[Example]:
  """All examples that seqio reads of what was packed while it was mixed."""
  (name,) = register(str(runs['packed']))
  lengths = manifest_of(str(runs['packed'])).task_feature_lengths
  converter = seqio.PrePackedEncDecFeatureConverter(pack=False)
  return unpacked(read(name, converter, lengths))


def plan_of(runs: Mapping[str, Path]) -> dict[str, int]:
  """How many examples of each data set the plan puts into the mixture."""
  config = manifest_of(str(runs['mixed'])).run['config']
  return {k: count for k, (_, _, count) in config['members']['train'].items()}


def test_every_output_is_whole(runs):
  for output in runs.values():
    assert verify.main([str(output)]) == 0


def test_batches_hold_what_was_planned(runs, packed):
  planned = plan_of(runs)
  assert sum(planned.values()) == 3000
  assert {name.split(':')[0] for name in planned} == {
    'chain_ul2r',
    'chain_flan',
  }
  suites = {name.split(':')[1] for name in planned if 'flan' in name}
  assert suites == {'niv2', 'cot', 't0_sf', 'flan2021'}
  owners: dict[Example, set[str]] = {}
  for name in planned:
    run = runs['ul2' if name.startswith('chain_ul2r') else 'flan']
    for example in examples_of(run, name):
      owners.setdefault(example, set()).add(name)

  (name,) = register(str(runs['mixed']))
  online = unpacked(
    read(name, seqio.EncDecFeatureConverter(pack=True), LENGTHS)
  )
  assert collections.Counter(online) == collections.Counter(packed)
  # Some examples belong to two members, whose tasks share rows.
  counts = collections.Counter(
    next(iter(owners[e])) for e in packed if len(owners[e]) == 1
  )
  shared = sum(len(owners[e]) > 1 for e in packed)
  assert shared < 300
  for name, count in planned.items():
    assert count - shared <= counts[name] <= count

  # Half of the tokens are text, as the mixture's definition says.
  tokens = collections.Counter()
  for example in packed:
    kind = next(iter(owners[example])).split(':')[0]
    tokens[kind] += sum(map(len, example))
  assert 0.48 < tokens['chain_ul2r'] / tokens.total() < 0.52


def test_what_is_in_batches_reads_as_its_source(packed, shared_data):
  vocabulary = Vocabulary(
    (shared_data / 'vocab' / 't5.spiece.model').read_bytes()
  )
  texts = {
    tuple(vocabulary.decode(list(side)) for side in example)
    for example in packed
  }
  path = shared_data / 'niv2' / 'tasks' / f'{NIV2[1]}.json'
  task = json.loads(path.read_text())
  instances = [
    (' '.join(row['input'].split()), row['output'][0])
    for row in task['Instances']
  ]
  found = [
    inputs
    for inputs, targets in texts
    if any(a in inputs and b == targets for a, b in instances)
  ]
  assert len(found) > 20
  assert sum('[S2S]' in inputs for inputs, _ in texts) > 100
