"""The summary names the tasks that are touched, and what touches them."""

from ul2_flan.pipelines.contamination.summary import ContaminationSummary
from ul2_flan.pipelines.run import Counts


def test_it_tells_of_suites_tasks_and_touchers(made, tmp_path):
  summary = ContaminationSummary(made.plan(), str(tmp_path))
  summary.add({}, Counts({'texts': {'read': 1200}, 'keys': {'missing': 3}}))
  summary.add({}, Counts({'bbh:snarks': {'items': 9, 'not_judged': 1}}))
  of_task = {'items': 8, 'touched': 4}
  by = {'niv2:a/items': 3, 'niv2:a/texts': 7, 'cot:b/items': 1}
  summary.add({}, Counts({'mgsm:de': of_task, 'by': by}))
  told = summary.text({})
  assert told.startswith('1,200 texts were looked through')
  assert 'any 13 words in a row' in told
  rows = [line.split() for line in told.splitlines()]
  assert ['bbh', '9', '0', '1'] in rows
  assert ['mgsm:de', '8', '4'] in rows
  assert rows.index(['niv2:a', '3', '7']) < rows.index(['cot:b', '1', '0'])
  assert '3 texts have no key' in told
  assert '--provenance' in told
