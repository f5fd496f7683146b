"""Renders instances of a task as examples, a block at a time.

Every draw depends only on the run's seed, the task, the setting and the
instance's key, so that no example depends on how instances are divided into
blocks.
"""

from __future__ import annotations

from collections.abc import Collection
import dataclasses
import functools
from typing import Any

import numpy as np

from ul2_flan.tasks.catalog.schema import Task
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.ragged import Bools, Int64s, UInt64s
from ul2_flan.tasks.rendering.describe_draws import describe
from ul2_flan.tasks.rendering.few_shot.exemplar_count import ExemplarCount
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.few_shot_renderer import render_few_shot
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.instances.drawn_styles import DrawnStyles
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.instances.needs_options import which_need_options
from ul2_flan.tasks.rendering.released.columns import Styles
from ul2_flan.tasks.rendering.released.forms import released_forms
from ul2_flan.tasks.rendering.released_renderer import ReleasedRenderer
from ul2_flan.tasks.rendering.rendered import DRAWS, Rendered, merge
from ul2_flan.tasks.rendering.styles.released_styles import Released
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.rendering.templates.own_templates import OwnTemplates
from ul2_flan.tasks.rendering.templates.setting import Setting
from ul2_flan.tasks.rendering.templates.template_choice import Forms, forms_of
from ul2_flan.tasks.seeding import stream


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Renderer:
  """Renders one task in one setting.

  Attributes:
    task: the task; its name is part of what draws depend on.
    family: the templates.
    setting: chooses among them.
    seed: the run's.
    exemplar_count: how many exemplars, and the room for them.
    newlines: False if the reader of the text takes newlines for spaces.
    released: FLAN's styles, for examples as its released code makes them; None
      for ours.
  """

  task: Task
  family: Family
  setting: Setting
  seed: int
  exemplar_count: ExemplarCount = dataclasses.field(
    default_factory=ExemplarCount
  )
  newlines: bool = True
  released: Released | None = None

  @classmethod
  def of(
    cls,
    task: Task,
    setting: Setting | str,
    own_templates: OwnTemplates | None = None,
    *,
    as_released: bool = False,
    **kwargs: Any,
  ) -> Renderer:
    """Makes a task's renderer, with its family's templates or a user's own.

    Args:
      task: the task.
      setting: the setting, or its name.
      own_templates: the user's.
      as_released: as FLAN's released code, where the family is imported.
      kwargs: the other attributes.
    """
    if isinstance(setting, str):
      setting = Setting.parse(setting)
    own = own_templates or OwnTemplates()
    family = own.family(task)
    task = family.task(task)
    released = own.released if as_released and family.rows else None
    return cls(
      task=task, family=family, setting=setting, released=released, **kwargs
    )

  def forms(self, instances: Instances, pool: Pool | None = None) -> Forms:
    """Returns the forms for instances that all have the same fields.

    Raises:
      UserError: the family has no template for the setting.
    """
    fields = frozenset(instances.columns)
    of_pool = pool.fields if pool else frozenset()
    if self.released:
      return released_forms(self.family, self.setting, fields, of_pool)
    return forms_of(
      self.family, self.setting, fields, of_pool, self.task.foreign
    )

  def render(
    self,
    instances: Instances,
    pool: Pool | None = None,
    *,
    forward: Bools | None = None,
    draws: Collection[str] | bool = False,
    parts: bool = False,
    form: int | None = None,
  ) -> Rendered:
    """Renders a block.

    Args:
      instances: n instances of the task.
      pool: instances of the training split, for a few-shot setting.
      forward: bool [n], the instances that are to be scored: they are asked for
        the task's answer, and never for its question. None for no such one.
      draws: also say what was drawn for each example: all of `DRAWS`, or those
        that are named. Another name is 'exemplar_count'.
      parts: also say of which parts the inputs of few-shot examples are, in
        `Rendered.draws`: pairs of 'instruction', 'exemplar' or 'question' and
        a text.
      form: the form to use for all, by its place in `forms`, rather than one
        drawn for each.

    Rejects:
      answer_needs_options: the answer makes no sense without the options, as
        "all of these", and the setting does not show them.
      no_exemplar: the pool has no instance that asks something else.
      exemplar_too_long: none of the exemplars that it may have fits beside the
        question.

    Raises:
      UserError: the family has no template for the setting, or a few-shot
        setting has no pool.
    """
    if self.setting.few_shot and pool is None:
      raise UserError(
        f'{self.task.name}, {self.setting}: it needs a pool of exemplars'
      )
    if isinstance(draws, bool):
      draws = DRAWS if draws else ()
    if forward is None:
      forward = np.zeros(len(instances), np.bool_)
    instances = instances.as_source(self.family.as_source)
    needing = np.zeros(len(instances), np.bool_)
    if not self.released:  # FLAN's code does not ask
      needing = which_need_options(self.family, instances)
    left_out = needing & (not self.setting.options)
    kept = np.flatnonzero(~left_out)
    if len(kept) < len(instances):
      instances = instances.take(kept)
    # An answer that needs its options is not turned round either: "Which
    # question has the answer 'both of them'?"
    forward = (forward | needing)[kept]
    rendered = [
      (kept[at], self._render(part, pool, forward[at], draws, parts, form))
      for at, part in instances.by_fields()
    ]
    if left_out.any():
      rejected = np.flatnonzero(left_out).tolist()
      return merge(rendered, {'answer_needs_options': rejected})
    # Mostly all instances have the same fields, and nothing is to be merged.
    return rendered[0][1] if len(rendered) == 1 else merge(rendered)

  def _render(
    self,
    instances: Instances,
    pool: Pool | None,
    forward: Bools,
    draws: Collection[str],
    parts: bool,
    form: int | None,
  ) -> Rendered:
    """As `render`, for instances that have the same fields."""
    if not len(instances):
      return Rendered(np.zeros(0, np.int64), [], [])
    forms = self.forms(instances, pool)
    chosen = forms.choose(self._streams('form', instances), forward)
    if form is not None:
      chosen = np.full_like(chosen, form)
    if self.released:
      return self._as_released(instances, pool, forms, chosen)
    drawn = DrawnInstances(
      instances=instances,
      forms=forms.forms,
      chosen=chosen,
      styles=DrawnStyles.draw(
        instances,
        seed=self.seed,
        purpose=f'{self.task.name}/{self.setting}',
        options=any(form.lists_options for form in forms.forms),
      ),
      option_kind=self.task.options,
    )
    if not self.setting.few_shot:
      return _render_zero_shot(drawn, draws=draws)
    assert pool is not None
    return render_few_shot(
      drawn,
      pool,
      family=self.family,
      options=self.setting.options,
      exemplar_count=self.exemplar_count,
      newlines=self.newlines,
      streams=functools.partial(self._streams, instances=instances),
      draws=draws,
      parts=parts,
    )

  def _as_released(
    self, instances: Instances, pool: Pool | None, forms: Forms, chosen: Int64s
  ) -> Rendered:
    assert self.released is not None
    renderer = ReleasedRenderer(
      released=self.released,
      family=self.family,
      task=self.task.name,
      seed=self.seed,
      max_tokens=self.exemplar_count.max_tokens,
    )
    streams = functools.partial(self._streams, instances=instances)
    if self.setting.few_shot:
      assert pool is not None
      return renderer.few_shot(instances, forms, chosen, streams, pool)
    styles = None
    if self.task.flan.fixed_options:
      styles = Styles.fixed(self.released)
    return renderer.zero_shot(instances, forms, chosen, streams, styles)

  def _streams(self, what: str, instances: Instances) -> UInt64s:
    """Returns a stream for each instance, from which `what` is drawn."""
    # What a run writes depends on this text: it stays as it is.
    purpose = f'{self.task.name}/{self.setting}/{what}'
    return stream(self.seed, purpose, instances.keys)


def _render_zero_shot(
  drawn: DrawnInstances, *, draws: Collection[str]
) -> Rendered:
  """Renders instances by themselves, in their order."""
  inputs, targets = drawn.fill_own()
  described = describe(drawn, draws)
  return Rendered(np.arange(len(drawn)), inputs, targets, {}, described)
