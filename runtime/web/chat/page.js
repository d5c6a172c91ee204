// What all parts of the page share: its root, its words, and the making of elements. Text becomes text, never HTML.
export const byId = (id) => document.getElementById(id);
export const root = document.querySelector(".chat");
export const tenant = root.dataset.tenant;
export const words = JSON.parse(byId("words").textContent);
export const language = document.documentElement.lang;
const LOCALE = language === "en" ? "en-GB" : language;

export const make = (tag, className, text) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
};
export const button = (className, text, onClick) => {
  const element = make("button", className, text);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
};
export const icon = (path, label, className = "mark") => {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg"), line = document.createElementNS(space, "path");
  svg.setAttribute("class", className);
  svg.setAttribute("viewBox", "0 0 20 20");
  if (label) svg.setAttribute("role", "img");
  svg.setAttribute(label ? "aria-label" : "aria-hidden", label || "true");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
};
export const clockText = (moment) => new Date(moment).toLocaleTimeString(LOCALE, { hour: "2-digit", minute: "2-digit" });
export const dayText = (moment) => {
  const midnight = (time) => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((midnight(Date.now()) - midnight(moment)) / 86400000);
  const day = new Date(moment).toLocaleDateString(LOCALE, { weekday: "long", day: "numeric", month: "long" });
  return `${days === 0 ? words.today : days === 1 ? words.yesterday : day}, ${clockText(moment)}`;
};
export const sizeText = (bytes) => {
  const [number, unit] = bytes < 1e6 ? [Math.max(1, Math.round(bytes / 1e3)), "KB"] : [Math.round(bytes / 1e5) / 10, "MB"];
  return `${number.toLocaleString(LOCALE)}\u00a0${unit}`;
};
