"""Whole runs whose paths have brackets, links, and outputs among the inputs."""

from pathlib import Path

import pytest
from support.corpora import documents, run, shards_of, tree, write
from support.outputs import manifest_of

from ul2_flan.pipelines import verify
from ul2_flan.pipelines.launch.run import Launch
from ul2_flan.pipelines.run import paths
from ul2_flan.tasks.errors import UserError


@pytest.mark.parametrize(
  ('name', 'other'), [('o[x]', 'ox'), ('run*', 'run1'), ('a?b', 'acb')]
)
def test_an_output_may_have_any_name(
  tmp_path: Path, vocabulary_path: str, name: str, other: str
):
  """A pattern that fits another output's name is a name like others."""
  text = write(tmp_path / 'a.jsonl', documents(20))
  assert run(text, tmp_path / other, vocabulary_path) == 0
  before = tree(tmp_path / other)
  output = tmp_path / name
  assert run(text, output, vocabulary_path) == 0
  shards = shards_of(output)
  assert verify.main([str(output)]) == 0
  assert run(text, output, vocabulary_path) == 0  # it is complete
  assert run(text, output, vocabulary_path, '--seed=1', '--overwrite') == 0
  assert shards_of(output).keys() == shards.keys()
  assert shards_of(output) != shards
  assert tree(tmp_path / other) == before


@pytest.mark.parametrize('output', ['out', '.', 'in'])
def test_what_a_run_wrote_is_never_its_input(
  tmp_path: Path,
  vocabulary_path: str,
  monkeypatch: pytest.MonkeyPatch,
  output: str,
):
  write(tmp_path / 'in/a.jsonl', documents(20))
  monkeypatch.chdir(tmp_path)
  assert run('in', 'alone', vocabulary_path) == 0
  monkeypatch.chdir(tmp_path if output == 'in' else tmp_path / 'in')
  given = 'in' if output == 'in' else '.'
  assert run(given, output, vocabulary_path) == 0
  made = Path(output)
  assert shards_of(made) == shards_of(tmp_path / 'alone')
  before = tree(made)
  assert run(given, output, vocabulary_path) == 0
  assert tree(made) == before
  assert run(given, output, vocabulary_path, '--overwrite') == 0
  assert shards_of(made) == shards_of(tmp_path / 'alone')
  assert list(manifest_of(made).run['sources']) == [f'{given}/a.jsonl']


def test_a_stopped_run_below_its_input_goes_on(
  tmp_path: Path, vocabulary_path: str, monkeypatch: pytest.MonkeyPatch
):
  write(tmp_path / 'in/a.jsonl', documents(20))
  output = tmp_path / 'in/out'

  def stop(*given: object, **more: object) -> None:
    raise KeyboardInterrupt

  with monkeypatch.context() as patch:
    patch.setattr(Launch, 'work', stop)
    assert run(f'{tmp_path}/in', output, vocabulary_path) != 0
  assert Path(paths.plan_path(str(output))).exists()
  assert run(f'{tmp_path}/in', output, vocabulary_path) == 0
  sources = manifest_of(output).run['sources']
  assert list(sources) == [f'{tmp_path}/in/a.jsonl']


def test_overwriting_deletes_no_folder_that_no_run_made(
  tmp_path: Path, vocabulary_path: str
):
  text = write(tmp_path / 'a.jsonl', documents(20))
  thesis = Path(write(tmp_path / 'home/docs/deep/thesis.txt', b'years'))
  flags = ['--name=docs', '--overwrite']
  with pytest.raises(UserError, match=r'thesis\.txt is no file of a run'):
    run(text, tmp_path / 'home', vocabulary_path, *flags)
  assert thesis.read_bytes() == b'years'
  assert list(tree(tmp_path / 'home')) == ['docs/deep/thesis.txt']


def test_linked_folders_are_read(tmp_path: Path, vocabulary_path: str):
  write(tmp_path / 'disk/b.jsonl', documents(20))
  (tmp_path / 'in').mkdir()
  (tmp_path / 'in/more').symlink_to('../disk')
  for given in ('in', 'in/*/*.jsonl'):
    output = tmp_path / f'out-{len(given)}'
    assert run(f'{tmp_path}/{given}', output, vocabulary_path) == 0
    sources = manifest_of(output).run['sources']
    assert list(sources) == [f'{tmp_path}/in/more/b.jsonl']
