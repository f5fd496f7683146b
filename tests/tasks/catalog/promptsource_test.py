"""Files of promptsource's templates give tasks of a user's own."""

import pytest

from ul2_flan.tasks.catalog.promptsource import parse
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.own_tasks import OwnTasks

CATALOG = """
suite = "mine"
[[tasks]]
name = "pets"
prompts = "more/pets.yaml"
[tasks.sources.files]
locator = "pets*.csv"
"""
TEMPLATES = """
dataset: pets
templates:
  1: !Template
    answer_choices: no ||| yes
    jinja: 'Is {{name}} tame? ||| {{answer_choices[label]}}'
    metadata: !TemplateMetadata
      original_task: true
    name: is it tame?
  2: !Template
    answer_choices: null
    jinja: 'Who? ||| {{name}}'
    name: who…
"""


def test_each_template_is_a_task(tmp_path):
  (tmp_path / 'more').mkdir()
  (tmp_path / 'more/pets.yaml').write_text(TEMPLATES)
  (tmp_path / 'a.toml').write_text(CATALOG)
  own = OwnTasks.read([str(tmp_path / 'a.toml')])
  tame, who = own.tasks.values()
  assert (tame.name, tame.family) == (
    'mine:pets_is_it_tame', 'p3_multiple_choice'
  )  # fmt: skip
  assert tame.sources[0].prompt['answer_choices'] == 'no ||| yes'
  assert (who.name, who.family) == ('mine:pets_who', 'p3_question_answer')
  # A worker has the texts alone.
  assert OwnTasks.of(dict(own.files)).tasks == own.tasks


@pytest.mark.parametrize(
  ('old', 'new', 'message'),
  [
    ('"more/pets.yaml"', '"pets.toml"', "'prompts' is a file of promptsource"),
    ('"more/pets.yaml"', '7', "'prompts' is a file of promptsource"),
    ('"more/pets.yaml"', '"none.yaml"', 'none.yaml'),
    (
      '[tasks.sources.files]',
      '[tasks.sources.export]',
      "only the rows of 'fil",
    ),
    ('[tasks.sources.files]\nlocator', 'sources', 'its sources are tables'),
    (
      '[tasks.sources.files]\nlocator',
      'sources.files',
      'its sources are tables',
    ),
    ('name =', 'format = "chat"\nname =', "give 'format' or 'prompts'"),
  ],
)
def test_mistakes_are_told(tmp_path, old, new, message):
  (tmp_path / 'more').mkdir()
  (tmp_path / 'more/pets.yaml').write_text(TEMPLATES)
  (tmp_path / 'a.toml').write_text(CATALOG.replace(old, new))
  with pytest.raises(UserError, match=message):
    OwnTasks.read([str(tmp_path / 'a.toml')])


@pytest.mark.parametrize('text', ['templates: [', 'a: 1', 'templates: {a: 1}'])
def test_what_is_not_promptsources_is_an_error(text):
  with pytest.raises(UserError, match="no file of promptsource's templates"):
    [*parse(text, 'x.yaml')]
