SELECT salt FROM erasure_salt
