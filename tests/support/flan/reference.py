"""Run with google-research/FLAN's code on the path: makes its examples of rows.

Standard input has tasks with rows, and standard output what FLAN makes of them:
for each row the (inputs, targets) of each pattern, by kind; or null, where FLAN
filters the row. Rows of Flan 2021 are as TFDS gives them, those of CoT lines of
its files, those of NIv2 rows of TFDS with their task's name. Nothing is drawn:
each row comes with its task's style of options and its own exemplars.
"""

import json
import re
import sys
from typing import Any
from unittest import mock

# How many exemplars examples of the question's own template have here.
FEW = 2


def fill(pattern: str, example: dict[str, Any]) -> str:
  """Fills a pattern as `prep.format_from_feature_dictionary` does."""
  return re.sub(r'\{(\w*)\}', lambda m: str(example[m[1]]), pattern)


def text_of(value: Any) -> Any:
  value = value.numpy() if hasattr(value, 'numpy') else value
  return value.decode() if isinstance(value, bytes) else value


def rows_as_data(rows: list[Any]) -> Any:
  """Makes a data set of rows, whose lists may be of any length."""
  import tensorflow as tf

  def spec(value: Any) -> Any:
    if isinstance(value, dict):
      return {name: spec(inner) for name, inner in value.items()}
    array = tf.constant(value)
    return tf.TensorSpec([None] * array.ndim, array.dtype)

  return tf.data.Dataset.from_generator(
    lambda: iter(rows), output_signature=spec(rows[0])
  )


def processed(
  preprocessors: list[Any], rows: list[Any], style: list[int]
) -> list[dict[str, Any] | None]:
  """Applies preprocessors, which draw the style's parts one by one."""
  import tensorflow as tf

  draws = [tf.constant(part, tf.int64) for part in style * 9]
  data = rows_as_data(rows)
  with mock.patch.object(tf.random, 'uniform', side_effect=draws):
    for process in preprocessors:
      data = process(data)
  made = [{name: text_of(v) for name, v in example.items()} for example in data]
  if len(made) == len(rows):
    return [*made]
  # Some are filtered: only one by one it shows which.
  if len(rows) == 1:
    return [None]
  return [e for row in rows for e in processed(preprocessors, [row], style)]


def with_exemplars(
  questions: list[str],
  answers: list[str],
  exemplars: list[list[tuple[str, str]]],
  *,
  separator: str,
  strip: bool,
  whole: str = '{inputs}',
) -> list[list[str]]:
  """Does what `few_shot.register_few_shot_version_of_task` does at its end."""
  from flan.v2 import preprocessors as prep
  import seqio
  import tensorflow as tf

  shown = {
    side: [[pair[i] for pair in pairs] for pairs in exemplars]
    for i, side in enumerate(('inputs', 'targets'))
  }
  data = tf.data.Dataset.from_tensor_slices(
    {'train': shown, 'eval': {'inputs': questions, 'targets': answers}}
  )
  data = seqio.experimental.fewshot_preprocessor(
    data, inputs_prefix='', targets_prefix='', example_separator=separator
  )
  data = prep.remove_trailing_spaces_escape_newlines(data, features=['inputs'])
  if strip:
    data = prep.remove_trailing_spaces(data, features=['targets'])
  data = prep.reformat_passthrough(
    data, format_strings={'inputs': whole, 'targets': '{targets}'}
  )
  return [[text_of(ex['inputs']), text_of(ex['targets'])] for ex in data]


def few_shot(
  patterns: list[Any], rows: list[Any], examples: list[Any], mixed: bool
) -> dict[int, list[list[str]]]:
  """Makes examples with exemplars, of one template or of mixed ones.

  Returns:
    for each row that has exemplars its inputs and targets, pattern by pattern.
  """
  used = [i for i, e in enumerate(examples) if e and rows[i]['exemplars']]
  asked = [p for p in patterns if p.in_template_mix or not mixed]

  def pair(pattern: Any, row: int) -> tuple[str, str]:
    target = pattern.targets
    if not mixed:
      target = pattern.combined_targets_wo_target_prefix
    question = pattern.combined_inputs_w_target_prefix
    return fill(question, examples[row]), fill(target, examples[row])

  pairs, shown = [], []
  for number, pattern in enumerate(asked):
    turns = [pattern] * FEW
    if mixed:
      turns = [asked[(number + j) % len(asked)] for j in range(5)]
    for i in used:
      pairs.append(pair(pattern, i))
      exemplars = zip(turns, rows[i]['exemplars'], strict=False)
      shown.append([pair(turn, e) for turn, e in exemplars])
  texts = with_exemplars(
    [question for question, _ in pairs],
    [answer for _, answer in pairs],
    shown,
    separator='\n' if mixed else '',
    strip=not mixed,
    whole=patterns[1].input_pattern.format(final_suffix=''),
  )
  return {i: texts[place :: len(used)] for place, i in enumerate(used)}


def of_task(name: str, rows: list[Any]) -> list[Any]:
  """Makes the examples of a task of Flan 2021 or CoT."""
  from flan.v2 import preprocessors as prep
  from flan.v2 import task_configs_v1, templates, utils

  if name in task_configs_v1.TASK_CONFIGS:
    fixed = list(task_configs_v1.TASK_CONFIGS[name].preprocessors)
  else:
    fixed = [prep.simple_cot_tsv]
  varied = [
    prep.format_options_non_deterministic if p is prep.format_options else p
    for p in fixed
  ]
  pattern = utils.t_name_to_flan_pattern_name(name)
  given, style = [row['row'] for row in rows], rows[0]['style']
  examples = processed(fixed, given, style)
  all_styled = processed(varied, given, style)
  made: list[Any] = []
  for example, styled in zip(examples, all_styled, strict=True):
    if example is None or styled is None:
      made.append(None)
      continue
    made.append(
      {
        kind: [[fill(part, source) for part in pair] for pair in table[pattern]]
        for kind, table, source in (
          ('zs_opt', templates.PATTERNS, styled),
          ('zs_noopt', templates.PATTERNS_NO_OPTIONS, example),
        )
      }
    )
  # Only settings with options have mixed templates in the mixtures.
  for kind, table, mixed in (
    ('fs_opt', templates.FEWSHOT_PATTERNS, False),
    ('fs_noopt', templates.FEWSHOT_PATTERNS_NO_OPTIONS, False),
    ('mixed', templates.FEWSHOT_PATTERNS, True),
  ):
    for i, texts in few_shot(table[pattern], rows, examples, mixed).items():
      made[i][kind] = texts
  return made


def of_niv2(name: str, rows: list[Any]) -> list[Any]:
  """Makes the examples of a task of NIv2."""
  from flan.v2 import constants_niv2, templates
  from flan.v2 import preprocessors as prep
  import tensorflow as tf

  known = constants_niv2.NATINST_META_DATA
  meta = known.get(name) or known[f'{name}.json']
  positive = {f'ex_{k}': v for k, v in meta['positive_examples'].items()}
  patterns = templates.FEWSHOT_PATTERNS['natinst_v2']
  forms = [
    (
      p.combined_inputs_w_target_prefix,
      p.combined_targets_wo_target_prefix,
      p.input_pattern,
    )
    for p in patterns
  ]
  made = []
  for row in rows:
    example = row['row'] | positive | {'Definition': row['row']['definition']}
    tensors = {k: tf.constant(v) for k, v in example.items()}
    for j, e in enumerate(row['exemplars'][:FEW]):
      tensors[f'exemplar_inputs_{j}'] = tf.constant(rows[e]['row']['input'])
      tensors[f'exemplar_targets_{j}'] = tf.constant(rows[e]['row']['output'])
    shown = [
      prep.reformat_single_example(dict(tensors), forms, i)
      for i in range(len(forms))
    ]
    made.append(
      {
        'zs_opt': [
          [fill(part, example) for part in pair]
          for pair in templates.PATTERNS['natinst_v2']
        ],
        'fs_opt': [
          *(
            [fill(part, example) for part in pair]
            for pair in templates.INLINE_FS_PATTERNS['natinst_v2']
          ),
          *([text_of(e['inputs']), text_of(e['targets'])] for e in shown),
        ],
      }
    )
  return made


def main() -> None:
  given = json.load(sys.stdin)
  json.dump(
    {
      name: of_niv2(name.partition(':')[2], rows)
      if name.startswith('niv2:')
      else of_task(name, rows)
      for name, rows in given.items()
    },
    sys.stdout,
  )


if __name__ == '__main__':
  main()
