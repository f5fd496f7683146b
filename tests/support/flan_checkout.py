"""A checkout of google-research/FLAN, made up: its form, and our words."""

from pathlib import Path

V2 = """
import copy
from flan.v2 import flan_templates_branched as flan_templates

PATTERNS = {
    "rte": [
        ("Pick one. {premise} So: {hypothesis}?\\n\\n{options_}", "{answer}"),
        ("{premise}\\n{hypothesis} Right?\\n{options_}", "{answer}"),
        ("{premise} { or } " "{hypothesis}?", "{answer}"),
        ("Invent a pair.", "{premise} => {hypothesis}"),
    ],
    "multi_news": [("{text}\\nIn short:", "{summary}")],
    "anli": [("{context} -> {hypothesis}?{options_}", "{answer}")],
    "newsroom": [("{byline}: {text} In short?", "{summary}")],
    "natinst_v2": [("{Definition} {input}", "{output}")],
    "cot_stream": [
        ("Why? {question} {answer}", "{chain_of_thought}"),
        ("Ask. {chain_of_thought}", "{question} {answer}"),
        ("Ask and tell why: {answer}", "{question} {chain_of_thought}"),
    ],
    "synth_cot_x": [("{question}", "{cot}")],
    "something_new": [("{question}", "{answer}")],
}
PATTERNS["cot_input_inversion_gsm8k"] = PATTERNS[
    "cot_stream"]
PATTERNS_NO_OPTIONS = copy.deepcopy(PATTERNS)
PATTERNS_NO_OPTIONS.update(flan_templates.PATTERNS)
for t_name, templates in PATTERNS_NO_OPTIONS.items():
  PATTERNS_NO_OPTIONS[t_name] = templates


class FewShotPattern:
  inputs: str
  targets: str
  inputs_prefix: str = ""
  targets_prefix: str = ""
  x_y_delimiter: str = "\\n\\n"
  example_separator: str = "\\n\\n\\n"
  final_suffix: str = ""
  input_pattern: str = "{{inputs}}{final_suffix}"
  in_template_mix: bool = True
  @property
  def combined(self):
    return self.inputs + self.targets


FEWSHOT_PATTERNS = {
    "rte": [
        FewShotPattern(
            inputs="{premise} | {hypothesis} ({options_})",
            targets="{answer}",
            inputs_prefix="Q: ",
            targets_prefix="A: ",
            example_separator="\\n==\\n"),
        FewShotPattern(inputs="{premise}\\n{options_}", targets="{answer}"),
    ],
    "natinst_v2": [
        FewShotPattern(
            input_pattern="Do: {{Definition}}\\n{{inputs}}{final_suffix}",
            inputs="{input}", targets="{output}"),
    ],
}
INLINE_FS_PATTERNS = {
    "natinst_v2": [
        ("{Definition} Like {ex_input} -> {ex_output} ({ex_explanation}). "
         "{input}", "{output}"),
    ],
}
OPT_START_STRING_CANDIDATES = ["", "Choose:"]
ROMAN_NUMS = ["I", "II", "III"] + [str(x) for x in range(4, 27)]
OPT_ITEM_NAME_CANDIDATES = [
    ["\\n~ " for _ in range(26)],
    ["\\n<" + chr(x) + "> " for x in range(ord("a"), ord("z") + 1)],
    [" " + x.lower() + ") " for x in ROMAN_NUMS],  # i)
]
OPT_ITEM_END_STR_CANDIDATES = [
    ["" for _ in range(26)],
    [";" for _ in range(26)],
]
DIALOG_START_STRING_CANDIDATES = ["", "TALK:"]
DIALOG_ITEM_NAME_CANDIDATES = [
    ["\\nA: " if x % 2 == 0 else "\\nB: " for x in range(1000)],
]
DIALOG_ITEM_END_STR_CANDIDATES = [["" for _ in range(1000)]]
"""

BRANCHED = """
PATTERNS = {
    "rte": [
        ("{premise} So: {hypothesis}?\\n\\n{options_}", "{answer}"),
        ("{premise}\\n{hypothesis} Right?\\n{options_}", "{answer}"),
        ("{premise} { or } {hypothesis}?", "{answer}"),
        ("Invent a pair.", "{premise} => {hypothesis}"),
    ],
}
"""


def write_checkout(folder: Path, v2: str = V2, branched: str = BRANCHED) -> str:
  """Writes the files that an import reads; returns the folder."""
  (folder / 'flan' / 'v2').mkdir(parents=True, exist_ok=True)
  (folder / 'flan/v2/templates.py').write_text(v2)
  (folder / 'flan/v2/flan_templates_branched.py').write_text(branched)
  return str(folder)
