// The chat page, alone or in a frame of the widget. What is shown comes from the server by number, so a reload or another tab
// shows the same conversation; what we say is ours until the server took it (queue.js).
import { byId, button, language, make, root, words } from "./page.js";
import { heardAround, keepAround, kept, onKeptElsewhere } from "./kept.js";
import { queue } from "./queue.js";
import { openLine } from "./line.js";
import {
  bubbleOf, drawOptions, drawOwn, drawPart, drawProblem, endOptions, log, showDots, showFiles, showState, toEnd, undraw, undrawAll,
} from "./talk.js";
import { framed, listenToHost, tellHost } from "./host.js";
import { openFiles } from "./files.js";
import { openMenu } from "./menu.js";

const TYPING_MS = 30000, BANNER_MS = 1500, HINT_MS = 60000;
const field = byId("field");
const ENTRY = /^[A-Za-z0-9_-]{1,64}$/;

let visitor = "", isOpen = false, isSynced = false, after = 0, phase = "bot", owner = "", entry = "";
let hasTitle = false, typingTimer = 0, bannerTimer = 0, hintTimer = 0;
const waiting = [];          // what is to be done once there is a connection
const awaited = new Set();   // ids taken, whose turn is not over

// --- seen and unread ---
let isShown = false, seen = 0, unread = 0;
const isWatched = () => isShown && !document.hidden;
const showUnread = () => {
  if (framed) tellHost("unread", { count: unread });
  else document.title = unread ? `(${unread}) ${words.title}` : words.title;
};
const markSeen = () => {
  if (!isWatched() || (seen >= after && !unread)) return;
  seen = Math.max(seen, after);
  unread = 0;
  kept.set("seen", String(seen));
  showUnread();
};
const noteArrival = (number) => {
  if (number > seen && !isWatched()) unread += 1;
};

// --- who is there ---
const showTyping = () => {
  const wanted = awaited.size > 0 && isOpen && phase !== "owned" && phase !== "queued";
  showDots(wanted);
  clearTimeout(typingTimer);
  if (wanted) typingTimer = setTimeout(() => { awaited.clear(); showTyping(); }, TYPING_MS);
};
const showPhase = (next, who) => {
  phase = next || phase;
  owner = phase === "owned" ? who || "" : "";
  root.dataset.phase = phase;
  if (!hasTitle) byId("heading").textContent = owner ? `${owner}, ${root.dataset.business}` : words.heading;
  byId("initial").textContent = owner.trim().slice(0, 1).toUpperCase();
  byId("presence").textContent = owner ? words.presence_owned_named.replace("{operator}", owner)
    : words[`presence_${phase}`] || words.presence_bot;
  byId("person").hidden = phase !== "bot" && phase !== "returning";  // a person is on the way or there
};

// --- our messages ---
const put = (message) => {
  const item = queue.add(message);
  tellHost("spoke");
  kept.set("spoke", "1");
  clearTimeout(hintTimer);
  if (isSynced) drawPending();
  transmit();
  return item;
};
const say = (text) => put({ kind: "say", text });
// What is not in the conversation yet stands at its end, so it waits until the conversation is drawn.
const drawPending = () => {
  for (const item of queue.all()) {
    if (bubbleOf(item.id)) continue;
    if (item.state === "taken") awaited.add(item.id);
    if (!item.text && !item.files) continue;  // came in by a link: nothing was said
    endOptions(item.text);
    drawOwn(item);
    showState(item.id, item.state);
  }
  showTyping();
};
// One at a time and in order: the next one goes when the one before was taken.
const frameOf = (item) => (item.kind === "press"
  ? { type: "press", id: item.id, payload: item.payload, label: item.text } : { type: "say", id: item.id, text: item.text, ...(item.files && { files: item.files.map((one) => one.id) }) });
const transmit = () => {
  const item = queue.next();
  line.answered();
  if (item && isOpen) line.ask(frameOf(item));
};
const settle = (id) => { if (queue.settle(id)) transmit(); };
const fail = (item) => {
  settle(item.id);
  showState(item.id, "failed");
  const back = button("link", words.back_to_field, () => {
    field.value = item.text;
    undraw(item.id);
    note.remove();
    grow();
    field.focus();
  });
  const note = drawProblem(bubbleOf(item.id), words.failed, ...(item.kind === "say" ? [back] : []));
};

// --- what the server says ---
const onTaken = ({ id }) => {
  const item = queue.find(id);
  if (item) {
    queue.taken(item);
    showState(id, "taken");
    if (!queue.isSettled(id)) awaited.add(id);
    showTyping();
  }
  transmit();
};
const onRefused = ({ id, retry: again, after_ms: wait }) => {
  line.answered();
  const item = queue.find(id);
  if (again) { setTimeout(transmit, wait || 2000); return; }
  if (item) fail(item);
  transmit();
};
const onSaid = (entry) => {
  endOptions(entry.messages.at(-1)?.[1]);
  for (const [id, text] of entry.messages) {
    settle(id);
    const files = entry.files?.[id];
    if (bubbleOf(id)) showFiles(id, files);
    else if (text || files) drawOwn({ id, text, files, at: Date.parse(entry.at) });
    showState(id, "taken");
  }
};
const onTurn = (entry) => {
  for (const id of entry.ids) { settle(id); awaited.delete(id); showState(id, "done"); }
  showPhase(entry.phase, entry.owner);
  showTyping();
};
const onPart = (entry) => {
  drawPart(entry, owner);
  if (entry.buttons.length) {
    drawOptions(entry.buttons, (one, byKeyboard) => {
      put({ kind: "press", payload: one.payload, text: one.text });
      if (byKeyboard) field.focus();
    });
  } else if (entry.author === "bot") endOptions();
  noteArrival(entry.number);
};
const entryReaders = { said: onSaid, part: onPart, turn: onTurn };
const onEntry = (entry) => {
  if (entry.number <= after) return;
  if (after === 0 && !isSynced) undrawAll(queue.all().map((one) => one.id));
  after = entry.number;
  entryReaders[entry.kind]?.(entry);
  if (isSynced) { markSeen(); if (unread) showUnread(); }
};
const onWelcome = (frame) => {
  const stored = kept.get("visitor");
  if (!visitor && stored && stored !== frame.visitor) {  // another tab of ours came first
    visitor = stored;
    line.restart();
    return;
  }
  const isOther = visitor && visitor !== frame.visitor;
  visitor = frame.visitor;
  kept.set("visitor", visitor);
  if (isOther && after > 0) location.reload();  // the server does not know us any more: another, empty conversation
};
// Only now is the connection good: a server without its storage says welcome and closes again.
const onSynced = () => {
  clearTimeout(bannerTimer);
  bannerTimer = 0;
  byId("offline").hidden = true;
  isOpen = true;
  line.isGood();
  drawPending();
  transmit();
  for (const act of waiting.splice(0)) act();
  const isFirst = !isSynced;
  isSynced = true;
  log.ariaBusy = null;
  markSeen();
  showUnread();
  if (!isFirst) return;
  toEnd();
  if (entry) enter(entry);
  entry = "";
};
const enter = (wanted) => put({ kind: "press", payload: `enter||${wanted}`, text: "" });
// A link or a QR code counts once a day in this browser, however often its page is loaded.
const entryOfLink = () => {
  const wanted = new URLSearchParams(location.search).get("start") ?? "", mark = `${wanted} ${new Date().toDateString()}`;
  if (!ENTRY.test(wanted) || kept.get("entered") === mark) return "";
  kept.set("entered", mark);
  return wanted;
};
const readers = { welcome: onWelcome, synced: onSynced, taken: onTaken, refused: onRefused, entry: onEntry };

// --- the connection ---
const url = new URL(root.dataset.socket, location.href);
url.protocol = url.protocol.replace("http", "ws");
url.search = `?lang=${language}`;
const line = openLine({
  url,
  hello: () => ({ type: "hello", visitor, after }),
  onFrame: (frame) => readers[frame.type]?.(frame),
  onDown: () => {
    isOpen = false;
    showTyping();
    bannerTimer ||= setTimeout(showOffline, BANNER_MS);
  },
});
const showOffline = () => {
  byId("offline").hidden = false;
  if (!isSynced) drawPending();
};

// --- the field ---
const grow = () => {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
};
const submit = () => {
  const text = field.value.trim();
  if (!text) return;
  field.value = "";
  grow();
  say(text);
};
field.addEventListener("input", () => { clearTimeout(hintTimer); grow(); });
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
});
byId("write").addEventListener("submit", (event) => { event.preventDefault(); submit(); field.focus(); });
document.addEventListener("click", (event) => {
  const starter = event.target.closest("[data-say]");
  if (starter) say(starter.dataset.say);
});
byId("close").addEventListener("click", () => tellHost("close"));
document.addEventListener("visibilitychange", markSeen);

// --- nobody says anything: one hint, and never a second one ---
const waitForWords = () => {
  clearTimeout(hintTimer);
  if (kept.get("hinted") || kept.get("spoke") || after > 0) return;
  hintTimer = setTimeout(() => {
    if (!byId("intro") || field.value || !isWatched()) return;
    kept.set("hinted", "1");
    byId("intro").append(make("p", "bubble bot", words.hint));
  }, HINT_MS);
};

// --- beginning, anew, and the end ---
let hasBegun = false;
const begin = () => {
  if (hasBegun) return;
  hasBegun = true;
  visitor = kept.get("visitor") || "";
  seen = Number(kept.get("seen")) || 0;
  queue.load();
  line.open();
};
const forget = () => {
  queue.clear();
  kept.forget("visitor", "entered", "seen", "spoke");
  tellHost("forgot");
  location.reload();
};
// Another tab forgot the conversation, or began a new one.
onKeptElsewhere("visitor", (value) => { if (visitor && value !== visitor) location.reload(); });
openFiles({
  token: () => visitor,
  whenOpen: (act) => (isOpen ? act() : waiting.push(act)),
  onSent: (files) => put({ kind: "say", text: "", files }),
});
openMenu({ onRestart: () => say(words.restart_says), onForget: forget });

const askFirst = () => {
  root.dataset.asking = "";
  byId("consent").hidden = false;
};
const agree = () => {
  if (byId("consent").hidden) return;
  kept.set("agreed", "1");
  byId("consent").hidden = true;
  delete root.dataset.asking;
  begin();
  field.focus();
};
byId("agree").addEventListener("click", agree);

listenToHost({
  hello(given) {
    keepAround(given.kept, (name, value) => tellHost("keep", { name, value }));
    hasTitle = Boolean(given.title);
    if (hasTitle) byId("heading").textContent = given.title;
    if (given.greeting) byId("intro")?.prepend(make("p", "greeting", given.greeting));
    if (/^https?:\/\//.test(given.privacy)) Object.assign(byId("privacy"), { href: given.privacy, hidden: false });
    byId("consent-privacy").href = byId("privacy").href;
    byId("consent-privacy").hidden = byId("privacy").hidden;
    if (given.greeted) kept.set("hinted", "1");
    if (given.consent && !kept.get("agreed")) askFirst();
    else if (!framed || given.resume) begin();
  },
  show(given) {
    isShown = true;
    root.classList.toggle("phone", Boolean(given.phone));
    for (const [side, px] of Object.entries(given.safe || {})) root.style.setProperty(`--safe-${side}`, `${px}px`);
    const wanted = framed ? given.entry ?? "" : entryOfLink();
    if (ENTRY.test(wanted)) { if (isSynced) enter(wanted); else entry = wanted; }
    if (byId("consent").hidden) begin();
    markSeen();
    toEnd();
    waitForWords();
    if (given.focus || (!framed && matchMedia("(hover: hover)").matches)) (byId("consent").hidden ? field : byId("agree")).focus();
  },
  hide() { isShown = false; },
  kept({ name, value }) { heardAround(name, value); },
  consent: agree,
});
log.ariaBusy = "true";
