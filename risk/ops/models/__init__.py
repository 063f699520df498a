"""From what a library says of its trees to the file of a model.

Nothing here imports LightGBM or scikit-learn, and nothing is drawn at random: the same trees give
the same file, to the last bit.
"""
