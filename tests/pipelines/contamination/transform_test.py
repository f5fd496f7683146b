"""A search that was stopped goes on, and its sum is that of all parts."""

import pytest
from support.corpora import tree

from ul2_flan.pipelines import contamination
from ul2_flan.pipelines.contamination import tally, transform
from ul2_flan.pipelines.engines import Engine

ONE = Engine(local_workers=1)


def test_a_stopped_search_is_gone_on_with(made, report, tmp_path, monkeypatch):
  output = str(tmp_path / 'out')
  monkeypatch.setattr(tally.Tally, 'results', stop)
  with pytest.raises(KeyboardInterrupt):
    contamination.run(made.config(), output=output, engine=ONE)
  monkeypatch.undo()
  done = []

  def note(output, plan, worker, item, **more):
    done.append(item.index)
    return process(output, plan, worker, item, **more)

  process = transform.process_item
  monkeypatch.setattr('ul2_flan.pipelines.launch.map_only.process_item', note)
  contamination.run(made.config(), output=output, engine=ONE)
  assert done == []
  assert tree(tmp_path / 'out') == tree(report)


def stop(*args: object) -> None:
  raise KeyboardInterrupt
