"""What the engine said against what it has to say: verification, proof, comparison."""
