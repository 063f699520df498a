INSERT INTO cases (id, revision, user_id, users)
VALUES (%(id)s, 0, %(user_id)s, ARRAY[%(user_id)s])
