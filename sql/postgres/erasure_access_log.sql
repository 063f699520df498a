-- That somebody looked, who, when and at which fields stays.
WITH changed AS (
    UPDATE access_log SET user_id = 'erased', event_id = 'erased', event_time = 0
    WHERE user_id = %(user_id)s AND event_time <= %(upto)s
    RETURNING 1
)
SELECT count(*) AS access_log FROM changed
