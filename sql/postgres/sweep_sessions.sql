DELETE FROM sessions WHERE expires_at <= now() OR seen_at + idle <= now()
