"""The marks of an earlier run are believed only in what a run can write."""

import json
from pathlib import Path

import pytest
from support.tiny_plans import PLAN, begun, everything, finished, plan_of_sizes

from ul2_flan.pipelines.launch import overwrite
from ul2_flan.pipelines.run import paths
from ul2_flan.tasks.errors import UserError


def planted(data_sets: dict[str, list[str]]) -> str:
  made = {
    name: {
      'train': {
        'stats': {},
        'shards': [
          {'path': p, 'records': 1, 'bytes': 1, 'crc32c': ''} for p in shards
        ],
      }
    }
    for name, shards in data_sets.items()
  }
  fields = {'name': 'x', 'features': {}, 'vocabulary': {}, 'mixtures': {}}
  more = {'format': 1, 'decoder_only': False, 'run': {}}
  return json.dumps({**fields, **more, 'data_sets': made})


SHARD = 'train.tfrecord-00000-of-00001'


@pytest.mark.parametrize(
  'data_sets',
  [
    {'../victim': []},
    {'..': []},
    {'a:..:..:victim': []},
    {'/tmp/victim': []},
    {'': []},
    {'_progress': []},
    {'quarantine:x': []},
    {'docs': ['../victim/' + SHARD]},
    {'docs': ['docs/../../victim/' + SHARD]},
    {'docs': ['docs/thesis.txt']},
    {'docs': [3]},
  ],
)
def test_a_planted_manifest_deletes_nothing(tmp_path: Path, data_sets):
  output = tmp_path / 'out'
  for path in ('victim/' + SHARD, 'victim/COMPLETED', 'out/docs/thesis.txt'):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).touch()
  (output / 'manifest.json').write_text(planted(data_sets))
  before = everything(tmp_path)
  with pytest.raises(UserError, match='which no run makes'):
    overwrite.delete_run(str(output), PLAN)
  assert everything(tmp_path) == before


@pytest.mark.parametrize(
  'change',
  [
    {'data_sets': ['../victim']},
    {'shards': 1 << 60},
    {'shards': ''},
    {'split': '../../victim/train'},
    {'split': []},
  ],
)
def test_a_planted_plan_deletes_nothing(tmp_path: Path, change):
  output = begun(tmp_path / 'out')
  (tmp_path / 'victim').mkdir()
  (tmp_path / 'victim/COMPLETED').touch()
  path = Path(paths.plan_path(output))
  plan = json.loads(path.read_bytes())
  plan['groups']['g'] |= change
  path.write_text(json.dumps(plan))
  before = everything(tmp_path)
  with pytest.raises(UserError, match=r'which no run makes|is no plan that'):
    overwrite.delete_run(output, PLAN)
  assert everything(tmp_path) == before


@pytest.mark.parametrize(
  'text',
  [
    'body { color: red }',
    '[1, 2]',
    '{"a": 1}',
    '{ // x\n}',
    '{"a": NaN}',
    '{"config": {',
  ],
)
def test_a_manifest_of_something_else_stays(tmp_path: Path, text: str):
  path = tmp_path / 'manifest.json'
  path.write_text(text)
  with pytest.raises(UserError, match=r'manifest\.json is not'):
    overwrite.delete_run(str(tmp_path), PLAN)
  assert path.read_text() == text


@pytest.mark.parametrize('mark', ['manifest.json', '_progress/plan.json'])
@pytest.mark.parametrize('damage', ['empty', 'few', 'cut', 'zeroed'])
def test_a_damaged_mark_is_of_a_run_all_the_same(tmp_path, mark, damage: str):
  output = (finished if mark == 'manifest.json' else begun)(tmp_path)
  path = tmp_path / mark
  data = path.read_bytes()
  path.write_bytes(
    {
      'empty': b'',
      'few': data[:5],
      'cut': data[: len(data) // 2],
      'zeroed': bytes(len(data)),
    }[damage]
  )
  overwrite.delete_run(output, PLAN)
  # Without the manifest nobody knows whether a card is the run's.
  left = {p.name for p in tmp_path.rglob('*') if p.is_file()}
  assert left == ({*paths.CARDS} if mark == 'manifest.json' else set())


def test_a_report_that_is_whole_names_files_when_the_plan_does_not(tmp_path):
  output = begun(tmp_path)
  Path(paths.plan_path(output)).write_bytes(b'')
  Path(paths.report_path(output, 0)).write_bytes(bytes(300))
  # The next run has none of these data sets.
  overwrite.delete_run(output, plan_of_sizes([1], groups={}))
  assert not [p for p in tmp_path.rglob('*') if p.is_file()]
