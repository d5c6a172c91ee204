// What this browser keeps of the conversation. Where our own storage is blocked (frames of some browsers, private windows)
// the website around us may keep it; without one it lives as long as the page.
import { tenant } from "./page.js";

const memory = {};
const place = (name) => `frontdesk:${tenant}:${name}`;
let around = null;

const isOwn = (() => {
  try {
    localStorage.setItem(place("try"), "1");
    localStorage.removeItem(place("try"));
    return true;
  } catch { return false; }
})();

// The website's own storage: what lies there already, and how to write to it.
export const keepAround = (found, write) => {
  if (isOwn) return;
  for (const [name, value] of Object.entries(found || {})) if (typeof value === "string") memory[name] = value;
  around = write;
};
export const kept = {
  get(name) {
    try { return isOwn ? localStorage.getItem(place(name)) : memory[name] ?? null; } catch { return memory[name] ?? null; }
  },
  set(name, value) {
    memory[name] = value;
    try { if (isOwn) localStorage.setItem(place(name), value); } catch { /* full: memory has it */ }
    around?.(name, value);
  },
  forget(...names) {
    for (const name of names) {
      delete memory[name];
      try { if (isOwn) localStorage.removeItem(place(name)); } catch { /* then there is nothing */ }
      around?.(name, "");
    }
  },
};
// Another tab of this visitor wrote something: here, or at the website around us.
const listeners = {};
export const onKeptElsewhere = (name, tell) => { listeners[name] = tell; };
export const heardAround = (name, value) => {
  if (isOwn) return;
  memory[name] = value;
  listeners[name]?.(value);
};
window.addEventListener("storage", ({ key, newValue }) => {
  const name = Object.keys(listeners).find((one) => place(one) === key);
  if (name) listeners[name](newValue || "");
});
