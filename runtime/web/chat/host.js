// The website around our frame. We speak to the one origin that the server let show us, and listen to it alone.
import { root } from "./page.js";

const origin = root.dataset.around || "";
const isFramed = Boolean(origin) && window.parent !== window;

export const tellHost = (type, more) => {
  if (isFramed) window.parent.postMessage({ frontdesk: type, ...more }, origin);
};
// Alone, the page goes by itself at once: start({}) and show().
export const listenToHost = (readers) => {
  if (!isFramed) {
    readers.hello({});
    readers.show({});
    return;
  }
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || event.origin !== origin || !event.data) return;
    readers[event.data.frontdesk]?.(event.data);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) tellHost("close");
  });
  tellHost("ready");
};
export const framed = isFramed;
