"""Cards of whole runs are in the manifest, and never in place of yours."""

from pathlib import Path

import pytest
from support.corpora import documents, write
from support.outputs import manifest_of

from ul2_flan.pipelines import ul2, verify
from ul2_flan.pipelines.engines import Engine
from ul2_flan.pipelines.launch.cards.cards import kept

CARDS = ('README.md', 'croissant.json')


@pytest.fixture
def run(tmp_path: Path, vocabulary_path: str):
  """Makes a small run below `out`, or makes it anew with another seed."""
  source = write(tmp_path / 'a.jsonl', documents(5))

  def make(seed: int = 0, *, overwrite: bool = False) -> Path:
    config = ul2.Config(
      inputs=[source], vocabulary=vocabulary_path, min_shards=1, seed=seed
    )
    output = str(tmp_path / 'out')
    engine = Engine(local_workers=1)
    ul2.run(config, output=output, engine=engine, overwrite=overwrite)
    return tmp_path / 'out'

  return make


def problems(output: Path) -> list[str]:
  return verify.verify(str(output), quick=False).problems


def test_they_are_in_the_manifest_and_verified(run):
  output = run()
  known = manifest_of(output).run['cards']
  assert set(known) == {*CARDS}
  assert problems(output) == []
  (output / 'README.md').write_text('not what was written')
  (output / 'croissant.json').unlink()
  assert [p.split(':')[0] for p in problems(output)] == ['truncated', 'missing']


def test_a_card_of_ones_own_stays(run, tmp_path):
  (tmp_path / 'out').mkdir()
  (tmp_path / 'out/README.md').write_text('mine')
  output = run()
  assert (output / 'README.md').read_text() == 'mine'
  assert set(manifest_of(output).run['cards']) == {'croissant.json'}
  assert problems(output) == []
  run(1, overwrite=True)
  assert (output / 'README.md').read_text() == 'mine'


def test_overwrite_replaces_cards_and_keeps_one_that_was_changed(run):
  output = run()
  before = (output / 'README.md').read_bytes()
  run(1, overwrite=True)
  assert problems(output) == []
  assert (output / 'README.md').read_bytes() == before  # it tells no seed
  (output / 'README.md').write_text('better words')
  run(2, overwrite=True)
  assert (output / 'README.md').read_text() == 'better words'
  assert problems(output) == []


def test_those_that_are_there_already_are_kept(tmp_path: Path):
  (tmp_path / 'same').write_bytes(b'a')
  (tmp_path / 'other').write_bytes(b'b')
  cards = {'same': b'a', 'other': b'a', 'new': b'a'}
  assert kept(str(tmp_path), cards) == {'same': b'a', 'new': b'a'}
