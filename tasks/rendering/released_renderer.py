"""Renders a block of instances as FLAN's released code does."""

from __future__ import annotations

from collections.abc import Callable
import dataclasses
import itertools
from typing import Any

import numpy as np

from ul2_flan.tasks.ragged import Int64s, UInt64s
from ul2_flan.tasks.rendering.few_shot.draw_exemplars import ExemplarDraw
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.instances import Instances, pick
from ul2_flan.tasks.rendering.released.columns import Styles, fill
from ul2_flan.tasks.rendering.released.few_shot import (
  add_exemplars,
  ask,
  fit,
  mixed_starts,
  wanted,
)
from ul2_flan.tasks.rendering.rendered import Rendered
from ul2_flan.tasks.rendering.styles.released_styles import Released
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.template_choice import Forms
from ul2_flan.tasks.seeding import below, draw, stream


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedRenderer:
  """What all blocks of a task and a setting share.

  Attributes:
    released: the styles.
    family: the imported templates.
    task: the task's name.
    seed: the run's.
    max_tokens: for the inputs; None for no limit.
  """

  released: Released
  family: Family
  task: str
  seed: int
  max_tokens: int | None

  def zero_shot(
    self,
    instances: Instances,
    forms: Forms,
    chosen: Int64s,
    streams: Callable[[str], UInt64s],
    styles: Styles | None = None,
  ) -> Rendered:
    """Renders n instances by themselves.

    Args:
      instances: n instances.
      forms: the forms.
      chosen: int64 [n], indices of forms.
      streams: the name of a draw to uint64 [n].
      styles: of the n instances, where they are not to be drawn.
    """
    count = len(instances)
    styles = styles or Styles.drawn(self.released, instances, streams)
    texts: dict[int, tuple[str, str]] = {}
    for number, form in enumerate(forms.forms):
      indices = np.flatnonzero(chosen == number).tolist()
      filled = fill(form, instances, indices, styles)
      texts.update(zip(indices, zip(*filled, strict=True), strict=True))
    inputs, targets = (
      [texts[i][side] for i in range(count)] for side in (0, 1)
    )
    shown = [forms.forms[i].shows_options for i in chosen.tolist()]
    described: dict[str, list[Any]] = {'template': _labels(forms, chosen)}
    if any(shown):
      described['options'] = [
        f'{style.opening}{style.marks[0]}{style.ending}' if shows else None
        for style, shows in zip(
          itertools.cycle(styles.options), shown, strict=False
        )
      ]
    return Rendered(np.arange(count), inputs, targets, {}, described)

  def few_shot(
    self,
    instances: Instances,
    forms: Forms,
    chosen: Int64s,
    streams: Callable[[str], UInt64s],
    pool: Pool,
    exemplars: list[list[int]] | None = None,
  ) -> Rendered:
    """Renders n instances with exemplars of a pool.

    Args:
      instances, forms, chosen, streams: as in `zero_shot`.
      pool: where exemplars are from.
      exemplars: for each instance indices into the pool, where they are not to
        be drawn.

    Rejects:
      no_exemplar: the pool has no instance that asks something else.
      exemplar_too_long: the first that was drawn does not fit.
    """
    released = self.released
    styles = Styles.fixed(released)
    bits = streams('released exemplars')
    picked = exemplars
    if picked is None:
      # FLAN's code does not ask whether an answer needs its options.
      picked = ExemplarDraw.of(
        pool,
        self.family,
        instances,
        streams('exemplars'),
        alone=np.zeros(len(instances), np.bool_),
      ).choose(wanted(released, forms, chosen, draw(bits, 0)), most=self._most)
    examples = ask(instances, forms, chosen, styles, self._separator)
    starts = mixed_starts(forms, bits)
    add_exemplars(examples, picked, pool, forms, styles, starts)
    rejects: dict[str, list[int]] = {}
    kept = []
    for i, example in enumerate(examples):
      if example.form.exemplars and not picked[i]:
        rejects.setdefault('no_exemplar', []).append(i)
      elif not fit(example, pool.count, released, self.max_tokens):
        rejects.setdefault('exemplar_too_long', []).append(i)
      else:
        kept.append(i)
    shown = [picked[i][: len(examples[i].exemplars)] for i in kept]
    described: dict[str, list[Any]] = {
      'template': pick(_labels(forms, chosen), kept),
      'exemplars': [pool.instances.keys[e].tolist() for e in shown],
      'exemplar_count': list(map(len, shown)),
      'parts': [examples[i].parts for i in kept],
    }
    return Rendered(
      np.array(kept, np.int64),
      [examples[i].inputs for i in kept],
      [examples[i].target for i in kept],
      rejects,
      described,
    )

  @property
  def _most(self) -> int:
    """The most exemplars that an example may have."""
    released = self.released
    return max(
      released.mixed_exemplars, released.defined_exemplars, *released.exemplars
    )

  @property
  def _separator(self) -> str:
    """What stands between exemplars of mixed templates: the task's own draw."""
    key = np.zeros(1, np.uint64)
    bits = draw(stream(self.seed, f'{self.task}/released separator', key), 0)
    separators = self.released.mixed_separators
    return separators[int(below(bits, len(separators))[0])]


def _labels(forms: Forms, chosen: Int64s) -> list[str]:
  """Returns the label of the form of each of n examples."""
  return [forms.forms[i].label for i in chosen.tolist()]
