"""From the raw rows of a task to examples as text: pure functions on blocks.

`prepare` makes instances of rows, `trim` shortens those that are too long,
`Renderer.render` makes examples of instances, and `Charset.apply` examples that
a vocabulary can encode.
"""

from ul2_flan.tasks.rendering.charset import Charset as Charset
from ul2_flan.tasks.rendering.few_shot.exemplar_count import MANY as MANY
from ul2_flan.tasks.rendering.few_shot.exemplar_count import (
  ExemplarCount as ExemplarCount,
)
from ul2_flan.tasks.rendering.few_shot.pool import POOL_SIZE as POOL_SIZE
from ul2_flan.tasks.rendering.few_shot.pool import Pool as Pool
from ul2_flan.tasks.rendering.few_shot.pool import choose_pool as choose_pool
from ul2_flan.tasks.rendering.few_shot.pool import pool_rank as pool_rank
from ul2_flan.tasks.rendering.instances.instances import Instances as Instances
from ul2_flan.tasks.rendering.instances.prepare import Prepared as Prepared
from ul2_flan.tasks.rendering.instances.prepare import prepare as prepare
from ul2_flan.tasks.rendering.rendered import Rendered as Rendered
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
