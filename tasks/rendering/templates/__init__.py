"""How an instance becomes inputs and targets: templates, and which ones fit."""
