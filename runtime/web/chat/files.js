// Files that the visitor sends: chosen, dropped or pasted. They go up first, with progress, and then into one message; what did
// not go up says why, and is kept for another try as long as the page is open.
import { byId, button, icon, make, root, sizeText, words } from "./page.js";
import { drawUpload, toEnd } from "./talk.js";

const MOST = 10;
const LARGEST = Number(root.dataset.largest) || 25e6;
const where = new URL(root.dataset.socket.replace(/ws$/, "files"), location.href);
const CROSS = "M5 5l10 10M15 5L5 15";

const reasonOf = (status) => (status === 413 ? words.file_too_large.replace("{size}", sizeText(LARGEST))
  : status === 400 ? words.file_kind : words.file_failed);

// One file as a row of its bubble; ends as {file}, {error} or {} where it was taken back.
const send = (file, row, token) => new Promise((end) => {
  const bar = row.appendChild(make("progress"));
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `${words.file_goes_up}: ${file.name}`);
  const request = new XMLHttpRequest();
  const off = row.appendChild(button("off", "", () => request.abort()));
  off.setAttribute("aria-label", `${words.file_take_back}: ${file.name}`);
  off.append(icon(CROSS, "", ""));
  const over = (result) => { bar.remove(); off.remove(); end(result); };
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = event.loaded / event.total; });
  request.addEventListener("load", () => over(request.status === 201 ? { file: JSON.parse(request.responseText) } : { error: request.status }));
  request.addEventListener("error", () => over({ error: 0 }));
  request.addEventListener("abort", () => over({}));
  const url = new URL(where);
  url.searchParams.set("name", file.name || "bild.png");
  request.open("POST", url);
  request.setRequestHeader("Authorization", `Bearer ${token()}`);
  request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
  request.send(file);
});

// whenOpen(act) acts once there is a connection; onSent gets the files of one message.
export const openFiles = ({ token, whenOpen, onSent }) => {
  const picker = byId("picker");

  const start = (files) => {
    const bubble = drawUpload();
    whenOpen(async () => {
      const sent = [];
      for (const file of files.slice(0, MOST)) {
        const row = bubble.appendChild(make("span", "file", file.name));
        const { file: known, error } = file.size > LARGEST ? { error: 413 } : await send(file, row, token);
        if (known) sent.push(known);
        if (error === undefined) row.remove(); else showError(row, file, error, bubble);
      }
      if (files.length > MOST) showError(bubble.appendChild(make("span", "file", "")), null, -1, bubble);
      if (sent.length) onSent(sent);
      if (!bubble.querySelector(".file")) bubble.remove();
    });
    toEnd();
  };
  const showError = (row, file, status, bubble) => {
    const gone = () => { row.remove(); if (!bubble.querySelector(".file")) bubble.remove(); };
    const note = row.appendChild(make("span", "why", status < 0 ? words.file_too_many : reasonOf(status)));
    note.setAttribute("role", "alert");
    const isWorthIt = file && ![400, 413].includes(status);
    if (isWorthIt) note.append(" ", button("link", words.again, () => { gone(); start([file]); }));
    const off = row.appendChild(button("off", "", gone));
    off.setAttribute("aria-label", words.hint_close);
    off.append(icon(CROSS, "", ""));
  };
  const take = (list) => {
    const files = [...(list || [])];
    if (files.length) start(files);
    return files.length > 0;
  };

  byId("attach").addEventListener("click", () => picker.click());
  picker.addEventListener("change", () => { take(picker.files); picker.value = ""; });
  byId("field").addEventListener("paste", (event) => { if (take(event.clipboardData?.files)) event.preventDefault(); });
  const hasFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  root.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    root.dataset.dropping = "";
  });
  root.addEventListener("dragleave", (event) => { if (!root.contains(event.relatedTarget)) delete root.dataset.dropping; });
  root.addEventListener("drop", (event) => {
    delete root.dataset.dropping;
    if (!hasFiles(event)) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
};
