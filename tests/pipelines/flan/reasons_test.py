"""Every reason to refuse a row is known to be a fault or a rule."""

import ast
from collections.abc import Iterator
from pathlib import Path
import re

from ul2_flan.pipelines.flan import reasons
from ul2_flan.pipelines.sources.block import DAMAGED_FILE

ROOT = Path(__file__).parents[3]

# Where rows of tasks are refused.
MODULES = [
  *(ROOT / 'pipelines/sources').glob('*.py'),
  *(ROOT / 'pipelines/task_sources').rglob('*.py'),
  *(ROOT / f'pipelines/flan/{name}.py' for name in ('render', 'worker')),
  *(ROOT / 'tasks/rendering/instances').glob('*.py'),
]

# All reasons that have a budget. A new one is to be added here, or to the rules
# of `flan.reasons`.
FAULTS = {
  'answer_not_an_option', 'answers_missing', 'bad_options', 'broken_template',
  'damaged_file', 'failed', 'invalid_utf8', 'malformed',
  'missing_field', 'no_messages', 'no_prompt', 'no_pronoun',
  'not_a_task', 'not_an_example',
  'not_csv', 'not_json', 'not_text', 'too_long_record',
  'unknown_label', 'unknown_role', 'unknown_task',
  'wrong_columns', 'wrong_shape', 'wrong_type',
}  # fmt: skip

# Of a call that refuses a row, which argument is the reason.
PLACES = {
  'reject': 1, 'Reject': 2, 'RejectError': 0, 'BadRecordError': 0, 'require': 1
}  # fmt: skip


def reasons_in(module: Path) -> Iterator[str]:
  """The reasons that a module gives, with `*` for what is filled in."""
  for node in ast.walk(ast.parse(module.read_text())):
    if isinstance(node, ast.Call):
      name = ast.unparse(node.func).rpartition('.')[2]
      if name in PLACES:
        yield from _texts(node.args[PLACES[name]])
      elif ast.unparse(node.func) == 'reasons.get':
        yield from _texts(node.args[1])
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
      # Reason and detail, from a function that explains.
      yield from _texts(ast.Tuple(node.value.elts[:1]))
    elif isinstance(node, ast.Assign) and 'reasons' in ast.unparse(
      node.targets[0]
    ):
      yield from _texts(node.value)


def _texts(node: ast.expr) -> Iterator[str]:
  """The texts of an expression."""
  if isinstance(node, ast.JoinedStr):
    parts = [
      v.value if isinstance(v, ast.Constant) else '*' for v in node.values
    ]
    yield ''.join(map(str, parts))
  elif isinstance(node, ast.Constant) and isinstance(node.value, str):
    yield node.value
  elif isinstance(node, ast.Name) and node.id == 'DAMAGED_FILE':
    yield DAMAGED_FILE
  elif isinstance(node, (ast.Tuple, ast.List)):
    for part in node.elts:
      yield from _texts(part)
  elif isinstance(node, ast.IfExp):
    yield from _texts(node.body)
    yield from _texts(node.orelse)


def test_every_reason_is_a_fault_or_a_rule():
  found = {reason for module in MODULES for reason in reasons_in(module)}
  assert all(re.fullmatch(r'[a-z0-9_*]+', reason) for reason in found)
  assert {r for r in found if reasons.is_fault(r)} == FAULTS
  rules = {r for r in found if not reasons.is_fault(r)}
  empty = {r for r in rules if reasons.is_empty_field(r)}
  assert empty == {'empty_*', 'empty_answer', 'empty_dialog', 'empty_output'}
  # These are counted where no row is refused.
  counted = {'over_cap', 'duplicate', 'not_wanted', 'left_out_by_key'}
  assert rules - empty == reasons.RULES - counted
