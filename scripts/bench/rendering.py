"""Measures rendering, from instances to text, for `bench.flan`.

Few-shot examples are without a limit of tokens, but for the last task. Its rows
are trimmed before, as in a run, and counting the tokens of questions is part of
what is measured.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import gc
from pathlib import Path
import statistics

from bench.corpus import SHARED
import bench.measure
import numpy as np

from ul2_flan.pipelines.flan import encode as encode_lib
from ul2_flan.pipelines.run.tables import table
from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate, read
from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering import (
  Charset,
  ExemplarCount,
  Instances,
  Pool,
  Renderer,
  choose_pool,
  load_family,
  prepare,
  trim,
)
from ul2_flan.tasks.seeding import child_keys
from ul2_flan.tasks.vocabulary import Vocabulary

SETTINGS = ('zs_opt', 'zs_noopt', 'fs_opt', 'fs_noopt')
RENDERED = (
  'cot:gsm8k',
  'cot:creak',
  'flan2021:sst2',
  'flan2021:cola',
  'flan2021:openbookqa',
  'flan2021:stsb',
  'dialog:task_master',
)
# A task of long passages, rendered for so many tokens.
LONG = 'flan2021:multirc'
LONG_TOKENS = 512
ROUNDS = 3
SPEED_EXAMPLES = 20_000


def _instances(name: str) -> list[Instances]:
  """Prepares a task's training rows, in the blocks that they are read in."""
  task = catalog.load(name)
  options = ReadOptions()
  located = locate(task, Index.of([str(SHARED / task.suite)]), options)
  assert located is not None
  source = task.sources[located.source]
  return [
    prepare(block.rows, block.keys, task=task, source=source, seed=0).instances
    for piece in located.splits['train']
    for block in read(piece, task, source, options)
  ]


def show(vocabulary: str) -> None:
  """Prints examples per CPU second, from instances to text.

  Args:
    vocabulary: the path of one that counts tokens.
  """
  # As runs do: else each collection goes through all that imports have made.
  gc.freeze()
  lines = []
  for name in RENDERED:
    blocks = _instances(name)
    exemplars = choose_pool(blocks[0], seed=0, task=name)
    speeds = []
    for setting in SETTINGS:
      renderer = Renderer.of(catalog.load(name), setting, seed=0)
      few_shot = renderer.setting.few_shot
      pool = Pool.of(renderer.family, exemplars) if few_shot else None
      speeds.append(_speed(renderer, pool, blocks))
    lines.append([name, f'{sum(map(len, blocks)):,}', *speeds])
  lines.append(_long(Vocabulary(Path(vocabulary).read_bytes())))
  header = ['examples per CPU s', 'rows', *SETTINGS]
  print(table(header, lines), '\n', flush=True)


def _long(vocabulary: Vocabulary) -> list[str]:
  """Measures a task of which few questions leave room for all exemplars.

  Returns:
    a line of the table.
  """
  task = catalog.load(LONG)
  family = load_family(task.family)
  lengths = {'inputs': LONG_TOKENS, 'targets': LONG_TOKENS, 'inputs_eos': True}
  encoder = encode_lib.Encoder(
    vocabulary, Charset(), lengths, provenance=False, keep_text=False
  )
  room = encoder.max_tokens('inputs')
  count = encoder.count_tokens
  (rows,) = _instances(LONG)
  # As in a run, a question may take half of the room, an exemplar a quarter.
  exemplars, questions = (
    trim(some, family, max_tokens=share, count_tokens=count).instances
    for some, share in (
      (choose_pool(rows, seed=0, task=LONG), room // 4),
      (rows, room // 2),
    )
  )
  # The rows are few. Under new keys they are drawn for anew, so that few of the
  # questions were counted before.
  every = np.arange(SPEED_EXAMPLES)
  many = questions.take(every % len(rows))
  keys = child_keys(many.keys, every)
  many = dataclasses.replace(many, keys=keys)
  blocks = [many.take(at) for at in np.split(every, len(every) // 1000)]
  pool = Pool.of(family, exemplars, count, encoder.count_new_tokens)
  speeds = []
  for setting in SETTINGS[2:]:
    renderer = Renderer.of(
      task, setting, seed=0, exemplar_count=ExemplarCount(max_tokens=room)
    )
    # A run encodes all that it renders, and so comes to know the words.
    for block in blocks[:4]:
      vocabulary.encode_block(renderer.render(block, pool).inputs)
    speeds.append(_speed(renderer, pool, blocks))
  name = f'{LONG}, {LONG_TOKENS} tokens'
  return [name, f'{len(rows):,}', '', '', *speeds]


def _speed(
  renderer: Renderer, pool: Pool | None, blocks: Sequence[Instances]
) -> str:
  """Measures examples per CPU second."""
  count = sum(map(len, blocks))
  times = max(1, SPEED_EXAMPLES // count)

  def render() -> None:
    for _ in range(times):
      for block in blocks:
        renderer.render(block, pool, draws=encode_lib.COUNTED)

  seconds = [bench.measure.cpu(render) for _ in range(ROUNDS)]
  return f'{times * count / statistics.median(seconds):,.0f}'
