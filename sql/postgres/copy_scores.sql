COPY staged_scores FROM STDIN
