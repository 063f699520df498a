CREATE TEMPORARY TABLE diff_labels (
    user_id    text COLLATE "C",
    event_id   text COLLATE "C",
    event_time bigint,
    fraud      boolean,
    attack     text
);
