"""Encodes prompts as records, and counts them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ul2_flan.pipelines.evaluation.columns import (
  DataSet,
  rank_columns,
  text_columns,
)
from ul2_flan.pipelines.run import Batch, Counts
from ul2_flan.pipelines.sources import Reject
from ul2_flan.tasks import records
from ul2_flan.tasks.denoising.mode_tokens import prepend
from ul2_flan.tasks.evaluation.prompting import Prompt, Prompter
from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.vocabulary import Vocabulary

# Of a row without a label, which is no fault: annotators may not agree, and the
# labels of a contest's split are withheld.
WITHHELD = 'no_label'

# About so many records are made at a time.
_RECORDS = 512


class Encoder:
  """Encodes prompts, for one vocabulary and one pair of lengths."""

  def __init__(self, vocabulary: Vocabulary, config: Mapping[str, Any]):
    """Keeps what all records share; `config` is the plan's."""
    lengths = config['lengths']
    self._vocabulary = vocabulary
    self._samples: int = config['samples']
    self._has_ranks: bool = config.get('ranked', False)
    self._mode_ids = vocabulary.encode_mode(config['mode_token'])
    # Without mode token and EOS.
    self._most_inputs = (
      lengths['inputs'] - lengths['inputs_eos'] - len(self._mode_ids)
    )
    self._most_targets = lengths['targets'] - 1

  def results(
    self, data_set: DataSet, questions: Sequence[Question], counts: Counts
  ) -> Iterator[Batch | list[Reject]]:
    """Makes the records of questions, one after another.

    A question has `samples` records, or one for each choice that is ranked.

    Args:
      data_set: what they share.
      questions: all, or some of them.
      counts: gets the numbers of the data set; see `accounts`.
    """
    yield from _left_out(data_set, counts)
    step = max(1, _RECORDS // self._samples)
    for start in range(0, len(questions), step):
      yield from self._block(
        data_set, questions[start : start + step], start, counts
      )

  def _block(
    self,
    data_set: DataSet,
    questions: Sequence[Question],
    start: int,
    counts: Counts,
  ) -> Iterator[Batch | list[Reject]]:
    numbers = np.arange(len(questions))
    asked = [question.by_prompt() for question in questions]
    prompts, inputs = self._prompts(
      data_set.prompter, [one for of in asked for one in of]
    )
    askers = np.repeat(numbers, [len(of) for of in asked])
    answers = [
      question.scored if data_set.ranked else question.answers[:1]
      for question in questions
    ]
    targets = self._vocabulary.encode_block([t for of in answers for t in of])
    owners = np.repeat(numbers, [len(of) for of in answers])
    counts.add(f'{data_set.name}/questions', len(questions))
    too_long = {
      'inputs_too_long': askers[inputs.lengths > self._most_inputs],
      'targets_too_long': owners[targets.lengths > self._most_targets],
    }
    fits = np.ones(len(questions), np.bool_)
    rejects = []
    for reason, which in too_long.items():
      bad = fits & np.isin(numbers, which)
      fits &= ~bad
      counts.add(f'{data_set.name}/rejected/{reason}', int(bad.sum()))
      for i in np.flatnonzero(bad).tolist():
        prompt = prompts[int(np.searchsorted(askers, i))]
        key = questions[i].key
        rejects.append(_reject(data_set, start + i, reason, key, prompt))
    if rejects:
      yield rejects
    kept = np.flatnonzero(fits)
    if len(kept):
      theirs = np.flatnonzero(fits[askers])
      yield self._batch(
        data_set,
        [questions[i] for i in kept.tolist()],
        [prompts[i] for i in theirs.tolist()],
        inputs.take(theirs),
        targets.take(np.flatnonzero(fits[owners])),
        counts,
      )

  def _prompts(
    self, prompter: Prompter, questions: Sequence[Question]
  ) -> tuple[list[Prompt], Ragged]:
    """Makes prompts with as many exemplars as fit, and their ids."""
    prompts = [prompter(question) for question in questions]
    # In one call, since a cache of words pays for itself only in large blocks.
    ids = self._vocabulary.encode_block([prompt.text for prompt in prompts])
    long = np.flatnonzero(ids.lengths > self._most_inputs).tolist()
    if not long:
      return prompts, ids
    rows = [*ids]
    for i in long:
      prompts[i] = prompter(questions[i], self._fits)
      rows[i] = np.array(self._vocabulary.encode(prompts[i].text), np.int32)
    return prompts, Ragged.of(rows)

  def _fits(self, text: str) -> bool:
    return len(self._vocabulary.encode(text)) <= self._most_inputs

  def _batch(
    self,
    data_set: DataSet,
    questions: Sequence[Question],
    prompts: Sequence[Prompt],
    inputs: Ragged,
    targets: Ragged,
    counts: Counts,
  ) -> Batch:
    """Makes the records of the questions that are kept.

    Args:
      data_set: what they share.
      questions: n of them.
      prompts: one of each question, or one of each of its choices.
      inputs: the prompts' ids.
      targets: the ids of all choices, or of each question's answer.
      counts: gets the numbers of the data set.
    """
    inputs = prepend(inputs, [self._mode_ids], np.zeros(len(prompts), np.int64))
    copies = [
      len(question.options) if data_set.ranked else self._samples
      for question in questions
    ]
    owners = [q for q in questions for _ in q.by_prompt()]
    # How many records have a prompt.
    times = [
      1 if len(question.asked) > 1 else count
      for question, count in zip(questions, copies, strict=True)
      for _ in question.by_prompt()
    ]
    again = np.repeat(np.arange(len(prompts)), times)
    self._count(
      data_set, len(questions), prompts, inputs, targets, times, counts
    )
    if not data_set.ranked:
      targets = targets.take(again)
    # The number of a record among those of its question.
    numbers = [i for count in copies for i in range(count)]
    samples = [0] * len(numbers) if data_set.ranked else numbers
    columns: dict[str, records.Column] = {
      'inputs': inputs.take(again),
      'targets': targets,
      'exemplars': Ragged.of([[p.exemplars] for p in prompts]).take(again),
      'sample': Ragged.of([[i] for i in samples]),
      **text_columns(data_set, owners, prompts, again),
    }
    if self._has_ranks:
      columns |= rank_columns(data_set, questions, numbers, targets)
    return Batch(
      records.encode_examples(columns),
      # They would choose among shards, and there is one.
      np.zeros(len(again), np.uint64),
      np.full(len(again), data_set.number, np.int64),
      np.zeros(len(again), np.bool_),
    )

  def _count(
    self,
    data_set: DataSet,
    questions: int,
    prompts: Sequence[Prompt],
    inputs: Ragged,
    targets: Ragged,
    times: Sequence[int],
    counts: Counts,
  ) -> None:
    """Counts prompts and exemplars, and what seqio's statistics have.

    Questions whose choices have prompts of their own have no exemplars.
    """
    name = data_set.name
    dropped = [prompt.dropped for prompt in prompts]
    counts.add(f'{name}/prompts', questions)
    counts.add(f'{name}/exemplars/shown', sum(p.exemplars for p in prompts))
    counts.add(f'{name}/exemplars/dropped', sum(dropped))
    counts.add(f'{name}/prompts_cut', sum(n > 0 for n in dropped))
    where = f'{name}/data/test/all'
    counts.add(f'{where}/examples', sum(times))
    if data_set.ranked:
      counts.add(f'{name}/choices', sum(times))
    once = [1] * len(targets)
    for side, ids, each in (
      ('inputs', inputs, times),
      ('targets', targets, once if data_set.ranked else times),
    ):
      unknown = (ids.values == self._vocabulary.unk_id).sum()
      counts.add(f'{name}/unknown/{side}', int(unknown))
      counts.add(f'{where}/{side}_tokens', int(ids.lengths @ np.array(each)))
      counts.see(f'{where}/{side}_max_tokens', int(ids.lengths.max()))


def _left_out(data_set: DataSet, counts: Counts) -> Iterator[list[Reject]]:
  """Counts the rows that are no questions; yields them once for a task."""
  name = data_set.name
  counts.add(f'{name}/questions', len(data_set.left_out))
  rejects = []
  for one in data_set.left_out:
    if one.reason == WITHHELD:
      counts.add(f'{name}/dropped/{one.reason}')
      continue
    counts.add(f'{name}/rejected/{one.reason}')
    rejects.append(Reject.of(one.path, one.place, one.reason, one.detail, b''))
  if rejects and not data_set.number:
    yield rejects


def _reject(
  data_set: DataSet, place: int, reason: str, key: str, prompt: Prompt
) -> Reject:
  """Makes the reject of a question that does not fit."""
  return Reject.of(
    data_set.source,
    place,
    reason,
    f'{key} of {data_set.name}: it does not fit, though the prompt has no '
    'exemplar',
    prompt.text.encode(),
  )
