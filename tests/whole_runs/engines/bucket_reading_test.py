"""Training reads gs:// with stock seqio, on TensorFlow's own file system."""

import json
import os
from pathlib import Path
import subprocess
import sys

import pytest
from support.buckets.services import AWS, Service
from support.buckets.tls_proxy import google
from support.corpora import documents, run, write
from support.outputs import read_shard

from ul2_flan.tasks import records
from ul2_flan.tasks.buckets import bucket_of

# In a process of its own: TensorFlow looks for its proxy once.
READ = """
import json, sys
import seqio
from ul2_flan.tasks.register import register

(name,) = register(sys.argv[1])
found = []
for use_cached in (True, False):
  dataset = seqio.get_mixture_or_task(name).get_dataset(
    {'inputs': 64, 'targets': 64}, 'train', shuffle=False,
    use_cached=use_cached, num_epochs=1)
  found.append([e['inputs'].tolist() for e in dataset.as_numpy_iterator()])
print(json.dumps(found))
"""


def read(path: str, environment: dict[str, str]) -> list[list[list[int]]]:
  done = subprocess.run(
    [sys.executable, '-W', 'ignore', '-c', READ, path],
    env={**os.environ, **environment},
    capture_output=True,
    text=True,
  )
  assert done.returncode == 0, done.stderr[-3000:]
  return json.loads(done.stdout.splitlines()[-1])


def test_seqio_reads_what_is_on_a_bucket(
  gs_service: Service,
  tmp_path: Path,
  vocabulary_path: str,
  monkeypatch: pytest.MonkeyPatch,
):
  service = gs_service
  monkeypatch.setenv('STORAGE_EMULATOR_HOST', service.proxy.url)
  for name, value in AWS.items():
    monkeypatch.setenv(name, value)
  service.bucket = bucket_of(service.path(''))
  service.empty()
  inputs = {'a.jsonl': documents(40)}
  inputs['v.model'] = Path(vocabulary_path).read_bytes()
  root = service.fill('in', inputs)
  out = service.path('out')
  assert run(f'{root}/a.jsonl', out, f'{root}/v.model') == 0
  corpus = write(tmp_path / 'a.jsonl', documents(40))
  assert run(corpus, tmp_path / 'out', vocabulary_path) == 0
  service.proxy.reset()
  fault = service.proxy.fail('read', '.tfrecord', status=503, times=2)
  with google(service.proxy, tmp_path) as environment:
    there = read(out, environment)
  assert fault.hits == 2
  assert service.proxy.count('read', 'v.model')
  service.empty()
  expected = []
  for shard in sorted((tmp_path / 'out').rglob('train.tfrecord-*')):
    for record in read_shard(shard):
      ids = records.decode_example(record)['inputs'].tolist()
      expected.append([*ids, 1])
  assert len(expected) > 40
  for found in there:
    assert sorted(found) == sorted(expected)
