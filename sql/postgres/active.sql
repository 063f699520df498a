SELECT ruleset, version FROM active_ruleset
