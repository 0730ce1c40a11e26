#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# costly
# waits
# limit: 400
# Metrics: promtool finds nothing wrong with them, Prometheus scrapes a running station, the example alert rules fire on
# a bad slot and a store that lags, and every query of the Grafana dashboard answers, from Prometheus and from a store.
. "$(dirname "$0")/../lib.sh"
for program in promtool prometheus curl; do
	command -v $program >/dev/null || { echo "ok 1 # SKIP no $program"; echo "1..1"; exit 0; }
done
[ -x build/h7gang-web ] || { echo "ok 1 # SKIP built without h7gang-web"; echo "1..1"; exit 0; }

"$h7gang" audit keygen --output "$work/key.pem" >/dev/null || exit 1
p=$(profile 'watch' 'slots:
  - {name: A1, path: 1-1.1}
  - {name: A2, path: 1-1.2}
  - {name: B1, path: 1-1.3}
stop: {slot_consecutive: 1}
audit: {file: log.csv, key: '"$work"'/key.pem}')
cat >"$work/fleet.yaml" <<-END
targets:
  - {name: good, path: 1-1.1}
  - {name: locked, path: 1-1.2, rdp: 1}
  - {name: also, path: 1-1.3}
END
sock=$work/s
"$sim" --fleet "$work/fleet.yaml" --speed 20 --control "$work/hands" -- "$h7gang" run --watch --profile "$p" --socket "$sock" \
	--lot 'L "1"\' --station "bench
1" --store "postgresql://127.0.0.1:1/none" >"$work/run.out" 2>"$work/run.err" &
run=$!
finished() { [ "$("$h7gang" status --connect "$sock" --json 2>/dev/null | jq '.passed + .failed')" = 3 ]; }
check "three boards come to their verdicts" wait_for 60 finished
"$h7gang" status --connect "$sock" --prometheus >"$work/metrics"
check "promtool finds nothing wrong" promtool check metrics <"$work/metrics"
check "no label holds a UID" [ "$(grep -cE "$(column "$work/log.csv" uid | grep . | paste -sd'|')" "$work/metrics")" = 0 ]
for name in boards_passed_total units_total phase_seconds_bucket slot_state boards_running log_rows_total log_seal_age_seconds \
	store_lag_rows usb_transfers_total build_info; do
	check "h7gang_$name is there" grep -q "^h7gang_$name[{ ]" "$work/metrics"
done
check "the blocked slot" grep -qF 'h7gang_slot_state{slot="A2",state="blocked"} 1' "$work/metrics"
check "units with result and error" grep -qE '^h7gang_units_total\{station="bench 1",profile="watch",result="FAIL",error="read_protected"\} 1$' "$work/metrics"
check "rows that the store lacks" grep -qE '^h7gang_store_lag_rows [1-9]' "$work/metrics"

metrics=$(free_port) web=$(free_port) prometheus=$(free_port)
build/h7gang-web --connect "$sock" --listen "127.0.0.1:$web" --metrics "127.0.0.1:$metrics" 2>"$work/web.err" &
server=$!
check "the rules are valid" promtool check rules contrib/prometheus/h7gang.rules.yml
cat >"$work/rules.test" <<-END
rule_files: [$top/contrib/prometheus/h7gang.rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'h7gang_slot_units_total{instance="a",slot="A2",result="FAIL"}', values: '0+1x60'}
      - {series: 'h7gang_slot_units_total{instance="a",slot="A2",result="PASS"}', values: '0+1x60'}
      - {series: 'h7gang_slot_units_total{instance="a",slot="A1",result="FAIL"}', values: '0x60'}
      - {series: 'h7gang_slot_units_total{instance="a",slot="A1",result="PASS"}', values: '0+2x60'}
      - {series: 'h7gang_store_lag_rows{instance="a"}', values: '0x10 101+5x50'}
      - {series: 'h7gang_units_total{station="s",result="NOT RECORDED"}', values: '0x20 1x40'}
    alert_rule_test:
      - eval_time: 60m
        alertname: H7gangSlotFails
        exp_alerts:
          - exp_labels: {instance: a, slot: A2, severity: warning}
            exp_annotations: {summary: "More than 30 % of the boards in slot A2 of a fail"}
      - {eval_time: 12m, alertname: H7gangStoreLags, exp_alerts: []}
      - eval_time: 20m
        alertname: H7gangStoreLags
        exp_alerts:
          - exp_labels: {instance: a, severity: warning}
            exp_annotations: {summary: "The store lacks 146 rows of a"}
      - {eval_time: 15m, alertname: H7gangNotRecorded, exp_alerts: []}
END
check "they fire when they should, over hours" promtool test rules "$work/rules.test"
# Live, without the waits that a line needs.
sed -e '/for: /d' -e 's/lag_rows > 100/lag_rows > 0/' contrib/prometheus/h7gang.rules.yml >"$work/rules.yml"
cat >"$work/prometheus.yml" <<-END
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$work/rules.yml]
scrape_configs:
  - {job_name: h7gang, static_configs: [{targets: ["127.0.0.1:$metrics"]}]}
END
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --web.listen-address="127.0.0.1:$prometheus" \
	>"$work/prometheus.out" 2>&1 &
database=$!
trap 'kill $server $database 2>/dev/null' EXIT
query() { curl -s -m 10 --data-urlencode "query=$1" "http://127.0.0.1:$prometheus/api/v1/query"; }
scraped() { [ "$(query 'h7gang_boards_passed_total' | jq -r '.data.result[0].value[1]')" = 2 ]; }
check "Prometheus scrapes the station" wait_for 60 scraped
fires() { curl -s "http://127.0.0.1:$prometheus/api/v1/alerts" | jq -e --arg name "$1" \
	'.data.alerts | any(.labels.alertname == $name and .state == "firing")' >/dev/null; }
check "the bad slot is an alert" wait_for 30 fires H7gangSlotBlocked
check "the store that lags is one" wait_for 30 fires H7gangStoreLags
check "what is well is none" [ "$(fires H7gangNotRecorded && echo fires)" = "" ]

# --- the dashboard ---
dashboard=contrib/grafana/h7gang.json
check "the dashboard has queries" [ "$(jq '[.panels[].targets[]] | length' $dashboard)" -ge 15 ]
scraped_twice() { query 'count_over_time(h7gang_boards_passed_total[5m])' | jq -e '.data.result[0].value[1] | tonumber >= 2' >/dev/null; }
check "rates have two scrapes" wait_for 30 scraped_twice
while IFS= read -r expression; do
	query "$expression" >"$work/answer"
	check "Prometheus answers: ${expression:0:60}" jq -e '.status == "success"' "$work/answer"
	case $expression in
	*'!="ok"'*) ;; # no transfer failed
	*) check "with values" jq -e '.data.result | length > 0' "$work/answer" ;;
	esac
done < <(jq -r '.panels[].targets[] | select(.expr) | .expr' $dashboard)
store=sqlite:$work/store.db
"$h7gang" store init --store "$store" >/dev/null && "$h7gang" store push --store "$store" "$work/log.csv" >/dev/null
while IFS= read -r sql; do
	check "SQLite answers: ${sql:0:60}" test -n "$(sqlite3 "$work/store.db" "$sql")"
done < <(jq -r '.panels[].targets[] | select(.rawSql) | .rawSql' $dashboard)
. tests/pg-lib.sh
if [ -n "$pg_bin" ] && [ -x "$pg_bin/initdb" ]; then
	pg_make
	pg_start
	"$h7gang" store init --store "$(pg_url)" >/dev/null && "$h7gang" store push --store "$(pg_url)" "$work/log.csv" >/dev/null
	while IFS= read -r sql; do
		check "PostgreSQL answers: ${sql:0:60}" test -n "$(pg_sql "$sql")"
	done < <(jq -r '.panels[].targets[] | select(.rawSql) | .rawSql' $dashboard)
	pg_end
fi
kill -INT "$(pgrep -P $run h7gang)"
wait $run
gone() { [ "$(query 'up{job="h7gang"}' | jq -r '.data.result[0].value[1]')" = 0 ]; }
check "a station that ended is not up" wait_for 30 gone
check "which is an alert" wait_for 30 fires H7gangGone
finish
