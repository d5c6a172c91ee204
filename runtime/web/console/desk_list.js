// The list: follows the news, but moves nothing under a pointer or a focus; searches while somebody types.
"use strict";
(() => {
  const list = document.getElementById("list");
  if (!list) return;
  const rows = () => document.getElementById("rows"), fresh = () => document.getElementById("fresh");
  const find = document.getElementById("find"), field = document.getElementById("q");
  let src = list.dataset.src, waiting = null, timer = 0, lastLook = 0, looking = false, again = false, over = false, pages = [];

  const open = () => { const talk = document.getElementById("talk"); return talk && talk.dataset.path ? talk.dataset.path.split("/")[2] : ""; };
  const within = (url) => `${url}${url.includes("?") ? "&" : "?"}open=${encodeURIComponent(open())}`;

  async function look() {
    if (looking) { again = true; return; }
    looking = true; lastLook = Date.now();
    const asked = src;
    try {
      const found = await Desk.part(within(asked));
      if (found && asked === src) offer(found.getElementById("list"));
    } catch { /* the stream's banner tells; the next news or minute looks again */ }
    looking = false;
    if (again) { again = false; soon(300); }
  }

  const soon = (ms) => { clearTimeout(timer); timer = setTimeout(look, Math.max(0, ms - (Date.now() - lastLook))); };

  const keys = (where) => [...where.querySelectorAll(".conv")].map((one) => one.id);
  const reading = () => over || (rows().contains(document.activeElement) && document.activeElement !== rows());

  // Numbers and states change in place at once; rows come, go and move only while nobody points at them.
  function offer(next) {
    list.dataset.counts = next.dataset.counts; Desk.title();
    for (const id of ["tabs", "list-head"]) Desk.morph(document.getElementById(id), next.querySelector(`#${id}`));
    const now = keys(rows()).filter((id) => !pages.includes(id)), then = keys(next.querySelector("#rows"));
    if (reading() && now.join() !== then.join()) {
      for (const id of now) { const row = next.querySelector(`#${CSS.escape(id)}`); const old = document.getElementById(id); if (row) Desk.morph(old, row.cloneNode(true)); old.classList.toggle("elsewhere", !row); }
      const changes = then.filter((id) => !now.includes(id)).length + now.filter((id) => !then.includes(id)).length || 1;
      fresh().textContent = changes === 1 ? Desk.say("new_in_list_one") : Desk.say("new_in_list", { n: changes });
      fresh().hidden = false; waiting = next;
    } else apply(next);
    Desk.clocks();
  }

  function apply(next) {
    waiting = null; fresh().hidden = true;
    const older = [...rows().querySelectorAll("[data-page]")];
    const at = rows().scrollTop;
    Desk.children(rows(), next.querySelector("#rows"));
    if (older.length) { const last = document.getElementById("older"); older.forEach((one) => { if (!document.getElementById(one.id)) rows().append(one); }); if (last) last.remove(); if (moreOf) rows().append(moreOf); }
    rows().scrollTop = at; mark();
  }

  function mark() {
    const id = open();
    for (const row of rows().querySelectorAll(".conv")) row.dataset.id === id ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
  }

  const settle = () => { if (waiting && !reading()) apply(waiting); };
  list.addEventListener("pointerenter", (event) => { if (event.pointerType === "mouse") over = true; });
  list.addEventListener("pointerleave", () => { over = false; settle(); });
  list.addEventListener("focusout", () => setTimeout(settle));
  fresh().addEventListener("click", () => { if (waiting) apply(waiting); rows().scrollTop = 0; });

  Desk.onNews((news) => {
    if (news.gap) return soon(0);
    const urgent = news.changed.some(([, , people]) => people);
    soon(urgent ? 200 : 1000);
  });

  // ---- older ones, below
  let moreOf = null;
  rows().addEventListener("click", async (event) => {
    const more = event.target.closest("[data-more]");
    if (!more) return;
    event.preventDefault();
    more.setAttribute("aria-busy", "true");
    try {
      const found = await Desk.part(within(more.dataset.more));
      if (!found) return;
      const last = document.getElementById("older"), first = found.querySelector("#rows .conv");
      for (const one of [...found.querySelector("#rows").children]) {
        if (one.id && document.getElementById(one.id) && one.id !== "older") continue;
        if (one.id !== "older") { one.dataset.page = ""; if (one.classList.contains("conv")) pages.push(one.id); }
        last.before(one);
      }
      last.remove(); moreOf = document.getElementById("older");
      if (first) document.getElementById(first.id).focus();
    } catch { more.removeAttribute("aria-busy"); }
  });

  // ---- searching and views without a reload; both stand in the address
  let typing = 0;
  const address = (query) => `${Desk.base}${query}`;
  function show(query, push = true) {
    src = `${Desk.base}/parts/list${query}`; pages = []; moreOf = null; waiting = null;
    if (push) history.pushState({ list: query }, "", `${location.pathname}${query}`);
    const asked = src;
    Desk.part(within(asked)).then((found) => {
      if (!found || asked !== src) return;  // somebody typed on meanwhile
      const next = found.getElementById("list");
      list.dataset.counts = next.dataset.counts;
      for (const id of ["tabs", "list-head"]) Desk.morph(document.getElementById(id), next.querySelector(`#${id}`));
      Desk.children(rows(), next.querySelector("#rows")); fresh().hidden = true; rows().scrollTop = 0;
      find.elements.view.value = new URLSearchParams(query).get("view") || "all"; mark();
    }).catch(() => { if (asked === src) location.assign(address(query)); });
  }
  field.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      const query = new URLSearchParams(location.search);
      field.value.trim() ? query.set("q", field.value.trim()) : query.delete("q");
      const text = query.toString();
      history.replaceState({}, "", `${location.pathname}${text ? `?${text}` : ""}`);
      show(text ? `?${text}` : "", false);
    }, 220);
  });
  find.addEventListener("submit", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("#tabs a");
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(new URL(tab.href).search);
  });
  addEventListener("frontdesk:opened", mark);
})();
