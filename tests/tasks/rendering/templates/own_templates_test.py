"""A user's own templates take the place of ours, task by task."""

from pathlib import Path
import pickle

import pytest
from support.buckets.fake_bucket import FakeClient

from ul2_flan.tasks import buckets, catalog
from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.rendering import OwnTemplates, Renderer, load_family
from ul2_flan.tasks.rendering.sheet import samples

_HEAD = """
description = "Mine."
input = ["premise", "hypothesis"]

[fields]
premise = "one"
hypothesis = "other"
options = "choices"
answer = "right one"

[[samples]]
premise = "It rains."
hypothesis = "It is wet."
options = ["yes", "no"]
answer = "yes"

[[samples]]
premise = "It snows."
hypothesis = "It is hot."
options = ["yes", "no"]
answer = "no"
"""
_NLI = """
[[templates]]
inputs = "{premise} Then: {hypothesis}?{options}"
targets = "{answer}"
"""


def _file(words: str = _NLI) -> str:
  return _HEAD + words


def test_a_task_s_file_comes_before_its_family_s() -> None:
  other = _NLI.replace('Then', 'So')
  own = OwnTemplates.of({'nli.toml': _file(), 'flan2021/cb.toml': _file(other)})
  cb = own.family(catalog.load('flan2021:cb'))
  snli = own.family(catalog.load('flan2021:snli'))
  bool_q = own.family(catalog.load('flan2021:bool_q'))
  assert cb.templates[0].inputs.startswith('{premise} So')
  assert snli.templates[0].inputs.startswith('{premise} Then')
  assert cb.name == snli.name == 'nli'
  assert bool_q is load_family('yes_no_question')


def test_without_any_ours_are_used() -> None:
  for own in (OwnTemplates(), OwnTemplates.read('')):
    assert own.family(catalog.load('flan2021:cb')) is load_family('nli')


def test_a_copy_on_a_worker_has_the_same_families() -> None:
  own = OwnTemplates.of({'nli.toml': _file()})
  copy = pickle.loads(pickle.dumps(own))
  task = catalog.load('flan2021:cb')
  assert copy == own
  assert copy.family(task) is own.family(task)


def test_a_folder_is_read(tmp_path: Path) -> None:
  (tmp_path / 'flan2021').mkdir()
  (tmp_path / 'flan2021' / 'cb.toml').write_text(_file())
  own = OwnTemplates.read(str(tmp_path))
  assert own == OwnTemplates.of({'flan2021/cb.toml': _file()})
  with pytest.raises(UserError, match='no file below it is TOML'):
    OwnTemplates.read(str(tmp_path / 'nothing'))


@pytest.mark.parametrize(
  ('path', 'text', 'words'),
  [
    ('nlu.toml', _file(), "Did you mean 'nli'"),
    ('flan2021/rtf.toml', _file(), "Did you mean 'flan2021:rte'"),
    ('nli.toml', _file('x ='), 'nli.toml is not TOML'),
    (
      'nli.toml',
      _file().replace('premise', 'premises'),
      "nli.toml: unknown field 'premises'. Did you mean 'premise'",
    ),
    (
      'nli.toml',
      _file(_NLI + 'settings = ["option"]'),
      "unknown kind of setting 'option'. Did you mean 'opt'",
    ),
  ],
)
def test_bad_files_are_named(path: str, text: str, words: str) -> None:
  with pytest.raises(UserError) as e:
    OwnTemplates.of({path: text})
  assert words in str(e.value)


@pytest.mark.parametrize(
  ('setting', 'labels'),
  [
    ('zs_opt', ['template 0', 'template 2', 'template 3']),
    ('zs_noopt', ['template 1', 'template 3', 'template 4']),
    ('fs_opt', ['few_shot 0']),
    ('fs_noopt', ['few_shot 1']),
  ],
)
def test_templates_may_say_for_which_settings_they_are(
  setting: str, labels: list[str]
) -> None:
  templates = [
    ('{premise} 0 {hypothesis}{options}', '["opt"]'),
    ('{premise} 1 {hypothesis}', '["noopt"]'),
    ('{premise} 2 {hypothesis}', '["opt"]'),
    ('{premise} 3 {hypothesis}', '["opt", "noopt"]'),
    ('{premise} 4 {hypothesis}', '[]'),
  ]
  text = 'repeat = false\n' + _file('')
  for kind, some in (('templates', templates), ('few_shot', templates[:2])):
    for inputs, settings in some:
      text += f'[[{kind}]]\ninputs = "{inputs}"\ntargets = "{{answer}}"\n'
      text += f'settings = {settings}\n'
  own = OwnTemplates.of({'nli.toml': text})
  renderer = Renderer.of(catalog.load('flan2021:cb'), setting, own, seed=0)
  instances, pool = samples(renderer.task, renderer.family)
  forms = renderer.forms(instances, pool).forms
  assert [form.label for form in forms] == labels


def test_a_separator_makes_a_layout_of_its_own() -> None:
  text = 'repeat = false\n' + _file(
    _NLI
    + """
[[few_shot]]
inputs = "{premise} {hypothesis}"
targets = "{answer}"
between = " => "
separator = " // "
"""
  )
  own = OwnTemplates.of({'nli.toml': text})
  task = catalog.load('flan2021:cb')
  for seed in range(20):
    renderer = Renderer.of(task, 'fs_noopt', own, seed=seed)
    instances, pool = samples(renderer.task, renderer.family)
    rendered = renderer.render(instances, pool)
    assert rendered.inputs == [
      'It snows. It is hot. => no // It rains. It is wet. =>'
    ]
    assert rendered.targets == ['yes']


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
  path = tmp_path / 'nli.toml'
  path.write_bytes('description = "caf\u00e9"'.encode('latin-1'))
  with pytest.raises(UserError, match=r"^--templates '.*nli\.toml': .*UTF-8"):
    OwnTemplates.read(str(tmp_path))


def test_a_folder_elsewhere_is_refused() -> None:
  with pytest.raises(UserError, match="--templates 'hdfs://n/t' is neither"):
    OwnTemplates.read('hdfs://n/t')


def test_a_folder_of_a_bucket_is_no_pattern(
  monkeypatch: pytest.MonkeyPatch,
) -> None:
  monkeypatch.setattr(buckets, '_known', {})
  monkeypatch.setattr(buckets, '_maker', lambda scheme: FakeClient)
  bucket = buckets.bucket_of('gs://b/x')
  bucket.write_bytes('gs://b/a[1]/nli.toml', _file().encode())
  bucket.write_bytes('gs://b/a1/nli.toml', b'another file')
  read = OwnTemplates.read('gs://b/a[1]')
  assert read == OwnTemplates.of({'nli.toml': _file()})
