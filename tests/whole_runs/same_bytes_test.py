"""The same bytes, on any engine and however the work is divided."""

import subprocess
import sys

import pytest
from support.corpora import tree
from support.outputs import read_shard
from support.plans import plan_of

from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.launch import map_only
from ul2_flan.pipelines.ul2.worker import Ul2Worker

# A run, and then how often the launcher has learnt a model's rules. It takes so
# many characters for each piece, and for new words, to learn them.
LEARNING = """
import sys
from ul2_flan.pipelines import ul2
from ul2_flan.pipelines.engines.local import process
from ul2_flan.tasks.vocabulary import sentencepiece_model, word_cache

process.own_process()  # so workers are forks
chars = int(sys.argv[1])
word_cache.prospect.CHARS_PER_PIECE = chars
word_cache.prospect.CHARS_OF_NEW_WORDS = chars
sentencepiece_model.MIN_CACHED_CHARS = 100
rules_of, learnt = word_cache.rules_of, []
word_cache.rules_of = lambda *given: learnt.append(1) or rules_of(*given)
assert ul2.main(sys.argv[2:]) == 0
print(len(learnt))
"""


def test_the_same_bytes_on_any_runner(flags, tmp_path):
  assert ul2.main(flags('one')) == 0
  beams = ['--runner=FnApiRunner']
  assert ul2.main(flags('beam', *beams)) == 0
  beams += ['--direct_running_mode', 'multi_threading']
  beams += ['--direct_num_workers', '3']
  assert ul2.main(flags('threads', *beams)) == 0
  assert ul2.main(flags('two', '--local_workers=2')) == 0
  first = tree(tmp_path / 'one')
  assert len(first) > 8
  for other in ('beam', 'threads', 'two'):
    assert tree(tmp_path / other) == first


def do_items(plan, output: str, order, block_bytes: int = 4 << 20) -> None:
  """Does work items of a plan in this order, without an engine."""
  worker = Ul2Worker(plan)
  worker.source_options = type(worker.source_options)(
    **plan.config['source_options'], block_bytes=block_bytes
  )
  for index in order:
    map_only.process_item(output, plan, worker, plan.items[index])


@pytest.mark.parametrize('block_bytes', [1, 1000, 100_000])
def test_the_same_bytes_for_any_block_size_and_order(
  flags, tmp_path, block_bytes
):
  plan = plan_of('ul2', flags())
  assert len(plan.items) >= 6
  a, b = tmp_path / 'a', tmp_path / 'b'
  do_items(plan, str(a), range(len(plan.items)))
  do_items(plan, str(b), reversed(range(len(plan.items))), block_bytes)
  assert tree(a) == tree(b)


def test_examples_do_not_depend_on_how_work_is_divided(flags, tmp_path):
  def examples(output: str, *more: str) -> list[bytes]:
    assert ul2.main(flags(output, *more)) == 0
    found = []
    for path in sorted((tmp_path / output).rglob('*.tfrecord-*')):
      found += read_shard(path)
    return sorted(found)

  # The plan divides the sources, and documents of two parts are never joined.
  alone = ('--join_documents', '0', '--min_shards')
  few = examples('few', *alone, '1')
  assert examples('many', *alone, '40') == few
  assert examples('split', *alone, '1', '--per_denoiser') == few
  joined = examples('joined')
  assert examples('joined_split', '--per_denoiser') == joined != few


def test_the_same_files_may_be_given_in_other_ways(flags, tmp_path, corpus):
  assert ul2.main(flags()) == 0
  before = tree(tmp_path / 'out')
  patterns = flags()
  at = patterns.index('--input') + 1
  given = sorted(map(str, corpus.glob('*.jsonl')))
  assert patterns[at] not in given
  assert ul2.main([*patterns[:at], *given, *patterns[at + 1 :]]) == 0
  assert tree(tmp_path / 'out') == before


@pytest.mark.parametrize('workers', [1, 2])
def test_the_same_bytes_whether_words_are_learnt(flags, tmp_path, workers: int):
  for name, chars in (('never', 1 << 30), ('at_once', 1)):
    given = flags(name, f'--local_workers={workers}')
    told = subprocess.run(
      [sys.executable, '-c', LEARNING, str(chars), *given],
      check=True,
      capture_output=True,
      text=True,
    ).stdout
    # Forks have what their launcher learnt.
    assert told.split()[-1] == str(int(name == 'at_once'))
  assert tree(tmp_path / 'never') == tree(tmp_path / 'at_once')
