// The socket to the server: opened again when it breaks, one frame at a time.

import { readFrame } from "./frame.js";

/** @typedef {import("./types.js").Frame} Frame */

const LONGEST_WAIT = 8000; // ms

/**
 * @typedef {object} Listeners
 * @property {() => object} hello  the first message of a connection
 * @property {(message: {type: string}) => void} message
 * @property {(frame: Frame) => void} frame
 * @property {(connected: boolean) => void} connected
 */

export class Connection {
  /** @param {Listeners} listeners */
  constructor(listeners) {
    this.listeners = listeners;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {Frame | null} that came and is not drawn yet */
    this.waiting = null;
    this.wait = 500;
    this.closed = false; // for good, by the server's word
    this.open();
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const { host, pathname } = new URL("socket", location.href); // beside the page
    const socket = new WebSocket(`${scheme}://${host}${pathname}`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      this.wait = 500;
      this.send(this.listeners.hello());
      this.listeners.connected(true);
    };
    socket.onmessage = ({ data }) => {
      this.draw(); // what came before is drawn before
      if (typeof data === "string") this.listeners.message(JSON.parse(data));
      else this.receive(readFrame(data));
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.waiting = null;
      this.listeners.connected(false);
      if (this.closed) return;
      setTimeout(() => this.open(), this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    };
  }

  /**
   * Draw a frame when the browser next draws, and say so: the server sends no next one before.
   * A hidden page draws nothing, so it is given its frames by a clock.
   * @param {Frame} frame
   */
  receive(frame) {
    this.waiting = frame;
    const draw = () => {
      if (this.waiting === frame) this.draw();
    };
    if (document.hidden) setTimeout(draw, 200);
    else requestAnimationFrame(draw);
  }

  draw() {
    const frame = this.waiting;
    if (!frame) return;
    this.waiting = null;
    try {
      this.listeners.frame(frame);
    } finally {
      this.send({ type: "seen", frame: frame.header.frame });
    }
  }

  /** @param {object} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  end() {
    this.closed = true;
  }
}
