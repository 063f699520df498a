COPY diff_labels FROM STDIN
