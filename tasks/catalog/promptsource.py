"""Parses files of promptsource's templates, and makes tasks of a user's.

The repository is bigscience-workshop/promptsource, and the papers are
2202.01279 and, for P3, 2110.08207.
"""

from collections.abc import Iterator, Mapping
import dataclasses
import posixpath
import re
from typing import Any

import yaml

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.strict_tables import typed

# Of files of templates.
ENDINGS = ('.yaml', '.yml')


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
  """What a template says.

  Attributes:
    name: the template's.
    jinja: Jinja's text of prompt and target, with `|||` between.
    answer_choices: Jinja's text of all that may be the target, with `|||`
      between; None if the template does not say.
  """

  name: str
  jinja: str
  answer_choices: str | None


def parse(data: bytes | str, path: str) -> Iterator[Template]:
  """Yields the templates of a file, in its order.

  Raises:
    UserError: it is not promptsource's.

  >>> text = 'templates: {a: {name: is it, jinja: "{{q}}? ||| {{a}}"}}'
  >>> [one.name for one in parse(text, 'x/templates.yaml')]
  ['is it']
  """
  try:
    raw = yaml.load(data, _Loader)
    for entry in raw['templates'].values():
      fields = {
        'name': entry['name'],
        'jinja': entry['jinja'],
        'answer_choices': entry.get('answer_choices'),
      }
      yield typed(Template, fields)
  except (
    yaml.YAMLError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
  ) as e:
    # YAML's errors have several lines.
    why = ' '.join(str(e).split())
    raise UserError(
      f"{path} is no file of promptsource's templates: {why}"
    ) from e


def file_of(path: str, entry: Mapping[str, Any]) -> str:
  """Returns the path of an entry's templates, which lie beside its file."""
  prompts = entry.get('prompts', '')
  if not prompts:
    return ''
  if not isinstance(prompts, str) or not prompts.endswith(ENDINGS):
    raise UserError(
      f"{path}: 'prompts' is a file of promptsource's templates, such as "
      f"'templates.yaml'; this is {prompts!r}"
    )
  return posixpath.join(posixpath.dirname(path), prompts)


def entry_of(
  where: str, entry: Mapping[str, Any], one: Template
) -> dict[str, Any]:
  """Makes the entry of one template, which is a task as in P3."""
  entry = {key: value for key, value in entry.items() if key != 'prompts'}
  for key in ('family', 'format'):
    if key in entry:
      raise UserError(f"{where}: give '{key}' or 'prompts', one of the two")
  family = 'p3_question_answer'
  prompt = {'name': one.name, 'jinja': one.jinja}
  if one.answer_choices:
    family = 'p3_multiple_choice'
    prompt['answer_choices'] = one.answer_choices
  name = re.sub(r'\W+', '_', one.name).strip('_')
  sources = entry.get('sources')
  if isinstance(sources, dict):
    entry['sources'] = {
      kind: {**source, 'prompt': prompt} if isinstance(source, dict) else source
      for kind, source in sources.items()
    }
  return {**entry, 'name': f'{entry.get("name")}_{name}', 'family': family}


# The loader in C is fifty times as fast, but PyYAML may be built without it.
class _Loader(getattr(yaml, 'CSafeLoader', yaml.SafeLoader)):  # type: ignore[misc]
  """Loads nothing but text, numbers, lists and dicts."""


def _fields(loader: Any, node: yaml.MappingNode) -> Any:
  """Loads an object of promptsource's as the dict of its fields."""
  return loader.construct_mapping(node, deep=True)


# Of these, promptsource makes objects of its own.
for _tag in ('!Template', '!TemplateMetadata'):
  _Loader.add_constructor(_tag, _fields)
