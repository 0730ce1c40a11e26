// SPDX-License-Identifier: GPL-2.0-or-later
// The station's state from the server: a snapshot, then events. Every text is inserted as text, never as markup. A
// verdict is shown only if its event says that it is recorded.
"use strict";

const at = id => document.getElementById(id);
const QUIET_MS = 12000; // the server sends some text every 5 s
let station = null, slots = new Map(), session = {}, read = {};
let connected = false, why = "", heard = 0, figures = 0;

// --- helpers ---

function make(tag, text, kind) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = text;
  if (kind) element.className = kind;
  return element;
}

async function api(path, options) {
  const answer = await fetch("/api/v1/" + path, { cache: "no-store", credentials: "same-origin", ...options });
  if (answer.status === 401) location.href = "/login";
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error || body.text || "status " + answer.status);
  return body;
}

function ask(path, body) {
  return api(path, {
    method: "POST", body: body ? JSON.stringify(body) : "",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": session.csrf || "" },
  });
}

const clock = time => time ? new Date(time).toLocaleTimeString() : "";

// --- live mark ---

function drawLive() {
  const live = connected && Date.now() - heard < QUIET_MS;
  const text = live ? "LIVE" : "NOT LIVE" + (heard ? " since " + new Date(heard).toLocaleTimeString() : "") +
    (why ? ": " + why : heard && !connected ? ": no connection to the server" : "");
  if (at("live").textContent !== text) at("live").textContent = text;
  at("live").classList.toggle("off", !live);
  document.body.classList.toggle("stale", !live);
}

// --- slots ---

function stateOf(slot) {
  if (slot.activity === "running") return "running";
  if (slot.blocked) return "blocked";
  if (slot.activity !== "done" || !slot.unit) return slot.note === "the board waits for its label" ? "asking" : "empty";
  if (!slot.unit.recorded) return "not_recorded";
  return { PASS: "passed", FAIL: "failed", ABORTED: "aborted" }[slot.unit.result] || "not_recorded";
}

const VERDICT = { empty: "", running: "", passed: "PASS", failed: "FAIL", aborted: "ABORTED", not_recorded: "NOT RECORDED", blocked: "BLOCKED", asking: "SCAN" };

const keyed = () => read.seals || (station && station.log.sealed);

function sealText(slot) {
  if (!keyed() || !slot.unit) return "";
  return slot.sealed ? "sealed" : "not yet sealed";
}

function drawSlot(slot) {
  const state = stateOf(slot);
  let cell = document.querySelector(`[data-slot="${CSS.escape(slot.slot)}"]`);
  if (!cell) {
    cell = make("button");
    cell.type = "button";
    cell.dataset.slot = slot.slot;
    cell.addEventListener("click", () => showSlot(slot.slot));
    at("slots").append(cell);
  }
  cell.className = "slot " + state;
  const parts = [make("span", slot.slot, "name")];
  if (state === "running") {
    const bar = make("progress");
    bar.max = 1000; bar.value = slot.permille; bar.setAttribute("aria-label", "progress of " + slot.phase);
    parts.push(make("span", slot.phase + " " + Math.floor(slot.permille / 10) + " %"), bar);
    if (slot.attempt > 1) parts.push(make("small", "attempt " + slot.attempt + " of " + slot.attempts_allowed));
  } else {
    parts.push(make("span", VERDICT[state] || "empty", state === "empty" ? "" : "verdict"));
    if (slot.blocked) parts.push(make("small", slot.blocked));
    else if (!["empty", "asking", "passed"].includes(state) && slot.unit) parts.push(make("small", slot.unit.error.replaceAll("_", " ")));
    if (state === "passed") parts.push(make("small", sealText(slot)));
    if (slot.take_out) parts.push(make("small", "remove the board"));
  }
  cell.replaceChildren(...parts);
}

// The fixture's rows and columns, from 1; slots without a place follow.
function layOut() {
  const list = [...slots.values()];
  let columns = Math.max(0, ...list.map(s => s.column));
  if (!columns) columns = Math.max(1, Math.ceil(Math.sqrt(2 * list.length)));
  at("slots").style.setProperty("--columns", columns);
  at("slots").replaceChildren();
  for (const slot of list) {
    drawSlot(slot);
    const cell = at("slots").lastElementChild;
    if (slot.row && slot.column) { cell.style.gridRow = slot.row; cell.style.gridColumn = slot.column; }
  }
}

function drawFailed() {
  const failed = [...slots.values()].filter(s => ["failed", "aborted", "not_recorded", "blocked"].includes(stateOf(s)));
  at("failed-part").hidden = failed.length === 0;
  at("failed").replaceChildren(...failed.map(slot => {
    const item = make("li"), unit = slot.unit;
    item.append(make("b", slot.slot + ": " + VERDICT[stateOf(slot)]));
    if (slot.blocked) item.append(" " + slot.blocked);
    if (unit && unit.error) item.append(" " + unit.error.replaceAll("_", " ") + ". " + unit.advice);
    return item;
  }));
}

// --- the station ---

function drawStation() {
  if (!station) return;
  const fact = (name, text) => {
    if (!text) return null;
    const pair = make("div");
    pair.append(make("dt", name), make("dd", text));
    return pair;
  };
  const done = station.passed + station.failed;
  const total = (count, name) => { const item = make("li"); item.append(make("b", count), name); return item; };
  at("station").textContent = station.station || "Station";
  document.title = (station.station || "station") + ": h7gang";
  at("state").textContent = station.over ? "The run is over." : "Station " + station.state + (station.reason ? ": " + station.reason : "");
  at("facts").replaceChildren(...[fact("Lot", station.lot), fact("Operator", station.operator), fact("Profile", station.profile),
    fact("Part", station.part), fact("Firmware", station.firmware_version), fact("Started", clock(station.started_at))].filter(Boolean));
  at("totals").replaceChildren(total(station.passed, "passed"), total(station.failed, "failed"), total(station.aborted, "aborted"),
    ...(station.not_recorded ? [total(station.not_recorded, "NOT RECORDED")] : []),
    total(done ? (100 * station.passed / done).toFixed(1) + " %" : "-", "yield"), total(station.boards_per_hour || "-", "boards an hour"));
  at("seal").textContent = read.why ? "The log: " + read.why : !read.last ? "" : !keyed() ? read.last + " rows in the log." :
    read.sealed_seq >= read.last ? "All " + read.last + " rows of the log are sealed." :
    "Rows " + (read.sealed_seq + 1) + " to " + read.last + " of the log are not yet sealed.";
}

function say(time, slot, text) {
  at("messages").prepend(make("li", clock(time) + " " + (slot ? slot + ": " : "") + text));
  while (at("messages").children.length > 40) at("messages").lastElementChild.remove();
}

// The server counts totals, rate and seals.
function askFigures() {
  clearTimeout(figures);
  figures = setTimeout(async () => {
    try {
      const [fresh, list] = await Promise.all([api("station"), api("slots")]);
      station = fresh; read = fresh.read;
      for (const slot of list.slots) {
        const mine = slots.get(slot.slot);
        if (mine) { for (const name of ["seq", "sealed", "passed", "failed"]) mine[name] = slot[name]; drawSlot(mine); }
      }
      drawStation();
    } catch (error) { /* the live mark shows it */ }
  }, 300);
}

function whole(snapshot) {
  connected = snapshot.connected; why = snapshot.connected ? "" : snapshot.why;
  station = snapshot;
  slots = new Map(snapshot.slots.map(slot => [slot.slot, slot]));
  at("messages").replaceChildren();
  for (const message of snapshot.messages) say(message.time, message.slot, message.text);
  layOut(); drawFailed(); drawStation(); askFigures();
}

const onSlot = {
  target: (slot, e) => Object.assign(slot, { activity: "running", take_out: false, permille: 0, phase: "identify", attempt: 1, note: "", unit_id: e.unit_id, path: e.path }),
  phase: (slot, e) => Object.assign(slot, { activity: "running", phase: e.phase, permille: 0, attempt: e.attempt, attempts_allowed: e.attempts_allowed }),
  progress: (slot, e) => { if (slot.phase === e.phase) slot.permille = e.permille; },
  unit: (slot, e) => Object.assign(slot, { activity: "done", unit: e, seq: 0, sealed: false }),
  take_out: slot => { slot.take_out = true; },
  free: slot => Object.assign(slot, { activity: "empty", take_out: false }),
  blocked: (slot, e) => { slot.blocked = e.reason; },
  unlocked: slot => { slot.blocked = ""; },
  note: (slot, e) => { slot.note = e.text; if (slot.activity === "done" && e.text === "acknowledged") slot.activity = "empty"; },
};

function take(kind, e) {
  let slot = e.slot ? slots.get(e.slot) : null;
  if (!slot && e.slot && kind === "target" && station && !station.fixed_slots) {
    slot = { slot: e.slot, path: e.path, row: 0, column: 0, activity: "empty", blocked: "", note: "", unit: null };
    slots.set(e.slot, slot);
    layOut();
  }
  if (slot && onSlot[kind]) { onSlot[kind](slot, e); drawSlot(slot); }
  if (kind === "state") { Object.assign(station, { state: e.state, reason: e.reason, lot: e.lot, operator: e.operator }); drawStation(); }
  if (kind === "summary") station.over = true;
  if (kind === "note") say(e.time, e.slot, e.text);
  if ((kind === "answer" || kind === "scan") && !e.accepted) say(e.time, e.slot, "refused: " + e.text);
  if (kind === "blocked" || kind === "unlocked") say(e.time, e.slot, kind + ": " + e.reason);
  if (["unit", "blocked", "unlocked", "free", "target", "note"].includes(kind)) drawFailed();
  if (["unit", "state", "summary"].includes(kind)) askFigures();
}

// --- a board ---

function pairs(object) {
  const list = make("dl");
  for (const [name, value] of Object.entries(object)) {
    if (value === null || value === "" || typeof value === "object") continue;
    list.append(make("dt", name));
    const data = make("dd");
    data.append(/_sha256$|hash$|^uid$/.test(name) ? make("code", value) : String(value));
    list.append(data);
  }
  return list;
}

async function rowPart(seq) {
  const part = make("div"), found = await api("rows/" + seq);
  part.append(make("h3", "Row " + seq + " of the log"),
    make("p", found.seal ? "Sealed on " + found.seal.time + " by key " + found.seal.key_id + ", with row " + found.seal.seq + "." : "Not yet sealed."),
    pairs(found.row), make("h3", "Row before it"), pairs(found.previous), make("h3", "As written"), make("code", found.text));
  const trace = /[A-Za-z0-9._-]+\.pcapng/.exec(found.row.detail || "");
  if (trace && session.trace) {
    const link = make("a", "USB transfers for Wireshark: " + trace[0]);
    link.href = "/api/v1/traces/" + encodeURIComponent(trace[0]);
    const line = make("p"); line.append(link); part.append(line);
  }
  return part;
}

function slotButtons(name) {
  const line = make("p");
  for (const what of ["acknowledge", "unlock"]) {
    const button = make("button", what);
    button.type = "button";
    button.addEventListener("click", () => tell("slots/" + encodeURIComponent(name) + "/" + what));
    line.append(button, " ");
  }
  return line;
}

async function showSlot(name) {
  const slot = slots.get(name), body = at("details-body");
  at("details-title").textContent = "Slot " + name;
  body.replaceChildren(make("p", "Port " + (slot.path || "unknown") + ". In this run: " + slot.passed + " passed, " + slot.failed + " failed."));
  if (slot.blocked) body.append(make("p", "Blocked: " + slot.blocked));
  if (slot.note) body.append(make("p", slot.note));
  if (slot.unit) {
    body.append(make("h3", (slot.unit.recorded ? slot.unit.result : "NOT RECORDED") + " " + slot.unit.error.replaceAll("_", " ")));
    if (slot.unit.advice) body.append(make("p", slot.unit.advice));
    if (slot.unit.detail) body.append(make("p", slot.unit.detail));
  }
  if (session.control) body.append(slotButtons(name));
  if (!at("details").open) at("details").showModal();
  try {
    const fresh = await api("slots/" + encodeURIComponent(name));
    if (fresh.seq) body.append(await rowPart(fresh.seq));
  } catch (error) { body.append(make("p", error.message)); }
}

async function showRow(seq) {
  at("details-title").textContent = "Row " + seq;
  at("details-body").replaceChildren();
  if (!at("details").open) at("details").showModal();
  try { at("details-body").append(await rowPart(seq)); } catch (error) { at("details-body").append(make("p", error.message)); }
}

// --- search ---

function table(units) {
  const scroll = make("div", null, "scroll"), list = make("table"), head = make("tr");
  for (const name of ["Row", "Finished", "Result", "Error", "Slot", "UID", "Serial number", "Lot", "Seal"]) {
    const cell = make("th", name); cell.scope = "col"; head.append(cell);
  }
  const top = make("thead"), body = make("tbody");
  top.append(head);
  for (const unit of units) {
    const line = make("tr"), first = make("td"), button = make("button", unit.seq);
    button.type = "button";
    button.setAttribute("aria-label", "row " + unit.seq);
    button.addEventListener("click", () => showRow(unit.seq));
    first.append(button);
    line.append(first, ...[unit.finished_at, unit.result, unit.error, unit.slot, unit.uid, unit.unit_serial, unit.lot,
      unit.sealed ? "sealed" : "not yet sealed"].map(text => make("td", text)));
    body.append(line);
  }
  list.append(top, body);
  scroll.append(list);
  return scroll;
}

async function search(text) {
  const queries = slots.has(text) ? ["slot"] : /^[0-9a-f]{24}$/i.test(text) ? ["uid", "serial"] : ["serial", "slot", "lot"];
  at("found-part").hidden = false;
  try {
    for (const query of queries) {
      const wanted = query === "uid" ? text.toLowerCase() : text;
      const answer = await api("units?limit=100&" + query + "=" + encodeURIComponent(wanted));
      if (!answer.units.length) continue;
      at("found").replaceChildren(make("p", answer.units.length + (answer.next ? " or more" : "") + " units with " + query + " " + wanted), table(answer.units));
      at("found").focus();
      return;
    }
    at("found").replaceChildren(make("p", "No unit has this UID, serial number, slot or lot."));
  } catch (error) { at("found").replaceChildren(make("p", error.message)); }
  at("found").focus();
}

// --- control ---

async function tell(path, body) {
  try { at("said").textContent = (await ask(path, body)).text; } catch (error) { at("said").textContent = "Refused: " + error.message; }
}

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  at("theme").textContent = dark ? "Light" : "Dark";
}

// --- start ---

function listen() {
  const source = new EventSource("/api/v1/events");
  const kinds = ["started", "target", "phase", "progress", "unit", "empty", "note", "take_out", "free", "summary", "state", "answer", "scan", "blocked", "unlocked"];
  source.addEventListener("snapshot", event => { heard = Date.now(); whole(JSON.parse(event.data)); drawLive(); });
  source.addEventListener("beat", () => { heard = Date.now(); drawLive(); });
  source.addEventListener("dropped", event => { why = JSON.parse(event.data).reason; connected = false; drawLive(); });
  for (const kind of kinds)
    source.addEventListener(kind, event => { heard = Date.now(); take(kind, JSON.parse(event.data)); drawLive(); });
  source.onopen = () => { heard = Date.now(); if (station) { connected = station.connected !== false; why = connected ? "" : station.why || ""; } drawLive(); };
  source.onerror = () => {
    connected = false; why = "no connection to the server"; drawLive();
    // A browser gives up after an answer that is no stream, such as that of a proxy.
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  };
}

async function start() {
  setTheme(matchMedia("(prefers-color-scheme: dark)").matches);
  at("theme").addEventListener("click", () => setTheme(document.documentElement.dataset.theme !== "dark"));
  at("search").addEventListener("submit", event => { event.preventDefault(); const text = at("what").value.trim(); if (text) search(text); });
  for (const form of document.querySelectorAll("#control form"))
    form.addEventListener("submit", event => {
      event.preventDefault();
      const input = form.querySelector("input");
      tell(form.dataset.path, form.dataset.member ? { [form.dataset.member]: input.value } : null);
      if (input) input.value = "";
    });
  at("logout").addEventListener("click", async () => {
    await fetch("/logout", { method: "POST", redirect: "manual", headers: { "X-CSRF-Token": session.csrf || "" } });
    location.href = "/login";
  });
  // Arrow keys move between slots as they are arranged.
  at("slots").addEventListener("keydown", event => {
    const step = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (!step || !event.target.dataset.slot) return;
    const from = event.target.getBoundingClientRect();
    let best = null, least = Infinity;
    for (const cell of at("slots").children) {
      const to = cell.getBoundingClientRect(), dx = to.left - from.left, dy = to.top - from.top;
      const along = dx * step[0] + dy * step[1], across = Math.abs(dx * step[1]) + Math.abs(dy * step[0]);
      if (along > 1 && along + 4 * across < least) { least = along + 4 * across; best = cell; }
    }
    if (best) { event.preventDefault(); best.focus(); }
  });
  try { session = await api("session"); } catch (error) { session = {}; }
  at("logout").hidden = !session.login;
  at("control").hidden = !session.control;
  setInterval(drawLive, 1000);
  setInterval(askFigures, 10000);
  listen();
}
start();
