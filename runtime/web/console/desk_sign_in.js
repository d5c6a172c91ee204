// Signing in works without this: it shows the token on demand, and spares whoever is signed in already and came by a
// link from elsewhere, with which no browser sends the cookie.
"use strict";
(() => {
  const words = JSON.parse(document.body.dataset.words), see = document.getElementById("see"), token = document.getElementById("token");
  see.addEventListener("click", () => {
    const shown = token.type === "text";
    token.type = shown ? "password" : "text";
    see.setAttribute("aria-pressed", String(!shown));
    see.setAttribute("aria-label", words[shown ? "js.show_token" : "js.hide_token"]);
    token.focus();
  });
  if (!document.getElementById("wrong")) {
    fetch(`${document.body.dataset.base}/whoami`).then((answer) => answer.json()).then((who) => { if (who.name) location.replace(document.body.dataset.back); }).catch(() => {});
  }
})();
