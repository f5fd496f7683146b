"""The hub's card of a run says what it is made of and how it is read."""

import dataclasses

from support.tiny_plans import PLAN
import yaml

from ul2_flan.pipelines.launch.cards import hub
from ul2_flan.pipelines.launch.cards.configs import Configs
from ul2_flan.pipelines.launch.cards.origin import Origin
from ul2_flan.tasks.manifest import Shard, Split, shard_path

ORIGIN = Origin.of([('', 'mine'), ('MIT', 'a')], ['fi'])


def configs_of(count: int, file_format: str = 'tfrecord') -> Configs:
  configs = Configs()
  for number in range(count):
    name = f'g:{number}' if count > 1 else 'g'
    path = shard_path(name, 'train', 0, 1, file_format)
    split = Split((Shard(path, 700, 9, ''),), {'examples': 700})
    configs.add({name: {'train': split}})
  return configs


def parsed(card: str) -> tuple[dict, str]:
  nothing, header, text = card.split('---\n', 2)
  assert nothing == ''
  return yaml.safe_load(header), text


def test_the_hub_reads_its_header():
  header, text = parsed(hub.card(PLAN, configs_of(2), ORIGIN))
  assert header['license'] == ['unknown', 'mit']
  assert header['language'] == ['fi']
  assert header['size_categories'] == ['1K<n<10K']
  together, first, second = header['configs']
  assert together['default']
  assert first['config_name'] == 'g-0'
  assert second['data_files'] == [
    {'split': 'train', 'path': 'g/1/train.tfrecord-*'}
  ]
  assert '| g:1 | train | 700 |' in text
  assert 'The licences of 1 of the sources are not known' in text
  assert PLAN.fingerprint not in text  # it depends on where the sources lie


def test_a_card_of_tfrecords_names_export_and_one_of_an_export_does_not():
  _, text = parsed(hub.card(PLAN, configs_of(1), ORIGIN))
  assert '`ul2-flan export` writes Parquet' in text
  manifest = {**PLAN.manifest, 'run': {'format': 'parquet'}}
  plan = dataclasses.replace(PLAN, kind='export', manifest=manifest)
  _, text = parsed(hub.card(plan, configs_of(1, 'parquet'), ORIGIN))
  assert "datasets.load_dataset(DIR, 'g')" in text
  assert 'TFRecord' not in text


def test_names_of_thousands_are_counted():
  origin = Origin.of([('MIT', f'task{i}') for i in range(2000)])
  card = hub.card(PLAN, configs_of(500), origin)
  assert 'and 440 more' in card
  assert ' and 1,988 more' in card
  assert 'Each source has its own licence' in card
  assert hub.card(PLAN, configs_of(0), origin)
