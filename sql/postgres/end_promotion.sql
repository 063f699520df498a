DELETE FROM promotion
