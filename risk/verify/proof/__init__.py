"""`risk prove`: one disordered stream scored in many ways, and every way's answers compared."""
