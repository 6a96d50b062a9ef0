"""What qa/run and qa/diff are made of: one module for each concern."""
