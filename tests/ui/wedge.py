#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""wedge.py SOCKET TARGET: a keyboard wedge on a tmux pane. Reads lines "MS HEX" and types the bytes of each, MS
milliseconds a key, over one control connection; then nothing for 250 ms. Prints how many lines it typed, and how many
had a pause of 100 ms or more between two keys, which this machine made and no scanner would."""
import subprocess
import sys
import time


def main():
    socket, target = sys.argv[1:3]
    tmux = subprocess.Popen(["tmux", "-S", socket, "-C", "attach-session", "-t", target], stdin=subprocess.PIPE,
                            stdout=subprocess.DEVNULL)
    typed = slow = 0
    for line in sys.stdin:
        ms, text = line.split()
        begin = time.monotonic()
        last, longest = begin, 0
        for i in range(0, len(text), 2):
            due = begin + i // 2 * int(ms) / 1000
            while time.monotonic() < due:
                time.sleep(max(0, due - time.monotonic()))
            tmux.stdin.write(f"send-keys -t {target} -H {text[i:i + 2]}\n".encode())
            tmux.stdin.flush()
            now = time.monotonic()
            last, longest = now, max(longest, now - last)
        slow += longest >= 0.1
        typed += 1
        time.sleep(0.25)
    tmux.stdin.close()
    tmux.wait(timeout=30)
    print(typed, slow)


main()
