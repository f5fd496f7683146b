"""Counts add up by suite, and the page of a report shows them."""

from ul2_flan.pipelines.contamination import found
from ul2_flan.pipelines.report import page, view
from ul2_flan.pipelines.run import Counts


def test_counts_add_up():
  by = {'niv2:a/items': 1, 'cot:b/items': 2, 'cot:b/texts': 5, 'a/items': 1}
  counts = Counts(
    {
      'mgsm:de': {'items': 8, 'touched': 4},
      'mgsm:en': {'items': 2, 'not_judged': 1},
      'bbh:snarks': {'items': 9},
      'mine:items': {'items': 7},  # of no suite
      'by': by,
    }
  )
  made = found.of(counts)
  assert made.suites == [('bbh', 9, 0, 0), ('mgsm', 10, 4, 1)]
  assert made.tasks == [('mgsm:de', 8, 4)]
  assert made.touchers == [('cot:b', 2, 5), ('a', 1, 0), ('niv2:a', 1, 0)]


def test_a_page_shows_what_a_search_found(report, made):
  shown = view.load(str(report), '')
  assert shown.found.tasks == [('mgsm:de', 8, 4)]
  assert {name for name, *_ in shown.found.touchers} == {
    *('ul2r', 'niv2:task190_snli_classification')
  }
  suites = view.load(made.suites, '')
  assert [licence.name for licence in suites.licences] == ['CC-BY-4.0']
  html = page.render([suites, shown]).decode()
  assert 'Tasks that are touched' in html
  assert 'any 13 words in a row' in html
