COPY staged_feedback FROM STDIN
