"""Lines of predictions: plain ones, seqio's JSON logger's, `t5x.infer`'s."""

from collections.abc import Iterator, Mapping
import dataclasses
import gzip
import json
from pathlib import Path
import re
from typing import Any
import zlib

from ul2_flan.tasks import buckets
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation import suites
from ul2_flan.tasks.evaluation.report.free_form import Answer
from ul2_flan.tasks.evaluation.report.ranking import Scored, choices_of
from ul2_flan.tasks.evaluation.suites import SuiteTask

_GZIP = b'\x1f\x8b'
# Of a data set, in a name such as 'eval:bbh:snarks:cot-000100.jsonl'.
_NAMED = re.compile(
  rf'\b({"|".join(suites.names())}):(\w+):({"|".join(suites.variants())})\b'
)


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
  """A line of a file of predictions.

  Attributes:
    where: file and line, for messages.
    task: of a suite.
    variant: 'direct' or 'cot'.
    id: of the prompt; empty if the line has none.
    sample: the number of this sample among those of the prompt.
    targets: the references.
    texts: what the model said, in the order in which ties are broken.
    likelihoods: the logarithm of each text's; empty if the line has none.
    is_cut: whether the model was stopped because its answer was too long.
    choices: those that the model has ranked, instead of texts.
  """

  where: str
  task: SuiteTask
  variant: str
  id: str
  sample: int
  targets: tuple[str, ...]
  texts: tuple[str, ...]
  likelihoods: tuple[float, ...] = ()
  is_cut: bool = False
  choices: tuple[Scored, ...] = ()


def files(path: str) -> list[str]:
  """Lists the files of predictions of a folder; a file is its own list.

  Raises:
    UserError: the folder has none.
  """
  if buckets.is_bucket(path) or not Path(path).is_dir():
    return [path]
  found = [
    str(file)
    for file in sorted(Path(path).rglob('*.jsonl*'))
    # seqio's logger writes scores beside the predictions.
    if not file.name.endswith('-metrics.jsonl')
  ]
  if not found:
    raise UserError(f'{path} has no file *.jsonl: give files of predictions')
  return found


def read_lines(path: str, suite: str, variant: str) -> Iterator[Line | Answer]:
  """Yields the lines of a file, compressed by gzip or not.

  A line that names neither task nor reference is an answer to a free prompt.

  Args:
    path: of the file.
    suite: of lines that do not name one.
    variant: likewise.

  Raises:
    UserError: the file or one of its lines cannot be read.
  """
  try:
    if buckets.is_bucket(path):
      data = buckets.bucket_of(path).read_bytes(path)
    else:
      data = Path(path).read_bytes()
    if data.startswith(_GZIP):
      data = gzip.decompress(data)
    texts = data.decode().split('\n')
  except (OSError, EOFError, UnicodeDecodeError, zlib.error) as e:
    raise UserError(f'cannot read predictions from {path}: {e}') from e
  for number, text in enumerate(texts, 1):
    if not text.strip():
      continue
    where = f'{path}:{number}'
    try:
      value = json.loads(text)
    except (ValueError, RecursionError) as e:
      raise UserError(f'{where} is not JSON: {e}') from e
    if not isinstance(value, dict):
      raise UserError(
        f'{where} is no object: a line has "task", "target" and "prediction"'
      )
    yield _parse(value, where, Path(path).name, suite, variant)


def _parse(
  line: Mapping[str, Any], where: str, file: str, suite: str, variant: str
) -> Line | Answer:
  """Reads the object of a line; `file` is the name of its file."""
  example = line.get('input', line.get('inputs'))
  # seqio and T5X put the fields of the example one level deeper.
  fields = {**(example if isinstance(example, dict) else {}), **line}
  name = str(fields.get('task', ''))
  if named := _NAMED.search(name) or _NAMED.search(file):
    name, variant = f'{named[1]}:{named[2]}', named[3]
  if ':' in name:
    suite = name.partition(':')[0]
  suite = str(fields.get('suite', suite))
  variant = str(fields.get('variant', variant))
  is_cut = bool(fields.get('truncated'))
  prompt = fields.get('prompt', fields.get('inputs_pretokenized', example))
  references = ('suite', 'target', 'targets', 'targets_pretokenized')
  is_free = not name and not any(fields.get(key) for key in references)
  if is_free and isinstance(prompt, str):
    return Answer(prompt, _texts(line, where)[0], is_cut)
  task = _task(name, suite, variant, where)
  id = str(fields.get('id', ''))
  if task.ranked:
    choices = choices_of(line, fields, where)
    return Line(where, task, variant, id, 0, (), (), choices=choices)
  texts = _texts(line, where)
  return Line(
    where,
    task,
    variant,
    id,
    _sample(fields, where),
    _targets(line, fields, where),
    texts,
    _likelihoods(line, where, len(texts)),
    is_cut,
  )


def _task(name: str, suite: str, variant: str, where: str) -> SuiteTask:
  """Finds the task that a line names; it must have the variant."""
  if not (name and suite):
    raise UserError(
      f'{where} does not say which {"suite" if name else "task"} it is of: '
      'give "task": "<suite>:<task>" in the line, or --suite'
    )
  if not variant:
    raise UserError(
      f'{where} does not say which variant it is of: give "variant" in the '
      'line, or --variant, as direct or cot'
    )
  try:
    suites.load(suite).variant(variant)
    return suites.load(suite).task(name)
  except UserError as e:
    raise UserError(f'{where}: {e}') from e


def _sample(fields: Mapping[str, Any], where: str) -> int:
  number = fields.get('sample', 0)
  if type(number) is not int:
    raise UserError(f'{where} has the "sample" {number!r}: give a whole number')
  return number


def _targets(
  line: Mapping[str, Any], fields: Mapping[str, Any], where: str
) -> tuple[str, ...]:
  """Returns the references: all of them, where there are several."""
  answers = fields.get('answers')
  try:
    # A record holds the list as one string.
    answers = json.loads(answers) if isinstance(answers, str) else answers
  except ValueError as e:
    raise UserError(f'{where}: "answers" is no list in JSON: {e}') from e
  for value in (
    answers,
    # Not those of the example, which are ids.
    line.get('targets'),
    line.get('target'),
    fields.get('targets_pretokenized'),
  ):
    if found := _strings(value):
      return found
  raise UserError(
    f'{where} has no reference: "target" is a string, "targets" a list of them'
  )


def _texts(line: Mapping[str, Any], where: str) -> tuple[str, ...]:
  """Returns what the model said, once or more; nothing is an empty text."""
  # seqio logs what its postprocessor made as "prediction".
  key = 'output' if 'output' in line else 'prediction'
  found = _strings(_said(line[key])) if key in line else None
  if found is None:
    raise UserError(
      f'{where} has no "prediction" that is a string, or a list of strings'
    )
  # T5X sorts decodes by increasing likelihood.
  return found[::-1]


def _said(value: Any) -> Any:
  """Writes as an empty text what a model that gave up has said."""
  if isinstance(value, list):
    return ['' if one is None else one for one in value] or ''
  return '' if value is None else value


def _likelihoods(
  line: Mapping[str, Any], where: str, texts: int
) -> tuple[float, ...]:
  """Returns the logarithm of each text's likelihood, if a line has them."""
  value = line.get('log_likelihood')
  if value is None:
    return ()
  values = value if isinstance(value, list) else [value]
  if len(values) != texts or not all(type(v) in (int, float) for v in values):
    raise UserError(
      f'{where} has a "log_likelihood" that is not a number for each of its '
      f'predictions, {texts}'
    )
  return tuple(map(float, values))[::-1]


def _strings(value: Any) -> tuple[str, ...] | None:
  """Returns texts and numbers, one or a list, as a tuple; None for all else."""
  values = value if isinstance(value, list) else [value]
  if values and all(type(one) in (str, int, float) for one in values):
    return tuple(map(str, values))
  return None
