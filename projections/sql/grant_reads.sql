-- Let everybody read a rebuilt view. `view_any` stands for its table.
GRANT SELECT ON view_any TO jejak_projector, jejak_reader, jejak_keeper, jejak_writer, jejak_signer
