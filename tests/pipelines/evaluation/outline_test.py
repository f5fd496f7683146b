"""What a person and a program read of the suites of a plan."""

from ul2_flan.pipelines.evaluation import outline


def test_suites_are_told_with_their_splits(plan):
  planned = outline.planned(plan(samples=2), 'out', {}, {})
  assert planned.outline == (
    'suite        split  tasks  questions  prompts\n'
    'mmlu    validation      1          1        2\n'
    'bbh           test      1          2        4\n'
    'tydiqa  validation      1          1        1\n'
    'mgsm          test      1          2        4'
  )
  assert planned.output == 'out'
  assert planned.facts['tasks']['tydiqa:fi']['questions'] == 1


def test_ceilings_are_told_the_lowest_first():
  assert outline.ceilings_told({}) == []
  (told,) = outline.ceilings_told({'tydiqa:th': 16.55, 'tydiqa:zh': 12.24})
  assert told.endswith('tydiqa:zh 12.2, tydiqa:th 16.6')
