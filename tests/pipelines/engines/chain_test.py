"""A chain is cut where it groups; every engine does the same with it."""

from pathlib import Path

import pytest
from support.graphs import pipeline_of
from support.local_calls import Calling, numbers, save, spread

from ul2_flan.pipelines.engines import local
from ul2_flan.pipelines.engines.chain import Chain
from ul2_flan.pipelines.engines.on_beam import OnBeam


def chain(folder: Path) -> Chain:
  return Chain(
    (
      ('List', Calling(numbers, 7)),
      ('Group', None),
      ('Spread', Calling(spread, 5000)),
      ('Same', Calling(list_of)),
      ('Again', None),
      ('Save', Calling(save, str(folder))),
    )
  )


def list_of(element):
  return [element]


def test_a_chain_is_cut_where_it_groups(tmp_path: Path):
  stages = chain(tmp_path).stages()
  labels = [[label for label, _ in stage] for stage in stages]
  assert labels == [['List'], ['Spread', 'Same'], ['Save']]


@pytest.mark.parametrize('label', ['List', 'Group', 'Save'])
def test_beams_page_has_the_labels(tmp_path: Path, label: str):
  graph = pipeline_of(OnBeam(chain(tmp_path))).to_runner_api()
  names = [t.unique_name for t in graph.components.transforms.values()]
  assert any(name.endswith(f'/{label}') for name in names)


def test_our_runner_and_beams_group_alike(tmp_path: Path):
  found = []
  for name in ('ours', 'beams'):
    folder = tmp_path / name
    folder.mkdir()
    if name == 'ours':
      local.LocalRunner(1).run(chain(folder))
    else:
      pipeline_of(OnBeam(chain(folder))).run().wait_until_finish()
    found.append({p.name: p.read_text() for p in folder.iterdir()})
  assert found[0] == found[1]
  assert len(found[0]) == 4
