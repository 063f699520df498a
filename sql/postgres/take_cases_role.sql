-- Until the transaction ends; where the role isn't there, the account stays what it is.
SELECT set_config('role', rolname, true)
FROM pg_roles
WHERE rolname = 'risk_cases' AND pg_has_role(oid, 'MEMBER')
