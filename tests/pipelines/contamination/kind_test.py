"""A whole search: from its command to a report that others read."""

import json
from pathlib import Path

import apache_beam as beam
import pytest
from support.corpora import tree

from ul2_flan.pipelines import contamination, examples, mix, verify
from ul2_flan.pipelines.contamination.kind import KIND
from ul2_flan.pipelines.launch import command
from ul2_flan.pipelines.launch.kind import kind_of
from ul2_flan.tasks.errors import UserError


def lines(report: Path, data_set: str) -> list[dict]:
  folder = report / 'contamination' / data_set
  return [
    json.loads(line)
    for path in sorted(folder.glob('*.jsonl'))
    for line in path.read_text().splitlines()
  ]


def test_it_is_found_by_its_name():
  assert kind_of('contamination') is KIND
  told = command.make_parser(KIND).format_help()
  assert all(f'--{flag.name}' in told for g in KIND.flags for flag in g.flags)


def test_it_says_which_items_are_touched_and_by_what(report):
  items = {item['id']: item for item in lines(report, 'items')}
  assert len(items) == 8
  touched = {
    id: [by['task'] for by in item['by']]
    for id, item in items.items()
    if item['touched']
  }
  assert touched == {
    'test-0': ['ul2r'],
    'test-1': ['ul2r'],
    'test-2': ['ul2r'],
    'test-3': ['niv2:task190_snli_classification'],
  }
  assert items['test-0']['share'] == items['test-3']['share'] == 1
  assert all(item['judged'] for item in items.values())
  (by,) = items['test-0']['by']
  # The document of 8 grams, and not that which has it among others.
  assert by['place'].rpartition(':')[0].endswith('a.jsonl')
  assert by['grams'] == 8


def test_it_says_which_texts_touch_them(made, report):
  texts = lines(report, 'ul2r/texts')
  # One of the questions is in two documents.
  assert len(texts) == 4
  keys = {line['key'] for line in lines(report, 'keys')}
  assert keys >= {line['key'] for line in texts}
  assert all(len(key) == 16 for key in keys)


def test_it_is_whole_and_says_so(report):
  assert verify.verify(str(report), quick=False).problems == []
  told = (report / 'summary.txt').read_text()
  assert 'CC-BY-4.0: mgsm' in told
  assert 'mgsm:de' in told
  assert 'niv2:task190_snli_classification' in told


def test_beam_makes_the_same_bytes(made, report, tmp_path):
  planned = contamination.plan(made.config(), output=str(tmp_path / 'out'))
  with beam.Pipeline(runner='FnApiRunner') as pipeline:
    _ = pipeline | contamination.Materialise(planned)
  assert tree(tmp_path / 'out') == tree(report)


def test_it_is_no_run_to_mix_or_to_show(report, tmp_path):
  config = mix.Config(manifests=[str(report)], mixture='ul2')
  with pytest.raises(UserError, match='is the report of a run of contam'):
    mix.plan(config, output=str(tmp_path / 'out'))
  with pytest.raises(UserError, match='is the report of a run of contam'):
    examples.load(str(report))
