"""Playing transcripts: parts of qa/replay."""
