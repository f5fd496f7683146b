"""Renders instances with exemplars before them.

draw exemplars → ask → lay out → drop what does not fit → add exemplars
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from ul2_flan.tasks.ragged import UInt64s
from ul2_flan.tasks.rendering.describe_draws import describe
from ul2_flan.tasks.rendering.few_shot.assemble import (
  Examples,
  add_exemplars,
  ask,
  lay_out,
)
from ul2_flan.tasks.rendering.few_shot.draw_exemplars import ExemplarDraw
from ul2_flan.tasks.rendering.few_shot.exemplar_count import ExemplarCount
from ul2_flan.tasks.rendering.few_shot.fit_exemplars import fit_exemplars
from ul2_flan.tasks.rendering.few_shot.pool import Pool
from ul2_flan.tasks.rendering.instances.drawn_instances import DrawnInstances
from ul2_flan.tasks.rendering.instances.instances import pick
from ul2_flan.tasks.rendering.rendered import Rendered
from ul2_flan.tasks.rendering.templates.family import Family
from ul2_flan.tasks.seeding import draw


def render_few_shot(
  drawn: DrawnInstances,
  pool: Pool,
  *,
  family: Family,
  options: bool,
  exemplar_count: ExemplarCount,
  newlines: bool,
  streams: Callable[[str], UInt64s],
  draws: Collection[str],
  parts: bool = False,
) -> Rendered:
  """Renders n instances with exemplars of a pool.

  Args:
    drawn: n instances with their forms and styles.
    pool: where exemplars are from.
    family: says what makes instances the same question.
    options: whether the setting shows options, where there are any.
    exemplar_count: how many exemplars, and the room for them.
    newlines: whether the reader of the text tells newlines from spaces.
    streams: the name of a draw to uint64 [n].
    draws: the names of draws to say, as `Renderer.render` has them.
    parts: whether to say also of which parts its inputs are.
  """
  # An inverted form shows no options, whatever the setting.
  inverted = np.array([form.inverted for form in drawn.forms])[drawn.chosen]
  exemplar_draw = ExemplarDraw.of(
    pool,
    family,
    drawn.instances,
    streams('exemplars'),
    alone=inverted | (not options),
  )
  # 'shots' is this stream's name: under another, other numbers would be drawn.
  wanted = exemplar_count.draw(drawn, streams('shots'))
  picked = exemplar_draw.choose(wanted, most=exemplar_count.high)
  examples = ask(drawn)
  layout = lay_out(
    examples, drawn, draw(streams('layout'), 0), newlines=newlines
  )
  fitting: list[list[int] | None] = list(picked)
  if exemplar_count.max_tokens is not None:
    fitting = fit_exemplars(
      examples,
      picked,
      pool,
      drawn,
      max_tokens=exemplar_count.max_tokens,
      another=exemplar_draw.another,
    )
  shown = [exemplars or [] for exemplars in fitting]
  add_exemplars(examples, shown, pool, drawn)
  described: dict[str, list[Any]] = describe(drawn, draws)
  if 'layout' in draws:
    described['layout'] = [
      at if form.exemplars else None
      for form, at in zip(examples.forms, layout.tolist(), strict=True)
    ]
  if 'exemplars' in draws:
    described['exemplars'] = _keys(pool, shown)
  if 'exemplar_count' in draws:
    described['exemplar_count'] = list(map(len, shown))
  if parts:
    described['parts'] = [examples.parts(i) for i in range(len(examples))]
  return _complete(examples, picked, fitting, described)


def _keys(pool: Pool, shown: Sequence[Sequence[int]]) -> list[list[int]]:
  """Returns the keys of each example's exemplars."""
  keys = pool.instances.keys.tolist()
  return [[keys[e] for e in exemplars] for exemplars in shown]


def _complete(
  examples: Examples,
  picked: Sequence[Sequence[int]],
  fitting: Sequence[Sequence[int] | None],
  described: dict[str, list[Any]],
) -> Rendered:
  """Returns the examples that have an exemplar, or need none.

  Args:
    examples: n examples.
    picked: for each the exemplars that were drawn.
    fitting: for each those there was room for; None if that is not one.
    described: the draws of the n examples.
  """
  every = range(len(examples))
  rejects: dict[str, list[int]] = {}
  without = [] if all(fitting) else [i for i in every if not fitting[i]]
  for i in without:
    if examples.forms[i].exemplars and not picked[i]:
      rejects.setdefault('no_exemplar', []).append(i)
    elif fitting[i] is None:
      rejects.setdefault('exemplar_too_long', []).append(i)
  if not rejects:
    inputs = examples.inputs(every)
    return Rendered(np.array(every), inputs, examples.targets, {}, described)
  kept = sorted({*every}.difference(*rejects.values()))
  return Rendered(
    np.array(kept, np.int64),
    examples.inputs(kept),
    pick(examples.targets, kept),
    rejects,
    {name: pick(values, kept) for name, values in described.items()},
  )
