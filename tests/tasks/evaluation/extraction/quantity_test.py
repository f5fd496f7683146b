"""Numbers with units, and nothing else."""

import pytest

from ul2_flan.tasks.evaluation.extraction.quantity import quantity


@pytest.mark.parametrize(
  ('text', 'answer'),
  [
    ('It is 540000 kg*m/s', '540000 kg'),
    ('0.26 m/s/s or 3 s', '0.26 m/s/s'),
    ('5kg', ''),
    ('', ''),
  ],
)
def test_the_first_quantity(text, answer):
  assert quantity(text) == (answer, 'whole' if answer else 'none')
