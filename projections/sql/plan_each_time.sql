-- Plan each statement of this transaction for what it is asked: filters that are not given, and words that are rare or
-- common, want different plans. None reads a whole table: it would for much of a small one, and where there are no
-- statistics yet. None is shared among processes, which takes longer to begin than most of them to end.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true)
