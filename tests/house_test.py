"""The rules of CONTRIBUTING.md on the size of things, and that all is tested.

Each rule is a function that names the file, the line and the rule; below are
bad samples that each must find.
"""

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

import pytest
from support.house.modules import PACKAGES, modules, text_of

MAX_BODY_LINES = 40
MAX_MODULE_LINES = 300
MAX_MODULES = 15

# Modules without a test of their own, and why none is needed.
UNTESTED: Mapping[str, str] = {
  'pipelines/contamination/texts/block.py': 'declares what a search reads',
  'pipelines/export/formats/writer.py': 'declares what a format implements',
  'pipelines/task_sources/row_block.py': 'declares what readers take and give',
  'tasks/evaluation/extraction/extracted.py': 'declares what extractors give',
  'tasks/evaluation/suites/suite_task.py': 'declares what a task says',
  'tasks/vocabulary/model.py': 'declares what a library of models gives',
}

# Tests that are named after no module, and what they are about instead.
OF_NO_MODULE = {
  'tests/mixtures/golden_test.py': 'names and rates of all mixtures',
  'tests/pipelines/task_sources/shared_data_test.py': 'real files of suites',
  'tests/tasks/evaluation/evaluator_test.py': "seqio's own Evaluator",
  'tests/tasks/evaluation/report/codex_test.py': 'published predictions',
  'tests/trainer_plugin/gin_test.py': 'gin files',
  'tests/trainer_plugin/t5x_runs_test.py': 'T5X itself, where it is installed',
  'tests/trainer_plugin/two_stages_test.py': 'the same, with both stages',
}

CODE = [*modules(*PACKAGES, 'scripts')]


def long_bodies(path: str, source: str) -> Iterator[str]:
  """Functions that are too long, their docstrings apart."""
  for node in ast.walk(ast.parse(source)):
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
      body = node.body[ast.get_docstring(node, clean=False) is not None :]
      lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0
      if lines > MAX_BODY_LINES:
        yield (
          f'{path}:{node.lineno}: the body of {node.name} has {lines} lines; '
          f'at most {MAX_BODY_LINES}'
        )


def long_module(path: str, source: str) -> Iterator[str]:
  lines = source.count('\n')
  if lines > MAX_MODULE_LINES:
    yield f'{path}:{lines}: a module has at most {MAX_MODULE_LINES} lines'


def wide_folders(paths: Iterable[str]) -> Iterator[str]:
  """Folders with too many modules beside `__init__` and `__main__`."""
  count = Counter(
    path.parent
    for path in map(PurePosixPath, paths)
    if not path.name.startswith('__')
  )
  for folder, modules_there in count.items():
    if modules_there > MAX_MODULES:
      yield f'{folder}: {modules_there} modules; at most {MAX_MODULES}'


def without_test(
  paths: Collection[str], listed: Mapping[str, str] = UNTESTED
) -> Iterator[str]:
  """Modules without a test of theirs, and wrong entries of the list of these.

  Args:
    paths: of all modules and all tests.
    listed: modules that need no test, and why.
  """
  for path in paths:
    module = PurePosixPath(path)
    if path.startswith('tests/') or module.name.startswith('__'):
      continue
    test = f'tests/{module.with_name(module.stem)}_test.py'
    if test in paths and path in listed:
      yield f'{path}: has a test, so it does not belong in UNTESTED'
    elif test not in paths and not listed.get(path):
      yield f'{path}: has no {test}, nor a reason in UNTESTED'
  for path in listed.keys() - paths:
    yield f'{path}: is in UNTESTED, and there is no such module'


def of_no_module(
  paths: Collection[str], listed: Mapping[str, str] = OF_NO_MODULE
) -> Iterator[str]:
  """Tests that lie beside no module that they are named after.

  A module or package `a` may have `a_test.py` and, where these would be long,
  `a_more_test.py`; a package has its tests beside it or in it.
  """
  known = {PurePosixPath(path).with_suffix('') for path in paths}
  known |= {package for path in known for package in path.parents}
  for path in paths:
    test = PurePosixPath(path)
    if path in listed or not test.stem.endswith('_test'):
      continue
    folder = PurePosixPath(*test.parts[1:-1])
    if folder.name == 'golden':
      continue
    words = test.stem.removesuffix('_test').split('_')
    names = {'_'.join(words[:end]) for end in range(1, len(words) + 1)}
    names |= {'__main__'} & {f'__{words[0]}__'}
    if not any(folder / name in known for name in names) and not (
      folder in known and folder.name in names
    ):
      yield f'{path}: is named after nothing in {folder}'
  for path in listed.keys() - paths:
    yield f'{path}: is in OF_NO_MODULE, and there is no such test'


def report(*problems: str) -> None:
  """Fails with all problems, one a line, if there are any."""
  if problems:
    pytest.fail('\n'.join(sorted(problems)), pytrace=False)


@pytest.mark.parametrize('path', CODE)
def test_functions_and_modules_are_short(path: str):
  source = text_of(path)
  report(*long_bodies(path, source), *long_module(path, source))


def test_folders_are_narrow():
  report(*wide_folders([*CODE, *modules('tests/support')]))


PATHS = {*modules(*PACKAGES, *(f'tests/{package}' for package in PACKAGES))}


def test_every_module_has_its_test():
  report(*without_test(PATHS))


def test_tests_mirror_the_tree():
  report(*of_no_module(PATHS))


def body(lines: int) -> str:
  return 'def f():\n  """Docs\n\n  """\n' + '  x = 1\n' * lines


@pytest.mark.parametrize('before', ['', '@property\n', 'async '])
def test_a_long_body_is_found(before: str):
  assert [*long_bodies('a.py', before + body(MAX_BODY_LINES))] == []
  source = before + body(MAX_BODY_LINES + 1)
  (found,) = long_bodies('a.py', source)
  line = source.partition('def f')[0].count('\n') + 1
  assert found == f'a.py:{line}: the body of f has 41 lines; at most 40'


def test_a_long_method_and_a_long_inner_function_are_found():
  inner = '\n'.join(f'    {line}' for line in body(41).splitlines())
  source = f'class C:\n  def g(self):\n{inner}\n'
  names = [message.split()[4] for message in long_bodies('a.py', source)]
  assert names == ['g', 'f']


def test_a_long_module_is_found():
  assert [*long_module('a.py', 'x = 1\n' * 300)] == []
  (found,) = long_module('a.py', 'x = 1\n' * 301)
  assert found.startswith('a.py:301: ')


def test_a_wide_folder_is_found():
  narrow = [f'a/b/m{i}.py' for i in range(MAX_MODULES)]
  narrow += ['a/b/__init__.py', 'a/b/__main__.py', 'a/b/c/m.py', 'a/m.py']
  assert [*wide_folders(narrow)] == []
  (found,) = wide_folders([*narrow, 'a/b/more.py'])
  assert found.startswith('a/b: 16 modules')


def test_a_module_without_a_test_is_found():
  whole = {'a/m.py', 'tests/a/m_test.py', 'a/__init__.py', 'a/__main__.py'}
  assert [*without_test(whole, {})] == []
  assert [*without_test({'a/m.py'}, {'a/m.py': 'it is a table'})] == []
  (found,) = without_test({'a/m.py', 'tests/a/m_x_test.py'}, {})
  assert found.startswith('a/m.py: has no tests/a/m_test.py')
  (found,) = without_test({'a/m.py'}, {'a/m.py': ''})  # without a reason
  assert found.startswith('a/m.py: has no tests/a/m_test.py')
  (found,) = without_test(whole, {'a/m.py': 'it is a table'})
  assert found.startswith('a/m.py: has a test')
  (found,) = without_test(whole, {'a/n.py': 'it is a table'})
  assert found.startswith('a/n.py: is in UNTESTED')


@pytest.mark.parametrize(
  ('test', 'is_right'),
  [
    ('tests/a/m_test.py', True),
    ('tests/a/m_at_length_test.py', True),
    ('tests/a/main_test.py', True),
    ('tests/a/b_test.py', True),
    ('tests/a/b/b_test.py', True),
    ('tests/a/golden/any_test.py', True),
    ('tests/a/b/m_test.py', False),
    ('tests/a/mm_test.py', False),
    ('tests/b/n_test.py', False),
  ],
)
def test_a_test_of_no_module_is_found(test: str, is_right: bool):
  tree = {'a/m.py', 'a/__main__.py', 'a/b/__init__.py', 'a/b/n.py', test}
  found = [*of_no_module(tree, {})]
  assert (found == []) is is_right
  assert all(message.startswith(f'{test}: ') for message in found)
  assert [*of_no_module(tree, {test: 'of all'})] == []
  (found,) = of_no_module(tree - {test}, {test: 'of all'})
  assert found.startswith(f'{test}: is in OF_NO_MODULE')
