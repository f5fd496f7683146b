"""People and programs are told the same of a plan."""

from support.tiny_plans import plan_of_sizes

from ul2_flan.pipelines.launch import outline
from ul2_flan.pipelines.launch.estimate import Cost

PLAN = plan_of_sizes([1000, 2_000_000])
COST = Cost(7200.0, 300_000_000, 1.5, 'A Fast One')


def lines(text: str) -> dict[str, str]:
  rows = [line.split('  ', 1) for line in text.splitlines() if '  ' in line]
  return {name.strip(): value.strip() for name, value in rows}


def test_a_person_is_told_how_large_a_run_is():
  rows = lines(outline.of_plan(PLAN, 'out'))
  assert rows == {
    'plan': PLAN.fingerprint,
    'source files': '2',
    'source bytes': '2.0 MB',
    'work items': '2',
    'largest work item': '2.0 MB',
    'documents, about': '3',
    'tokens, about': '5',
    'data sets': '2',
    'shards': '8',
    'disk, about': '7 B',
    'output': 'out',
  }


def test_and_what_it_costs_if_that_is_known():
  text = outline.of_plan(PLAN, 'out', COST)
  rows = lines(text)
  assert rows['vCPU hours, about'] == '2'
  assert rows['memory of a worker, about'] == '300.0 MB'
  assert '1.5 s of it ran on this machine,\nA Fast One.' in text


def test_a_program_is_told_the_same():
  facts = outline.facts_of(PLAN, 'out', None)
  assert facts['job'] == 'ul2'
  assert facts['records'] == PLAN.estimate['documents']
  assert facts['source_bytes'] == 2_001_000
  assert 'vcpu_hours' not in facts
  more = outline.facts_of(PLAN, 'out', COST)
  assert facts.items() <= more.items()
  assert more['vcpu_hours'] == 2
  assert more['measured'] == {'processor': 'A Fast One', 'cpu_seconds': 1.5}


def test_a_plan_may_know_its_sources_by_their_sizes_alone():
  # As that of a mix run, whose items have no pieces.
  estimate = {**PLAN.estimate, 'source_files': 70, 'source_bytes': 900}
  facts = outline.facts_of(plan_of_sizes([1], estimate=estimate), 'out', None)
  assert (facts['source_files'], facts['source_bytes']) == (70, 900)
