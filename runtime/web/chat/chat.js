// The chat page. A message is ours until the server took it: it stays in this browser under its id and is sent again after
// every reconnect. What is shown comes from the server by number, so a reload or another tab shows the same conversation.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const root = document.querySelector(".chat");
  const words = JSON.parse(byId("words").textContent);
  const language = document.documentElement.lang;
  const log = byId("log"), field = byId("field"), below = byId("below");
  const ACK_MS = 8000, TYPING_MS = 30000, KEEP_MS = 86400000, GAP_MS = 1800000;

  // --- what this browser keeps; without storage (private windows, blocked) it keeps it in memory ---
  const memory = {};
  const keep = {
    get(name) {
      try { return localStorage.getItem(`frontdesk:${root.dataset.tenant}:${name}`); } catch { return memory[name] ?? null; }
    },
    set(name, value) {
      memory[name] = value;
      try { localStorage.setItem(`frontdesk:${root.dataset.tenant}:${name}`, value); } catch { /* memory has it */ }
    },
  };
  // Each tab keeps its own messages; those of a closed tab go with whichever tab is opened next.
  const readPending = () => {
    try {
      const found = JSON.parse(keep.get("pending") || "[]");
      return Array.isArray(found) ? found.filter((one) => one && one.id && Date.now() - one.at < KEEP_MS) : [];
    } catch { return []; }
  };
  let pending = readPending();
  const savePending = () => {
    const ours = new Set(pending.map((one) => one.id));
    const others = readPending().filter((one) => !ours.has(one.id) && !settled.has(one.id));
    keep.set("pending", JSON.stringify([...others, ...pending]));
  };

  let visitor = keep.get("visitor") || "";
  let socket = null, isOpen = false, isSynced = false, after = 0, delay = 500, phase = "bot", lastDay = 0, unread = 0;
  let retry = 0, ackTimer = 0, typingTimer = 0, bannerTimer = 0;
  const bubbles = new Map();   // message id -> its bubble
  const settled = new Set();   // ids that the conversation holds: said by us, or in a turn
  const awaited = new Set();   // ids taken, whose turn is not over

  // --- drawing ---
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  };
  const mark = (path, label) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", "mark");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };
  const isAtEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const toEnd = () => { log.scrollTop = log.scrollHeight; below.hidden = true; };

  const linked = (element, text) => {
    let from = 0;
    for (const found of text.matchAll(/https?:\/\/[^\s<>"]*[^\s<>".,;:!?)]/g)) {
      const link = make("a", "", found[0]);
      Object.assign(link, { href: found[0], target: "_blank", rel: "noopener noreferrer" });
      element.append(text.slice(from, found.index), link);
      from = found.index + found[0].length;
    }
    element.append(text.slice(from));
  };

  const place = (element, at) => {
    const stay = !isAtEnd();
    byId("intro")?.remove();
    const moment = at || Date.now();
    if (moment - lastDay > GAP_MS || new Date(moment).toDateString() !== new Date(lastDay).toDateString()) {
      log.append(make("p", "day", dayText(moment)));
    }
    lastDay = Math.max(lastDay, moment);
    log.append(element);
    keepLast();
    if (stay && !element.classList.contains("you")) below.hidden = false; else toEnd();
  };
  const dayText = (moment) => {
    const date = new Date(moment), days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(moment).setHours(0, 0, 0, 0)) / 86400000);
    const clock = date.toLocaleTimeString(language === "en" ? "en-GB" : language, { hour: "2-digit", minute: "2-digit" });
    const day = date.toLocaleDateString(language === "en" ? "en-GB" : language, { weekday: "long", day: "numeric", month: "long" });
    return `${days === 0 ? words.today : days === 1 ? words.yesterday : day}, ${clock}`;
  };

  const drawOwn = (id, text, at) => {
    const bubble = make("div", "bubble you");
    bubble.append(make("span", "heard", `${words.you}: `));
    linked(bubble, text);
    bubbles.set(id, bubble);
    place(bubble, at);
    return bubble;
  };
  const showState = (id, state) => {
    const bubble = bubbles.get(id);
    if (!bubble) return;
    bubble.dataset.state = state;
    bubble.querySelector(".mark")?.remove();
    if (state === "waiting") bubble.append(mark("M10 5.500v5l3 2M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14z", words.waiting));
    if (state === "taken") bubble.append(mark("M4 10.500l4 4 8-9", words.taken));
  };
  const drawPart = (entry) => {
    const author = ["bot", "operator", "system"].includes(entry.author) ? entry.author : "bot";
    const bubble = make("div", `bubble ${author}`);
    if (entry.language && entry.language !== language) bubble.lang = entry.language;
    bubble.append(author === "operator" ? make("span", "who", words.operator) : make("span", "heard", `${words[author]}: `));
    linked(bubble, entry.text);
    place(bubble, Date.parse(entry.at));
  };

  // Only the last question's buttons are shown, and typing dots stay at the very end.
  let options = null, dots = null;
  const dropOptions = () => { options?.remove(); options = null; };
  const drawOptions = (buttons) => {
    dropOptions();
    options = make("div", "options");
    options.setAttribute("role", "group");
    options.setAttribute("aria-label", words.options);
    for (const one of buttons) {
      const button = make("button", "", one.text);
      button.type = "button";
      button.addEventListener("click", (event) => {
        put({ kind: "press", payload: one.payload, text: one.text });
        if (event.detail === 0) field.focus();
      });
      options.append(button);
    }
    log.append(options);
    keepLast();
  };
  const keepLast = () => { if (dots) log.append(dots); };
  const showTyping = () => {
    const wanted = awaited.size > 0 && isOpen && phase !== "owned" && phase !== "queued";
    if (wanted && !dots) {
      const stay = !isAtEnd();
      dots = make("div", "bubble bot dots");
      dots.setAttribute("aria-hidden", "true");
      dots.append(make("i"), make("i"), make("i"));
      log.append(dots);
      if (!stay) toEnd();
    } else if (!wanted) { dots?.remove(); dots = null; }
    byId("typing").textContent = wanted ? words.typing : "";
    clearTimeout(typingTimer);
    if (wanted) typingTimer = setTimeout(() => { awaited.clear(); showTyping(); }, TYPING_MS);
  };
  const showPhase = (next) => {
    phase = next || phase;
    byId("presence").textContent = words[`presence_${phase}`] || words.presence_bot;
    byId("foot").style.visibility = phase === "bot" || phase === "returning" ? "" : "hidden";  // a person is on the way or there
  };

  // --- our messages ---
  const newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    return "m" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  };
  const put = (message) => {
    const item = { id: newId(), at: Date.now(), state: "waiting", ...message };
    pending.push(item);
    savePending();
    if (isSynced) drawPending();
    transmit();
  };
  // What is not in the conversation yet stands at its end, so it waits until the conversation is drawn.
  const drawPending = () => {
    for (const item of pending) {
      if (bubbles.has(item.id)) continue;
      if (!item.text) { if (item.state === "taken") awaited.add(item.id); continue; }  // came in by a link: nothing was said
      dropOptions();
      drawOwn(item.id, item.text, item.at);
      showState(item.id, item.state);
      if (item.state === "taken") awaited.add(item.id);
    }
    showTyping();
  };
  // One at a time and in order: the next one goes when the one before was taken.
  const transmit = () => {
    const item = pending.find((one) => one.state === "waiting");
    clearTimeout(ackTimer);
    if (!item || !isOpen) return;
    const frame = item.kind === "press" ? { type: "press", payload: item.payload, label: item.text } : { type: "say", text: item.text };
    socket.send(JSON.stringify({ ...frame, id: item.id }));
    ackTimer = setTimeout(lost, ACK_MS);
  };
  const settle = (id) => {
    settled.add(id);
    if (!pending.some((one) => one.id === id)) return;
    pending = pending.filter((one) => one.id !== id);
    savePending();
    transmit();
  };
  const fail = (item) => {
    settle(item.id);
    showState(item.id, "failed");
    const note = make("p", "problem", `${words.failed} `);
    note.setAttribute("role", "alert");
    const back = make("button", "link", words.back_to_field);
    back.type = "button";
    back.addEventListener("click", () => {
      field.value = item.text;
      bubbles.get(item.id)?.remove();
      note.remove();
      grow();
      field.focus();
    });
    if (item.kind === "say") note.append(back);
    bubbles.get(item.id)?.after(note);
    toEnd();
  };

  // Drawn while there was no connection; now the conversation comes, and that stands before them.
  const undrawPending = () => {
    for (const { id } of pending) { bubbles.get(id)?.remove(); bubbles.delete(id); }
    log.querySelectorAll(".day").forEach((day) => day.remove());
    lastDay = 0;
  };

  // --- what the server says ---
  const onTaken = ({ id }) => {
    const item = pending.find((one) => one.id === id);
    if (item) {
      item.state = "taken";
      savePending();
      showState(id, "taken");
      if (!settled.has(id)) awaited.add(id);
      showTyping();
    }
    transmit();
  };
  const onRefused = ({ id, retry: again, after_ms: wait }) => {
    clearTimeout(ackTimer);
    const item = pending.find((one) => one.id === id);
    if (again) setTimeout(transmit, wait || 2000);
    else if (item) { fail(item); transmit(); }
    else transmit();
  };
  const onSaid = (entry) => {
    dropOptions();
    for (const [id, text] of entry.messages) {
      settle(id);
      if (!bubbles.has(id)) drawOwn(id, text, Date.parse(entry.at));
      showState(id, "taken");
    }
  };
  const onTurn = (entry) => {
    for (const id of entry.ids) { settle(id); awaited.delete(id); }
    showPhase(entry.phase);
    showTyping();
  };
  const onPart = (entry) => {
    drawPart(entry);
    if (entry.buttons.length) drawOptions(entry.buttons); else if (entry.author === "bot") dropOptions();
    if (isAtEnd()) toEnd();
    if (document.hidden && !log.ariaBusy) document.title = `(${++unread}) ${words.title}`;
  };
  const onEntry = (entry) => {
    if (entry.number <= after) return;
    if (after === 0 && !isSynced) undrawPending();
    after = entry.number;
    const read = { said: onSaid, part: onPart, turn: onTurn }[entry.kind];
    if (read) read(entry);
  };
  const onWelcome = (frame) => {
    const isOther = visitor && visitor !== frame.visitor;
    visitor = frame.visitor;
    keep.set("visitor", visitor);
    if (isOther && after > 0) location.reload();  // the server does not know us any more: another, empty conversation
  };
  // Only now is the connection good: a server without its storage says welcome and closes again.
  const onSynced = () => {
    clearTimeout(bannerTimer);
    bannerTimer = 0;
    byId("offline").hidden = true;
    isOpen = true;
    delay = 500;
    drawPending();
    transmit();
    if (isSynced) return;
    isSynced = true;
    log.ariaBusy = null;
    toEnd();
    enter();
  };
  // ?start=book--service-cut: a link or a QR code that says what is wanted counts once a day in this browser.
  const enter = () => {
    const entry = new URLSearchParams(location.search).get("start") || "";
    const mark = `${entry} ${new Date().toDateString()}`;
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(entry) || keep.get("entered") === mark) return;
    keep.set("entered", mark);
    put({ kind: "press", payload: `enter||${entry}`, text: "" });
  };
  const readers = { welcome: onWelcome, synced: onSynced, taken: onTaken, refused: onRefused, entry: onEntry };

  // --- the connection ---
  const connect = () => {
    clearTimeout(retry);
    const url = new URL(root.dataset.socket, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    url.searchParams.set("lang", language);
    const mine = socket = new WebSocket(url);
    mine.addEventListener("open", () => {
      mine.send(JSON.stringify({ type: "hello", visitor, after }));
    });
    mine.addEventListener("message", (event) => {
      const frame = JSON.parse(event.data);
      if (mine === socket) readers[frame.type]?.(frame);
    });
    mine.addEventListener("close", () => { if (mine === socket) again(); });
  };
  const again = () => {
    isOpen = false;
    socket = null;
    clearTimeout(ackTimer);
    showTyping();
    bannerTimer ||= setTimeout(showOffline, 1500);
    retry = setTimeout(connect, delay * (0.75 + Math.random() / 2));
    delay = Math.min(delay * 2, 10000);
  };
  const showOffline = () => {
    byId("offline").hidden = false;
    if (!isSynced) drawPending();
  };
  const lost = () => { const old = socket; again(); old?.close(); };

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
    put({ kind: "say", text });
  };
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); submit(); }
  });
  byId("write").addEventListener("submit", (event) => { event.preventDefault(); submit(); field.focus(); });
  document.addEventListener("click", (event) => {
    const starter = event.target.closest("[data-say]");
    if (starter) put({ kind: "say", text: starter.dataset.say });
  });
  below.addEventListener("click", () => { toEnd(); field.focus(); });
  log.addEventListener("scroll", () => { if (isAtEnd()) below.hidden = true; }, { passive: true });
  window.addEventListener("online", () => { delay = 500; if (!socket) connect(); });
  window.addEventListener("resize", () => { if (isAtEnd()) toEnd(); });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    unread = 0;
    document.title = words.title;
    if (!socket) { delay = 500; connect(); }
  });

  log.ariaBusy = "true";
  if (matchMedia("(hover: hover)").matches) field.focus();
  connect();
})();
