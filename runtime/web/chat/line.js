// The WebSocket to the desk: opened again after every loss, later each time, at once when the network or the tab is back.
const FIRST_MS = 500, LONGEST_MS = 10000, ACK_MS = 8000;

// hello() gives the first frame, onFrame gets every later one, onDown is told of a loss.
export const openLine = ({ url, hello, onFrame, onDown }) => {
  let socket = null, delay = FIRST_MS, retry = 0, ack = 0, isWanted = false;

  const connect = () => {
    clearTimeout(retry);
    const mine = socket = new WebSocket(url);
    mine.addEventListener("open", () => mine.send(JSON.stringify(hello())));
    mine.addEventListener("message", (event) => {
      if (mine === socket) onFrame(JSON.parse(event.data));
    });
    mine.addEventListener("close", () => { if (mine === socket) again(); });
  };
  const again = () => {
    socket = null;
    clearTimeout(ack);
    onDown();
    retry = setTimeout(connect, delay * (0.75 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_MS);
  };
  const drop = () => { const old = socket; again(); old?.close(); };
  const nudge = () => {
    if (!isWanted) return;
    delay = FIRST_MS;
    if (!socket) connect();
  };
  window.addEventListener("online", nudge);
  window.addEventListener("offline", () => { if (socket) drop(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) nudge(); });

  return {
    open() {
      if (isWanted) return;
      isWanted = true;
      connect();
    },
    isGood() { delay = FIRST_MS; },
    // A frame that wants an answer: without one in time the connection counts as lost.
    ask(frame) {
      socket.send(JSON.stringify(frame));
      clearTimeout(ack);
      ack = setTimeout(drop, ACK_MS);
    },
    answered() { clearTimeout(ack); },
    restart() {
      delay = FIRST_MS;
      const old = socket;
      socket = null;
      old?.close();
      connect();
    },
  };
};
