"""Writes small files of tasks in the formats of the collection's suites.

The package ships no data. So this program makes some, from arithmetic and from
the text that every Python carries (prose.py). The rows are honest and have
right answers, but they are few and simple: they show how the parts fit
together, and teach no model.
"""

from __future__ import annotations

from collections.abc import Mapping
import json
from pathlib import Path
import re

import prose

ROWS = 400


def write(folder: Path) -> Mapping[str, Path]:
  """Writes a task of each of four suites; returns their folders by suite."""
  passages = _passages()
  makers = {
    'cot': _arithmetic,
    'niv2': _module_names,
    't0_sf': _next_lines,
    'flan2021': _yes_or_no,
  }
  for suite, make in makers.items():
    (folder / suite).mkdir(parents=True)
    make(folder / suite, passages)
  return {suite: folder / suite for suite in makers}


def _passages() -> list[tuple[str, list[str]]]:
  """Returns names of modules, and the first sentences of their docstrings."""
  passages = []
  for document in prose.documents():
    kind, _, name = document['id'].partition('/')
    text = ' '.join(document['text'].split())
    sentences = re.split(r'(?<=[.]) (?=[A-Z])', text[:600])[:-1]
    plain = [s for s in sentences if 20 < len(s) < 200]
    if kind == 'library' and len(plain) >= 3:
      passages.append((name.removesuffix('.py').replace('/', '.'), plain))
  return passages[:ROWS]


def _arithmetic(folder: Path, passages: object) -> None:
  """Writes grade-school questions with their steps, in the format of CoT."""
  del passages  # it needs only arithmetic
  lines = []
  for i in range(ROWS):
    have, more, each = 3 + i % 17, 2 + i % 13, 2 + i % 7
    total = have + more
    lines.append(
      f'Ada has {have} boxes and buys {more} more. Each box holds {each} pens. '
      f'How many pens are in her boxes?\t{total * each}\t'
      f'She has {have} + {more} = {total} boxes. With {each} pens in each, '
      f'that makes {total} * {each} = {total * each} pens.\n'
    )
  (folder / 'gsm8k_train.tsv').write_text(''.join(lines))


def _module_names(folder: Path, passages: list[tuple[str, list[str]]]) -> None:
  """Writes a task that the catalog does not have, in the format of NIv2."""
  rows = [
    {'id': f'demo-{i}', 'input': ' '.join(text), 'output': [name]}
    for i, (name, text) in enumerate(passages[2:])
  ]
  examples = [
    {
      'input': ' '.join(text),
      'output': name,
      'explanation': f'The text is what the module {name} says of itself.',
    }
    for name, text in passages[:2]
  ]
  task = {
    'Definition': [
      'You are given the beginning of the documentation of a module of '
      "Python's standard library. Name the module."
    ],
    'Positive Examples': examples,
    'Negative Examples': [],
    'Instances': rows,
  }
  (folder / 'task9001_demo_module_name.json').write_text(json.dumps(task))


def _next_lines(folder: Path, passages: list[tuple[str, list[str]]]) -> None:
  """Writes prompts that are rendered already, as P3's rows are."""
  target = folder / 'demo_next_sentence'
  target.mkdir()
  lines = [
    json.dumps(
      {
        'inputs_pretokenized': f'{text[0]} {text[1]}\nGo on with a sentence.',
        'targets_pretokenized': text[2],
      }
    )
    for _, text in passages
  ]
  # A folder with this file is taken for one of P3.
  (target / 'info.train.json').write_text('{}')
  (target / 'train.jsonl').write_text('\n'.join(lines) + '\n')


def _yes_or_no(folder: Path, passages: list[tuple[str, list[str]]]) -> None:
  """Writes questions about a passage, in the format of SuperGLUE's BoolQ."""
  (folder / 'BoolQ').mkdir()
  lines = []
  for i, (_, text) in enumerate(passages):
    passage = ' '.join(text)
    # A word of this passage, and one of the next.
    for other in (i, (i + 1) % len(passages)):
      words = re.findall(r'[a-z]+', passages[other][1][-1])
      word = max(words, key=len)
      row = {
        'question': f'does the text use the word {word}',
        'passage': passage,
        'label': word in re.findall(r'[a-z]+', passage),
      }
      lines.append(json.dumps(row) + '\n')
  (folder / 'BoolQ' / 'train.jsonl').write_text(''.join(lines))
