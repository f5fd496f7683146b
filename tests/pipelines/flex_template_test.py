"""Flex Templates: metadata of the parsers, and a launcher that ends."""

import argparse
import io
import json
from pathlib import Path
import re
import runpy
import sys

import pytest
from support.corpora import documents, write

from ul2_flan.pipelines import flex_launch, flex_template
from ul2_flan.pipelines.engines import service
from ul2_flan.pipelines.flex_template import metadata
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import KINDS, kind_of
from ul2_flan.tasks.errors import UserError

# What only the launching machine knows, and what a template cannot do.
LEFT_OUT = {
  'help', 'plan_only', 'json', 'no_wait', 'passes', 'local_workers',
  'local_memory_mb',
}  # fmt: skip

# As a form would have them: of each pipeline, all that it needs and more.
GIVEN = {
  'ul2': {
    'input': 'gs://b/a/*.jsonl.gz,gs://b/c', 'output': 'gs://b/out',
    'vocabulary': 'gs://b/v.model', 'decoder_only': 'true', 'seed': '7',
    'validation_fraction': '1e-3', 'provenance': 'false', 'name': '',
  },
  'flan': {
    'source': 'niv2=gs://b/niv2,cot=gs://b/cot,cot=gs://b/more',
    'output': 'gs://b/out', 'vocabulary': 'gs://b/v.model',
    'exemplars': '2,3', 'settings': 'zs_opt,fs_opt', 'strict': 'true',
  },
  'mix': {
    'manifest': 'gs://b/flan,gs://b/ul2', 'mixture': 'flan2022_b',
    'output': 'gs://b/out', 'pack': 'enc_dec', 'num_examples': '2_000_000',
    'task_feature_lengths': 'inputs=2048,targets=512',
  },
  'evaluation': {
    'source': 'bbh=gs://b/bbh,mgsm=gs://b/mgsm', 'output': 'gs://b/out',
    'vocabulary': 'gs://b/v.model', 'variants': 'direct,cot',
    'samples': '40', 'allow_unwritable': 'true', 'mode_token': '[NLG]',
  },
  'export': {
    'manifest': 'gs://b/flan', 'format': 'parquet', 'output': 'gs://b/out',
    'columns': 'transformers',
  },
  'contamination': {
    'manifest': 'gs://b/flan,gs://b/ul2', 'evaluation': 'gs://b/eval',
    'rule': 'palm8', 'examples': 'true', 'output': 'gs://b/out',
  },
}  # fmt: skip
UNDERSTOOD = {
  'ul2': {
    'input': ['gs://b/a/*.jsonl.gz', 'gs://b/c'], 'decoder_only': True,
    'seed': 7, 'validation_fraction': 0.001, 'provenance': False, 'name': '',
  },
  'flan': {
    'source': ['niv2=gs://b/niv2', 'cot=gs://b/cot', 'cot=gs://b/more'],
    'exemplars': [2, 3], 'settings': ('zs_opt', 'fs_opt'), 'strict': True,
  },
  'mix': {
    'manifest': ['gs://b/flan', 'gs://b/ul2'], 'pack': 'enc_dec',
    'num_examples': 2_000_000,
    'task_feature_lengths': 'inputs=2048,targets=512',
  },
  'evaluation': {
    'source': ['bbh=gs://b/bbh', 'mgsm=gs://b/mgsm'], 'samples': 40,
    'variants': ('direct', 'cot'), 'allow_unwritable': True,
  },
  'export': {
    'manifest': 'gs://b/flan', 'format': 'parquet', 'columns': 'transformers',
  },
  'contamination': {
    'manifest': ['gs://b/flan', 'gs://b/ul2'], 'evaluation': 'gs://b/eval',
    'rule': 'palm8', 'examples': True,
  },
}  # fmt: skip

kinds = pytest.mark.parametrize('kind', KINDS)


def parameters(kind: str) -> dict[str, dict]:
  return {p['name']: p for p in metadata(kind)['parameters']}


def actions(kind: str) -> list[argparse.Action]:
  return command.make_parser(kind_of(kind))._actions


@kinds
def test_every_flag_is_a_parameter(kind: str):
  flags = {action.dest: action for action in actions(kind)}
  found = parameters(kind)
  assert set(found) == ({*flags} - LEFT_OUT) | {'pipeline'}
  for name, parameter in found.items():
    if name != 'pipeline':
      assert f'--{name}' in flags[name].option_strings
      assert parameter['isOptional'] is not flags[name].required


@kinds
def test_parameters_are_as_the_service_takes_them(kind: str):
  for name, parameter in parameters(kind).items():
    assert re.fullmatch(r'[a-z][a-z0-9_]*', name)
    for text in (parameter['label'], parameter['helpText']):
      assert text.strip()
      assert '%' not in text.replace('%%', '%').replace('15%', '')
    for rule in parameter['regexes']:
      assert rule.startswith('^')
      assert rule.endswith('$')
      # POSIX's extended expressions have none of these.
      assert not re.search(r'\(\?|\\[dwsb]|[*+?}][?+]', rule)
    if 'defaultValue' in parameter:
      assert matches(parameter, parameter['defaultValue'])


@kinds
def test_metadata_is_a_message_of_googles_api(kind: str):
  api = pytest.importorskip(
    'google.cloud.dataflow_v1beta3', reason='needs ul2-flan[gcp]'
  )
  # Another key, or another type of parameter, is an error.
  message = api.TemplateMetadata.from_json(json.dumps(metadata(kind)))
  assert [p.name for p in message.parameters] == [*parameters(kind)]
  assert all(p.label and p.help_text and p.regexes for p in message.parameters)


def matches(parameter: dict, value: str) -> bool:
  return all(re.search(rule, value) for rule in parameter['regexes'])


@kinds
def test_what_is_right_is_taken_and_what_is_not_is_refused(kind: str):
  found = parameters(kind)
  for name, value in {**GIVEN[kind], 'pipeline': kind}.items():
    assert not value or matches(found[name], value), name
  for name, value in (
    ('output', '/local/out'),
    ('pipeline', 'other'),
    ('overwrite', 'yes'),
    ('max_reject_fraction', 'few'),
  ):
    assert not matches(found[name], value)


@kinds
def test_the_launcher_understands_parameters(kind: str):
  given = [f'--{k}={v}' for k, v in {**GIVEN[kind], 'pipeline': kind}.items()]
  service_flags = ['--runner=DataflowRunner', '--labels={"a":"b,c"}']
  pipeline, flags = flex_launch.arguments([*given, *service_flags])
  assert pipeline == kind
  args, rest = command.make_parser(kind_of(kind)).parse_known_args(flags)
  assert {k: vars(args)[k] for k in UNDERSTOOD[kind]} == UNDERSTOOD[kind]
  assert rest == service_flags


@pytest.mark.parametrize(
  ('flags', 'message'),
  [
    ([], 'given no pipeline'),
    (['--pipeline=ul3'], "'ul3'"),
    (['--pipeline=ul2', '--decoder_only=yes'], 'must be true or false'),
    (['--pipeline=ul2', '--min_shard=3'], "did you mean '--min_shards'"),
  ],
)
def test_a_wrong_parameter_is_told(flags: list[str], message: str):
  with pytest.raises(UserError, match=message):
    flex_launch.arguments(flags)


def test_what_beam_does_not_know_yet_is_passed_over(capsys):
  _, flags = flex_launch.arguments(
    ['--pipeline=ul2', '--novel_service_option=3', '--enable_hot_key_logging']
  )
  assert flags == ['--enable_hot_key_logging']
  assert 'passed over: --novel_service_option=3' in capsys.readouterr().err


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
  """What Beam would put on a bucket; no account and no network is needed."""
  reason = 'needs ul2-flan[gcp]'
  apiclient = pytest.importorskip(
    'apache_beam.runners.dataflow.internal.apiclient', reason=reason
  )
  from apache_beam.internal.gcp.auth import _Credentials
  from apache_beam.io.gcp.gcsio import GcsIO

  files: dict[str, bytes] = {}

  def stage(self, folder: str, name: str, stream: io.IOBase, *args, **kwargs):
    files[f'{folder}/{name}'] = stream.read()

  monkeypatch.setattr(GcsIO, 'is_soft_delete_enabled', lambda *args: False)
  monkeypatch.setattr(_Credentials, '_credentials_init', True)
  monkeypatch.setattr(apiclient.DataflowApplicationClient, 'stage_file', stage)
  # Only the workers would see that the output is not on a bucket.
  prepare = service.prepare
  monkeypatch.setattr(
    service,
    'prepare',
    lambda engine, plan, _, name: prepare(engine, plan, 'gs://', name),
  )
  return files


def test_the_launcher_describes_the_job_and_ends(
  staged, tmp_path: Path, vocabulary_path: str, capsys
):
  source = write(tmp_path / 'in/a.jsonl', documents(20))
  given = {
    'pipeline': 'ul2',
    'input': source,
    'output': str(tmp_path / 'out'),
    'vocabulary': vocabulary_path,
    'inputs_length': '64',
    'targets_length': '64',
    'per_denoiser': 'true',
    'runner': 'DataflowRunner',
    'project': 'project-1',
    'region': 'us-central1',
    'temp_location': 'gs://bucket-1/tmp',
    'staging_location': 'gs://bucket-1/staging',
    'template_location': 'gs://bucket-1/launch/job_object',
    'sdk_container_image': 'images/ul2-flan:1',
  }
  assert flex_launch.launch([f'--{k}={v}' for k, v in given.items()]) == 0
  assert (
    'is described in gs://bucket-1/launch/job_obj' in capsys.readouterr().out
  )
  job = json.loads(staged['gs://bucket-1/launch/job_object'])
  assert re.fullmatch('ul2-ul2r-[0-9a-f]{8}', job['name'])
  (pool,) = job['environment']['workerPools']
  assert pool['numThreadsPerWorker'] == 1
  assert pool['workerHarnessContainerImage'] == 'images/ul2-flan:1'
  names = {path.rsplit('/', 1)[-1]: path for path in staged}
  assert len(staged[names['pipeline.pb']]) < 1_000_000
  # No main session, and no package: the image has all.
  assert {name for name in names if 'pickled' in name or 'tar' in name} == set()


def test_metadata_is_printed(monkeypatch, capsys):
  """As `python -m` does, without another interpreter."""
  # It changes the process that it runs in, so this one gets less of it.
  monkeypatch.setattr(command, 'run_main', lambda main: sys.exit(main(None)))
  monkeypatch.setattr(sys, 'argv', ['flex_template', 'mix'])
  with pytest.raises(SystemExit) as stopped:
    runpy.run_path(flex_template.__file__, run_name='__main__')
  assert stopped.value.code == 0
  assert json.loads(capsys.readouterr().out) == metadata('mix')
