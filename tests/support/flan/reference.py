"""Run with google-research/FLAN's code on the path: makes its examples of rows.

Standard input has tasks with rows as TFDS gives them, standard output what FLAN
makes of them: for each row, each kind of setting with its (inputs, targets); or
null, where FLAN filters the row. The options are masked.
"""

import json
import re
import sys
from typing import Any

MASK = '<options>'


def _filled(pattern: str, example: dict[str, Any]) -> str:
  """Fills a pattern as `prep.format_from_feature_dictionary` does."""
  return re.sub(r'\{(\w*)\}', lambda m: str(example[m[1]]), pattern)


def _text(value: Any) -> Any:
  value = value.numpy() if hasattr(value, 'numpy') else value
  return value.decode() if isinstance(value, bytes) else value


def _processed(task: str, row: dict[str, Any]) -> dict[str, Any] | None:
  """Applies a task's own preprocessors, as far as the options' text."""
  from flan.v2 import preprocessors, task_configs_v1
  import tensorflow as tf

  data = tf.data.Dataset.from_tensors(row)
  config = task_configs_v1.TASK_CONFIGS[task]
  for process in config.preprocessors:
    if process is not preprocessors.format_options:
      data = process(data)
  for example in data:
    texts = {name: _text(value) for name, value in example.items()}
    return texts | {'options_': MASK, 'options_str': MASK}
  return None


def main() -> None:
  from flan.v2 import templates, utils

  kinds = {'opt': templates.PATTERNS, 'noopt': templates.PATTERNS_NO_OPTIONS}
  made: dict[str, list[Any]] = {}
  for task, rows in json.load(sys.stdin).items():
    pattern = utils.t_name_to_flan_pattern_name(task)
    made[task] = []
    for row in rows:
      example = _processed(task, row)
      made[task].append(
        example
        and {
          kind: [
            [_filled(part, example) for part in pair] for pair in table[pattern]
          ]
          for kind, table in kinds.items()
        }
      )
  json.dump(made, sys.stdout)


if __name__ == '__main__':
  main()
