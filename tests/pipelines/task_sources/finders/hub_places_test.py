"""`hf://` alone finds a suite's tasks on the hub, and runs read them there."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.buckets.hub import Hub
from support.outputs import manifest_of

from ul2_flan.pipelines import flan, ul2, verify
from ul2_flan.pipelines.task_sources.finders import hub_places
from ul2_flan.tasks import catalog
from ul2_flan.tasks.errors import UserError


def parquet(rows: list[dict]) -> bytes:
  file = io.BytesIO()
  pq.write_table(pa.Table.from_pylist(rows), file)
  return file.getvalue()


@pytest.fixture
def hub(monkeypatch, tmp_path, vocabulary_path):
  boolq = parquet(
    [
      {
        'question': f'is {i} even',
        'passage': f'It is {i}.',
        'answer': not i % 2,
      }
      for i in range(40)
    ]
  )
  cola = parquet(
    [{'sentence': f'Row {i} is good.', 'label': i % 2} for i in range(40)]
  )
  text = b''.join(
    json.dumps(
      {'text': f'Document {i} is a text of some length. ' * 9}
    ).encode()
    + b'\n'
    for i in range(40)
  )
  with open(vocabulary_path, 'rb') as file:
    model = file.read()
  repos = {
    'datasets/google/boolq': {
      'main': {'README.md': b'', 'data/train-00000-of-00001.parquet': boolq}
    },
    # A script is on main, and what the hub has converted on another branch.
    'datasets/glue': {
      'main': {'glue.py': b'', 'dataset_infos.txt': b''},
      'refs/convert/parquet': {'cola/train/0000.parquet': cola},
    },
    'datasets/allenai/c4': {'main': {'en/c4-train.00000.jsonl': text}},
    'google-t5/t5-base': {'main': {'spiece.model': model}},
  }
  monkeypatch.setenv('HF_HOME', str(tmp_path))
  with Hub(repos).served() as served:
    monkeypatch.setenv('HF_ENDPOINT', served.url)
    yield served


def test_a_suite_is_found_and_read_on_the_hub(hub, tmp_path):
  out = tmp_path / 'out'
  given = ['--source=flan2021=hf://', '--settings=zs_opt', f'--output={out}']
  given += ['--vocabulary=hf://google-t5/t5-base/spiece.model']
  given += ['--tasks=flan2021:bool_q,flan2021:cola', '--local_workers=1']
  assert flan.main(given) == 0
  manifest = manifest_of(out)
  assert set(manifest.data_sets) == {
    'flan:flan2021:bool_q:zs_opt', 'flan:flan2021:cola:zs_opt'
  }  # fmt: skip
  sources = manifest.run['sources']
  commit = hub.commit('datasets/google/boolq')
  assert f'hf://datasets/google/boolq@{commit}/' in ' '.join(sources)
  assert verify.main([str(out)]) == 0


def test_text_is_read_on_the_hub(hub, tmp_path):
  given = ['--input=hf://datasets/allenai/c4/en/c4-train.000*.jsonl']
  given += ['--vocabulary=hf://google-t5/t5-base/spiece.model']
  given += [
    '--preset=t5_1_1',
    f'--output={tmp_path / "out"}',
    '--local_workers=1',
  ]
  given += ['--inputs_length=64', '--targets_length=32']
  assert ul2.main(given) == 0
  ((path, _),) = manifest_of(tmp_path / 'out').run['sources'].items()
  commit = hub.commit('datasets/allenai/c4')
  assert path == f'hf://datasets/allenai/c4@{commit}/en/c4-train.00000.jsonl'


def test_what_is_gone_is_passed_over_and_nothing_at_all_is_an_error(hub):
  tasks = [catalog.load(f'flan2021:{name}') for name in ('bool_q', 'samsum')]
  places = hub_places.places_of(tasks)
  assert len(places) == 2
  assert {p.partition('@')[0] for p, _ in hub_places.listed(places)} == {
    'hf://datasets/google/boolq'
  }
  with pytest.raises(UserError, match='nothing on the hub at'):
    hub_places.listed(places[1:])
  with pytest.raises(UserError, match='for these tasks'):
    hub_places.listed(hub_places.places_of([catalog.load('cot:gsm8k')]))
