# SPDX-License-Identifier: GPL-2.0-or-later
# Disturbances of stations and their store. After stations-lib.sh. Sourced.
# shellcheck shell=bash disable=SC2154

# killed_tray NAME FLASHES SECONDS BOARDS [OPTIONS]: one fleet, a run that is killed and then one to the end. A fleet
# that is there is taken.
killed_tray() {
	[ -e "$2.yaml" ] || fleet_of "$2" "$4" >"$2.yaml"
	# shellcheck disable=SC2016
	"$sim" --fleet "$2.yaml" --speed 30 --save "$2" -- bash -c '
		run() {
			local h7gang=$1 folder=$2 name=$3 count=$5
			shift 5
			"$h7gang" run --profile "$folder/p.yaml" --audit "$folder/log.csv" --station "$name" \
				--count "$count" --quiet "$@" >>"$folder/out" 2>>"$folder/err"
		}
		run "$@" &
		run=$!
		sleep "$4"
		child=$(pgrep -P $run | head -1)
		kill -9 ${child:-$run} 2>/dev/null && echo . >>"$2/kills"
		wait $run 2>/dev/null
		run "$@"
		true' bash "$h7gang" "$work/$1" "$1" "$3" "$4" "${@:5}" >/dev/null 2>&1
}

disturb_postgresql() { # disturbs a server until $work/over exists
	local n=0
	while [ ! -e "$work/over" ]; do
		n=$((n + 1))
		sleep $((RANDOM % 4 + 3))
		[ -e "$work/over" ] && break
		case $((n % 3)) in
		0)
			kill -STOP "$pg_pid"; sleep 4; kill -CONT "$pg_pid"
			echo stopped >>"$work/disturbed"
			;;
		1)
			pg_kill; sleep $((RANDOM % 3)); pg_start
			echo killed >>"$work/disturbed"
			;;
		2)
			fill_disk; sleep 3; make_room
			[ -n "$(pgrep -P "$pg_pid" | head -1)" ] || { pg_stop; pg_start; }
			echo full >>"$work/disturbed"
			;;
		esac
	done
}
fill_disk() { dd if=/dev/zero of="$disk/filler" bs=64k 2>/dev/null; true; }
make_room() { rm -f "$disk/filler"; }

disturb_sqlite() { # another process locks the file, or fills the disk
	local n=0
	while [ ! -e "$work/over" ]; do
		n=$((n + 1))
		sleep $((RANDOM % 4 + 2))
		[ -e "$work/over" ] && break
		if [ $((n % 2)) -eq 0 ]; then
			fill_disk; sleep 3; make_room
			echo full >>"$work/disturbed"
		else
			(echo "PRAGMA busy_timeout = 3000; BEGIN IMMEDIATE;"; sleep 7; echo "COMMIT;") | sqlite3 "$disk/store.db" >/dev/null
			echo locked >>"$work/disturbed"
		fi
	done
}

# store_on_small_disk DATABASE: a fresh store, its URL in $url, alone on a disk of 200 MB that can be full.
store_on_small_disk() {
	disk=$work/disk-$1
	mkdir -p "$disk"
	trap 'pg_end; umount "$work"/disk-* 2>/dev/null' EXIT
	if ! mount -t tmpfs -o size=200m,mode=755 tmpfs "$disk" 2>/dev/null; then
		fill_disk() { :; }
		echo "# no disk of its own can be mounted: it will not be full"
	fi
	if [ "$1" = sqlite ]; then
		database=sqlite
		url=sqlite:$disk/store.db
		ln -sf "$disk/store.db" "$work/store.db"
		"$h7gang" store init --store "$url" >/dev/null
	else
		pg_need
		pg_make "$disk/pg" && pg_start
		use postgresql
	fi
}

# each_database COMMAND: COMMAND DATABASE for each of DATABASES, with a fresh store on a small disk.
each_database() {
	local begin
	for database in ${DATABASES:-sqlite postgresql}; do
		store_on_small_disk "$database"
		begin=$SECONDS
		"$1" "$database"
		echo "# $database: $((SECONDS - begin)) s"
	done
}
