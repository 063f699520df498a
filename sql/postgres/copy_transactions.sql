COPY staged_transactions FROM STDIN
