-- Look rectangles up by their key, one by one: a plan is made while a table is small, and kept while it grows.
-- $1 whether for this transaction only
SELECT set_config('enable_seqscan', 'off', $1), set_config('enable_hashjoin', 'off', $1),
    set_config('enable_mergejoin', 'off', $1)
