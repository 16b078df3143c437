#!/bin/sh
# The reports of the last whole month: monthly.sh FOLDER, where the folder holds clients.yaml.
# Says nothing when all reports stand. Whoever runs it (cron, with MAILTO) hears of anything else.
set -eu
kit=$(cd "$(dirname "$0")/../.." && pwd)
cd "$1"

exec 9>.monthly.lock
flock -n 9 || { echo "monthly.sh: the run before is still at work in $1"; exit 75; }

mkdir -p logs
log=logs/$(date +%Y-%m-%d_%H%M%S).log
code=0
"$kit/.venv/bin/kpi" batch clients.yaml --month last >"$log" 2>&1 9>&- || code=$?
[ "$code" -eq 0 ] || { echo "kpi batch ended with $code, see $1/$log"; tail -n 40 "$log"; }
exit "$code"
