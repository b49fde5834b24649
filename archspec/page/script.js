/* What a page does: theme, networks and counting rules in place, rows and code that light up together, search.
   Texts of specs are only ever put in as text. */
"use strict";

const $ = (id) => document.getElementById(id);
const all = (selector, within) => [...(within || document).querySelectorAll(selector)];
const said = (value) => (typeof value === "number" ? value.toLocaleString("en-US") : value);
const amount = (value) => (typeof value === "number" ? value : Number(value.replaceAll(",", "")));
const times = (dims) => dims.join("x");

/* Theme: that of the system, or the reader's own. */

const THEMES = { "": ["◐", "as the system"], light: ["○", "light"], dark: ["●", "dark"] };

function themed(name) {
  const [sign, says] = THEMES[name];
  document.documentElement.dataset.theme = name;
  $("theme").textContent = sign;
  $("theme").setAttribute("aria-label", `Theme: ${says}`);
  try { localStorage.setItem("archspec-theme", name); } catch (error) { /* a page from a disk may not store */ }
}

function stored() {
  try { return localStorage.getItem("archspec-theme") || ""; } catch (error) { return ""; }
}

themed(stored() in THEMES ? stored() : "");
$("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  themed(names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length]);
});

/* The page of a network. */

const PARTS = ["table", "figure", "code", "spec"];
const page = $("data") && JSON.parse($("data").textContent);
const held = new Map();
let now = { member: 0, rule: 0, row: null, pinned: null };

const part = (name) => page.parts[name][page.members[now.member][0][PARTS.indexOf(name)][1]];
const rows = () => part("table").rows;

/* Puts a part of another network in the place of the one that is shown; each is kept once it was shown. */
function placed(name, number) {
  const place = $(name);
  if (!place) return;
  const before = place.dataset.number || "0";
  if (before === String(number)) return;
  held.set(`${name}-${before}`, [...place.childNodes]);
  const known = held.get(`${name}-${number}`);
  place.replaceChildren(...(known || [$(`${name}-${number}`).content.cloneNode(true)]));
  place.dataset.number = number;
}

function showMember(index) {
  now = { ...now, member: index, row: null, pinned: null };
  const [parts, facts, layers] = page.members[index];
  PARTS.forEach((name, i) => placed(name, parts[i][0]));
  $("facts").textContent = facts.join("; ");
  $("layers").textContent = said(layers);
  looked(rows()[0]);
  prepared();
  showRule(now.rule);
  found();
}

function showRule(index) {
  now.rule = index;
  const { rules, columns } = part("table").counts;
  const [params, adds, activations] = rules[index];
  all("tbody tr, tfoot tr", $("table")).forEach((line, i) => {
    counted(line.cells[4], columns[params], i);
    counted(line.cells[5], columns[adds], i);
  });
  $("params").textContent = said(columns[params].at(-1));
  $("mult-adds").textContent = said(columns[adds].at(-1));
  $("activations").textContent = said(activations);
  $("rule-name").textContent = page.rules[index][0];
  $("rule-says").replaceChildren(...page.rules[index][1].map((line) => element("li", line)));
}

/* A number and its share of the total, which the style draws as a bar. */
function counted(cell, column, i) {
  if (cell.firstChild && cell.firstChild.nodeType === Node.TEXT_NODE) cell.firstChild.nodeValue = said(column[i]);
  else cell.prepend(said(column[i]));
  const whole = amount(column.at(-1));
  const share = i < column.length - 1 && whole ? amount(column[i]) / whole : 0;
  cell.style.setProperty("--share", `${(100 * share).toFixed(2)}%`);
}

function element(name, text, type) {
  const made = document.createElement(name);
  made.textContent = text;
  if (type) made.className = type;
  return made;
}

/* Rows that open. What was open inside a row stays so while the row is closed. */

function opened(button, open) {
  button.setAttribute("aria-expanded", open);
  const line = button.closest("tr");
  const level = levelOf(line);
  let closedAt = open ? Infinity : level;
  for (let next = line.nextElementSibling; next && levelOf(next) > level; next = next.nextElementSibling) {
    const inner = levelOf(next);
    if (inner <= closedAt) closedAt = Infinity;
    next.hidden = !open || closedAt < inner;
    const own = next.querySelector("button[aria-expanded]");
    if (!next.hidden && own && own.getAttribute("aria-expanded") === "false") closedAt = inner;
  }
}

const levelOf = (line) => Number(line.className[1]);

/* Rows of the table, of the figure, of the code and of the spec that belong together. */

function prepared() {
  const names = rows().map((row) => row[0]);
  const next = new Map();
  all("g.row", $("figure")).forEach((group) => {
    const name = group.dataset.name;
    const row = names.indexOf(name, next.get(name) || 0);
    if (row < 0) return;
    next.set(name, row + 1);
    group.dataset.row = row;
    group.setAttribute("tabindex", "-1"); /* the figure is one stop, and its rows go by the arrow keys */
    group.setAttribute("role", "button");
    group.setAttribute("aria-label", all("text", group).map((each) => each.textContent).join(" "));
  });
  for (const name of ["code", "spec"]) {
    const lines = all("pre > code > span", $(name));
    const [own, shared, ranges] = part(name);
    lines.forEach((line) => { line.rows = new Set(); });
    own.forEach((numbers, row) => numbers.forEach((i) => lines[i].rows.add(row)));
    shared.forEach((used, row) => used.forEach((k) => {
      for (let i = ranges[k][0]; i <= ranges[k][1]; i++) lines[i].rows.add(row);
    }));
    $(name).lines = lines;
  }
}

function lit(chosen, from) {
  all(".lit, .near").forEach((each) => each.classList.remove("lit", "near"));
  const only = chosen.length === 1;
  for (const row of chosen) {
    all(`[data-row="${row}"]`, $("main")).forEach((each) => each.classList.add("lit"));
    for (const name of ["code", "spec"]) {
      const [own, shared, ranges] = part(name);
      const lines = $(name).lines;
      if (only) shared[row].forEach((k) => lines.slice(ranges[k][0], ranges[k][1] + 1).forEach((line) => line.classList.add("near")));
      own[row].forEach((i) => lines[i].classList.add("lit"));
      if (only && own[row].length && from !== name) shown($(name), lines[own[row][0]]);
    }
  }
  now.row = only ? chosen[0] : null;
  if (only) looked(rows()[chosen[0]]);
}

/* Scrolls a text inside its own box, never the page. */
function shown(box, line) {
  if (box.hidden || box.scrollHeight <= box.clientHeight) return;
  const top = line.getBoundingClientRect().top - box.getBoundingClientRect().top + box.scrollTop;
  if (top < box.scrollTop || top > box.scrollTop + box.clientHeight - 40) box.scrollTop = top - box.clientHeight / 3;
}

function rowsAt(target) {
  const line = target.closest && target.closest("pre > code > span");
  if (line && line.rows) return [[...line.rows], line.closest(".text").id];
  const holder = target.closest && target.closest("[data-row]");
  return holder && $("main").contains(holder) ? [[Number(holder.dataset.row)], "rows"] : [[], ""];
}

function pointed(event) {
  const [chosen, from] = rowsAt(event.target);
  const same = `${from} ${chosen}`;
  if (chosen.length && same === now.same) return;
  now.same = same;
  if (chosen.length) lit(chosen, from);
  else if (now.pinned !== null) lit([now.pinned], "rows");
}

function pinned(button) {
  const row = Number(button.closest("tr").dataset.row);
  const already = now.pinned === row;
  all("button[aria-pressed=true]", $("table")).forEach((each) => each.setAttribute("aria-pressed", "false"));
  now.pinned = already ? null : row;
  button.setAttribute("aria-pressed", !already);
  lit(already ? [] : [row], "rows");
}

/* What one position of a row sees of the input, drawn and in words. */

const SVG = "http:" + "//www.w3.org/2000/svg";

function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function looked([name, input, output, field, stride, centre, activations, kept, filters]) {
  const whole = rows()[0][1];
  const maps = whole.length === 3 && output.length === 3 && field !== null;
  $("look").hidden = false;
  $("look-name").textContent = name;
  $("field").toggleAttribute("hidden", !maps);
  if (maps) $("field").replaceChildren(...seen(whole, output, field, stride, centre));
  const lines = [["input", times(input)], ["output", times(output)]];
  if (maps) lines.push(["one position sees", `${times(field)} of ${whole[0]}x${whole[1]}`], ["the next stands", `${times(stride)} further`]);
  if (filters) lines.push(["filters", filters]);
  lines.push(["activations", said(activations)], ["kept for backward", said(kept)]);
  $("look-says").replaceChildren(...lines.flatMap(([key, value]) => [element("dt", key), element("dd", value)]));
}

/* The input as a box of 100 on its longer side, and the field of the position in the middle of the output. */
function seen(whole, output, field, stride, centre) {
  const scale = 100 / Math.max(whole[0], whole[1]);
  const [tall, wide] = [whole[0] * scale, whole[1] * scale];
  const box = (i, more) => {
    const [y, x] = [0, 1].map((k) => (centre[k] + stride[k] * Math.floor((output[k] - 1) / 2 + (k ? i : 0)) + 0.5) * scale);
    const [h, w] = [0, 1].map((k) => Math.min(field[k] * scale, 400));
    return drawn("rect", { x: x - w / 2, y: y - h / 2, width: w, height: h, ...more });
  };
  const ground = drawn("rect", { x: 0, y: 0, width: wide, height: tall, class: "ground" });
  return [ground, ...(output[1] > 1 ? [box(1, { class: "next" })] : []), box(0, { class: "seen" })];
}

/* Search: rows, printed figures and lines of code; on an index its entries. */

function matches(element, words) {
  const text = (element.dataset.text || element.textContent).toLowerCase();
  return words.every((word) => text.includes(word));
}

function found() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = page ? foundOnPage(words) : foundInList(words);
  $("found").textContent = words.length ? hits : "";
}

function foundOnPage(words) {
  const lines = all("tbody tr", $("table"));
  const kept = new Set(lines.filter((line) => matches(line, words)).map((line) => line.dataset.row));
  lines.forEach((line) => line.classList.toggle("gone", words.length > 0 && !kept.has(line.dataset.row)));
  const prints = all("#prints tbody > tr");
  prints.forEach((line) => line.classList.toggle("gone", !matches(line, words)));
  if (words.length) all("#prints details.more").forEach((each) => { each.open = true; });
  let hits = 0;
  for (const name of ["code", "spec"]) {
    for (const line of $(name).lines) {
      const hit = words.length > 0 && matches(line, words);
      line.classList.toggle("hit", hit);
      if (hit && !hits++ && !$(name).hidden) shown($(name), line);
    }
  }
  const left = prints.filter((line) => !line.classList.contains("gone")).length;
  return `${kept.size} rows, ${left} printed figures, ${hits} lines of code and spec`;
}

function foundInList(words) {
  const entries = all("[data-entry]");
  entries.forEach((entry) => entry.classList.toggle("gone", !matches(entry, words)));
  return `${entries.filter((entry) => !entry.classList.contains("gone")).length} of ${entries.length}`;
}

/* Tabs, by pointer and by arrow keys. */

function chosenTab(tab) {
  for (const each of all("[role=tab]")) {
    const on = each === tab;
    each.setAttribute("aria-selected", on);
    each.tabIndex = on ? 0 : -1;
    $(each.getAttribute("aria-controls")).hidden = !on;
  }
  if (now.row !== null) lit([now.row], "rows");
}

/* Up and down go from row to row: in a text, in the figure, and from button to button in the table. */

function stepped(target, down) {
  const box = target.closest(".text, #figure, #table");
  if (!box) return false;
  const order = box.id === "table"
    ? all("tbody button", box).filter((button) => button.offsetParent)
    : box.id === "figure" ? all("g.row", box) : box.lines.filter((line) => line.rows.size);
  const at = order.indexOf(box.id === "table" ? target : box.current);
  const next = order[at < 0 ? (down ? 0 : -1) : at + (down ? 1 : -1)];
  if (!next) return false;
  box.current = next;
  if (box.id === "table") next.focus();
  else lit(box.id === "figure" ? [Number(next.dataset.row)] : [...next.rows], box.id);
  if (box.lines) shown(box, next);
  return true;
}

/* Tables of an index that are sorted by a column. */

function sorted(button) {
  const head = button.closest("th");
  const table = head.closest("table");
  const rising = head.getAttribute("aria-sort") === "ascending";
  all("th[aria-sort]", table).forEach((each) => each.removeAttribute("aria-sort"));
  head.setAttribute("aria-sort", rising ? "descending" : "ascending");
  const key = (line) => {
    const cell = line.cells[head.cellIndex];
    return cell.dataset.sort === undefined ? cell.textContent.toLowerCase() : Number(cell.dataset.sort);
  };
  const order = (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (rising ? -1 : 1);
  table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
}

function clicked(event) {
  const target = event.target.closest("button, [role=button], pre > code > span");
  if (!target) return;
  if (target.closest("th[data-sorts]")) sorted(target);
  else if (target.hasAttribute("aria-expanded")) opened(target, target.getAttribute("aria-expanded") === "false");
  else if (target.hasAttribute("aria-pressed")) pinned(target);
  else if (target.getAttribute("role") === "tab") chosenTab(target);
  else if (target.matches("g.row")) toTable(target);
}

/* From the figure to the row of the table. */
function toTable(group) {
  const button = document.querySelector(`#table tr[data-row="${group.dataset.row}"] button`);
  if (button) button.focus();
}

function pressed(event) {
  const tabs = all("[role=tab]");
  const at = tabs.indexOf(event.target);
  if (at >= 0 && ["ArrowLeft", "ArrowRight"].includes(event.key)) {
    const next = tabs[(at + 1) % tabs.length];
    chosenTab(next);
    next.focus();
  } else if (["ArrowUp", "ArrowDown"].includes(event.key) && stepped(event.target, event.key === "ArrowDown")) {
    event.preventDefault();
  } else if (event.key === "Enter" && event.target.id === "figure" && event.target.current) {
    toTable(event.target.current);
  } else if (event.key === "/" && !event.target.matches("input, select")) {
    event.preventDefault();
    $("search").focus();
  } else if (event.key === "Escape" && event.target === $("search")) {
    $("search").value = "";
    found();
  }
}

document.addEventListener("click", clicked);
document.addEventListener("keydown", pressed);
if ($("search")) $("search").addEventListener("input", found);
if ($("controls")) $("controls").addEventListener("submit", (event) => event.preventDefault());
if (page) {
  document.addEventListener("pointerover", pointed);
  document.addEventListener("focusin", pointed);
  $("member").addEventListener("change", (event) => {
    showMember(Number(event.target.value));
    history.replaceState(null, "", `#${event.target.value}`);
  });
  $("rule").addEventListener("change", (event) => showRule(Number(event.target.value)));
  prepared();
  const asked = Number(location.hash.slice(1)); /* an index says by it which network is meant */
  if (asked in page.members) $("member").value = asked;
  showMember(Number($("member").value) || 0);
  showRule(Number($("rule").value) || 0);
}
