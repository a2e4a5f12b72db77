-- How many messages a pass was to send at most, and how many it left for the next one.
ALTER TABLE pass ADD COLUMN message_limit INTEGER;
ALTER TABLE pass ADD COLUMN over_limit INTEGER NOT NULL DEFAULT 0;
