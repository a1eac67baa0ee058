-- Plan each statement of this transaction for what it is asked: filters that are not given, and words that are rare or
-- common, want different plans.
SELECT set_config('plan_cache_mode', 'force_custom_plan', true)
