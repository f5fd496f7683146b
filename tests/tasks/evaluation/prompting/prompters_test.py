"""Each suite has a prompt in each of its variants."""

import pytest
from support.evaluation.suite_files import (
  BBES,
  BBH,
  MGSM,
  MMLU,
  TYDIQA,
  material,
)

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.prompting import TEMPLATES, prompter
from ul2_flan.tasks.evaluation.suites import load

# That of templates has a test of its own, `in_templates_test.py`.
TASKS = {
  'bbes': ('bbes:physics_questions', BBES),
  'bbh': ('bbh:navigate', BBH),
  'mgsm': ('mgsm:de', MGSM),
  'mmlu': ('mmlu:anatomy', MMLU),
  'tydiqa': ('tydiqa:fi', TYDIQA),
}


@pytest.mark.parametrize('suite', TASKS)
def test_every_variant_and_template(suite):
  made = material(*TASKS[suite])
  # Where the files have one or two, more are not asked for.
  most = 1 if suite == 'bbes' else None
  for variant in load(suite).variants:
    for template in TEMPLATES.get((suite, variant), ('flan',)):
      ask = prompter(made, variant, template, most)
      for question in made.questions[load(suite).paper_split]:
        assert question.text.strip() in ask(question).text


@pytest.mark.parametrize('suite', TASKS)
def test_fewer_exemplars_are_the_first(suite):
  made = material(*TASKS[suite])
  question = made.questions[load(suite).paper_split][0]
  for variant in load(suite).variants:
    shown = [
      prompter(made, variant, exemplars=n)(question).exemplars for n in (0, 1)
    ]
    assert shown == [0, 1]


@pytest.mark.parametrize(
  ('suite', 'flags', 'message'),
  [
    ('tydiqa', ('cot',), 'Known: direct'),
    ('mmlu', ('direct', 'hendryks'), "Did you mean 'hendrycks'"),
    ('mmlu', ('cot', 'hendrycks'), 'unknown template of mmlu cot'),
  ],
)
def test_what_is_not_there(suite, flags, message):
  with pytest.raises(UserError, match=message):
    prompter(material(*TASKS[suite]), *flags)
