"""Where cases are reviewed: the queue, the page of one case, and the steps that are taken there."""
