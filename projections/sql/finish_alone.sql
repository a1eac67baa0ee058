-- Let a connection finish tables beside others that do: without helpers, for which no processor is idle; sorting in memory
-- what there is room for; and looking at few rows of what is analysed again before long.
-- $1 the statistics target: of 1, three hundred rows are looked at; $2 the room, as PostgreSQL writes it
SELECT set_config('default_statistics_target', $1::integer::text, false), set_config('work_mem', $2, false),
    set_config('max_parallel_workers_per_gather', '0', false), set_config('max_parallel_maintenance_workers', '0', false)
