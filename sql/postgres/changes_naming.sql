-- As with the rulesets that they are of: their authors are to change them, if it has to be.
SELECT id
FROM rule_changes
WHERE strpos(concat_ws(' ', text, base_text, patch, why), %(user_id)s) > 0
ORDER BY id
