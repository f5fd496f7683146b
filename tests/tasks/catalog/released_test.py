"""Each name that a frozen dump may have is that of one task of ours."""

import pytest

from ul2_flan.tasks import catalog
from ul2_flan.tasks.catalog import released


@pytest.mark.parametrize(
  ('given', 'name'),
  [
    ('super_glue/wsc.fixed:1.0.2', 'flan2021:wsc'),
    ('ai2_arc/ARC-Challenge:1.0.0', 'flan2021:arc_challenge'),
    ('paws_wiki:1.1.0', 'flan2021:paws_wiki'),
    ('huggingface:xsum', 'flan2021:xsum'),
    ('true_case', 'flan2021:true_case'),
    ('rte_10templates', 'flan2021:rte'),
    # Two and three tasks have these data, and their rows are not told apart.
    ('glue/mnli:2.0.0', 'flan2021:glue_mnli'),
    ('para_crawl/enda:1.2.0', 'flan2021:para_crawl_enda'),
    ('unified_qa_science_inst', 'flan2021:unified_qa_science_inst'),
    ('cot_esnli', 'cot:esnli'),
    ('stream_qed_ii', 'cot:qed_inverted'),
    ('qrecc_ii', 'dialog:qrecc_inverted'),
    ('cos_e_v1.11_question_description_option_text',
     't0_sf:cos_e_v1.11_question_description_option_text'),
    ('task1530_scitail1.1_sentence_generation',
     'niv2:task1530_scitail1'),
    ('task001_quoref_question_generation.json',
     'niv2:task001_quoref_question_generation'),
    ('t0', 't0_sf:all_tasks'),
    ('no such task', ''),
    ('', ''),
  ],
)  # fmt: skip
def test_a_name_of_a_dump_is_that_of_a_task(given: str, name: str):
  assert released.name_of(given) == name
  assert (released.load(name) is not None) == bool(name)


def test_every_task_of_the_collection_that_flan_released_has_a_name():
  named = {name for s in catalog.suites() for name in released.candidates(s)}
  for task in catalog.tasks():
    # Its code has neither program synthesis nor Taskmaster's data, and one
    # inverted task where the catalog has three.
    if task.suite != 'program_synthesis' and not task.inverted:
      assert task.name in named
  assert all(released.load(name) for name in named)


def test_the_cap_of_joint_rows_is_that_of_all_their_tasks():
  joint = released.load('flan2021:para_crawl_enda')
  whole = released.load('t0_sf:all_tasks')
  assert joint
  assert whole
  assert joint.cap == 3 * 30_000
  assert whole.cap == 193 * 20_000
  assert joint.licence == catalog.load('flan2021:fix_punct').licence
  assert not whole.licence
