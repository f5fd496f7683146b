"""Settings: with or without exemplars, options and reasoning."""

from __future__ import annotations

import dataclasses

from ul2_flan.tasks.errors import unknown
from ul2_flan.tasks.rendering.templates.template import TK_INSTRUCT


@dataclasses.dataclass(frozen=True, slots=True)
class Setting:
  """One way to render a task.

  Attributes:
    few_shot: exemplars stand before the question.
    options: the options to choose from are shown, where a task has any.
    reasoning: 'cot' (the targets hold the reasoning), 'direct' (the answer
      only), 'tk' (Tk-Instruct's encoding of NIv2), or '' for what is usual in
      the family.

  >>> Setting.parse('fs_noopt_cot')
  Setting(few_shot=True, options=False, reasoning='cot')
  >>> str(Setting.parse('zs_opt'))
  'zs_opt'
  """

  few_shot: bool
  options: bool
  reasoning: str = ''

  @classmethod
  def parse(cls, name: str) -> Setting:
    """Returns the setting of this name.

    Raises:
      UserError: there is none; the message names the nearest.
    """
    for setting in SETTINGS:
      if str(setting) == name:
        return setting
    raise unknown('setting', name, map(str, SETTINGS))

  @property
  def counterpart(self) -> Setting:
    """The same, but for whether options are shown.

    A task without options is the same in both.
    """
    return dataclasses.replace(self, options=not self.options)

  def __str__(self) -> str:
    exemplars = 'fs' if self.few_shot else 'zs'
    options = 'opt' if self.options else 'noopt'
    return '_'.join(filter(None, [exemplars, options, self.reasoning]))


# The four of the Flan collection come first.
SETTINGS = (
  *(
    Setting(few_shot, options, reasoning)
    for reasoning in ('', 'direct', 'cot')
    for few_shot in (False, True)
    for options in (True, False)
  ),
  Setting(few_shot=False, options=True, reasoning=TK_INSTRUCT),
)
