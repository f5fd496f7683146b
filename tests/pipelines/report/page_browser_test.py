"""The page in a real browser: nothing fails, nothing is cut, pairs light up."""

from pathlib import Path

import pytest
from support import browser as browser_lib
from support.evaluation.predictions import predictions, write

from ul2_flan.pipelines.report import __main__ as report

pytestmark = pytest.mark.skipif(
  browser_lib.program() is None, reason='needs Chromium, as Debian has it'
)

OVERFLOWS = """
[...document.querySelectorAll('body *')].filter(e => {
  const r = e.getBoundingClientRect();
  return r.width > 1 && !e.closest('svg, thead, .defs') &&
    (r.right > innerWidth + 1 || r.left < -1);
}).map(e => e.outerHTML.slice(0, 200))
"""

OUTLINED = """
[...document.querySelectorAll('.mask .sentinel, .mask .masked')]
  .filter(e => getComputedStyle(e).outlineStyle == 'solid')
  .map(e => e.textContent.trim().split(' ')[0])
"""

EMPTY = """
[...document.querySelectorAll('section section')]
  .filter(e => e.getBoundingClientRect().height < 60).map(e => e.id)
"""


@pytest.fixture(scope='module')
def made(shown_runs, tmp_path_factory) -> Path:
  path = tmp_path_factory.mktemp('page') / 'page.html'
  outputs = [run.output for run in shown_runs.values()]
  answers = write(path.with_name('a.jsonl'), predictions(3, 4))
  flags = ['--output', str(path), '--predictions', answers]
  assert report.main([*outputs, *flags]) == 0
  return path


@pytest.fixture(scope='module')
def chromium(tmp_path_factory):
  folder = tmp_path_factory.mktemp('chromium')
  with browser_lib.browser(str(browser_lib.program()), folder) as page:
    yield page


@pytest.mark.parametrize('width', [1280, 400])
def test_nothing_is_cut_and_nothing_fails(chromium, made: Path, width: int):
  chromium.open(made, width)
  assert chromium.value('document.title') == (
    'ul2r, flan, ul2r_flan2022_packed · ul2-flan'
  )
  assert chromium.value('document.documentElement.scrollWidth') <= width
  assert chromium.value(OVERFLOWS) == []
  assert chromium.value(EMPTY) == []
  assert chromium.value('document.querySelectorAll("section section").length')
  # The style is in force: the policy allows it.
  body = 'getComputedStyle(document.body).maxWidth'
  assert chromium.value(body) == '1152px'
  assert chromium.console == []


def test_a_sentinel_lights_up_with_its_pair(chromium, made: Path):
  chromium.open(made, 1280)
  assert chromium.value(OUTLINED) == []
  chromium.hover('.mask .text:nth-of-type(3) .k1')
  # In the text, the inputs and the targets.
  assert [text[:1] for text in chromium.value(OUTLINED)] == ['1', '1', '1']
  chromium.hover('h1')
  chromium.value(
    "document.querySelector('.mask .text:nth-of-type(4) .k0').focus()"
  )
  assert [text[:1] for text in chromium.value(OUTLINED)] == ['0', '0', '0']
  assert chromium.console == []


def test_the_policy_stops_a_script(chromium, made: Path, tmp_path: Path):
  """Even if one came through."""
  html = made.read_text().replace('</h1>', '</h1><script>window.x = 1</script>')
  (tmp_path / 'bad.html').write_text(html)
  chromium.open(tmp_path / 'bad.html', 800)
  assert chromium.value('window.x') is None
  ((level, text),) = chromium.console
  assert level == 'error'
  assert 'Content Security Policy' in text
  chromium.console.clear()
