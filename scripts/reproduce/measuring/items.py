"""What is measured: held-out text, held-out tasks, and ranked choices.

An item is one example that a model gives a log-likelihood. Those of a question
with choices come together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
import dataclasses
import itertools
from pathlib import Path
from typing import Any

import numpy as np
from reproduce.arms import Settings
from reproduce.data import TESTS
import seqio

from ul2_flan.tasks.register import load_manifest, register
from ul2_flan.trainer_plugin import data as trainer_data

# Runs that ask for held-out text: as the base was trained, as UL2R asks, and as
# UL2R asks but without mode tokens.
_TEXT = ('held_out', 'held_out_ul2r', 'held_out_no_modes')

# Held-out tasks of NIv2, in the run that Flan's data comes from.
_SETTINGS = ('zs_opt', 'fs_opt')


@dataclasses.dataclass(frozen=True)
class Question:
  """Examples whose log-likelihoods belong together.

  Attributes:
    task: what it is a question of, such as 'text:held_out_ul2r:s_50'.
    id: unique in the task.
    examples: one for each choice, as seqio gives them; ids of `inputs` and
      `targets`.
    credits: of the choices, from 0 to 1; none if there is no choice.
  """

  task: str
  id: str
  examples: tuple[Mapping[str, Any], ...]
  credits: tuple[float, ...] = ()


def read(
  data: Path, settings: Settings, held_out: frozenset[str]
) -> Iterator[Question]:
  """Yields all questions of a kind of model.

  Args:
    data: the folder of its data sets.
    settings: how many.
    held_out: names of NIv2's tasks that models are tested with.
  """
  for folder in _TEXT:
    for name in _data_sets(data / folder):
      for i, one in enumerate(_examples(name, 'train', settings.passages)):
        yield Question(f'text:{name}', str(i), (one,))
  known = _data_sets(data / 'flan')
  for task, how in itertools.product(sorted(held_out), _SETTINGS):
    name = f'flan:{task}:{how}'
    if name in known:
      for i, one in enumerate(_examples(name, 'train', settings.questions)):
        yield Question(f'{task}:{how}', str(i), (one,))
  for test in TESTS:
    names = _data_sets(data / test)
    # Templates of a task share its questions; BIG-bench has 20 tasks.
    most = max(1, settings.questions * 20 // len(names))
    for name in names:
      yield from _ranked(name, most)


def with_mode(
  questions: Iterable[Question], mode: str, manifest: Path
) -> Iterator[Question]:
  """Yields questions with a mode token in front of the inputs of tasks.

  Args:
    questions: of held-out text too, which stays as it is.
    mode: such as '[S2S]'.
    manifest: of data that has the vocabulary.
  """
  ids = trainer_data.vocabulary(str(manifest)).encode(mode)
  for question in questions:
    if not question.task.startswith('text:'):
      examples = tuple(
        {**one, 'inputs': np.concatenate([ids, one['inputs']])}
        for one in question.examples
      )
      question = dataclasses.replace(question, examples=examples)
    yield question


def _ranked(name: str, most: int) -> Iterator[Question]:
  """Yields some questions of a ranked data set of `pipelines.evaluation`.

  They are drawn, as the first of a task often have one answer. Where all have
  one, there are none: what a model prefers, right or wrong, would be all.
  """
  # The templates of a task are one task, or it would count eight times.
  task, _, variant = name.rpartition(':')
  records = _examples(name, 'test', None)
  questions = [
    (number, list(choices))
    for number, choices in itertools.groupby(
      records, key=lambda one: int(one['question'])
    )
  ]
  if len({_answer(name, choices) for _, choices in questions}) < 2:
    return
  draws = np.random.default_rng([*name.encode()])
  drawn = draws.permutation(len(questions))[:most]
  for number, choices in (questions[i] for i in sorted(drawn)):
    yield Question(
      task,
      f'{variant}:{number}',
      tuple(choices),
      tuple(float(one['credit']) for one in choices),
    )


def _answer(name: str, choices: Sequence[Mapping[str, Any]]) -> bytes | int:
  """Returns the right choice: its place, or its tokens.

  Choices of templates are the labels of a task in one order, though some show
  letters for them. Those of BIG-bench are each question's own.
  """
  place = int(np.argmax([one['credit'] for one in choices]))
  if ':flan_templates:' in name:
    return place
  return choices[place]['targets'].tobytes()


def _data_sets(run: Path) -> list[str]:
  """Registers a run; returns the names of its data sets with examples."""
  register(str(run))
  data_sets = load_manifest(str(run)).data_sets
  return [
    name
    for name, splits in data_sets.items()
    if any(
      splits[split].examples for split in ('train', 'test') if split in splits
    )
  ]


def _examples(
  name: str, split: str, most: int | None
) -> Iterator[Mapping[str, Any]]:
  task = seqio.TaskRegistry.get(name)
  found = task.get_dataset(None, split, use_cached=False, shuffle=False)
  yield from found.take(most or -1).as_numpy_iterator()
