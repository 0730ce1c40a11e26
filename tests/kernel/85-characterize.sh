#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# h7gang characterize on a real kernel: it finds the boards' behaviour, flash times within 5 %; requests take the wire's
# time and the kernel's.
. "$(dirname "$0")/lib.sh"

cat >fleet.yaml <<'END'
targets:
  - {name: v92, sector_ms: 700, mass_ms: 5200, uid: 3a002b001151343833363031}
  - {name: class, bootloader: V9.0, personality: st-dfu-class, uid: 3a002b001151343833363032}
END
inside() {
	local name
	for name in v92 class; do
		"$h7gang" characterize --path "$(port_of $name)" --output $name.json --destructive --audit none.csv \
			--confirm "$([ $name = v92 ] && echo 3031 || echo 3032)" >$name.page || echo $? >$name.status
	done
}
enter "$@"

rm -f ./*.json
bench --fleet fleet.yaml
for name in v92 class; do
	[ ! -s $name.status ] || fail "$name: exit $(cat $name.status)"
done
jq -e '.measured | (.sector_ms - 700 | fabs) < 35 and (.mass_ms - 5200 | fabs) < 260 and .sector_erase == ["normal", "normal"]
	and .double_program == "breaks" and .leave == "works" and .stride == "request"' v92.json >/dev/null || fail "v92: $(cat v92.json)"
jq -e '.measured | .personality == "st-dfu-class" and .sector_erase == ["normal", "wedges"] and .wedge_repeats
	and .mass_erase == "nothing" and .stride == "constant"' class.json >/dev/null || fail "class: $(cat class.json)"
