"""Prompts as the suites' authors wrote them: nothing is drawn or tidied."""

from ul2_flan.tasks.evaluation.prompting.prompter import Prompt, Prompter
from ul2_flan.tasks.evaluation.prompting.prompters import TEMPLATES, prompter
