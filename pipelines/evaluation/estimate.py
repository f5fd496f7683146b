"""Estimates what a run will write, from some questions of each suite."""

from ul2_flan.pipelines.evaluation.worker import SAMPLE, EvaluationWorker
from ul2_flan.pipelines.launch.estimate import Look
from ul2_flan.pipelines.run import Plan
from ul2_flan.pipelines.run.counts import example_tokens

# So many tasks of each suite, and so many questions of each of their data sets.
_TASKS, _QUESTIONS = 4, 8


def estimate(plan: Plan) -> dict[str, int]:
  """Estimates prompts, tokens and bytes."""
  worker = EvaluationWorker(plan)
  total = {'prompts': 0.0, 'tokens': 0.0, 'bytes': 0.0}
  suites: dict[str, list[str]] = {}
  sample = SAMPLE + plan.config.get('exemplars', 0)
  for name in plan.groups:
    suites.setdefault(name.partition(':')[0], []).append(name)
  for names in suites.values():
    look = Look()
    for name in names[:: max(1, len(names) // _TASKS)][:_TASKS]:
      for data_set, questions in worker.read(plan.parts(name)[0], sample):
        some = questions[:: max(1, len(questions) // _QUESTIONS)]
        look.add(
          worker.encoder.results(data_set, some[:_QUESTIONS], look.counts)
        )
    # Of a question whose choices are ranked, each is a record.
    made = sum(of.get('prompts', 0) for of in look.counts.sums.values())
    prompts = sum(_prompts(plan, name) for name in names)
    each = prompts / max(made, 1)
    total['prompts'] += each * look.records
    total['tokens'] += each * example_tokens(look.counts)
    total['bytes'] += each * look.written
  return {unit: round(n) for unit, n in total.items()}


def _prompts(plan: Plan, name: str) -> int:
  """Counts the prompts of a task, in all its data sets."""
  questions: int = plan.config['tasks'][name]['questions']
  return questions * len(plan.groups[name].data_sets)
