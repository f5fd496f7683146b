"""Reads promptsource's templates from a checkout or an installed package.

P3 has a subset for each template of a data set. The subset's name joins the
names of both, and all characters but letters, digits and dots become
underscores. So the name of a subset finds its template.
"""

from collections.abc import Mapping
import dataclasses
import functools
import re

from ul2_flan.pipelines.storage import files, folders
from ul2_flan.tasks.catalog import Source, promptsource
from ul2_flan.tasks.errors import UserError

_FILE = 'templates.yaml'

# ANLI has its three rounds as splits (`train_r1`), and T0 makes data sets of
# them: the round ends the subset's name.
_ROUNDS = 'anli'
_ROUND = re.compile(r'_(r[123])$')
_ROUND_SPLITS = {'train': 'train', 'validation': 'dev', 'test': 'test'}


@dataclasses.dataclass(frozen=True, slots=True)
class Template:
  """One of promptsource's templates for a data set.

  Attributes:
    dataset: Hugging Face's name, and the configuration if there is one:
      `super_glue/copa`.
    name: the template's name.
    jinja: Jinja's text of prompt and target, with `|||` between.
    answer_choices: Jinja's text of all that may be the target, with `|||`
      between; None if the template does not say.
    splits: our names of splits to the data set's.
  """

  dataset: str
  name: str
  jinja: str
  answer_choices: str | None
  splits: Mapping[str, str]


def of_source(source: Source, dataset: str) -> Template:
  """Returns the template of a source of a user's own task, for its data set."""
  prompt = source.prompt
  return Template(
    dataset,
    prompt['name'],
    prompt['jinja'],
    prompt.get('answer_choices'),
    source.splits,
  )


def find(folder: str, subset: str) -> Template | None:
  """Finds the template that a subset of P3 is made with.

  Args:
    folder: promptsource's checkout, its installed package, or the folder
      `templates` of either; on any file system.
    subset: of P3, such as `super_glue_copa_choose`. A `_score_eval` at its end
      says only how its rows are scored.

  Returns:
    the template, or None if there is none of this name.

  Raises:
    UserError: the folder has no templates, or a file is not promptsource's.
  """
  name = subset.removesuffix('_score_eval')
  for dataset, path in _datasets(folder).items():
    anli_round = _ROUND.search(name) if dataset == _ROUNDS else None
    key = _ROUND.sub('', name) if anli_round else name
    # One name may be the start of another: only the file itself tells.
    if not key.startswith(clean(dataset) + '_'):
      continue
    template = _templates(path, dataset).get(key)
    if template is None:
      continue
    if anli_round is None:
      return template
    splits = {
      ours: f'{split}_{anli_round[1]}' for ours, split in _ROUND_SPLITS.items()
    }
    return dataclasses.replace(template, splits=splits)
  return None


def clean(name: str) -> str:
  """Writes a name as P3 does.

  >>> clean('super_glue/wsc.fixed_does the pronoun refer to…')
  'super_glue_wsc.fixed_does_the_pronoun_refer_to_'
  """
  return re.sub(r'[^\w.]+', '_', name)


# A run looks for hundreds of subsets, so what is listed and parsed is kept.
@functools.cache
def _datasets(folder: str) -> Mapping[str, str]:
  """Lists the data sets that have templates, with the paths of their files."""
  paths = {}
  for path, _ in folders.below(folder):
    if path.endswith('/' + _FILE):
      below = path[len(folder.rstrip('/')) :].removesuffix(_FILE).strip('/')
      # In a checkout and in the package, `templates` has folders above it.
      paths[re.sub(r'^(?:.*/)?templates/', '', below)] = path
  if not paths:
    raise UserError(
      f"'{folder}' has no templates of promptsource: there is no "
      f"<data set>/{_FILE} below it. Name a checkout's folder 'templates'"
    )
  return paths


@functools.cache
def _templates(path: str, dataset: str) -> Mapping[str, Template]:
  """Parses the templates of a file, by the names of P3's subsets."""
  return {
    clean(f'{dataset}_{one.name}'): Template(
      dataset,
      one.name,
      one.jinja,
      one.answer_choices,
      {split: split for split in _ROUND_SPLITS},
    )
    for one in promptsource.parse(files.read_bytes(path), path)
  }
