"""Encodes prompts as records, and counts them."""

from collections.abc import Iterator, Mapping, Sequence
import dataclasses
import json
from typing import Any

import numpy as np

from ul2_flan.pipelines.run import Batch, Counts
from ul2_flan.pipelines.sources import Reject
from ul2_flan.tasks import records
from ul2_flan.tasks.denoising.mode_tokens import prepend
from ul2_flan.tasks.evaluation.prompting import Prompt, Prompter
from ul2_flan.tasks.evaluation.reading import Question
from ul2_flan.tasks.ragged import Ragged
from ul2_flan.tasks.vocabulary import Vocabulary

# The features of a record besides token ids.
TEXTS = (
  *('inputs_pretokenized', 'targets_pretokenized'),
  *('answers', 'id', 'task', 'variant'),
)
NUMBERS = ('exemplars', 'sample')

# Those that records have besides if a run has choices that a model ranks.
RANK_TEXTS = ('credit',)
RANK_NUMBERS = ('question', 'choice', 'tokens', 'characters')

# About so many records are made at a time.
_RECORDS = 512


@dataclasses.dataclass(frozen=True, slots=True)
class DataSet:
  """What all prompts of a data set share.

  Attributes:
    name: its name.
    number: its index in its group.
    task: the task's full name.
    variant: 'direct' or 'cot'.
    prompter: makes the prompts.
    source: a file that the questions are from.
    ranked: whether each choice of a question is a record.
  """

  name: str
  number: int
  task: str
  variant: str
  prompter: Prompter
  source: str
  ranked: bool = False


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
    prompts, inputs = self._prompts(data_set.prompter, questions)
    answers = [
      question.options if data_set.ranked else question.answers[:1]
      for question in questions
    ]
    targets = self._vocabulary.encode_block([t for of in answers for t in of])
    owners = np.repeat(np.arange(len(questions)), [len(of) for of in answers])
    counts.add(f'{data_set.name}/questions', len(questions))
    cut = owners[targets.lengths > self._most_targets]
    too_long = {
      'inputs_too_long': inputs.lengths > self._most_inputs,
      'targets_too_long': np.isin(np.arange(len(questions)), cut),
    }
    fits = np.ones(len(questions), np.bool_)
    rejects = []
    for reason, bad in too_long.items():
      at = np.flatnonzero(fits & bad).tolist()
      fits &= ~bad
      counts.add(f'{data_set.name}/rejected/{reason}', len(at))
      rejects += [
        Reject.of(
          data_set.source,
          start + i,
          reason,
          f'{questions[i].key} of {data_set.name}: it does not fit, though the '
          'prompt has no exemplar',
          prompts[i].text.encode(),
        )
        for i in at
      ]
    if rejects:
      yield rejects
    kept = np.flatnonzero(fits)
    if len(kept):
      asked = [(questions[i], prompts[i]) for i in kept.tolist()]
      said = targets.take(np.flatnonzero(fits[owners]))
      batch = self._batch(data_set, asked, inputs.take(kept), said, counts)
      yield batch

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
    asked: Sequence[tuple[Question, Prompt]],
    inputs: Ragged,
    targets: Ragged,
    counts: Counts,
  ) -> Batch:
    """Makes the records of the questions that are kept."""
    inputs = prepend(inputs, [self._mode_ids], np.zeros(len(asked), np.int64))
    copies = [
      len(question.options) if data_set.ranked else self._samples
      for question, _ in asked
    ]
    again = np.repeat(np.arange(len(asked)), copies)
    self._count(data_set, asked, inputs, targets, copies, counts)
    if not data_set.ranked:
      targets = targets.take(again)
    # The number of a record among those of its question.
    numbers = [i for count in copies for i in range(count)]
    samples = [0] * len(numbers) if data_set.ranked else numbers
    texts = (
      (
        *(prompt.text, question.answers[0]),
        json.dumps(question.answers, ensure_ascii=False),
        *(question.key, data_set.task, data_set.variant),
      )
      for question, prompt in asked
    )
    columns: dict[str, records.Column] = {
      'inputs': inputs.take(again),
      'targets': targets,
      'exemplars': Ragged.of([[p.exemplars] for _, p in asked]).take(again),
      'sample': Ragged.of([[i] for i in samples]),
    }
    for name, column in zip(TEXTS, zip(*texts, strict=True), strict=True):
      encoded = [text.encode() for text in column]
      columns[name] = [encoded[i] for i in again.tolist()]
    if self._has_ranks:
      columns |= _ranks(data_set, asked, numbers, targets)
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
    asked: Sequence[tuple[Question, Prompt]],
    inputs: Ragged,
    targets: Ragged,
    copies: Sequence[int],
    counts: Counts,
  ) -> None:
    """Counts prompts and exemplars, and what seqio's statistics have."""
    name = data_set.name
    dropped = [prompt.dropped for _, prompt in asked]
    counts.add(f'{name}/prompts', len(asked))
    counts.add(f'{name}/exemplars/shown', sum(p.exemplars for _, p in asked))
    counts.add(f'{name}/exemplars/dropped', sum(dropped))
    counts.add(f'{name}/prompts_cut', sum(n > 0 for n in dropped))
    where = f'{name}/data/test/all'
    counts.add(f'{where}/examples', sum(copies))
    if data_set.ranked:
      counts.add(f'{name}/choices', sum(copies))
    once = [1] * len(targets)
    for side, ids, times in (
      ('inputs', inputs, copies),
      ('targets', targets, once if data_set.ranked else copies),
    ):
      unknown = (ids.values == self._vocabulary.unk_id).sum()
      counts.add(f'{name}/unknown/{side}', int(unknown))
      counts.add(f'{where}/{side}_tokens', int(ids.lengths @ np.array(times)))
      counts.see(f'{where}/{side}_max_tokens', int(ids.lengths.max()))


def _ranks(
  data_set: DataSet,
  asked: Sequence[tuple[Question, Prompt]],
  numbers: Sequence[int],
  targets: Ragged,
) -> dict[str, records.Column]:
  """Makes what rank classification needs; of other records it is empty."""
  if not data_set.ranked:
    empty = Ragged.of([[0]] * len(numbers))
    return {
      **dict.fromkeys(RANK_NUMBERS, empty),
      'credit': [b''] * len(numbers),
    }
  choices = [
    (question, text, credit)
    for question, _ in asked
    for text, credit in zip(question.options, question.credits, strict=True)
  ]
  return {
    'question': Ragged.of([[int(q.id)] for q, *_ in choices]),
    'choice': Ragged.of([[i] for i in numbers]),
    'tokens': Ragged.of([[n] for n in targets.lengths.tolist()]),
    'characters': Ragged.of([[len(text)] for _, text, _ in choices]),
    'credit': [str(credit).encode() for *_, credit in choices],
    # Each record has the choice that it scores, and not the answer.
    'targets_pretokenized': [text.encode() for _, text, _ in choices],
  }
