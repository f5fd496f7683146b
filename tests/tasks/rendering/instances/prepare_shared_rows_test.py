"""No real row keeps what its source's format has put into the text.

These are all rows of shared data that our own templates write out. The rows of
P3 are prompts already, and NIv2's have the text that their tasks ask about:
both stay as their authors wrote them.
"""

from collections import Counter
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

import numpy as np
from support.flan.rows import rows_of
from support.task_sources.task_rows import splits_of

from ul2_flan.pipelines.task_sources import Index, ReadOptions, locate
from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import Source, Task
from ul2_flan.tasks.rendering import Instances, Renderer, prepare

# A row as JSON without any of these has no junk, and gets none. The first two
# are a text that begins or ends with a quotation mark.
SIGNS = (
  r'"\"', r'\""', '``', "''", "' '", r'\"\"', r'\" \"', '` ', "n 't", '&',
  '=20', r'\\u', 'UNK', '[T', 'rb-', 'sb-', 'RB-', 'SB-', 'Â', 'â',
)  # fmt: skip
# In any text; and what a text may have that quotes itself.
JUNK = re.compile(
  r'\[TABLECONTEXT\]|\[TITLE\]|-[lr][rs]b-|<UNK>|&amp;|=20', re.I
)
MOJIBAKE = re.compile('Â£|â€')
TOKENS = re.compile(r"``|''|n 't\b|(?<!\S)' '(?!\S)")
OF_TASK = {
  'coqa': re.compile(r'``|\w""|""\w'),
  'cola': TOKENS,
  'cot:aqua': MOJIBAKE,
  'cot:esnli': TOKENS,
  'cot:qed': TOKENS,
  'dart': re.compile(r'\bUNK\b'),
  'gigaword': re.compile(r'\bUNK\b|#'),
  'glue_mrpc': TOKENS,
  'mnli_matched': TOKENS,
  'snli': TOKENS,
  'stsb': TOKENS,
  'trec': re.compile("` .* '"),
  'xsum': MOJIBAKE,
  'yelp_polarity_reviews': re.compile(r'\\u[0-9a-f]{4}'),
}
# Two passages have empty quotations, since what stood there is no text; and a
# Russian quotation ends with one inside of it.
DOUBLED = {'coqa': 2, 'wmt16_translate_ruen': 1}

Rows = list[dict[str, Any]]


def all_rows(data: Path) -> Iterator[tuple[str, Task, Source, Rows]]:
  """Yields the rows of each task, with a name for what is read."""
  for name, rows in rows_of(data, None).items():
    task = catalog.load(f'flan2021:{name}')
    sources = {source.kind: source for source in task.sources}
    yield name, task, sources.get('tfds', task.sources[0]), rows
  for suite in ('cot', 'dialog'):
    index = Index.of([str(data / suite)])
    for task in catalog.tasks(suite=suite):
      located = locate(task, index, ReadOptions())
      if located and not task.inverted:
        source = task.sources[located.source]
        for split in splits_of(task, data / suite).values():
          yield task.name, task, source, list(split.rows)


def is_suspect(row: dict[str, Any]) -> bool:
  text = json.dumps(row, ensure_ascii=False, default=str)
  return any(sign in text for sign in SIGNS)


def texts_of(instances: Instances) -> Iterator[str]:
  for column in instances.columns.values():
    for value in column:
      if isinstance(value, str):
        yield value
      else:
        yield from value or ()


def test_texts_are_clean(shared_data: Path) -> None:
  seen, doubled = 0, Counter[str]()
  for name, task, source, rows in all_rows(shared_data):
    seen += len(rows)
    suspect = [row for row in rows if name == 'wsc' or is_suspect(row)]
    keys = np.arange(len(suspect), dtype=np.uint64)
    made = prepare(suspect, keys, task=task, source=source, seed=0).instances
    texts = list(texts_of(made))
    for junk in (JUNK, OF_TASK.get(name, JUNK)):
      assert not [text for text in texts if junk.search(text)], name
    for setting in ('zs_opt', 'zs_noopt'):
      rendered = Renderer.of(task, setting, seed=0).render(made)
      doubled[name] += sum(
        '""' in f'{inputs}\n{target}'
        for inputs, target in zip(
          rendered.inputs, rendered.targets, strict=True
        )
      )
    if name == 'wsc':
      fields = (made.columns[f] for f in ('text', 'pronoun'))
      # Whichever of several is meant, its stars tell.
      for text, pronoun in zip(*fields, strict=True):
        assert text.count(f'*{pronoun}*') == 1
  assert +doubled == {name: 2 * count for name, count in DOUBLED.items()}
  assert seen > 190_000


def test_gigaword_s_marks_are_left_out() -> None:
  texts = 'UNK said so .', 'they have # cars .', 'all -lrb- of us -rrb- sang .'
  rows = [{'document': t, 'summary': 'they sang'} for t in texts]
  task = catalog.load('flan2021:gigaword')
  made = prepare(
    rows,
    np.arange(len(rows), dtype=np.uint64),
    task=task,
    source=task.sources[0],
    seed=0,
  )
  (kept,) = made.instances.columns['text']
  assert kept == 'all (of us) sang.'
