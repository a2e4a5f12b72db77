-- The messages of a pass: those that are still its own, and those whose row a later pass has used
-- again or somebody has deleted, as they were when they were last its own.
WITH earlier (id, old, seq) AS (
    SELECT row_id, old, max(seq) FROM main.change
    WHERE table_name = 'message' AND json_extract(old, '$.pass_id') = ?1
    GROUP BY row_id
)
SELECT
    message.id, message.kind, message.customer_id, message.channel, message.address,
    CASE WHEN earlier.id IS NULL THEN message.error ELSE json_extract(earlier.old, '$.error') END AS error,
    json_extract(earlier.old, '$.state') AS then_state, message.state AS now_state, message.error AS now_error
FROM main.message AS message
LEFT JOIN earlier ON earlier.id = message.id
WHERE message.pass_id = ?1
UNION ALL
SELECT
    earlier.id, json_extract(old, '$.kind'), json_extract(old, '$.customer_id'), json_extract(old, '$.channel'),
    json_extract(old, '$.address'), json_extract(old, '$.error'), json_extract(old, '$.state'), message.state,
    message.error
FROM earlier
LEFT JOIN main.message AS message ON message.id = earlier.id
WHERE message.id IS NULL OR message.pass_id IS NOT ?1
ORDER BY 1
