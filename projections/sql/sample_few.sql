-- Let an analysis look at few rows, on this connection: enough for what is analysed again before long.
-- $1 the statistics target: of 1, three hundred rows are looked at
SELECT set_config('default_statistics_target', $1::integer::text, false)
