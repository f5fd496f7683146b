"""Prompts show every template that a run used, their parts told apart."""

from ul2_flan.pipelines.examples import prompts
from ul2_flan.tasks import catalog
from ul2_flan.tasks.rendering import Renderer
from ul2_flan.tasks.rendering.sheet import samples


def test_every_template_in_use_is_there_with_its_uses(shown_runs):
  manifest = shown_runs['flan'].manifest
  families = {f.name: f for f in prompts.families(manifest)}
  assert families.keys() > {'niv2', 'reasoning'}
  assert families['niv2'].tasks == 4
  counts = manifest.run['counts']
  uses = {
    name.removeprefix('wordings/'): n
    for name, n in counts['flan:cot:gsm8k:zs_opt'].items()
    if name.startswith('wordings/')
  }
  shown = {
    p.template: p.uses
    for p in families['reasoning'].prompts
    if p.setting == 'zs_opt'
  }
  assert shown == uses
  few_shot = [p for p in families['reasoning'].prompts if p.setting != 'zs_opt']
  # One stands for all zero-shot templates before exemplars.
  kinds = [p.template.partition(' ')[0] for p in few_shot]
  assert kinds.count('template') == 1
  assert kinds.count('few_shot') >= 1


def test_parts_are_the_whole_prompt():
  task = catalog.load('cot:gsm8k')
  renderer = Renderer.of(task, 'fs_opt', seed=0)
  instances, pool = samples(task, renderer.family)
  for number in range(len(renderer.forms(instances, pool).forms)):
    made = renderer.render(instances, pool, parts=True, form=number)
    (parts,) = made.draws['parts']
    kinds = [kind for kind, _ in parts]
    assert kinds[-1] == 'question'
    assert 'exemplar' in kinds
    rest = made.inputs[0]
    for _, text in parts:
      # Separators stand between parts; the end is stripped.
      before, found, rest = rest.partition(text.rstrip())
      assert found
      assert len(before) < 20
    assert not rest.strip()


def test_runs_of_text_have_none(shown_runs):
  assert [*prompts.families(shown_runs['ul2'].manifest)] == []
  assert [*prompts.families(shown_runs['packed'].manifest)] == []
