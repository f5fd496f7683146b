"""promptsource's templates, from a user's checkout or installed package.

P3 has a subset for each template of a data set. Its name joins the names of
both, with other characters than letters, digits and dots made underscores; so
the template of a subset is found by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
import functools
import re
from typing import Any

import yaml

from ul2_flan.pipelines.storage import files
from ul2_flan.tasks.errors import UserError

_FILE = 'templates.yaml'

# T0 takes ANLI's rounds, which are splits, for data sets of their own.
_ROUNDS = 'anli'
_ROUND = re.compile(r'_(r[123])$')
_ROUND_SPLITS = {'train': 'train', 'validation': 'dev', 'test': 'test'}


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
  """How promptsource words one data set.

  Attributes:
    dataset: Hugging Face's name, with the configuration after it:
      `super_glue/copa`.
    name: the template's.
    jinja: the prompt, `|||`, and the target.
    answer_choices: all that may be the target, with `|||` between; or None.
    splits: our names of splits to the data set's.
  """

  dataset: str
  name: str
  jinja: str
  answer_choices: str | None
  splits: Mapping[str, str]


def find(folder: str, subset: str) -> Template | None:
  """The template that P3's subset of this name is made with; None: no such.

  Args:
    folder: promptsource's checkout, its installed package, or the folder
      `templates` of either; on any file system.
    subset: of P3, such as `super_glue_copa_choose`. A `_score_eval` at its end
      says only how its rows are scored.

  Raises:
    UserError: the folder has no templates, or a file is not promptsource's.
  """
  name = subset.removesuffix('_score_eval')
  for dataset, path in _datasets(folder).items():
    own = name
    if dataset == _ROUNDS:
      own = _ROUND.sub('', name)
    if not own.startswith(clean(dataset) + '_'):
      continue
    template = _templates(path, dataset).get(own)
    if template is not None:
      anli_round = _ROUND.search(name) if dataset == _ROUNDS else None
      if anli_round is None:
        return template
      splits = {o: f'{t}_{anli_round[1]}' for o, t in _ROUND_SPLITS.items()}
      return dataclasses.replace(template, splits=splits)
  return None


def clean(name: str) -> str:
  """A name as P3 writes it.

  >>> clean('super_glue/wsc.fixed_does the pronoun refer to…')
  'super_glue_wsc.fixed_does_the_pronoun_refer_to_'
  """
  return re.sub(r'[^\w.]+', '_', name)


@functools.cache
def _datasets(folder: str) -> Mapping[str, str]:
  """Data sets with templates, and the paths of their files."""
  listed = [path for path, _ in files.match(files.join(folder, '**'))]
  found = {}
  for path in listed:
    if path.endswith('/' + _FILE):
      below = path[len(folder) :].strip('/').removesuffix(_FILE).strip('/')
      # In a checkout and in the package, other folders come first.
      found[re.sub(r'^(?:.*/)?templates/', '', below)] = path
  if not found:
    raise UserError(
      f"'{folder}' has no templates of promptsource: there is no "
      f"<data set>/{_FILE} below it. Name a checkout's folder 'templates'"
    )
  return found


@functools.cache
def _templates(path: str, dataset: str) -> Mapping[str, Template]:
  """The templates of a file by the names of P3's subsets."""
  try:
    raw = yaml.load(files.read_bytes(path), _Loader)
    return {
      clean(f'{dataset}_{entry["name"]}'): Template(
        dataset,
        entry['name'],
        entry['jinja'],
        entry.get('answer_choices'),
        {split: split for split in _ROUND_SPLITS},
      )
      for entry in raw['templates'].values()
    }
  except (yaml.YAMLError, LookupError, TypeError, AttributeError) as e:
    raise UserError(
      f"{path} is no file of promptsource's templates: {e}"
    ) from e


# C's is fifty times as fast; PyYAML may have been built without it.
class _Loader(getattr(yaml, 'CSafeLoader', yaml.SafeLoader)):  # type: ignore[misc]
  """Makes nothing but text, numbers, lists and dicts of YAML."""


def _fields(loader: Any, node: yaml.MappingNode) -> Any:
  return loader.construct_mapping(node, deep=True)


# What promptsource would make objects of its own of.
for _tag in ('!Template', '!TemplateMetadata'):
  _Loader.add_constructor(_tag, _fields)
