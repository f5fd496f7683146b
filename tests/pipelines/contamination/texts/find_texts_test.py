"""Raw text is looked through before any run has read it."""

import dataclasses
import json
from pathlib import Path

import apache_beam as beam
import pytest
from support.corpora import json_lines, prose, tree, write
from support.outputs import manifest_of

from ul2_flan.pipelines import contamination, ul2, verify
from ul2_flan.pipelines.engines import Engine
from ul2_flan.tasks import seeding
from ul2_flan.tasks.errors import UserError

ONE = Engine(local_workers=1)


def lines(report: Path, data_set: str) -> list[dict]:
  (path,) = (report / 'contamination' / data_set).glob('*.jsonl')
  return [json.loads(line) for line in path.read_text().splitlines()]


def raw(made, *inputs: str, **more) -> contamination.Config:
  return contamination.Config(inputs=inputs, evaluation=made.suites, **more)


@pytest.fixture(scope='module')
def report(made, tmp_path_factory) -> Path:
  """What a search through the text of `made` found; no test may change it."""
  output = tmp_path_factory.mktemp('raw') / 'report'
  config = raw(made, str(made.folder / 'a.jsonl'))
  contamination.run(config, output=str(output), engine=ONE)
  return output


def test_text_touches_what_a_run_of_it_touches(made, report, tmp_path):
  run = tmp_path / 'run'
  contamination.run(made.config('ul2r'), output=str(run), engine=ONE)
  items = [
    {**item, 'by': [{**by, 'task': 'text'} for by in item['by']]}
    for item in lines(run, 'items')
  ]
  # One of the three is divided among two documents that are joined.
  assert [i['id'] for i in items if i['touched']] == [
    f'test-{i}' for i in range(3)
  ]
  assert lines(report, 'items') == items
  for name, of in (('text/texts', 'ul2r/texts'), ('keys', 'keys')):
    keys = [line['key'] for line in lines(report, name)]
    assert keys == [line['key'] for line in lines(run, of)]
  assert verify.verify(str(report), quick=False).problems == []


def test_beam_makes_the_same_bytes(made, report, tmp_path):
  config = raw(made, str(made.folder / 'a.jsonl'))
  planned = contamination.plan(config, output=str(tmp_path / 'out'))
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    _ = pipeline | contamination.Materialise(planned)
  assert tree(tmp_path / 'out') == tree(report)


def test_its_keys_leave_it_out_of_a_run(made, report, tmp_path):
  config = dataclasses.replace(made.ul2, without_keys=str(report))
  ul2.run(config, output=str(tmp_path / 'clean'), engine=ONE)
  counts = manifest_of(tmp_path / 'clean').run['counts']
  assert counts['documents']['dropped/left_out_by_key'] == 4


def test_text_is_read_as_its_flags_say(made, tmp_path):
  """Text of another field, keys of ids, and a limit of characters."""
  question = (made.folder / 'mgsm/mgsm_de.tsv').read_text().split('\t')[0]
  rows = [
    {'name': 'short', 'body': question},
    {'name': 'long', 'body': f'{question} {prose(1, 500)[0]}'},
    {'name': 'none'},
  ]
  write(tmp_path / 'in/a.json.zst', json_lines(rows))
  write(tmp_path / 'in/README.md', b'no data')
  config = raw(
    made, str(tmp_path / 'in'),
    text_field='body', id_field='name', max_document_chars=1000,
  )  # fmt: skip
  planned = contamination.plan(config, output=str(tmp_path / 'in/out'))
  assert 'not data, so not read' in planned.outline
  made = contamination.run(config, output=str(tmp_path / 'in/out'), engine=ONE)
  (key,) = lines(tmp_path / 'in/out', 'keys')
  assert int(key['key'], 16) == seeding.id_key(b'short')
  assert made.run['counts']['texts']['rejected'] == 1


@pytest.mark.parametrize('below', ['in/out', 'in'])
def test_what_a_search_wrote_is_no_text_of_its_own(made, tmp_path, below: str):
  write(tmp_path / 'in/a.jsonl', (made.folder / 'a.jsonl').read_bytes())
  config, output = raw(made, str(tmp_path / 'in')), str(tmp_path / below)
  planned = contamination.plan(config, output=output)
  contamination.run(config, output=output, engine=ONE)
  assert contamination.plan(config, output=output).plan == planned.plan


@pytest.mark.parametrize(
  ('inputs', 'more', 'said'),
  [
    (['no-*.jsonl'], {}, r"--input 'no-\*\.jsonl' matches no file"),
    (['empty.jsonl'], {}, 'all files of empty.jsonl are empty'),
    (['a.bin'], {}, 'a.bin: cannot tell the format'),
    (['a.bin'], {'format': 'jsonlines'}, r"--format.*'jsonl'"),
    (['a.bin'], {'max_document_chars': -1}, '--max_document_chars'),
    (['a.bin'], {'examples': True}, '--examples reads what runs have made'),
  ],
)
def test_text_that_is_not_there(
  made, tmp_path, monkeypatch, inputs, more, said
):
  monkeypatch.chdir(tmp_path)
  write(tmp_path / 'empty.jsonl', b'')
  write(tmp_path / 'a.bin', b'\1')
  with pytest.raises(UserError, match=said):
    contamination.plan(raw(made, *inputs, **more), output='out')


def test_a_run_may_have_the_name_of_text(made, tmp_path):
  config = dataclasses.replace(made.ul2, name='text')
  ul2.run(config, output=str(tmp_path / 'run'), engine=ONE)
  config = raw(
    made, str(made.folder / 'a.jsonl'), manifests=[str(tmp_path / 'run')]
  )
  plan = contamination.plan(config, output=str(tmp_path / 'out')).plan
  assert [*plan.groups] == ['text_2', 'text', 'tally']
