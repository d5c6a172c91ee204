// Messages that the server has not taken for good. Each is ours under its id until the conversation holds it; it lies in this
// browser, is sent again after every reconnect or reload, and the id makes that harmless.
import { kept } from "./kept.js";

const KEEP_MS = 86400000;
const settled = new Set();   // ids that the conversation holds

// Each tab keeps its own messages; those of a closed tab go with whichever tab is opened next.
const read = () => {
  try {
    const found = JSON.parse(kept.get("pending") || "[]");
    return Array.isArray(found) ? found.filter((one) => one && one.id && Date.now() - one.at < KEEP_MS) : [];
  } catch { return []; }
};
let items = [];
const save = () => {
  const ours = new Set(items.map((one) => one.id));
  const others = read().filter((one) => !ours.has(one.id) && !settled.has(one.id));
  kept.set("pending", JSON.stringify([...others, ...items]));
};

export const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return "m" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
};
export const queue = {
  load() { items = read(); },
  all: () => items,
  find: (id) => items.find((one) => one.id === id),
  next: () => items.find((one) => one.state === "waiting"),
  add(message) {
    const item = { id: newId(), at: Date.now(), state: "waiting", ...message };
    items.push(item);
    save();
    return item;
  },
  taken(item) {
    item.state = "taken";
    save();
  },
  isSettled: (id) => settled.has(id),
  // The conversation holds it: true when it was ours.
  settle(id) {
    settled.add(id);
    if (!items.some((one) => one.id === id)) return false;
    items = items.filter((one) => one.id !== id);
    save();
    return true;
  },
  clear() {
    items = [];
    kept.forget("pending");
  },
};
