"""The stages an event goes through: ingest, user, ip, device, decide. Pure; they keep state."""
