"""A plot is well-formed, and its points stand where scores are."""

import xml.etree.ElementTree as ET

import pytest

from ul2_flan.tasks.errors import UserError
from ul2_flan.tasks.evaluation.comparison.plot import svg, write
from ul2_flan.tasks.evaluation.comparison.sizes import Curve
from ul2_flan.tasks.evaluation.report.intervals import Interval

SVG = '{http://www.w3.org/2000/svg}'
CURVE = Curve(
  'a<b', 'cot', 2, 25.0,
  ((1e20, Interval(0, 0, 10)), (1e21, Interval(50, 40, 60)),
   (1e22, Interval(100, 90, 100))),
)  # fmt: skip


def test_points_stand_where_scores_are():
  root = ET.fromstring(svg([CURVE, CURVE]))
  assert len(root.findall(f'{SVG}g')) == 2
  panel = root.find(f'{SVG}g')
  circles = [
    (float(c.get('cx')), float(c.get('cy')))
    for c in panel.findall(f'{SVG}circle')
  ]
  (left, bottom), middle, (right, top) = circles
  assert left < right
  assert top < bottom
  assert middle == ((left + right) / 2, (top + bottom) / 2)
  (random,) = (
    line for line in panel.findall(f'{SVG}line') if line.get('class')
  )
  assert float(random.get('y1')) == bottom - (bottom - top) / 4
  texts = {text.text for text in panel.findall(f'{SVG}text')}
  assert 'a<b cot, 2 tasks' in texts
  assert {'1e20', '1e21', '1e22', 'training FLOPs'} <= texts


def test_one_point_of_compute_has_an_axis_too():
  one = Curve('a', 'cot', 1, 0.0, CURVE.points[:1])
  ET.fromstring(svg([one]))


def test_only_a_drawing_of_ours_is_made_anew(tmp_path):
  path = tmp_path / 'x.svg'
  write([CURVE], path)
  write([CURVE, CURVE], path)
  assert path.read_text() == svg([CURVE, CURVE])
  for mine in ('<svg></svg>', '{"task": "bbh:snarks"}'):
    path.write_text(mine)
    with pytest.raises(UserError, match='is there already, and is no drawing'):
      write([CURVE], path)
    assert path.read_text() == mine
