-- Whether nothing that a plan is made of has changed since. Rows of deferred messages, which a pass
-- uses again, count for nothing; one of unknown fate that it repeats does.
SELECT NOT EXISTS (
    SELECT 1 FROM main.change
    WHERE seq > ?1 AND CASE table_name
        WHEN 'message' THEN json_extract(old, '$.state') IS NOT 'deferred'
        WHEN 'message_appointment' THEN
            coalesce(json_extract(old, '$.counts'), 0) = 1
            -- What a rejected message covered counts as well (F7), and what one by hand does.
            OR NOT EXISTS (SELECT 1 FROM main.message WHERE id = row_id AND pass_id = ?2 AND kind <> 'manual')
        ELSE 1
    END
)
