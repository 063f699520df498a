#!/bin/sh
# Gives Kibana's own user its password, and the engine a user that may do what it needs and no more.
set -eu
umask 077
here=$(dirname "$0")
url=${ELASTICSEARCH_URL:-http://elasticsearch:9200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# They are put into JSON and into a configuration file as they are.
for name in ELASTIC_PASSWORD KIBANA_PASSWORD RISK_ELASTICSEARCH__PASSWORD; do
  value=''
  eval "value=\${$name:-}"
  case $value in
    '') echo "setup: $name is not set" >&2; exit 2 ;;
    *[!A-Za-z0-9_-]*) echo "setup: $name: use letters, digits, - and _" >&2; exit 2 ;;
  esac
done

# Passwords are in files and not in arguments, which all can read.
printf 'user = "elastic:%s"\n' "$ELASTIC_PASSWORD" > "$work/login"
call() { # method, path, file with the body
  curl --silent --show-error --fail-with-body --config "$work/login" --request "$1" \
    --header 'Content-Type: application/json' --data "@$3" "$url/$2"
  echo
}

printf '{"password": "%s"}' "$KIBANA_PASSWORD" > "$work/kibana.json"
call POST _security/user/kibana_system/_password "$work/kibana.json"
call PUT _security/role/risk_engine "$here/role.json"
printf '{"password": "%s", "roles": ["risk_engine"]}' "$RISK_ELASTICSEARCH__PASSWORD" \
  > "$work/risk.json"
call PUT "_security/user/${RISK_ELASTICSEARCH__USERNAME:-risk}" "$work/risk.json"
