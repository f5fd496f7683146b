"""From the reports of a run to its manifest, group by group."""
