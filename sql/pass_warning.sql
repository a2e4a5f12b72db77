-- What the newest passes warned of, in the words of their reports, for `terminbote status`: of the
-- newest pass that looked at the appointments, and of those after it. Addresses in it are masked.
CREATE TABLE pass_warning (
    pass_id INTEGER NOT NULL,
    place INTEGER NOT NULL,
    code TEXT NOT NULL,
    needs_person INTEGER NOT NULL CHECK (needs_person IN (0, 1)),
    interface_id INTEGER,
    text_de TEXT NOT NULL,
    text_en TEXT NOT NULL,
    PRIMARY KEY (pass_id, place)
) STRICT, WITHOUT ROWID;
