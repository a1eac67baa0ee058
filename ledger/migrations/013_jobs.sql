-- Questions that take long, and what came of them. Nothing of it is the truth: it all follows from the logs.

-- A job is taken by a process for a while, which it renews; whoever finds that this has run out takes it again, as
-- another attempt.
CREATE TABLE job (
    job_id text COLLATE "C" PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    token_id text COLLATE "C" NOT NULL,
    question text NOT NULL,
    state text COLLATE "C" NOT NULL DEFAULT 'QUEUED'
        CONSTRAINT a_job_has_a_state CHECK (state IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED')),
    attempt integer NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0,
    total bigint NOT NULL DEFAULT 0,
    created timestamptz NOT NULL DEFAULT clock_timestamp(),
    started timestamptz,
    ended timestamptz,
    leased_until timestamptz,
    manifest text,
    sha256 bytea,
    bytes bigint,
    problem text,
    CONSTRAINT a_job_that_runs_is_leased CHECK ((state = 'RUNNING') = (leased_until IS NOT NULL)),
    CONSTRAINT a_job_that_is_done_has_a_result CHECK (state <> 'DONE' OR (manifest IS NOT NULL AND sha256 IS NOT NULL))
);
CREATE INDEX job_under_way ON job (created) WHERE state IN ('QUEUED', 'RUNNING');
CREATE INDEX job_of_a_token ON job (token_id, created);
CREATE INDEX job_ended ON job (ended);

-- A result, in pieces: those of an attempt that was given up are nobody's, and go with the job.
CREATE TABLE job_part (
    job_id text COLLATE "C" NOT NULL REFERENCES job ON DELETE CASCADE,
    attempt integer NOT NULL,
    number integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT one_part_for_each_number PRIMARY KEY (job_id, attempt, number)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON job TO jejak_keeper;
GRANT SELECT, INSERT, DELETE ON job_part TO jejak_keeper;
