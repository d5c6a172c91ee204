// One conversation: follows the news, keeps what somebody types, sends once and says honestly what became of it.
"use strict";
(() => {
  const opened = document.getElementById("opened");
  if (!opened) return;
  const $ = (id) => document.getElementById(id);
  const talk = () => $("talk"), path = () => (talk() && talk().dataset.path) || "";
  let timer = 0, lastLook = 0, looking = false, again = false;

  // ---- opening from the list, and back
  async function open(url, push = true) {
    const where = new URL(url, location.href), at = where.pathname.slice(Desk.base.length + 1);
    const found = await Desk.part(`${Desk.base}/parts/${at}`);
    if (!found) return;
    keepDraft();
    opened.replaceChildren(...found.childNodes);
    $("inbox").dataset.view = "conversation";
    if (push) history.pushState({}, "", where.pathname + location.search);
    document.title = talk().querySelector("h2").textContent + " · Frontdesk"; Desk.title();
    begin();
    dispatchEvent(new Event("frontdesk:opened"));
  }

  $("list").addEventListener("click", (event) => {
    const row = event.target.closest("a.conv");
    if (!row || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    open(row.href).catch(() => location.assign(row.href));
  });
  addEventListener("popstate", () => { location.pathname.includes("/c/") ? open(location.href, false).catch(() => location.reload()) : toList(false); });
  function toList(push = true) {
    $("inbox").dataset.view = "list";
    if (push) history.pushState({}, "", Desk.base + location.search);
  }

  // ---- following
  // Whether the reader is at the end: pictures that grow after it was shown must not push the end away.
  let held = true, top = 0;
  const atEnd = () => { const box = $("scroll"); return box.scrollHeight - box.scrollTop - box.clientHeight < 60; };
  const toEnd = () => { const box = $("scroll"); box.scrollTop = box.scrollHeight; held = true; $("below").hidden = true; };

  async function look() {
    if (!path()) return;
    if (looking) { again = true; return; }
    looking = true; lastLook = Date.now();
    const here = path(), first = talk().dataset.first, quiet = document.hidden ? "&quiet=1" : "";
    try {
      const found = await Desk.part(`${Desk.base}/parts/${here}?since=${first}${quiet}`);
      if (found && here === path()) put(found);
    } catch { /* the banner tells; the next news looks again */ }
    looking = false;
    if (again) { again = false; soon(150); }
  }
  const soon = (ms) => { clearTimeout(timer); timer = setTimeout(look, Math.max(0, ms - (Date.now() - lastLook))); };

  function put(found) {
    const next = found.getElementById("talk"), end = atEnd(), before = lastOf(), owner = talk().dataset.owner, thread = $("thread");
    if (thread.querySelector("[data-earlier]")) next.querySelectorAll("[data-earlier]").forEach((one) => one.closest("p").remove());
    // What was loaded further up stays: only what the server gave anew is compared.
    const kept = [...thread.children].filter((one) => one.dataset.above !== undefined || one.classList.contains("earlier"));
    next.dataset.first = talk().dataset.first;
    if (!talk().dataset.first) next.dataset.first = found.getElementById("talk").dataset.first;
    kept.forEach((one) => { one.dataset.local = ""; });
    Desk.morph(talk(), next);
    kept.forEach((one) => { delete one.dataset.local; });
    const card = found.getElementById("card");
    if (card && $("card")) Desk.morph($("card"), card);
    sent(); buttons();
    if (owner !== talk().dataset.owner && talk().dataset.owner && talk().dataset.owner !== Desk.me) Desk.toast(Desk.say("taken_by", { name: talk().dataset.owner }));
    if (end) toEnd(); else if (before !== lastOf()) { $("below").textContent = Desk.say("new_below"); $("below").hidden = false; }
    Desk.clocks();
  }
  const lastOf = () => { const all = document.querySelectorAll("#thread .msg:not(.local)"); return all.length ? all[all.length - 1].id : ""; };

  Desk.onNews((news) => {
    if (news.gap || news.changed.some(([tenant, id]) => `c/${tenant}/${id}` === path())) soon(120);
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) soon(0); });

  // ---- drafts
  const draftKey = () => `draft:${path()}`;
  const noting = () => $("mode-note") && $("mode-note").getAttribute("aria-selected") === "true";
  function keepDraft() {
    if (!$("text") || !path()) return;
    const text = $("text").value;
    Desk.store.set(draftKey(), text || noting() ? { text, note: noting() } : null);
  }
  function mode(note) {
    for (const [id, on] of [["mode-reply", !note], ["mode-note", note]]) { $(id).setAttribute("aria-selected", String(on)); $(id).tabIndex = on ? 0 : -1; }
    const hint = $(note ? "mode-note" : "mode-reply").dataset.hint;
    $("text").placeholder = hint; $("text").setAttribute("aria-label", hint);
    $("composer").classList.toggle("noting", note);
    buttons();
  }
  function buttons() {
    if (!$("send")) return;
    const label = noting() ? $("send").dataset.note : $("send").dataset.reply;
    if ($("send").textContent !== label) $("send").textContent = label;
    $("composer").classList.toggle("noting", noting());
  }
  function grow() { const text = $("text"); text.style.height = "auto"; text.style.height = `${Math.min(text.scrollHeight, 224)}px`; }

  // ---- acts
  // `at` is said where something was awaited before: another conversation may be open by now.
  async function act(verb, facts, at = path()) {
    const url = `${Desk.base}/${at}/${verb}`;
    try {
      const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(facts) });
      if (answer.status === 403) { Desk.signIn(); return { done: false, error: Desk.say("not_sent") }; }
      const told = await answer.json();
      return { error: Desk.say("no_answer"), ...told };
    } catch { return { done: false, error: Desk.say("no_answer"), away: true }; }
  }
  const trouble = (text = "") => { $("act-error").textContent = text; };
  const number = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, "0")).join("");

  async function busy(button, work) {
    if (button) { if (button.getAttribute("aria-busy") === "true") return; button.setAttribute("aria-busy", "true"); }
    try { await work(); } finally { if (button) button.removeAttribute("aria-busy"); }
  }

  async function take(how) {
    trouble();
    const told = await act("claim", { how, message_id: number() });
    if (told.done) Desk.toast(Desk.say("now_mine")); else trouble(told.error);
    soon(0);
    return told.done;
  }
  function claim() {
    const button = $("take");
    if (!button) return;
    if (button.dataset.take === "takeover") { busy(button, () => take("takeover")); return; }
    const ask = $("take-ask");
    ask.onclose = () => { if (ask.returnValue === "yes") busy($("take"), () => take("reassign")); };
    ask.returnValue = ""; ask.showModal();
  }
  function release(how) {
    const menu = $("give");
    if (!menu) return;
    menu.open = false;
    busy(menu.querySelector("summary"), async () => {
      trouble();
      const told = await act("release", { how, message_id: number() });
      if (told.done) Desk.toast(Desk.say("back_with_bot")); else trouble(told.error);
      soon(0);
    });
  }

  // ---- sending: shown at once, as under way; it is told apart from what really went out until the server has it
  const outbox = () => Desk.store.get(`out:${path()}`) || [];
  const keepOut = (all) => Desk.store.set(`out:${path()}`, all.length ? all : null);
  function change(id, facts) { keepOut(outbox().map((one) => (one.id === id ? { ...one, ...facts } : one))); draw(); }

  // Files go up as soon as they are chosen; what is sent names them.
  const chosen = new Map();
  const files = () => chosen.get(path()) || [];
  async function attach(list) {
    const here = path();
    for (const file of list) {
      const url = `${Desk.base}/${here}/files?name=${encodeURIComponent(file.name)}`;
      try {
        trouble();
        const answer = await fetch(url, { method: "POST", headers: { "Content-Type": file.type || "application/octet-stream" }, body: file });
        const told = await answer.json();
        if (!answer.ok) { trouble(`${file.name}: ${told.error}`); continue; }
        chosen.set(here, [...(chosen.get(here) || []), { id: told.id, name: told.name || file.name }]);
      } catch { trouble(`${file.name}: ${Desk.say("no_answer")}`); }
    }
    showChosen();
  }
  function showChosen() {
    if (!$("chosen")) return;
    $("chosen").replaceChildren(...files().map((file) => {
      const chip = document.createElement("button");
      chip.type = "button"; chip.className = "pill plain"; chip.textContent = `${file.name} ×`;
      chip.setAttribute("aria-label", Desk.say("remove", { name: file.name }));
      chip.onclick = () => { chosen.set(path(), files().filter((other) => other.id !== file.id)); showChosen(); $("text").focus(); };
      return chip;
    }));
  }

  function send() {
    const text = $("text").value.trim(), along = noting() ? [] : files();
    if (!text && !along.length) return;
    const one = { id: number(), verb: noting() ? "note" : "reply", text, files: along, state: "sending", at: Date.now() };
    if (along.length) { chosen.delete(path()); showChosen(); }
    keepOut([...outbox(), one]);
    $("text").value = ""; grow(); Desk.store.set(draftKey(), null);
    if (noting()) mode(false);
    draw(); toEnd();
    post(one, path());
  }

  async function post(one, at) {
    trouble();
    const mine = talk().dataset.mine === "yes";
    if (one.verb === "reply" && !mine) {
      const phase = talk().dataset.phase;
      if (phase === "owned") { change(one.id, { state: "failed", error: "" }); claim(); return; }
      const told = await act("claim", { how: "takeover", message_id: `${one.id}c` }, at);
      if (!told.done && at !== path()) return;
      if (!told.done) { change(one.id, { state: "failed", error: told.error }); soon(0); return; }
    }
    const told = await act(one.verb, { text: one.text, message_id: one.id, files: (one.files || []).map((file) => file.id) }, at);
    if (at !== path()) return;
    if (!told.done) change(one.id, { state: "failed", error: told.error });
    else if (one.verb === "note") { keepOut(outbox().filter((other) => other.id !== one.id)); draw(); Desk.toast(Desk.say("noted")); }
    else change(one.id, { state: "told" });
    soon(0);
  }

  // What the thread shows by now needs no stand-in.
  function sent() {
    const there = new Set([...document.querySelectorAll("#thread [data-sent]")].map((one) => one.dataset.sent));
    const left = outbox().filter((one) => !there.has(one.id));
    if (left.length !== outbox().length) keepOut(left);
    draw();
  }

  function draw() {
    const thread = $("thread");
    if (!thread) return;
    for (const one of thread.querySelectorAll(".msg.local")) one.remove();
    for (const one of outbox()) thread.append(standIn(one));
  }
  function standIn(one) {
    const made = (tag, name, text = "") => { const node = document.createElement(tag); node.className = name; node.textContent = text; return node; };
    const failed = one.state === "failed", node = made("article", `msg local ${one.verb === "note" ? "note" : "operator"}${failed ? " failed" : ""}`);
    node.dataset.local = "";
    const by = made("div", "by");
    if (failed) {
      const tick = made("span", "tick fail", one.error || Desk.say("not_sent")); tick.setAttribute("role", "alert");
      const retry = made("button", "link-btn", Desk.say("retry")), drop = made("button", "link-btn", Desk.say("discard"));
      retry.type = drop.type = "button";
      retry.onclick = () => { change(one.id, { state: "sending", error: "" }); post({ ...one, state: "sending" }, path()); };
      drop.onclick = () => { keepOut(outbox().filter((other) => other.id !== one.id)); if (!$("text").value) { $("text").value = one.text; grow(); keepDraft(); } draw(); };
      by.append(tick, retry, drop);
    } else by.append(made("span", "", Desk.say("sending")));
    node.append(made("div", "bubble", [one.text, ...(one.files || []).map((file) => file.name)].filter(Boolean).join("\n")), by);
    return node;
  }

  // ---- a turn's trace comes when it is opened
  opened.addEventListener("toggle", async (event) => {
    const trace = event.target;
    if (!trace.matches || !trace.matches("details.trace") || !trace.open || trace.dataset.there) return;
    trace.dataset.there = "yes";
    try {
      const found = await Desk.part(trace.dataset.src);
      if (found) trace.querySelector(".trace-body").replaceChildren(...found.childNodes);
      if (trace.getBoundingClientRect().bottom > $("scroll").getBoundingClientRect().bottom) trace.scrollIntoView({ block: "nearest" });
    } catch { delete trace.dataset.there; trace.open = false; }
  }, true);

  opened.addEventListener("click", async (event) => {
    const on = (selector) => event.target.closest(selector);
    if (on("#take")) claim();
    else if (on("#attach")) $("file").click();
    else if (on("[data-act=release]")) release(on("[data-act=release]").dataset.how);
    else if (on("#mode-reply")) { mode(false); keepDraft(); $("text").focus(); }
    else if (on("#mode-note")) { mode(true); keepDraft(); $("text").focus(); }
    else if (on("#below")) toEnd();
    else if (on("[data-to-list]")) { event.preventDefault(); toList(); }
    else if (on("#show-card")) { $("card").classList.toggle("open"); $("show-card").setAttribute("aria-expanded", String($("card").classList.contains("open"))); }
    else if (on("[data-hide-card]")) { $("card").classList.remove("open"); $("show-card").setAttribute("aria-expanded", "false"); $("show-card").focus(); }
    else if (on("[data-earlier]")) { event.preventDefault(); earlier(on("[data-earlier]")); }
  });

  async function earlier(link) {
    link.setAttribute("aria-busy", "true");
    try {
      const found = await Desk.part(link.dataset.earlier);
      if (!found) return;
      const box = $("scroll"), from = box.scrollHeight - box.scrollTop, place = link.closest("p");
      for (const one of [...found.children]) { if (one.id && !one.classList.contains("earlier") && $(one.id)) continue; one.dataset.above = ""; place.before(one); }
      place.remove();
      box.scrollTop = box.scrollHeight - from;
    } catch { link.removeAttribute("aria-busy"); }
  }

  opened.addEventListener("keydown", (event) => {
    if (event.target.id === "text" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); }
    if (event.target.id === "text" && event.key === "Escape") $("scroll").focus();
    if (event.target.matches("#modes button") && ["ArrowLeft", "ArrowRight"].includes(event.key)) { mode(!noting()); $(noting() ? "mode-note" : "mode-reply").focus(); keepDraft(); }
    if (event.key === "Escape" && $("give") && $("give").open) { $("give").open = false; $("give").querySelector("summary").focus(); }
  });
  opened.addEventListener("change", (event) => { if (event.target.id === "file") { attach([...event.target.files]); event.target.value = ""; } });
  opened.addEventListener("input", (event) => { if (event.target.id === "text") { grow(); keepDraft(); } });
  opened.addEventListener("submit", (event) => { if (event.target.id === "composer") { event.preventDefault(); send(); } });
  addEventListener("pagehide", keepDraft);

  function begin() {
    if (!path()) return;
    $("scroll").addEventListener("scroll", (event) => {
      if (atEnd()) { held = true; $("below").hidden = true; } else if (event.target.scrollTop < top) held = false;
      top = event.target.scrollTop;
    }, { passive: true });
    $("scroll").addEventListener("load", () => { if (held) toEnd(); }, true);
    if ($("text")) {
      const draft = Desk.store.get(draftKey());
      mode(Boolean(draft && draft.note));
      if (draft) { $("text").value = draft.text; grow(); }
    }
    // A page that was left while something was under way cannot know what became of it; sending it again does no harm.
    keepOut(outbox().map((one) => (one.state === "sending" ? { ...one, state: "failed", error: Desk.say("not_confirmed") } : one)));
    sent(); showChosen(); toEnd();
  }
  begin();
  window.DeskTalk = { claim, release, mode, toList, focus: () => $("text") && $("text").focus() };
})();
