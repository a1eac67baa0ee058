-- Write every changed page, so that no earlier segment of the write-ahead log is needed any more.
CHECKPOINT
