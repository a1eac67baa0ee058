-- Checkpoints that are signed and shown to nobody yet: too few witnesses have cosigned them, and the ledger is told to
-- fail closed. Without that, nothing is ever here.
CREATE TABLE withheld (
    log_id integer NOT NULL,
    origin text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    CONSTRAINT a_checkpoint_is_withheld_once PRIMARY KEY (log_id, origin, size)
);

GRANT SELECT ON withheld TO jejak_writer, jejak_signer, jejak_projector, jejak_keeper, jejak_reader;
GRANT INSERT, DELETE ON withheld TO jejak_signer;
