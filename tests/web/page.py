# SPDX-License-Identifier: GPL-2.0-or-later
"""The page in a browser. usage: page.py CHROMIUM WORK URL SLOTS; the boards come while this runs. Prints TAP. Between
its steps it asks the script around it: it writes a word to WORK/step and waits until WORK/done has it."""
import os, sys, time
sys.path.insert(0, os.path.dirname(__file__))
from browser import Browser

program, work, url, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
number = bad = 0


def check(what, good, more=""):
    global number, bad
    number += 1
    bad += not good
    print(("ok" if good else "not ok") + " %d - %s" % (number, what), flush=True)
    if not good and more:
        print("# " + str(more)[:600], flush=True)


def step(word):
    with open(work + "/step.new", "w") as file:
        file.write(word)
    os.rename(work + "/step.new", work + "/step")
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if os.path.exists(work + "/done") and open(work + "/done").read().strip() == word:
            return
        time.sleep(0.1)
    raise TimeoutError(word)


# Contrast of text with its background, by WCAG 2.2 (1.4.3); elements that show text of their own.
CONTRAST = """(() => {
  const channel = c => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parse = text => (text.match(/[0-9.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = c => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
  const bad = [];
  for (const e of document.querySelectorAll("body *")) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility() || e.closest(".skip, .hidden, option")) continue;
    let back = e, colour = [255, 255, 255, 1];
    for (; back; back = back.parentElement) { const c = parse(getComputedStyle(back).backgroundColor); if (c.length < 4 || c[3] > 0) { colour = c; break; } }
    const a = light(parse(getComputedStyle(e).color)), b = light(colour);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) bad.push(e.tagName + "." + e.className + " " + ratio.toFixed(2) + " " + e.textContent.slice(0, 30));
  }
  return bad.join("; ");
})()"""

# Names for all controls, and no heading level left out.
NAMES = """(() => {
  const bad = [];
  for (const e of document.querySelectorAll("button, a[href], input, progress")) {
    const label = e.labels && e.labels.length ? e.labels[0].textContent : "";
    if (!(e.textContent.trim() || label || e.getAttribute("aria-label"))) bad.push(e.outerHTML.slice(0, 80));
  }
  if (!document.documentElement.lang) bad.push("no lang");
  if (document.querySelectorAll("main").length !== 1) bad.push("main");
  if (document.querySelectorAll("h1").length !== 1) bad.push("h1");
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  if (new Set(ids).size !== ids.length) bad.push("an id twice");
  return bad.join("; ");
})()"""

# axe-core (https://github.com/dequelabs/axe-core), where tests/web/axe could get it.
AXE = os.environ.get("AXE")


def axe(what):
    if not AXE:
        return
    # Beside the policy of the page, which has no place for a script from elsewhere: the debugger puts it in.
    browser.run(open(AXE).read() + "; true")
    found = browser.run("""axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
        .then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0, 80)).join(" | ")).join("; "))""")
    check("axe-core finds nothing: " + what, found == "", found)


browser = Browser(program, work + "/browser")
try:
    browser.size(1400, 900)
    browser.open(url + "/")
    if browser.wait("!!document.getElementById('password')", 3):
        check("the login has names and contrast", browser.run(NAMES) + browser.run(CONTRAST) == "", browser.run(NAMES) + browser.run(CONTRAST))
        axe("login")
        browser.run("document.getElementById('user').focus()")
        browser.type("lena")
        browser.key("Tab")
        browser.type("wrong-password")
        browser.key("Enter")
        check("a wrong password is told", browser.wait("location.search === '?wrong=1' && !document.getElementById('wrong').hidden"))
        browser.run("document.getElementById('user').focus()")
        browser.type("lena")
        browser.key("Tab")
        browser.type("lena-password")
        browser.key("Enter")
    check("the page is live", browser.wait("document.getElementById('live').textContent === 'LIVE'"))
    check("every slot has its cell", browser.wait("document.querySelectorAll('.slot').length === %d" % count))
    check("they are empty", browser.run("document.querySelectorAll('.slot.empty').length") == count)
    # How each slot went, seen by the page itself.
    browser.run("""window.seen = {}; new MutationObserver(() => { for (const e of document.querySelectorAll('.slot'))
        (window.seen[e.dataset.slot] ||= new Set()).add(e.className.slice(5)); }).observe(document.getElementById('slots'),
        { subtree: true, childList: true, attributes: true })""")
    step("boards")
    check("boards are seen at work", browser.wait("document.querySelectorAll('.slot.running').length > 0"))
    browser.wait("document.querySelectorAll('.slot.running progress').length > 0", 20)
    browser.picture(work + "/running.png")
    check("and come to their verdicts", browser.wait(
        "document.querySelectorAll('.slot.passed').length + document.querySelectorAll('.slot.failed').length === %d" % count, 240),
        browser.run("[...document.querySelectorAll('.slot')].map(e => e.className).join(' ')"))
    check("each was seen at work before", browser.run("Object.values(window.seen).every(s => s.has('running'))"))
    failed = browser.run("document.querySelectorAll('.slot.failed').length")
    check("what failed is listed with advice", failed > 0 and browser.wait(
        "document.querySelectorAll('#failed li').length === %d && document.querySelector('#failed li').textContent.includes('read protected')" % failed))
    check("totals agree", browser.wait("document.querySelector('#totals').textContent.startsWith('%dpassed%dfailed')" % (count - failed, failed)),
          browser.run("document.querySelector('#totals').textContent"))
    check("what has no seal says so", browser.wait("document.getElementById('seal').textContent.includes('not yet sealed')"),
          browser.run("document.getElementById('seal').textContent"))
    browser.picture(work + "/done.png")
    for theme in ("light", "dark"):
        browser.run("setTheme(%s)" % ("true" if theme == "dark" else "false"))
        check("contrast, " + theme, browser.run(CONTRAST) == "", browser.run(CONTRAST))
        axe(theme)
        browser.picture(work + "/" + theme + ".png")
    check("names and structure", browser.run(NAMES) == "", browser.run(NAMES))

    # --- keyboard alone ---
    browser.run("document.querySelector('.slot').focus()")
    browser.key("ArrowRight")
    second = browser.run("document.activeElement.dataset.slot")
    check("an arrow goes to the next slot", second == browser.run("document.querySelectorAll('.slot')[1].dataset.slot"), second)
    browser.key("ArrowLeft")
    browser.key("Enter")
    check("Enter opens its board", browser.wait("document.getElementById('details').open"))
    check("with its row, hashes and bytes", browser.wait(
        "['Row before it', 'row_hash', 'prev_hash', 'As written', 'image_sha256'].every(t => document.getElementById('details').textContent.includes(t))", 20),
        browser.run("document.getElementById('details').textContent"))
    axe("details")
    browser.picture(work + "/details.png")
    browser.key("Escape")
    check("Escape closes it", browser.wait("!document.getElementById('details').open"))
    browser.run("document.activeElement.blur(); document.querySelector('.skip').focus()")
    reached = set()
    for _ in range(count + 25):
        browser.key("Tab")
        reached.add(browser.run("document.activeElement.id || document.activeElement.dataset.slot || document.activeElement.textContent"))
    check("Tab reaches search, report, theme and slots", {"what", "theme", "Report"} <= reached and len(reached) > 5, reached)

    # --- search ---
    uid = browser.run("[...slots.values()].find(s => s.unit && s.unit.result === 'PASS').unit.uid")
    for text, wanted in ((uid, "uid " + uid), ("A2", "slot A2"), ("nothing-like-it", "No unit has")):
        browser.run("at('what').value = ''; at('what').focus()")
        browser.type(text)
        browser.key("Enter")
        check("search: " + wanted, browser.wait("at('found').textContent.includes(%r)" % wanted), browser.run("at('found').textContent"))
    hostile = '<img src=x onerror="document.title=1">'
    browser.run("at('what').value = ''; at('what').focus()")
    browser.type(hostile)
    browser.key("Enter")
    check("a search is text", browser.wait("at('found').textContent.includes('No unit has')") and browser.run("!document.querySelector('img')"))

    # --- sizes ---
    browser.size(390, 844, True)
    check("nothing is wider than a phone", browser.wait("document.documentElement.scrollWidth <= 390", 5), browser.run("document.documentElement.scrollWidth"))
    check("names of slots can be read there", browser.run("parseFloat(getComputedStyle(document.querySelector('.slot .name')).fontSize)") >= 16)
    browser.picture(work + "/phone.png")
    browser.size(820, 1180, True)
    check("nor than a tablet", browser.wait("document.documentElement.scrollWidth <= 820", 5))
    browser.picture(work + "/tablet.png")
    browser.size(3840, 2160)
    big = browser.run("parseFloat(getComputedStyle(document.querySelector('.slot .verdict') || document.querySelector('.slot .name')).fontSize)")
    # 55 inches are 1218 mm wide; 20/20 reads 5 minutes of arc, 7.3 mm at 5 m.
    check("verdicts are read at five metres on 55 inches", big * 0.7 * 1218 / 3840 >= 7.3, big)
    browser.picture(work + "/big.png")
    browser.size(1400, 900)

    # --- connections that are lost, and come back ---
    step("kill-web")
    check("without the server it is not live", browser.wait("document.getElementById('live').textContent.startsWith('NOT LIVE')"))
    check("and the slots show that they are old", browser.run("document.body.classList.contains('stale')"))
    browser.picture(work + "/not-live.png")
    step("start-web")
    if browser.wait("location.pathname === '/login'", 15):
        browser.run("document.getElementById('user').focus()")
        browser.type("lena")
        browser.key("Tab")
        browser.type("lena-password")
        browser.key("Enter")
    check("it comes back by itself", browser.wait("document.getElementById('live').textContent === 'LIVE'"))
    step("kill-station")
    check("without the station it is not live", browser.wait("/^NOT LIVE.*station/.test(document.getElementById('live').textContent)"),
          browser.run("document.getElementById('live').textContent"))
    step("start-station")
    check("it follows the next one", browser.wait("document.getElementById('live').textContent === 'LIVE'", 90))
    check("no script failed, and the policy refused nothing", not browser.problems, browser.problems)
finally:
    browser.close()
print("1..%d" % number)
sys.exit(bad > 0)
