"""Chat files have the text of a run, with who says it."""

import json
from pathlib import Path

import pytest
from support.outputs import manifest_of, records_of
from support.task_files import write_collection

from ul2_flan.pipelines import export, flan, verify
from ul2_flan.pipelines.engines import Engine
from ul2_flan.tasks import records
from ul2_flan.tasks.errors import UserError

ONE = Engine(local_workers=1)


@pytest.fixture(scope='module')
def run(tmp_path_factory, vocabulary_path) -> Path:
  folder = tmp_path_factory.mktemp('chats')
  data = write_collection(folder / 'data')
  config = flan.Config(
    sources={'cot': [f'{data}/cot']},
    vocabulary=vocabulary_path,
    settings=('zs_opt',),
    keep_text=True,
    provenance=True,
  )
  flan.run(config, output=str(folder / 'out'), engine=ONE)
  return folder / 'out'


def test_each_example_is_a_conversation(run, tmp_path):
  config = export.Config(manifest=str(run), format='chat')
  export.run(config, output=str(tmp_path), engine=ONE)
  assert verify.verify(str(tmp_path), quick=False).problems == []
  made = manifest_of(tmp_path)
  count = 0
  for name, splits in made.data_sets.items():
    for split, info in splits.items():
      lines = [
        json.loads(line)
        for shard in info.shards
        for line in (tmp_path / shard.path).read_text().splitlines()
      ]
      examples = [
        records.decode_example(r) for r in records_of(run, name, split)
      ]
      assert len(lines) == len(examples) == info.examples
      count += len(lines)
      for line, example in zip(lines, examples, strict=True):
        assert line.keys() == made.features.keys()
        user, assistant = line['messages']
        assert (user['role'], assistant['role']) == ('user', 'assistant')
        sides = user['content'], assistant['content']
        for feature, text in zip(('inputs', 'targets'), sides, strict=True):
          assert text.encode() == example[f'{feature}_pretokenized'][0]
        key = line['provenance/key'].encode()
        assert key == example['provenance/key'][0]
  assert count


def test_a_run_without_text_says_what_keeps_it(runs, tmp_path):
  config = export.Config(manifest=str(runs['enc_dec']), format='chat')
  with pytest.raises(UserError, match='flan --keep_text'):
    export.plan(config, output=str(tmp_path))
