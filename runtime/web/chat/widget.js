// The one script line of a website. It draws a launcher and a frame into a shadow root, so that neither the page's style nor
// ours reaches the other, and speaks to the frame alone. Whatever it needs to know of the business it asks the desk first.
(() => {
  "use strict";
  const script = document.currentScript || document.querySelector("script[data-tenant][src*='widget.js']");
  if (!script || window.frontdesk?.isLoaded) return;
  const address = new URL(script.src);
  const given = (name) => script.dataset[name] ?? address.searchParams.get(name) ?? "";
  const tenant = given("tenant"), desk = address.origin, origin = location.origin;
  const below = new URL(".", address).href;
  const tell = (level, text) => console[level](`Frontdesk: ${text}`);
  const PHONE = matchMedia("(max-width: 760px)");
  const GREETING_MS = 4000, READY_MS = 10000, RETRY_MS = 30000;

  // --- what the website keeps: whether the chat is open, and the frame's things where its own storage is blocked ---
  const KEPT = ["visitor", "pending", "seen", "entered", "hinted", "agreed", "spoke"];
  const place = (name) => `frontdesk:${tenant}:${name}`;
  const read = (storage, name) => { try { return window[storage].getItem(place(name)); } catch { return null; } };
  const write = (storage, name, value) => {
    try { value ? window[storage].setItem(place(name), value) : window[storage].removeItem(place(name)); } catch { /* blocked */ }
  };

  // --- drawing ---
  const STYLE = `
    :host { color-scheme: normal; }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    .chat { position: fixed; z-index: 2147483000; bottom: calc(var(--down) + env(safe-area-inset-bottom)); font: 400 15px/1.45 -apple-system, BlinkMacSystemFont, "Segoe UI", Inter, Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", sans-serif; color: #1a1d1f; text-align: start; }
    .chat.right { right: calc(var(--side) + env(safe-area-inset-right)); }
    .chat.left { left: calc(var(--side) + env(safe-area-inset-left)); }
    button { font: inherit; cursor: pointer; }
    :focus-visible { outline: 2px solid var(--ground); outline-offset: 3px; }
    .launch { position: relative; display: grid; place-items: center; width: 60px; height: 60px; padding: 0; border: 0; border-radius: 50%; background: var(--ground); color: var(--on-ground); box-shadow: 0 2px 6px rgb(20 24 28 / .12), 0 12px 32px rgb(20 24 28 / .22); transition: transform 120ms; }
    .launch:hover { transform: scale(1.05); }
    .launch:focus-visible { box-shadow: 0 0 0 3px #fff; outline-offset: 3px; }
    svg { width: 26px; height: 26px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
    .count { position: absolute; right: -2px; top: -2px; min-width: 22px; height: 22px; padding: 0 5px; border-radius: 11px; background: #b0261e; color: #fff; font-size: 12px; font-weight: 700; line-height: 22px; text-align: center; }
    .hint { position: absolute; bottom: 74px; display: flex; align-items: flex-start; width: max-content; max-width: min(17rem, calc(100vw - 2 * var(--side))); border-radius: 16px; background: #fff; box-shadow: 0 2px 6px rgb(20 24 28 / .08), 0 18px 48px rgb(20 24 28 / .16); animation: rise 200ms ease-out; }
    .right .hint { right: 0; border-bottom-right-radius: 5px; }
    .left .hint { left: 0; border-bottom-left-radius: 5px; }
    .hint button { border: 0; background: none; color: inherit; text-align: start; border-radius: inherit; }
    .hint .say { flex: 1; min-height: 44px; padding: 12px 0 12px 16px; }
    .hint .off { flex: none; display: grid; place-items: center; width: 44px; height: 44px; color: #62686e; }
    .hint .off svg { width: 18px; height: 18px; }
    .panel { position: absolute; bottom: 0; display: flex; flex-direction: column; width: 392px; max-width: calc(100vw - 2 * var(--side)); height: min(688px, calc(100vh - var(--down) - 24px)); border-radius: 20px; background: var(--paper); color: var(--ink); box-shadow: 0 2px 6px rgb(20 24 28 / .12), 0 18px 48px rgb(20 24 28 / .24); overflow: hidden; visibility: hidden; opacity: 0; transform: translateY(12px); transition: opacity 200ms, transform 200ms cubic-bezier(.2, .7, .2, 1), visibility 0s 200ms; }
    .right .panel { right: 0; }
    .left .panel { left: 0; }
    .open .panel { visibility: visible; opacity: 1; transform: none; transition-delay: 0s; }
    .open .launch, .open .hint { visibility: hidden; }
    iframe { flex: 1; width: 100%; border: 0; background: var(--paper); color-scheme: normal; }
    .trap { position: absolute; }
    .news { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .down { position: absolute; inset: 0; display: grid; align-content: center; justify-items: center; gap: 16px; padding: 24px; background: var(--paper); text-align: center; }
    .down button { min-height: 44px; padding: 0 20px; border: 0; border-radius: 22px; background: var(--ground); color: var(--on-ground); font-weight: 600; }
    .down .off { background: none; color: inherit; text-decoration: underline; }
    @keyframes rise { from { opacity: 0; transform: translateY(6px); } }
    @media (max-width: 760px) {
      .chat.open { inset: 0; }
      .open .panel { position: fixed; inset: 0; width: 100%; max-width: none; height: 100dvh; border-radius: 0; }
    }
    @media (prefers-reduced-motion: reduce) { * { animation: none !important; transition: none !important; } }
    @media (forced-colors: active) { .launch, .panel, .hint { border: 1px solid; } }
    @media print { .chat { display: none; } }
  `;
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };
  const icon = (path) => {
    const space = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(space, "svg"), line = document.createElementNS(space, "path");
    svg.setAttribute("viewBox", "0 0 20 20");
    svg.setAttribute("aria-hidden", "true");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  };

  let look = null, chat = null, launch = null, count = null, hint = null, panel = null, frame = null, news = null, safeArea = null;
  let isOpen = false, isReady = false, unread = 0, entry, readyTimer = 0, isMarked = false, focusFrame = false, isGreeted = false;
  let isAgreed = false, overflow = "";
  const listeners = { open: [], close: [], unread: [], message: [] };
  const announce = (what, value) => { for (const listener of listeners[what] || []) listener(value); };
  const px = (text, otherwise) => (/^\d{1,4}$/.test(text) ? `${text}px` : otherwise);
  const isDark = () => given("theme") === "dark" || (given("theme") !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);

  const draw = () => {
    const home = document.createElement("frontdesk-chat");
    home.style.setProperty("all", "initial", "important");
    home.style.setProperty("display", "block", "important");
    const shadow = home.attachShadow({ mode: "open" });
    if ("adoptedStyleSheets" in shadow) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      shadow.adoptedStyleSheets = [sheet];
    } else shadow.append(make("style", {}, STYLE));
    count = make("span", { class: "count", "aria-hidden": "true", hidden: "" });
    launch = make("button", { class: "launch", type: "button", "aria-expanded": "false" }, icon("M3.500 4.500h13v9H9l-3.500 3v-3h-2z"), count);
    launch.addEventListener("click", () => open({ focus: true }));
    for (const soon of ["pointerenter", "focus"]) launch.addEventListener(soon, load, { once: true });
    panel = make("div", { class: "panel", role: "dialog", "aria-label": look.texts.title });
    news = make("span", { class: "news", role: "status" });
    safeArea = make("i", { hidden: "" });
    chat = make("div", { class: `chat ${given("position") === "left" ? "left" : "right"}`, role: "region", "aria-label": look.texts.title, lang: look.language }, launch, panel, news, safeArea);
    for (const [name, value] of Object.entries({
      ground: look.ground, "on-ground": look.on_ground, side: px(given("side"), "24px"), down: px(given("bottom"), "24px"),
      paper: isDark() ? "#171b1e" : "#fff", ink: isDark() ? "#eceeee" : "#1a1d1f",
    })) chat.style.setProperty(`--${name}`, value);
    launch.hidden = given("launcher") === "none";
    shadow.append(chat);
    document.documentElement.append(home);
    showUnread();
  };
  const showUnread = () => {
    const text = unread === 1 ? look.texts.unread_one : look.texts.unread_many.replace("{count}", unread);
    count.hidden = !unread;
    count.textContent = unread > 99 ? "99+" : unread;
    news.textContent = unread && !isOpen ? text : "";
    launch.setAttribute("aria-label", unread ? `${look.texts.open_chat}, ${text}` : look.texts.open_chat);
    showTitle();
  };
  // The page's own title is its own; we only stand before it while nobody looks.
  const showTitle = () => {
    const plain = isMarked ? document.title.replace(/^\(\d+\) /, "") : document.title;
    const wanted = unread && document.hidden ? `(${unread}) ${plain}` : plain;
    isMarked = wanted !== plain;
    if (wanted !== document.title) document.title = wanted;
  };

  // --- the frame ---
  const tellFrame = (type, more) => { if (isReady) frame.contentWindow.postMessage({ frontdesk: type, ...more }, desk); };
  const load = () => {
    if (frame) return;
    const source = new URL(`widget/${encodeURIComponent(tenant)}`, below);
    const theme = given("theme");
    source.search = new URLSearchParams({ origin, lang: look.language, ...(look.accent && { accent: look.accent }), ...(["light", "dark"].includes(theme) && { theme }) });
    frame = make("iframe", { title: look.texts.title, src: source.href, allow: "clipboard-write" });
    panel.append(guard(), frame, guard());
    readyTimer = setTimeout(showDown, READY_MS);
  };
  // On a phone the chat is all there is: Tab stays in it.
  const guard = () => {
    const trap = make("span", { class: "trap", tabindex: "-1" });
    trap.addEventListener("focus", () => frame.focus());
    return trap;
  };
  const showDown = () => {
    if (isReady || panel.querySelector(".down")) return;
    const again = make("button", { type: "button" }, look.texts.again), off = make("button", { type: "button", class: "off" }, look.texts.close_chat);
    const note = make("div", { class: "down", role: "alert" }, make("p", {}, `${look.texts.unreachable} ${look.phone}`), again, off);
    again.addEventListener("click", () => {
      note.remove();
      panel.replaceChildren();
      frame = null;
      load();
    });
    off.addEventListener("click", () => close());
    panel.append(note);
  };
  const safe = () => {
    const sides = {};
    safeArea.hidden = false;
    for (const side of ["top", "right", "bottom", "left"]) {
      safeArea.style.setProperty("padding-top", `env(safe-area-inset-${side}, 0px)`);
      sides[side] = parseFloat(getComputedStyle(safeArea).paddingTop) || 0;
    }
    safeArea.hidden = true;
    return sides;
  };
  const shown = () => {
    if (!isReady) return;
    tellFrame("show", { entry, focus: focusFrame, phone: PHONE.matches, safe: PHONE.matches ? safe() : {} });
    if (focusFrame) frame.focus();
    entry = undefined;
  };
  const readers = {
    ready() {
      isReady = true;
      clearTimeout(readyTimer);
      panel.querySelector(".down")?.remove();
      const kept = Object.fromEntries(KEPT.map((name) => [name, read("localStorage", name)]).filter(([, value]) => value));
      tellFrame("hello", {
        kept, title: given("title"), greeting: given("greeting"), greeted: isGreeted,
        privacy: /^https?:\/\//.test(given("privacy")) ? given("privacy") : look.privacy,
        consent: given("consent") === "ask" && !isAgreed, resume: Boolean(read("localStorage", "spoke")),
      });
      if (isOpen) shown();
    },
    close() { close(); },
    unread({ count: number }) {
      if (!Number.isInteger(number)) return;
      const isMore = number > unread;
      unread = number;
      showUnread();
      announce("unread", unread);
      if (isMore && !isOpen) announce("message", unread);
    },
    spoke() { write("localStorage", "spoke", "1"); dropHint(); },
    forgot() { for (const name of KEPT) write("localStorage", name, ""); },
    keep({ name, value }) { if (KEPT.includes(name) && typeof value === "string" && value.length < 100000) write("localStorage", name, value); },
  };
  window.addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== desk || !event.data) return;
    readers[event.data.frontdesk]?.(event.data);
  });

  // --- open and closed ---
  const open = ({ focus = false, start } = {}) => {
    if (start) entry = start;
    focusFrame = focus;
    load();
    dropHint();
    const was = isOpen;
    isOpen = true;
    chat.classList.add("open");
    launch.setAttribute("aria-expanded", "true");
    write("sessionStorage", "open", "yes");
    fit();
    shown();
    if (!was) announce("open");
  };
  const close = ({ quietly = false } = {}) => {
    if (!isOpen) return;
    isOpen = false;
    chat.classList.remove("open");
    launch.setAttribute("aria-expanded", "false");
    write("sessionStorage", "open", "no");
    fit();
    tellFrame("hide");
    if (!quietly) (opener && opener.isConnected ? opener : launch).focus({ preventScroll: true });
    opener = null;
    announce("close");
  };
  let opener = null;
  // A phone's keyboard leaves less than the window; the page behind must not scroll.
  let isFilling = false;
  const fit = () => {
    const fills = isOpen && PHONE.matches, view = window.visualViewport;
    panel.style.height = fills && view ? `${view.height}px` : "";
    panel.style.transform = fills && view?.offsetTop ? `translateY(${view.offsetTop}px)` : "";
    panel.toggleAttribute("aria-modal", fills);
    if (fills) panel.setAttribute("aria-modal", "true");
    for (const trap of panel.querySelectorAll(".trap")) trap.tabIndex = fills ? 0 : -1;
    if (fills === isFilling) return;
    isFilling = fills;
    const page = document.documentElement.style;
    if (fills) overflow = page.overflow;
    page.overflow = fills ? "hidden" : overflow;
  };

  // --- the one line beside the launcher, once ---
  const dropHint = () => {
    hint?.remove();
    hint = null;
  };
  const greet = () => {
    if (isOpen || hint || read("sessionStorage", "greeted") || read("localStorage", "spoke")) return;
    isGreeted = true;
    write("sessionStorage", "greeted", "1");
    const sayButton = make("button", { type: "button", class: "say" }, given("greeting"));
    const off = make("button", { type: "button", class: "off", "aria-label": look.texts.hint_close }, icon("M5 5l10 10M15 5L5 15"));
    sayButton.addEventListener("click", () => open({ focus: true }));
    off.addEventListener("click", () => { dropHint(); launch.focus(); });
    hint = make("div", { class: "hint", role: "status" }, sayButton, off);
    chat.prepend(hint);
  };

  // --- what the page may say: frontdesk("open"), frontdesk("close"), frontdesk("consent"), frontdesk("on", "unread", f) ---
  const verbs = {
    open: (start) => whenDrawn(() => open({ focus: true, start })),
    close: () => whenDrawn(() => close()),
    toggle: () => whenDrawn(() => (isOpen ? close() : open({ focus: true }))),
    consent() {
      isAgreed = true;
      tellFrame("consent");
    },
    on(what, listener) { if (listeners[what] && typeof listener === "function") listeners[what].push(listener); },
  };
  const waiting = [];
  const whenDrawn = (act) => (chat ? act() : waiting.push(act));
  const early = window.frontdesk?.q || [];
  window.frontdesk = (verb, ...rest) => {
    if (verbs[verb]) verbs[verb](...rest);
    else tell("warn", `there is no "${verb}". There are ${Object.keys(verbs).join(", ")}.`);
  };
  window.frontdesk.isLoaded = true;
  for (const call of early) window.frontdesk(...call);

  // --- beginning ---
  const listen = () => {
    document.addEventListener("visibilitychange", showTitle);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape" && isOpen && !event.defaultPrevented) close(); });
    document.addEventListener("click", (event) => {
      const wanted = event.target.closest?.("[data-frontdesk-open]");
      if (!wanted) return;
      event.preventDefault();
      opener = wanted;
      open({ focus: true, start: wanted.dataset.frontdeskOpen });
    });
    window.addEventListener("storage", ({ key, newValue }) => {
      const name = KEPT.find((one) => place(one) === key);
      if (name) tellFrame("kept", { name, value: newValue || "" });
    });
    PHONE.addEventListener("change", fit);
    for (const what of ["resize", "scroll"]) window.visualViewport?.addEventListener(what, fit);
  };
  const begin = () => {
    for (const note of look.notes) tell("warn", note);
    draw();
    listen();
    for (const act of waiting.splice(0)) act();
    const before = read("sessionStorage", "open");
    if (!isOpen && !PHONE.matches && (before === "yes" || (given("open") === "true" && !before))) open();
    else if (read("localStorage", "spoke")) load();
    if (given("greeting")) setTimeout(greet, GREETING_MS);
  };
  const ask = async (tries) => {
    const spoken = given("language") || document.documentElement.lang;
    const question = new URL(`widget/${encodeURIComponent(tenant)}/look`, below);
    question.search = new URLSearchParams({ lang: spoken.slice(0, 2).toLowerCase(), accent: given("accent"), theme: given("theme") });
    let answer, said;
    try {
      answer = await fetch(question, { credentials: "omit", referrerPolicy: "no-referrer" });
      said = await answer.json();
    } catch {
      if (tries > 0) setTimeout(() => ask(tries - 1), RETRY_MS);
      else tell("error", `the desk at ${desk} cannot be reached.`);
      return;
    }
    if (!answer.ok) { tell("error", `${said.error} ${said.what_next}`); return; }
    look = said;
    begin();
  };
  if (!tenant) tell("error", "the script line needs data-tenant.");
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => ask(10));
  else ask(10);
})();
