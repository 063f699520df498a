-- Until the transaction ends: by this the trails' triggers know whose change it is.
SELECT set_config('risk.erasure', %(erasure)s, true)
