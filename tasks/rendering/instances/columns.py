"""The texts that go into a form: columns gathered, options and turns shown."""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
import re

import numpy as np

from ul2_flan.tasks.ragged import Int64s
from ul2_flan.tasks.rendering.instances.instances import Instances
from ul2_flan.tasks.rendering.styles import dialog, option_styles
from ul2_flan.tasks.rendering.styles import options as option_texts
from ul2_flan.tasks.seeding import below, draw, stream

# A last line of a few words, such as "Answer:".
_CUE = re.compile(r'\s*\n\s*([^\n:]{1,40}:)$')


@dataclasses.dataclass(frozen=True, slots=True)
class Styles:
  """What was drawn for each example, and holds for its exemplars too.

  Attributes:
    options: styles of options; None if the rows have none.
    dialog: int64 [n], indices into `dialog.styles()`.
  """

  options: option_styles.Draws | None
  dialog: Int64s

  @classmethod
  def draw(cls, rows: Instances, *, seed: int, purpose: str) -> Styles:
    """Draws styles for each row."""
    return cls(
      option_styles.draw_styles(
        stream(seed, f'{purpose}/options', rows.keys), rows.columns['options']
      )
      if 'options' in rows.columns
      else None,
      below(
        draw(stream(seed, f'{purpose}/dialog', rows.keys), 0),
        len(dialog.styles()),
      ),
    )

  def beside(self, *, asks_to_choose: bool) -> Styles:
    """The styles beside words that ask to choose by themselves, or do not."""
    if self.options is None or not asks_to_choose:
      return self
    return dataclasses.replace(self, options=self.options.quiet)


def pick(column: Sequence[str], indices: Sequence[int]) -> list[str]:
  """The column's values at these indices."""
  return list(map(column.__getitem__, indices))


def gather(
  rows: Instances,
  indices: Sequence[int],
  *,
  fields: frozenset[str],
  styles: Styles,
  owners: Sequence[int],
  kind: str,
) -> dict[str, list[str]]:
  """Columns of text for rows of a block, to fill a form with.

  Args:
    rows: where the texts are from.
    indices: m indices into `rows`.
    fields: which columns; with 'options', 'answer' takes the form that the
      options have.
    styles: of the examples that the rows are to be part of.
    owners: m indices into `styles`: each row's example.
    kind: of options, as `Task.options` has it.

  Returns:
    Field to m texts.
  """
  columns: dict[str, list[str]] = {}
  for field in fields:
    if field == 'dialog':
      shown = dialog.styles()
      columns[field] = [
        shown[style].show(rows.columns[field][i])
        for i, style in zip(
          indices, styles.dialog[list(owners)].tolist(), strict=True
        )
      ]
    elif field != 'options':
      columns[field] = pick(rows.columns[field], indices)
  if 'options' in fields:
    texts, answers = _options(rows, indices, styles, owners, kind)
    columns |= {'options': texts, 'answer': answers}
    if 'prompt' in fields:
      _before_cues(columns['prompt'], texts)
  return columns


def _before_cues(prompts: list[str], options: list[str]) -> None:
  r"""Where a P3 prompt ends with a cue, its options come before that.

  >>> prompts, options = ['Why?\nAnswer:'], ['- a\n- b']
  >>> _before_cues(prompts, options)
  >>> prompts, options
  (['Why?'], ['- a\n- b\nAnswer:'])
  """
  for i, prompt in enumerate(prompts):
    if prompt.endswith(':') and (cue := _CUE.search(prompt)):
      prompts[i] = prompt[: cue.start()]
      options[i] += f'\n{cue[1]}'


def _options(
  rows: Instances,
  indices: Sequence[int],
  styles: Styles,
  owners: Sequence[int],
  kind: str,
) -> tuple[list[str], list[str]]:
  """The options of rows as text, and the answers in the matching form."""
  assert styles.options is not None
  assert rows.choice is not None
  at = np.array(owners, np.int64)
  draws = zip(
    indices,
    rows.choice[np.array(indices, np.int64)].tolist(),
    styles.options.opening[at].tolist(),
    styles.options.item[at].tolist(),
    styles.options.closing[at].tolist(),
    styles.options.order[at].tolist(),
    strict=True,
  )
  column = rows.columns['options']
  texts, answers = [], []
  if kind == 'choices':
    for i, choice, opening, item, closing, _ in draws:
      text, answer = option_texts.show_choice(
        column[i], choice, opening, item, closing
      )
      texts.append(text)
      answers.append(answer)
  else:
    for i, choice, opening, item, closing, order in draws:
      text, forms = option_texts.show_labels(
        column[i], opening, item, closing, order if kind == 'labels' else -1
      )
      texts.append(text)
      answers.append(forms[choice])
  return texts, answers
