"""What templates take beside a field is never more than is counted."""

from __future__ import annotations

import pytest
from support.instances import (
  SETTINGS,
  TASKS,
  count_words,
  options_in_style,
  sample_instances,
)

from ul2_flan.tasks.rendering.renderer import Renderer
from ul2_flan.tasks.rendering.styles.option_styles import styles
from ul2_flan.tasks.rendering.templates.family import families, load_family
from ul2_flan.tasks.rendering.trimming.template_overhead import TemplateOverhead

NAMES = [
  name
  for name in families()
  if load_family(name).trim
  and isinstance(load_family(name).samples[0][load_family(name).trim], str)
]


@pytest.mark.parametrize('name', NAMES)
def test_no_example_takes_more(name: str) -> None:
  family = load_family(name)
  overhead = TemplateOverhead(family, family.trim, count_words)
  instances, pool = sample_instances(name, 40)
  sample = family.samples[0]
  tokens = {
    field: count_words([value if isinstance(value, str) else ' '.join(value)])[
      0
    ]
    for field, value in sample.items()
    if field != family.trim
  }
  most = overhead.most(tokens, len(sample.get('options', ())))
  passage = count_words([str(sample[family.trim])])[0]
  for setting in SETTINGS[:2]:
    rendered = Renderer.of(TASKS[name], setting, seed=0).render(instances, pool)
    both = map(' '.join, zip(rendered.inputs, rendered.targets, strict=True))
    assert max(count_words([*both])) <= most + passage


def test_a_field_that_an_instance_lacks_rules_templates_out() -> None:
  family = load_family('reading_question')
  overhead = TemplateOverhead(family, 'passage', count_words)
  tokens = dict.fromkeys(family.fields, 10)
  del tokens['passage']
  whole = overhead.most(tokens, 0)
  assert 10 * len(tokens) <= whole <= 10 * 2 * len(tokens) + overhead.words(0)
  less = {f: n for f, n in tokens.items() if f == 'question'}
  assert overhead.most(less, 0) < whole
  assert overhead.most({}, 0) <= overhead.words(0)


@pytest.mark.parametrize('count', [2, 5, 20])
def test_no_style_takes_more_around_options(count: int) -> None:
  family = load_family('multiple_choice_question')
  overhead = TemplateOverhead(family, 'question', count_words)
  room = overhead.words(count) - overhead.words(0)
  listed = tuple('x' * 30 for _ in range(count))
  for item, style in enumerate(styles().items):
    if len(style.before) >= count:
      for opening in range(len(styles().openings)):
        for closing in range(len(styles().closings)):
          text, answers = options_in_style(listed, opening, item, closing)
          words = [w for w in f'{text} {answers[-1]}'.split() if w != 'x' * 30]
          assert len(words) <= room
