"""Takes examples of denoisers apart: the text, and what of it was masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import dataclasses
import functools
import itertools
from typing import Any

import numpy as np

from ul2_flan.pipelines.examples.runs import Run
from ul2_flan.pipelines.examples.stretches import Stretch, divide
from ul2_flan.tasks import denoising
from ul2_flan.tasks.denoising import FeatureLengths, Objective
from ul2_flan.tasks.denoising.lengths import span_counts
from ul2_flan.tasks.ragged import Int32s
from ul2_flan.tasks.vocabulary import Vocabulary


@dataclasses.dataclass(frozen=True, slots=True)
class Masked:
  """An example of a denoiser.

  Attributes:
    denoisers: the ones that may have made it; mostly one.
    mode: their paradigm: R, S or X.
    text: what was corrupted: stretches of text and of what is masked.
    inputs: what the model reads.
    targets: what it is to write.
    tokens: of the text.
    share: of its tokens that are masked.
  """

  denoisers: tuple[str, ...]
  mode: str
  text: tuple[Stretch, ...]
  inputs: tuple[Stretch, ...]
  targets: tuple[Stretch, ...]
  tokens: int
  share: float


# What an objective is made of, by its names in a configuration.
_NEEDED = {'denoisers', 'lengths', 'min_tokens', 'mode_tokens', 'seed'}


def objective_of(run: Run) -> Objective | None:
  """Returns the objective of a run of denoisers; None of any other run."""
  config = run.manifest.run['config']
  # A manifest of another version may lack something.
  if run.vocabulary is None or not config.keys() >= _NEEDED:
    return None
  modes = denoising.MODE_TOKENS.get(config['mode_tokens'])
  if modes is None:
    return None
  table = denoising.parse_table(config['denoisers'], run.output)
  return denoising.solve(
    table,
    FeatureLengths(**config['lengths']),
    [run.vocabulary.encode_mode(modes[d.mode]) for d in table.denoisers],
    run.vocabulary.sentinels,
    config['seed'],
    config['min_tokens'],
  )


def take_apart(
  example: Mapping[str, Any], objective: Objective, vocabulary: Vocabulary
) -> Masked:
  """Takes an example apart.

  Args:
    example: the features 'inputs' and 'targets'.
    objective: of its run.
    vocabulary: likewise.
  """
  inputs = np.asarray(example['inputs'], np.int32)
  targets = np.asarray(example['targets'], np.int32)
  found, mode_length = _denoisers(inputs, targets, objective)
  among = functools.partial(objective.sentinels.among)
  read = inputs[mode_length:]
  masked = int((~among(targets)).sum())
  tokens = int((~among(read)).sum()) + masked
  has_spans = bool(among(read).any() or among(targets).any())
  first = list(divide(read, vocabulary))
  second = list(divide(targets, vocabulary, kind='masked'))
  return Masked(
    tuple(objective.denoisers[i].name for i in found),
    objective.denoisers[found[0]].mode,
    tuple(_whole(first, second) if has_spans else [*first, *second]),
    tuple(divide(inputs, vocabulary, mode_length)),
    tuple(divide(targets, vocabulary)),
    tokens,
    masked / max(tokens, 1),
  )


def _denoisers(
  inputs: Int32s, targets: Int32s, objective: Objective
) -> tuple[list[int], int]:
  """Finds the denoisers that may have made an example.

  The mode token is that of some; how many tokens and spans are masked follows
  from a denoiser and the length of the text.

  Returns:
    their indices, at least one, and the length of the mode token.
  """
  by_mode = [
    i
    for i, ids in enumerate(objective.mode_ids)
    if tuple(inputs[: len(ids)].tolist()) == ids
  ] or list(range(len(objective.denoisers)))
  size = len(objective.mode_ids[by_mode[0]])
  among = objective.sentinels.among
  spans = int(among(inputs[size:]).sum())
  noise = int((~among(targets)).sum())
  length = np.array([int((~among(inputs[size:])).sum()) + noise])

  def made(i: int) -> bool:
    denoiser, raw = objective.denoisers[i], objective.raw[i]
    if denoiser.corruption != 'spans':
      is_causal = len(inputs) == size
      return not spans and is_causal == (denoiser.corruption == 'causal')
    expected = span_counts(
      length, denoiser.density, denoiser.mean_span, max(raw.max_spans, 1)
    )
    # The roll may cut a span in two.
    extra = spans - int(expected[1][0])
    return noise == expected[0][0] and 0 <= extra <= int(denoiser.random_roll)

  return [i for i in by_mode if made(i)] or by_mode, size


def _whole(
  inputs: Sequence[Stretch], targets: Sequence[Stretch]
) -> list[Stretch]:
  """Puts both sides together, as `denoising.restore` does with ids.

  On either side, a sentinel stands for what the other side has between that
  sentinel and the next. If the text begins with a span, the inputs begin with
  the sentinel, and its tokens come first in the targets.
  """
  reads, writes = _by_sentinel(inputs), _by_sentinel(targets)
  begins_masked = bool(inputs) and inputs[0].kind == 'sentinel'
  whole: list[Stretch] = []
  for number in range(-1, max([*reads, *writes]) + 1):
    read, written = reads.get(number, []), writes.get(number, [])
    # What a span's own sentinel stands for is named by it.
    of = number + begins_masked
    written = [dataclasses.replace(s, number=of) for s in written]
    parts = (read, written) if begins_masked else (written, read)
    whole += itertools.chain(*parts)
  return whole


def _by_sentinel(side: Sequence[Stretch]) -> dict[int, list[Stretch]]:
  """Returns the stretches after each sentinel; -1 for those before any."""
  stretches: dict[int, list[Stretch]] = {-1: []}
  last = -1
  for stretch in side:
    if stretch.kind == 'sentinel':
      last = stretch.number
      stretches.setdefault(last, [])
    else:
      stretches[last].append(stretch)
  return stretches
