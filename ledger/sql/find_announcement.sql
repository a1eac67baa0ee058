-- Tell whether an erasure was announced, and not too long ago.
-- $1 attempt, $2 seconds
SELECT EXISTS (
    SELECT FROM erasure_under_way
    WHERE attempt = $1 AND since > clock_timestamp() - make_interval(secs => $2::integer)
)
