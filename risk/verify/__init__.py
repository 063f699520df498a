"""What the engine emitted against what it has to: verification, proof, comparison."""
