"""Rows of tasks to examples as text: pure functions on blocks of rows.

`prepare` makes rows of a source's records, `trim` shortens those that are too
long, `Renderer.render` makes examples of rows, and `Charset.apply` examples
that a vocabulary can encode.
"""

from ul2_flan.tasks.rendering.few_shot.count import MANY as MANY
from ul2_flan.tasks.rendering.few_shot.count import (
  ExemplarCount as ExemplarCount,
)
from ul2_flan.tasks.rendering.few_shot.pool import POOL_ROWS as POOL_ROWS
from ul2_flan.tasks.rendering.few_shot.pool import Pool as Pool
from ul2_flan.tasks.rendering.few_shot.pool import choose_pool as choose_pool
from ul2_flan.tasks.rendering.few_shot.pool import pool_rank as pool_rank
from ul2_flan.tasks.rendering.instances.charset import Charset as Charset
from ul2_flan.tasks.rendering.instances.instances import Instances as Instances
from ul2_flan.tasks.rendering.instances.instances import Rendered as Rendered
from ul2_flan.tasks.rendering.instances.prepare import Prepared as Prepared
from ul2_flan.tasks.rendering.instances.prepare import prepare as prepare
from ul2_flan.tasks.rendering.renderer import Renderer as Renderer
from ul2_flan.tasks.rendering.templates.family import Family as Family
from ul2_flan.tasks.rendering.templates.family import families as families
from ul2_flan.tasks.rendering.templates.family import load_family as load_family
from ul2_flan.tasks.rendering.templates.own_templates import (
  OwnTemplates as OwnTemplates,
)
from ul2_flan.tasks.rendering.templates.setting import SETTINGS as SETTINGS
from ul2_flan.tasks.rendering.templates.setting import Setting as Setting
from ul2_flan.tasks.rendering.trimming.trim import Trimmed as Trimmed
from ul2_flan.tasks.rendering.trimming.trim import trim as trim
