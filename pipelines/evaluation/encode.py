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
from ul2_flan.tasks.ragged import Int64s, Ragged
from ul2_flan.tasks.vocabulary import Vocabulary

# The features of a record besides token ids.
TEXTS = (
  *('inputs_pretokenized', 'targets_pretokenized'),
  *('answers', 'id', 'task', 'variant'),
)
NUMBERS = ('exemplars', 'sample')

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
  """

  name: str
  number: int
  task: str
  variant: str
  prompter: Prompter
  source: str


class Encoder:
  """Encodes prompts, for one vocabulary and one pair of lengths."""

  def __init__(self, vocabulary: Vocabulary, config: Mapping[str, Any]):
    """Keeps what all records share; `config` is the plan's."""
    lengths = config['lengths']
    self._vocabulary = vocabulary
    self._samples: int = config['samples']
    self._mode_ids = vocabulary.encode_mode(config['mode_token'])
    # Without mode token and EOS.
    self._most_inputs = (
      lengths['inputs'] - lengths['inputs_eos'] - len(self._mode_ids)
    )
    self._most_targets = lengths['targets'] - 1

  def results(
    self, data_set: DataSet, questions: Sequence[Question], counts: Counts
  ) -> Iterator[Batch | list[Reject]]:
    """Makes the records of questions: `samples` of each, one after another.

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
    targets = self._vocabulary.encode_block([q.answers[0] for q in questions])
    counts.add(f'{data_set.name}/questions', len(questions))
    too_long = {
      'inputs_too_long': inputs.lengths > self._most_inputs,
      'targets_too_long': targets.lengths > self._most_targets,
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
      yield self._batch(
        data_set, questions, prompts, inputs.take(kept), targets.take(kept),
        kept, counts,
      )  # fmt: skip

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
    kept: Int64s,
    counts: Counts,
  ) -> Batch:
    """Makes the records of the questions that are kept."""
    inputs = prepend(inputs, [self._mode_ids], np.zeros(len(kept), np.int64))
    asked = [(questions[i], prompts[i]) for i in kept.tolist()]
    self._count(data_set.name, asked, inputs, targets, counts)
    again = np.repeat(np.arange(len(kept)), self._samples)
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
      'targets': targets.take(again),
      'exemplars': Ragged.of([[p.exemplars] for _, p in asked]).take(again),
      'sample': Ragged.of([[i] for _ in asked for i in range(self._samples)]),
    }
    for name, column in zip(TEXTS, zip(*texts, strict=True), strict=True):
      encoded = [text.encode() for text in column]
      columns[name] = [encoded[i] for i in again.tolist()]
    return Batch(
      records.encode_examples(columns),
      # They would choose among shards, and there is one.
      np.zeros(len(again), np.uint64),
      np.full(len(again), data_set.number, np.int64),
      np.zeros(len(again), np.bool_),
    )

  def _count(
    self,
    name: str,
    asked: Sequence[tuple[Question, Prompt]],
    inputs: Ragged,
    targets: Ragged,
    counts: Counts,
  ) -> None:
    """Counts prompts and exemplars, and what seqio's statistics have."""
    dropped = [prompt.dropped for _, prompt in asked]
    counts.add(f'{name}/prompts', len(asked))
    counts.add(f'{name}/exemplars/shown', sum(p.exemplars for _, p in asked))
    counts.add(f'{name}/exemplars/dropped', sum(dropped))
    counts.add(f'{name}/prompts_cut', sum(n > 0 for n in dropped))
    where = f'{name}/data/test/all'
    counts.add(f'{where}/examples', self._samples * len(asked))
    for side, ids in (('inputs', inputs), ('targets', targets)):
      unknown = (ids.values == self._vocabulary.unk_id).sum()
      counts.add(f'{name}/unknown/{side}', int(unknown))
      total = self._samples * int(ids.lengths.sum())
      counts.add(f'{where}/{side}_tokens', total)
      counts.see(f'{where}/{side}_max_tokens', int(ids.lengths.max()))
