"""Manifests are registered by an import, as stock programs do it."""

from pathlib import Path
import sys

import pytest
import seqio
from support import manifests

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.manifest import Feature, Manifest, Shard, Split


def write(folder: Path, name: str, vocabulary: str) -> str:
  split = Split((Shard(f'{name}/a/a', 1, 1, ''),), {'examples': 1})
  manifest = Manifest(
    name=name,
    features={'targets': Feature('int32', 8, add_eos=True)},
    vocabulary={'path': vocabulary, 'sha256': 'ff', 'extra_ids': 100},
    decoder_only=False,
    data_sets={f'{name}:a': {'test': split}},
    mixtures={name: {f'{name}:a': 1.0}},
    run={},
  )
  (folder / name).mkdir()
  path = folder / name / 'manifest.json'
  path.write_bytes(manifests.to_json(manifest))
  return str(path)


@pytest.fixture(autouse=True)
def _not_yet_imported(monkeypatch):
  monkeypatch.delitem(sys.modules, 'ul2_flan.tasks.registered', raising=False)
  for registry in (seqio.TaskRegistry, seqio.MixtureRegistry):
    monkeypatch.setattr(registry, '_REGISTRY', {})


def test_all_that_are_named_are_registered(monkeypatch, tmp_path):
  given = [write(tmp_path, name, 'elsewhere.model') for name in ('b', 'c')]
  monkeypatch.setenv('UL2_FLAN_MANIFESTS', f'{given[0]}, {tmp_path}/c')
  monkeypatch.setenv('UL2_FLAN_VOCABULARY', 'here.model')
  from ul2_flan.tasks import registered

  assert registered.NAMES == ['b', 'b:a', 'c', 'c:a']
  for name in ('b', 'c'):
    task = seqio.get_mixture_or_task(name)
    assert list(task.splits) == ['test']
    vocabulary = task.output_features['targets'].vocabulary
    assert vocabulary.sentencepiece_model_file == 'here.model'


@pytest.mark.parametrize('given', [None, '', ' ,'])
def test_no_manifest_is_an_error(monkeypatch, given):
  monkeypatch.delenv('UL2_FLAN_MANIFESTS', raising=False)
  if given is not None:
    monkeypatch.setenv('UL2_FLAN_MANIFESTS', given)
  with pytest.raises(UserError, match='UL2_FLAN_MANIFESTS names no manifest'):
    import ul2_flan.tasks.registered  # noqa: F401
