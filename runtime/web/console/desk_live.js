// What all people's pages share: words, fetching parts of the page, putting them in place without a jump, live news.
"use strict";
const Desk = (() => {
  const body = document.body, base = body.dataset.base, words = JSON.parse(body.dataset.words);
  const handlers = [];
  let after = body.dataset.news, source = null, lostAt = null, wait = 1500;

  const say = (key, values = {}) =>
    Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`{${name}}`, value), words[`js.${key}`]);

  const store = {
    get(key) { try { return JSON.parse(localStorage.getItem(`frontdesk-people:${key}`)); } catch { return null; } },
    set(key, value) { try { value === null ? localStorage.removeItem(`frontdesk-people:${key}`) : localStorage.setItem(`frontdesk-people:${key}`, JSON.stringify(value)); } catch { /* private window: nothing is kept */ } },
  };

  const signIn = () => location.assign(`${base}/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);

  // A part of the page as nodes. Signed out meanwhile: to the sign-in, and back here afterwards.
  async function part(url) {
    const answer = await fetch(url, { headers: { Accept: "text/html" } });
    if (answer.status === 403) { signIn(); return null; }
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    return template.content;
  }

  // Make `old` what `fresh` is, element by element: by id where there is one. What carries data-keep is the reader's own.
  function morph(old, fresh) {
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) { old.replaceWith(fresh); return; }
    if (old.nodeType !== Node.ELEMENT_NODE) { if (old.data !== fresh.data) old.data = fresh.data; return; }
    if ("keep" in old.dataset || old.isEqualNode(fresh)) return;
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && name !== "open" && !(name === "class" && old.classList.contains("open"))) old.removeAttribute(name);
    for (const { name, value } of [...fresh.attributes]) if (old.getAttribute(name) !== value && !(name === "class" && old.classList.contains("open"))) old.setAttribute(name, value);
    children(old, fresh);
  }

  function children(old, fresh) {
    const byId = new Map([...old.children].filter((one) => one.id).map((one) => [one.id, one]));
    let at = old.firstChild;
    const step = () => { while (at && at.nodeType === Node.ELEMENT_NODE && at.dataset.local !== undefined) at = at.nextSibling; };
    for (const want of [...fresh.childNodes]) {
      step();
      const known = want.nodeType === Node.ELEMENT_NODE && want.id ? byId.get(want.id) : null;
      if (known) {
        if (known !== at) old.insertBefore(known, at); else at = at.nextSibling;
        byId.delete(want.id);
        morph(known, want);
      } else if (at && !at.id && want.nodeType === at.nodeType && want.nodeName === at.nodeName && !want.id) {
        const now = at; at = at.nextSibling; morph(now, want);
      } else old.insertBefore(want, at);
    }
    while (at) { const next = at.nextSibling; if (!(at.dataset && at.dataset.local !== undefined)) at.remove(); at = next; }
  }

  function toast(text) {
    const one = document.createElement("div");
    one.className = "toast"; one.textContent = text;
    document.getElementById("toasts").append(one);
    const end = () => { if (one.matches(":hover, :focus-within")) setTimeout(end, 1000); else one.remove(); };
    setTimeout(end, 6000);
  }

  // ---- news: one stream a page; each names the conversations that changed
  const onNews = (handler) => handlers.push(handler);
  const tell = (news) => handlers.forEach((handler) => handler(news));

  function listen() {
    source = new EventSource(`${base}/events?after=${encodeURIComponent(after)}`);
    source.addEventListener("news", (event) => { after = event.lastEventId || after; tell(JSON.parse(event.data)); });
    source.onopen = () => {
      wait = 1500;
      if (lostAt) { lostAt = null; lost(); }
    };
    source.onerror = () => {
      if (!lostAt) { lostAt = new Date(); setTimeout(lost, 1200); }
      if (source.readyState === EventSource.CLOSED) { setTimeout(again, wait); wait = Math.min(wait * 2, 30000); }
    };
  }

  // A stream that was refused is not tried again by the browser: the session may be over, or the server full.
  async function again() {
    try {
      const who = await (await fetch(`${base}/whoami`)).json();
      if (!who.name) { signIn(); return; }
    } catch { /* still away */ }
    listen();
  }

  function lost() {
    const banner = document.getElementById("lost");
    if (!banner) return;
    banner.hidden = !lostAt;
    if (lostAt) banner.textContent = say("offline", { time: lostAt.toTimeString().slice(0, 5) });
  }

  // ---- clocks: counted here between two looks at the server (`clock_words` says the same)
  function clocks() {
    for (const pill of document.querySelectorAll("[data-due]")) {
      const left = Math.floor((new Date(pill.dataset.due) - Date.now()) / 60000), over = -left;
      const text = left >= 0 ? say("due_in", { n: Math.max(1, left) }) : over < 120 ? say("over_by", { n: over }) : say("over_by_hours", { n: Math.floor(over / 60) });
      if (pill.textContent !== text) pill.textContent = text;
      pill.classList.toggle("warn", left >= 0); pill.classList.toggle("bad", left < 0);
    }
  }

  function title() {
    const list = document.getElementById("list");
    if (!list) return;
    const number = Number(list.dataset.counts), plain = document.title.replace(/^\(\d+\) /, "");
    document.title = number ? `(${number}) ${plain}` : plain;
    const count = document.getElementById("nav-count");
    if (count) { count.textContent = number || ""; count.classList.toggle("hot", number > 0); }
  }

  // ---- light or dark, language
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-toggle]")) {
      const dark = getComputedStyle(document.documentElement).colorScheme.includes("dark"), chosen = dark ? "light" : "dark";
      document.documentElement.dataset.theme = chosen;
      document.cookie = `frontdesk-people-theme=${chosen}; path=${base}; max-age=31536000; SameSite=Lax`;
    }
    const language = event.target.closest("a[href^='?lang=']");
    if (language) {
      event.preventDefault();
      const query = new URLSearchParams(location.search);
      query.set("lang", language.getAttribute("href").slice(6));
      location.search = query;
    }
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  setInterval(clocks, 15000);
  clocks(); title(); listen();
  // A lost nudge costs a minute at most.
  setInterval(() => tell({ gap: true, changed: [] }), 60000);
  addEventListener("pagehide", () => source && source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) { listen(); tell({ gap: true, changed: [] }); } });
  return { base, me: body.dataset.me, say, store, part, signIn, morph, children, toast, onNews, clocks, title };
})();
