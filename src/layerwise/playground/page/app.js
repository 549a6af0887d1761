// What the page knows, who wants to hear of it, and the way to the server.

import { fromHash, toHash } from "./address.js";
import { Connection } from "./connection.js";
import { recall } from "./memory.js";

/** @typedef {import("./types.js").Events} Events */
/** @typedef {import("./types.js").Choices} Choices */
/** @typedef {import("./types.js").Frame} Frame */
/** @typedef {import("./types.js").Point} Point */
/** @typedef {import("./types.js").Question} Question */

const PAUSE = 150; // ms between two questions while a slider moves
const MOST_CURVE = 1200; // moments of a run

export class App {
  constructor() {
    /** @type {Map<string, Function[]>} */
    this.listeners = new Map();
    /** @type {import("./types.js").Welcome | null} */
    this.welcome = null;
    /** @type {import("./types.js").Made | null} */
    this.made = null;
    /** @type {Frame | null} */
    this.frame = null;
    /** @type {number[][]} epoch, loss and score of training and test rows */
    this.curve = [];
    /** @type {Point | null} */
    this.point = null;
    this.isPointSettled = true; // whether frames are of the point that was last chosen
    this.playing = false;
    this.speed = 30;
    /** @type {string | null} */
    this.lesson = fromHash(location.hash).lesson;
    this.firstAddressIsLesson = Object.keys(fromHash(location.hash).choices).length === 0;
    /** @type {"phase" | "step" | "epoch"} */
    this.unit = "step";
    /** @type {import("./types.js").Run[]} */
    this.runs = [];
    /** @type {Choices} to be asked for soon */
    this.waiting = {};
    /** @type {Choices} asked for, and not yet answered */
    this.asked = {};
    this.unanswered = 0;
    this.preparing = false; // a table, for which the server's next answers wait
    this.timer = 0;
    this.language = () => "en";
    this.setByHand = 0; // weights
    /** @type {Connection | null} */
    this.connection = null;
  }

  /**
   * @template {keyof Events} K
   * @param {K} name
   * @param {(value: Events[K]) => void} listener
   */
  on(name, listener) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
  }

  /**
   * @template {keyof Events} K
   * @param {K} name
   * @param {Events[K]} value
   */
  tell(name, value) {
    for (const listener of this.listeners.get(name) ?? []) listener(value);
  }

  /** @param {() => string} language */
  connect(language) {
    this.language = language;
    this.connection = new Connection({
      hello: () => this.hello(recall("name") ?? ""),
      message: (message) => this.hear(message),
      frame: (frame) => this.draw(frame),
      connected: (connected) => {
        if (connected) this.forgetAsked();
        this.tell("connected", connected);
      },
    });
    addEventListener("hashchange", () => {
      const { choices, lesson } = fromHash(location.hash);
      if (lesson !== this.lesson && lesson) this.tell("lesson", { lesson });
      else if (location.hash.includes("=") && location.hash !== this.hash()) this.choose(this.complete(choices), true);
    });
  }

  /** The first message: who is here, and what the address holds. @param {string} name */
  hello(name) {
    const choices = this.made ? this.made.choices : fromHash(location.hash).choices;
    return { type: "hello", language: this.language(), name, choices };
  }

  /** What was asked of an earlier connection is never answered. */
  forgetAsked() {
    this.asked = {};
    this.unanswered = 0;
    this.preparing = false;
  }

  /** Say once more who is here. @param {string} name */
  sayHello(name) {
    this.send(this.hello(name));
  }

  /** @param {any} message */
  hear(message) {
    const { type } = message;
    if (type === "preparing") this.preparing = true;
    if (type === "made" || type === "trouble") {
      this.preparing = false;
      this.unanswered = Math.max(0, this.unanswered - 1);
      if (this.unanswered === 0) this.asked = {};
    }
    if (type === "welcome") this.welcome = message;
    if (type === "made") {
      this.made = message;
      if (!message.kept) {
        this.curve = [];
        this.frame = null;
        this.setByHand = 0;
      }
      if (!message.kept && this.point && !("row" in this.point)) this.point = null;
      history.replaceState(null, "", this.hash());
    }
    if (type === "trouble") history.replaceState(null, "", this.hash() || location.hash); // what holds
    if (type === "trouble" && message.closes) this.connection?.end();
    if (type === "address") this.choose(this.complete(message.choices), true);
    this.tell(type, message);
    if (type === "made" && this.point && !message.kept) this.choosePoint(this.point);
    if ((type === "made" || type === "trouble") && !this.timer) this.ask();
  }

  /** @param {Frame} frame */
  draw(frame) {
    this.frame = frame;
    this.playing = frame.header.playing;
    this.lengthenCurve(frame.header);
    this.settlePoint(frame.header.row ?? null);
    this.tell("frame", frame);
  }

  /**
   * The server follows a row of its own choice where a formula or a step needs one.
   * @param {number | null} row  that the frame follows
   */
  settlePoint(row) {
    const chosen = this.point && "row" in this.point ? this.point.row : null;
    if (row === chosen) this.isPointSettled = true;
    else if (this.isPointSettled && row !== null) {
      this.point = { row };
      this.tell("point", this.point);
    }
  }

  /**
   * Losses and scores as they were at this frame; of a long training every other one is let go.
   * @param {import("./types.js").Header} header
   */
  lengthenCurve({ epoch, into_epoch: steps, loss, score }) {
    const at = epoch + steps / Math.max(1, this.made?.steps_per_epoch ?? 1);
    const last = this.curve[this.curve.length - 1];
    if (last && last[0] === at) this.curve.pop();
    this.curve.push([at, ...[...loss, ...score].map((value) => value ?? NaN)]);
    if (this.curve.length > MOST_CURVE) {
      this.curve = this.curve.filter((_, i) => i % 2 === 0 || i === this.curve.length - 1);
    }
  }

  /** Say something; what was chosen before is asked for before. @param {object} message */
  send(message) {
    this.ask();
    this.connection?.send(message);
  }

  /**
   * Change choices: soon, so that a slider that moves asks once; at once; or, while a table is
   * prepared, when it is, so that of many changes the last is prepared next.
   * @param {Choices} changes
   * @param {boolean} [now]
   */
  choose(changes, now = false) {
    Object.assign(this.waiting, changes);
    if (this.preparing) return;
    if (now) this.ask();
    else if (!this.timer) this.timer = window.setTimeout(() => this.ask(), PAUSE);
  }

  /** Ask for what was chosen and is not asked for yet. */
  ask() {
    clearTimeout(this.timer);
    this.timer = 0;
    const choices = this.waiting;
    if (Object.keys(choices).length === 0) return;
    this.waiting = {};
    Object.assign(this.asked, choices);
    this.unanswered += 1;
    this.connection?.send({ type: "choose", choices });
  }

  /** @param {Choices} choices  all others as in the beginning */
  complete(choices) {
    return { ...this.welcome?.defaults, ...choices };
  }

  /** A choice as it was last made, also one that the server has not yet answered. @param {string} key */
  choice(key) {
    return (
      this.waiting[key] ?? this.asked[key] ?? this.made?.choices[key] ?? this.welcome?.defaults[key] ?? ""
    );
  }

  /** @param {Point | null} point */
  choosePoint(point) {
    this.point = point;
    this.isPointSettled = false;
    this.send({ type: "point", ...point });
    this.tell("point", point);
  }

  /**
   * Set one weight, or with no node that it comes from, a bias.
   * @param {number} layer
   * @param {number | null} from
   * @param {number} to
   * @param {number} value
   */
  setWeight(layer, from, to, value) {
    this.send({ type: "weight", layer, from, to, value });
    this.setByHand += 1;
  }

  /** @param {boolean} playing */
  play(playing) {
    this.send(playing ? { type: "play", speed: this.speed } : { type: "pause" });
  }

  hash() {
    return this.made && this.welcome ? toHash(this.made.choices, this.welcome.defaults, this.lesson) : "";
  }
}
