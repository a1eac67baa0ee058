-- Let the projector keep a rebuilt view. `view_any` stands for its table.
GRANT INSERT, UPDATE ON view_any TO jejak_projector
