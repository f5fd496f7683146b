"""Rows of a task to examples as text, a block at a time.

Every draw depends on the run's seed, the task, the setting and the row's key
alone, so that a block's division makes no difference to any example.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
from typing import Any

import numpy as np

from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Bools, Int64s
from ul2_flan.tasks.rendering.draws import describe
from ul2_flan.tasks.rendering.few_shot.assemble import (
  Example,
  add_exemplars,
  ask,
  lay_out,
)
from ul2_flan.tasks.rendering.few_shot.count import ExemplarCount
from ul2_flan.tasks.rendering.few_shot.fit import fit
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.columns import Styles, gather, pick
from ul2_flan.tasks.rendering.instances.instances import (
  Instances,
  Rendered,
  merge,
)
from ul2_flan.tasks.rendering.instances.needs_options import leaning
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.forms import Form, Forms, forms_of
from ul2_flan.tasks.rendering.templates.own_templates import OwnTemplates
from ul2_flan.tasks.rendering.templates.setting import Setting
from ul2_flan.tasks.seeding import below, draw, stream


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
  """Renders one task in one setting.

  Attributes:
    task: its name is part of what draws depend on.
    family: the wordings.
    setting: which of them.
    seed: the run's.
    shots: how many exemplars, and the room for them.
    newlines: False if the reader of the text takes newlines for spaces.
  """

  task: Task
  family: Family
  setting: Setting
  seed: int
  shots: ExemplarCount = dataclasses.field(default_factory=ExemplarCount)
  newlines: bool = True

  @classmethod
  def of(
    cls,
    task: Task,
    setting: Setting | str,
    own_templates: OwnTemplates | None = None,
    **kwargs: Any,
  ) -> Renderer:
    """The renderer of a task, with its family's wordings or a user's own."""
    if isinstance(setting, str):
      setting = Setting.parse(setting)
    family = (own_templates or OwnTemplates()).family(task)
    return cls(task=task, family=family, setting=setting, **kwargs)

  def forms(self, rows: Instances, pool: Pool | None = None) -> Forms:
    """The wordings for these rows, all of which have the same fields."""
    return forms_of(
      self.family,
      self.setting,
      frozenset(rows.columns),
      pool.fields if pool else frozenset(),
      self.task.foreign,
    )

  def render(
    self,
    rows: Instances,
    pool: Pool | None = None,
    *,
    forward: Bools | None = None,
    draws: bool = False,
    form: int | None = None,
  ) -> Rendered:
    """Renders a block.

    Args:
      rows: prepared rows of the task.
      pool: rows of the training split, for a few-shot setting.
      forward: bool [n], the rows that are to be scored: they are asked for the
        task's answer, and never for its question. None for no such row.
      draws: also tell what was drawn for each example.
      form: the wording to use for all, by its place in `forms`, rather than
        one drawn for each.

    Rejects:
      answer_needs_options: the answer leans on the options, as "all of these"
        does, and the setting does not show them.
      no_exemplar: the pool has no row that asks something else.
      exemplar_too_long: not even one fits beside the question, of all that it
        might have.
    """
    if self.setting.few_shot and pool is None:
      raise UserError(
        f'{self.task.name}, {self.setting}: it needs a pool of exemplars'
      )
    if forward is None:
      forward = np.zeros(len(rows), np.bool_)
    rows = rows.as_source(self.family.as_source)
    leans = leaning(self.family, rows)
    if self.setting.options or not leans.any():
      return self._render_all(rows, pool, forward | leans, draws, form)
    stands = np.flatnonzero(~leans)
    rendered = self._render_all(
      rows.take(stands), pool, forward[stands], draws, form
    )
    rejects = {'answer_needs_options': np.flatnonzero(leans).tolist()}
    return merge([(stands, rendered)], rejects)

  def _render_all(
    self,
    rows: Instances,
    pool: Pool | None,
    forward: Bools,
    draws: bool,
    form: int | None,
  ) -> Rendered:
    """As `render`, for rows whose answers make sense in the setting."""
    parts = [
      (indices, self._render(part, pool, forward[indices], draws, form))
      for indices, part in rows.by_fields()
    ]
    return parts[0][1] if len(parts) == 1 else merge(parts)

  def _render(
    self,
    rows: Instances,
    pool: Pool | None,
    forward: Bools,
    draws: bool,
    form: int | None,
  ) -> Rendered:
    """As `render`, for rows that have the same fields."""
    if not len(rows):
      return Rendered(np.zeros(0, np.int64), [], [])
    purpose = f'{self.task.name}/{self.setting}'
    forms = self.forms(rows, pool)
    styles = Styles.draw(rows, seed=self.seed, purpose=purpose)
    streams = stream(self.seed, f'{purpose}/form', rows.keys)
    chosen = forms.choose(streams, forward)
    if form is not None:
      chosen = np.full_like(chosen, form)
    if not self.setting.few_shot:
      inputs, targets = self._zero_shot(rows, forms.forms, chosen, styles)
      told = describe(forms.forms, chosen, styles) if draws else {}
      return Rendered(np.arange(len(rows)), inputs, targets, {}, told)
    assert pool is not None
    return self._few_shot(rows, pool, forms.forms, chosen, styles, draws)

  def _zero_shot(
    self, rows: Instances, forms: Sequence[Form], chosen: Int64s, styles: Styles
  ) -> tuple[list[str], list[str]]:
    """Inputs and targets, in the order of the rows."""
    inputs = [''] * len(rows)
    targets = [''] * len(rows)
    for number, form in enumerate(forms):
      indices = np.flatnonzero(chosen == number).tolist()
      if not indices:
        continue
      columns = gather(
        rows,
        indices,
        fields=form.fields,
        styles=styles.beside(asks_to_choose=form.asks_to_choose),
        owners=indices,
        kind=self.task.options,
      )
      filled = form.inputs.fill(columns, len(indices))
      answers = form.targets.fill(columns, len(indices))
      for i, text, answer in zip(indices, filled, answers, strict=True):
        inputs[i] = text
        targets[i] = answer
    return inputs, targets

  def _few_shot(
    self,
    rows: Instances,
    pool: Pool,
    forms: Sequence[Form],
    chosen: Int64s,
    styles: Styles,
    draws: bool,
  ) -> Rendered:
    """As `render`, with exemplars."""
    purpose = f'{self.task.name}/{self.setting}'
    streams = {
      what: stream(self.seed, f'{purpose}/{what}', rows.keys)
      for what in ('shots', 'exemplars', 'layout')
    }
    low, high = self.shots.low, self.shots.high
    wanted = low + below(draw(streams['shots'], 0), high - low + 1)
    fixed = np.array([form.exemplars for form in forms], np.int64)[chosen]
    wanted = np.where(fixed < 0, wanted, fixed)
    inverted = np.array([form.inverted for form in forms])[chosen]
    alone = inverted | (not self.setting.options)
    picked = pool.choose(
      self.family, rows, streams['exemplars'], wanted, most=high, alone=alone
    )

    def another(i: int, fits: Bools) -> int | None:
      row, start = rows.take(np.array([i])), streams['exemplars'][i]
      return pool.another(self.family, row, start, bool(alone[i]), fits)

    examples = ask(
      rows,
      forms=forms,
      chosen=chosen,
      styles=styles,
      kind=self.task.options,
    )
    layout = lay_out(
      examples, forms, draw(streams['layout'], 0), newlines=self.newlines
    )
    fitting: list[list[int] | None] = list(picked)
    if self.shots.max_tokens is not None:
      fitting = fit(
        examples,
        picked,
        pool,
        forms=forms,
        styles=styles,
        max_tokens=self.shots.max_tokens,
        another=another,
      )
    shown = [exemplars or [] for exemplars in fitting]
    add_exemplars(
      examples,
      shown,
      pool,
      forms=forms,
      chosen=chosen,
      styles=styles,
      kind=self.task.options,
    )
    rendered = _rendered(examples, picked, fitting)
    if not draws:
      return rendered
    told = {
      **describe(forms, chosen, styles),
      'layout': [
        None if example.zero else int(at)
        for example, at in zip(examples, layout, strict=True)
      ],
      'exemplars': [pool.rows.keys[indices].tolist() for indices in shown],
    }
    kept = rendered.index.tolist()
    return dataclasses.replace(
      rendered, draws={name: pick(told[name], kept) for name in told}
    )


def _rendered(
  examples: Sequence[Example],
  picked: Sequence[Sequence[int]],
  fitting: Sequence[Sequence[int] | None],
) -> Rendered:
  """The examples that have an exemplar, or need none.

  Args:
    picked: the exemplars that were drawn for each.
    fitting: those there was room for; None if that is not one.
  """
  rejects: dict[str, list[int]] = {}
  kept = []
  for i, example in enumerate(examples):
    if not (example.zero or picked[i]):
      rejects.setdefault('no_exemplar', []).append(i)
    elif fitting[i] is None:
      rejects.setdefault('exemplar_too_long', []).append(i)
    else:
      kept.append(i)
  return Rendered(
    np.array(kept, np.int64),
    [examples[i].inputs for i in kept],
    [examples[i].target for i in kept],
    rejects,
  )
