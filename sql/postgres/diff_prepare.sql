CREATE TEMPORARY TABLE diff_labels (
    user_id  text COLLATE "C",
    event_id text COLLATE "C",
    fraud    boolean,
    attack   text
);
