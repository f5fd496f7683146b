"""The page shows texts as text, whatever they hold, and is valid."""

import base64
import hashlib
from html.parser import HTMLParser
import re

from hypothesis import example, given, settings
from hypothesis import strategies as st
import pytest

from ul2_flan.pipelines.contamination.found import Found
from ul2_flan.pipelines.examples.masked import Masked
from ul2_flan.pipelines.examples.prompts import FamilyUse, Prompt
from ul2_flan.pipelines.examples.rejects import Rejected
from ul2_flan.pipelines.examples.stretches import Stretch
from ul2_flan.pipelines.report import page
from ul2_flan.pipelines.report.accounts import Share, Stage
from ul2_flan.pipelines.report.coverage import Coverage
from ul2_flan.pipelines.report.lengths import Histogram, Lengths
from ul2_flan.pipelines.report.licences import Licence
from ul2_flan.pipelines.report.rates import Rate
from ul2_flan.pipelines.report.scores import Row, Scores
from ul2_flan.pipelines.report.texts import Bar, Packs, Shown
from ul2_flan.pipelines.report.view import Reason, View
from ul2_flan.tasks.messages import visible

VOID = {'meta', 'br', 'hr', 'img', 'link', 'input'}


class Parsed(HTMLParser):
  """Tags with the names of their attributes, and all that is text."""

  def __init__(self, data: bytes):
    super().__init__(convert_charrefs=True)
    self.tags: list[tuple[str, tuple[str, ...]]] = []
    self.open: list[str] = []
    self.texts: list[str] = []
    self.ids: list[str] = []
    self.links: list[str] = []
    self.feed(data.decode())
    self.close()

  def handle_starttag(self, tag, attrs):
    self.tags.append((tag, tuple(name for name, _ in attrs)))
    self.ids += [value for name, value in attrs if name == 'id']
    self.links += [value for name, value in attrs if name in ('href', 'src')]
    if tag not in VOID:
      self.open.append(tag)

  def handle_startendtag(self, tag, attrs):
    self.handle_starttag(tag, attrs)
    if tag not in VOID:
      self.open.pop()

  def handle_endtag(self, tag):
    assert self.open.pop() == tag

  def handle_data(self, data):
    self.texts.append(data)


def everywhere(t: str) -> View:
  """A view that has a text in the place of every text of data."""
  rate = Rate(t, 1, 5, 0.5, None, 0.5, 5, 1)
  stretches = (
    *(Stretch(t, kind) for kind in ('text', 'mode', 'unknown', 'eos', 'ids')),
    Stretch('', 'sentinel', 0),
    Stretch(t, 'masked', 0),
  )
  shown = Shown(t, [(t, t)], stretches, stretches, 0)
  return View(
    name=t,
    kind=t,
    output=t,
    totals=[(t, t)],
    notes=[t],
    stages=[
      Stage(t, 2, (Share(t, 1, 'used', 0.5), Share(t, 1, 'dropped', 0.5)))
    ],
    lengths=[Lengths(t, 5, 5, (Histogram('inputs', (0.5, 1), 9, 3.0, 4),))],
    rates=[rate],
    repeated=[rate],
    masked={t: [Masked((t,), t, stretches, stretches, stretches, 5, 0.2)]},
    packs=Packs([t], True, [{t: [Bar(0, 0, 0.5, 4)]}], [(1, [shown])]),
    families=[
      FamilyUse(t, t, 1, (Prompt(t, t, 3, (('exemplar', t),), t),))
    ],
    shown={t: [shown]},
    coverage=Coverage(9, 5, 50, 3, 100, ((t, 0.5),)),
    reasons=[Reason(t, 3, True, [Rejected(t, t, t, t, t)])],
    licences=[Licence(t, 4, 5, (t, t, t, t))],
    left_out=t,
    found=Found([(t, 9, 3, 1)], [(t, 9, 3)], [(t, 3, 4)]),
    rule=t,
    facts=[(t, t)],
  )  # fmt: skip


def render(text: str) -> bytes:
  row = Row(text, 1.0, [2.0, None], [(1.0, 3.0), None])
  return page.render([everywhere(text)], Scores([text, text], [row], [text]))


HARMLESS = Parsed(render('x'))


@settings(max_examples=30)
@given(st.text(min_size=1))
@example('</script><script>alert(1)</script>')
@example('"><img src=x onerror=alert(1)>')
@example("' onmouseover='alert(1)")
@example('--></style><svg onload=alert(1)>')
@example('{{ 7 * 7 }}{% raw %}')
@example('\x00\x1b[31m\u202e\ud800')
@example('&lt;b&gt;&amp;')
def test_no_text_becomes_markup(text: str):
  parsed = Parsed(render(text))
  assert parsed.tags == HARMLESS.tags
  assert parsed.ids == HARMLESS.ids
  assert parsed.links == HARMLESS.links
  # Parsers read a carriage return as a newline.
  told = visible(text).replace('\r\n', '\n').replace('\r', '\n')
  assert ''.join(parsed.texts).count(told) >= 20


def test_tags_are_closed_ids_are_unique_and_links_lead_there():
  parsed = Parsed(page.render([everywhere('x'), everywhere('y')]))
  assert parsed.open == []
  assert len(set(parsed.ids)) == len(parsed.ids)
  assert len(parsed.links) == 30
  assert {link.removeprefix('#') for link in parsed.links} <= {*parsed.ids}


def test_nothing_is_loaded_and_no_script_is_there():
  html = render('x').decode()
  (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
  assert policy.startswith("default-src 'none'; style-src 'sha256-")
  (style,) = re.findall(r'(?s)<style>(.*)</style>', html)
  digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
  assert f"'sha256-{digest}'" in policy
  assert not {'script', 'img', 'link', 'iframe', 'object'} & {
    tag for tag, _ in HARMLESS.tags
  }
  assert not [names for _, names in HARMLESS.tags if 'style' in names]
  assert not [n for _, names in HARMLESS.tags for n in names if n[:2] == 'on']
  assert 'http://' not in html
  assert page.MARK in html[:2000]


@pytest.mark.parametrize(
  ('share', 'said'), [(1, '100.0%'), (0, '0.0%'), (0.00049, '<0.1%')]
)
def test_a_small_share_is_not_nothing(share: float, said: str):
  assert page.percent(share) == said
