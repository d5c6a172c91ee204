// The conversation as it is drawn: bubbles of four authors, days, answers to choose from, typing dots.
import { byId, button, clockText, dayText, icon, language, make, sizeText, words } from "./page.js";

const GAP_MS = 1800000;
const AUTHORS = ["bot", "operator", "system"];
const MARKS = {
  waiting: "M10 5.500v5l3 2M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z",
  taken: "M4 10.500l4 4 8-9",
  done: "M2 10.500l3.500 3.500 7-8M9 13.500l.8.8 7.700-8.500",
};
const CLIP = "M14.500 9l-5.300 5.300a3 3 0 0 1-4.300-4.300L10.700 4.300a2 2 0 0 1 2.900 2.900l-5.700 5.600a1 1 0 0 1-1.400-1.400L11.500 6.500";
const LINK = /https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g;

export const log = byId("log");
const below = byId("below");
const bubbles = new Map();   // message id -> its bubble
let lastDay = 0, options = null, dots = null;

const isAtEnd = (near = 80) => log.scrollHeight - log.scrollTop - log.clientHeight < near;
export const toEnd = () => { log.scrollTop = log.scrollHeight; below.hidden = true; };
const keepLast = () => { if (dots) log.append(dots); };

const linkText = (url) => {
  if (/\/appointments\/[^/]+\.ics$/.test(url)) return words.calendar;
  const short = url.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "");
  return short.length > 44 ? `${short.slice(0, 42)}…` : short;
};
// "15 Uhr", "9 am", "32 €": the number stays on the line of its word.
const unbroken = (text) => text.replace(/(\d) (?=(Uhr|am|pm|€|Min\.?|Minuten|minutes)(?![\wäöüß]))/g, "$1\u00a0");
const linked = (element, given) => {
  const text = unbroken(given);
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const link = make("a", "", linkText(found[0]));
    Object.assign(link, { href: found[0], target: "_blank", rel: "noopener noreferrer", title: found[0] });
    element.append(text.slice(from, found.index), link);
    from = found.index + found[0].length;
  }
  element.append(text.slice(from));
};

// At the end, unless somebody reads further up: then a button says that there is more.
const place = (element, at) => {
  const stay = !isAtEnd();
  byId("intro")?.remove();
  const moment = at || Date.now();
  if (moment - lastDay > GAP_MS || new Date(moment).toDateString() !== new Date(lastDay).toDateString()) {
    const day = log.appendChild(make("p", "day", dayText(moment)));
    day.plain = `\n${day.textContent}\n`;
  }
  lastDay = Math.max(lastDay, moment);
  log.append(element);
  keepLast();
  if (stay && !element.classList.contains("you")) below.hidden = false; else toEnd();
};

const note = (bubble, at, who, text) => {
  bubble.title = clockText(at || Date.now());
  bubble.plain = `${bubble.title}  ${who}: ${text}`;
};
// Pictures are shown where their bytes may be asked for, everything else is a link.
const fileOf = ({ name, size, type, url }) => {
  const link = make(url ? "a" : "span", type === "image" && url ? "picture" : "file");
  if (url) Object.assign(link, { href: url, target: "_blank", rel: "noopener" });
  if (type === "image" && url) {
    const picture = link.appendChild(make("img"));
    Object.assign(picture, { src: url, alt: name || words.file, loading: "lazy" });
    picture.addEventListener("load", () => { if (isAtEnd(400)) toEnd(); });
  } else link.append(icon(CLIP, "", ""), make("span", "name", name || words.file), make("small", "", size ? sizeText(size) : ""));
  return link;
};
const drawFiles = (bubble, files) => {
  if (!files?.length) return;
  bubble.querySelector(".files")?.remove();
  const list = make("span", "files");
  list.append(...files.map(fileOf));
  const mark = bubble.querySelector(".mark");
  mark ? mark.before(list) : bubble.append(list);
};
export const showFiles = (id, files) => { if (bubbles.has(id)) drawFiles(bubbles.get(id), files); };
const named = (text, files) => [text, ...(files || []).map((file) => `[${file.name}]`)].filter(Boolean).join(" ");
export const drawUpload = () => {
  const bubble = make("div", "bubble you upload");
  place(bubble);
  return bubble;
};
export const drawOwn = (item) => {
  const bubble = make("div", "bubble you");
  bubble.append(make("span", "heard", `${words.you}: `));
  linked(bubble, item.text);
  drawFiles(bubble, item.files);
  note(bubble, item.at, words.you, named(item.text, item.files));
  bubbles.set(item.id, bubble);
  place(bubble, item.at);
};
export const bubbleOf = (id) => bubbles.get(id);
export const undraw = (id) => {
  bubbles.get(id)?.remove();
  bubbles.delete(id);
};
export const showState = (id, state) => {
  const bubble = bubbles.get(id);
  if (!bubble) return;
  bubble.dataset.state = state;
  bubble.querySelector(".mark")?.remove();
  if (MARKS[state]) bubble.append(icon(MARKS[state], words[state]));
};
export const drawPart = (entry, owner) => {
  const author = AUTHORS.includes(entry.author) ? entry.author : "bot";
  const bubble = make("div", `bubble ${author}`);
  if (entry.language && entry.language !== language) bubble.lang = entry.language;
  const who = author === "operator" ? owner || words.operator : words[author], at = Date.parse(entry.at);
  bubble.append(author === "operator" ? make("span", "who", who) : make("span", "heard", `${who}: `));
  linked(bubble, entry.text);
  drawFiles(bubble, entry.files);
  note(bubble, at, who, named(entry.text, entry.files));
  place(bubble, at);
};
export const drawProblem = (after, text, ...buttons) => {
  const note = make("p", "problem", `${text} `);
  note.setAttribute("role", "alert");
  note.append(...buttons);
  after ? after.after(note) : log.append(note);
  toEnd();
  return note;
};

// The answers to the last question can be chosen once. The chosen one stays to be seen; where none was, they go.
export const endOptions = (label) => {
  if (!options) return;
  const chosen = label && [...options.children].find((one) => one.textContent === unbroken(label));
  if (chosen) {
    for (const one of options.children) one.disabled = true;
    chosen.classList.add("picked");
    chosen.setAttribute("aria-pressed", "true");
  } else options.remove();
  options = null;
};
export const drawOptions = (buttons, onPick) => {
  endOptions();
  const stay = !isAtEnd();
  options = make("div", "options");
  options.setAttribute("role", "group");
  options.setAttribute("aria-label", words.options);
  for (const one of buttons) options.append(button("", unbroken(one.text), (event) => onPick(one, event.detail === 0)));
  log.append(options);
  keepLast();
  if (!stay) toEnd();
};

export const showDots = (wanted) => {
  if (wanted && !dots) {
    const stay = !isAtEnd();
    dots = make("div", "bubble bot dots");
    dots.setAttribute("aria-hidden", "true");
    dots.append(make("i"), make("i"), make("i"));
    log.append(dots);
    if (!stay) toEnd();
  } else if (!wanted) { dots?.remove(); dots = null; }
  byId("typing").textContent = wanted ? words.typing : "";
};

// Drawn while there was no connection; now the conversation comes, and that stands before them.
export const undrawAll = (ids) => {
  for (const id of ids) undraw(id);
  log.querySelectorAll(".day").forEach((day) => day.remove());
  lastDay = 0;
};
// Everything that was said, as plain text.
export const transcript = () => [...log.children].flatMap((one) => one.plain ?? []).join("\n").trim() + "\n";

below.addEventListener("click", () => { toEnd(); byId("field").focus(); });
log.addEventListener("scroll", () => { if (isAtEnd()) below.hidden = true; }, { passive: true });
let height = log.clientHeight;
new ResizeObserver(() => {
  const wasAtEnd = log.scrollHeight - log.scrollTop - height < 80;
  height = log.clientHeight;
  if (wasAtEnd) toEnd();
}).observe(log);
