"""Engines: what does the work of a run, and how people follow it.

`engine.Engine` says who does it: processes of this machine (`local`), or any of
Beam's runners, for which `service` fills in what a cluster or Dataflow needs.
`progress` and `dashboard` show how far a run is.
"""

from ul2_flan.pipelines.engines.engine import Engine as Engine
