"""A few places of the sources tell what all of them give."""

from pathlib import Path

import pytest
from support.corpora import documents, run, write
from support.plans import ul2_plan

from ul2_flan.pipelines.storage import manifest_of
from ul2_flan.pipelines.ul2 import estimate
from ul2_flan.pipelines.ul2.find_sources import find_sources
from ul2_flan.pipelines.ul2.worker import Ul2Worker
from ul2_flan.tasks.errors import UserError


def rates(inputs: list[str], vocabulary: str) -> dict[str, float]:
  worker = Ul2Worker(ul2_plan(inputs, vocabulary))
  return estimate.rates(worker, find_sources(inputs).files)


@pytest.mark.parametrize('suffix', ['', '.gz'])
def test_the_estimate_is_near_what_a_run_makes(
  tmp_path: Path, vocabulary_path: str, suffix: str
):
  inputs = [
    write(tmp_path / f'in/{i}.jsonl{suffix}', documents(40)) for i in range(3)
  ]
  expected = rates(inputs, vocabulary_path)
  assert run(inputs, tmp_path / 'out', vocabulary_path) == 0
  made = manifest_of(str(tmp_path / 'out'))
  counts = made.run['counts']
  size = sum(made.run['sources'].values())
  written = sum(
    shard.bytes
    for splits in made.data_sets.values()
    for split in splits.values()
    for shard in split.shards
  )
  near = pytest.approx
  assert expected['documents'] * size == near(counts['documents']['read'], 0.1)
  assert expected['tokens'] * size == near(counts['tokens']['read'], 0.1)
  assert expected['bytes'] * size == near(written, rel=0.1)


@pytest.mark.parametrize('count', [1, 3, 50])
def test_places_are_spread_over_the_files(
  tmp_path: Path, vocabulary_path: str, count: int
):
  inputs = [
    write(tmp_path / f'{i:02d}.jsonl', documents(5)) for i in range(count)
  ]
  options = Ul2Worker(ul2_plan(inputs, vocabulary_path)).source_options
  pieces = list(estimate._pieces(find_sources(inputs).files, options))
  assert pieces[0].path == inputs[0]
  assert pieces[0].start == 0
  assert len({(p.path, p.start) for p in pieces}) == len(pieces)
  assert len(pieces) == min(count, 8)


@pytest.mark.parametrize(
  ('data', 'message'),
  [
    (b'\n\n', r'there is no record at the start of .*a\.jsonl: is --format'),
    (
      b'no json\n' * 9,
      r'at 0: not_json: .*are --format, --text_field and --id_field',
    ),
  ],
)
def test_sources_that_cannot_be_read_are_told(
  tmp_path: Path, vocabulary_path: str, data: bytes, message: str
):
  with pytest.raises(UserError, match=message):
    rates([write(tmp_path / 'a.jsonl', data)], vocabulary_path)
