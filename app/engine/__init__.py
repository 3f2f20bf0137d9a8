"""The engine room: the only place that imports SpiffWorkflow."""
