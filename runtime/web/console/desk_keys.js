// Keys: single letters do nothing while somebody types. `?` lists them.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  let before = "";
  const rows = () => [...document.querySelectorAll("#rows .conv")];
  const typing = (target) => target.matches("input, textarea, select, [contenteditable]");

  function move(step) {
    const all = rows();
    if (!all.length) { const link = document.querySelector(step > 0 ? "[data-next]" : "[data-previous]"); if (link) link.click(); return; }
    const focused = all.indexOf(document.activeElement), current = all.findIndex((row) => row.hasAttribute("aria-current"));
    const at = focused >= 0 ? focused + step : current >= 0 ? current + step : 0;
    all[Math.max(0, Math.min(all.length - 1, at))].focus();
  }
  const keysDialog = () => { const dialog = $("keys"); if (!dialog.open) dialog.showModal(); };
  const keys = {
    j: () => move(1), k: () => move(-1),
    t: () => window.DeskTalk && DeskTalk.claim(),
    b: () => window.DeskTalk && DeskTalk.release("resume"),
    e: () => window.DeskTalk && DeskTalk.release("close"),
    r: () => { if ($("text")) { DeskTalk.mode(false); DeskTalk.focus(); } },
    n: () => { if ($("text")) { DeskTalk.mode(true); DeskTalk.focus(); } },
    x: () => { const all = document.querySelectorAll("details.trace"); if (all.length) { const last = all[all.length - 1]; last.open = !last.open; last.querySelector("summary").focus(); } },
    "/": () => $("q") && $("q").focus(),
    "?": keysDialog,
    i: () => { if (before === "g") location.assign(Desk.base); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.id === "q" && event.key === "Escape") { event.target.blur(); return; }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key;
    if (keys[key]) { event.preventDefault(); keys[key](); }
    before = key;
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-keys]")) keysDialog(); });
})();
