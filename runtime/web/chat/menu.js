// The menu in the header: begin anew, save what was said, forget it all on this device.
import { byId, tenant, words } from "./page.js";
import { transcript } from "./talk.js";

const opener = byId("menu-open"), menu = byId("menu");

const show = (open) => {
  menu.hidden = !open;
  opener.setAttribute("aria-expanded", open);
  if (open) menu.querySelector("button:not(:disabled)").focus();
};
const save = () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([`${words.title}\n\n${transcript()}`], { type: "text/plain;charset=utf-8" }));
  link.download = `${tenant}-chat.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
};

// Forgetting is asked for twice, by the same button: its second words say what goes.
export const openMenu = ({ onRestart, onForget }) => {
  const forget = byId("menu-forget");
  const calm = () => {
    forget.textContent = words.menu_forget;
    delete forget.dataset.sure;
  };
  const close = (focus) => {
    show(false);
    calm();
    if (focus) opener.focus();
  };
  opener.addEventListener("click", () => (menu.hidden ? show(true) : close(false)));
  byId("menu-restart").addEventListener("click", () => { close(false); onRestart(); });
  byId("menu-save").addEventListener("click", () => { save(); close(true); });
  forget.addEventListener("click", () => {
    if (forget.dataset.sure) { close(false); onForget(); return; }
    forget.dataset.sure = "1";
    forget.textContent = words.menu_forget_sure;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close(true);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.hidden && !event.target.closest("#menu, #menu-open")) close(false);
  });
};
