// The nodes: pictures of what they compute, their biases, and the followed point's values.

import { el } from "./elements.js";
import { floats } from "./frame.js";
import { nodeName, nodeWords, placeOf } from "./names.js";
import { pictureIndex, topOf } from "./network_layout.js";
import { paintInput, paintNode, paintProbability } from "./node_pictures.js";
import { short } from "./numbers.js";
import { classMark, palette, sides } from "./palette.js";
import { reached } from "./phase.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./network_layout.js").Layout} Layout */
/** @typedef {import("./network_layout.js").Column} Column */
/**
 * @typedef {object} DrawnNode
 * @property {Column} column
 * @property {number} node
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} value  what it gives for the followed point
 * @property {HTMLElement | null} bias
 */

const MOST_BIAS = 5;

export class NodeDrawing {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {DrawnNode[]} */
    this.nodes = [];
    this.dragging = false;
  }

  /** @param {Layout} layout */
  build(layout) {
    const { made } = this.app;
    this.nodes = [];
    if (!made) return [];
    return layout.columns.flatMap((column) =>
      column.nodes.map((node, n) => {
        const box = this.node(made, column, node, n === 0 && column.kind === "input");
        box.style.left = `${column.x - layout.size / 2}px`;
        box.style.top = `${topOf(layout, column, n)}px`;
        return box;
      }),
    );
  }

  /**
   * @param {import("./types.js").Made} made
   * @param {Column} column
   * @param {number} node
   * @param {boolean} first
   */
  node(made, column, node, first) {
    const { layer, kind } = column;
    const name = nodeName(made, layer, node);
    const canvas = el("canvas", { width: 1, height: 1, "aria-hidden": "true" });
    const value = el("span", { class: kind === "input" ? "given" : "value" });
    const words = nodeWords(made, layer, node);
    /** @param {Event} event @param {boolean} pinned */
    const ask = (event, pinned) => {
      if (kind !== "input" && event.currentTarget instanceof Element) {
        this.app.tell("question", {
          question: { what: "node", layer, node },
          anchor: event.currentTarget,
          pinned,
        });
      }
    };
    const leave = () => this.app.tell("question", null);
    const picture = el(
      "button",
      {
        type: "button",
        class: "picture",
        name: `node-${layer}-${node}`,
        "data-layer": layer,
        "data-node": node,
        tabindex: first ? 0 : -1,
        "aria-label": words,
        pointerenter: (event) => ask(event, false),
        pointerleave: leave,
        focus: (event) => {
          if (event.currentTarget.matches(":focus-visible")) ask(event, false);
        },
        blur: leave,
        click: (event) => ask(event, true),
      },
      canvas,
    );
    const bias = kind === "input" ? null : this.biasHandle(layer, node, words);
    this.nodes.push({ column, node, canvas, value, bias });
    const label =
      kind === "hidden"
        ? null
        : el(
            "span",
            { class: "name", title: name },
            kind === "output" && made.task.kind === "classes" ? classMark(node) : null,
            name,
            kind === "input" ? value : null,
          );
    return el(
      "div",
      { class: `node ${kind}`, "data-layer": layer },
      picture,
      bias,
      label,
      kind === "input" ? null : value,
    );
  }

  /**
   * A small disc in the colour of the node's bias; dragged up or down it changes.
   * @param {number} layer
   * @param {number} node
   * @param {string} words
   */
  biasHandle(layer, node, words) {
    const handle = el("span", {
      class: "bias",
      role: "slider",
      tabindex: -1,
      "aria-label": `${t("bias")}: ${words}`,
      "aria-valuemin": -MOST_BIAS,
      "aria-valuemax": MOST_BIAS,
      "aria-orientation": "vertical",
    });
    let start = { y: 0, value: 0 };
    handle.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      handle.setPointerCapture(event.pointerId);
      start = { y: event.clientY, value: this.bias(layer, node) };
      this.dragging = true;
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const value = start.value + (start.y - event.clientY) / 30;
      this.app.setWeight(layer, null, node, value);
    });
    handle.addEventListener("lostpointercapture", () => {
      this.dragging = false;
    });
    handle.addEventListener("click", (event) =>
      this.app.tell("question", {
        question: { what: "weight", layer, from: null, to: node },
        anchor: /** @type {Element} */ (event.currentTarget),
        pinned: true,
      }),
    );
    return handle;
  }

  /**
   * The node that an arrow key leads to: from one to the next the whole network is one stop of Tab.
   * @param {KeyboardEvent} event
   * @returns {HTMLElement | null}
   */
  neighbour({ key, target }) {
    const at = this.nodes.find(({ canvas }) => canvas.parentElement === target);
    if (!at) return null;
    const column = this.nodes.filter((one) => one.column === at.column);
    const columns = [...new Set(this.nodes.map((one) => one.column))];
    const place = column.indexOf(at);
    /** @param {number} step */
    const beside = (step) => {
      const next = columns[columns.indexOf(at.column) + step];
      const there = this.nodes.filter((one) => one.column === next);
      return there[Math.min(place, there.length - 1)];
    };
    const to = {
      ArrowUp: column[place - 1],
      ArrowDown: column[place + 1],
      ArrowLeft: beside(-1),
      ArrowRight: beside(1),
    }[key];
    if (!to) return null;
    at.canvas.parentElement?.setAttribute("tabindex", "-1");
    to.canvas.parentElement?.setAttribute("tabindex", "0");
    return to.canvas.parentElement;
  }

  /** @param {number} layer @param {number} node */
  bias(layer, node) {
    const { frame, made } = this.app;
    const vector = frame && floats(frame, "vector");
    return vector && made ? vector[placeOf(made, layer, null, node)] : 0;
  }

  update() {
    const { frame, made } = this.app;
    if (!made) return;
    const pictures = frame?.arrays.nodes;
    const outputs = frame?.arrays.outputs;
    const before = frame && floats(frame, "row_values");
    const answers = frame && floats(frame, "row_outputs");
    const inputs = frame && floats(frame, "row_inputs");
    const { above, below } = sides();
    const { ground } = palette();
    const side = made.grid;
    const known = reached(frame?.header.phase).values;
    let first = 0;
    const firsts = made.layers.map((layer) => (first += layer.nodes) - layer.nodes);
    for (const {
      column: { kind, layer },
      node,
      canvas,
      value,
      bias,
    } of this.nodes) {
      if (kind === "input") {
        if (canvas.width === 1) paintInput(canvas, made, node);
        value.textContent = inputs ? ` ${short(inputs[node])}` : "";
        continue;
      }
      if (kind === "hidden" && pictures) {
        const index = pictureIndex(made, layer, node);
        if (index >= 0) paintNode(canvas, pictures, index * side * side, side);
      } else if (kind === "output" && outputs) {
        if (made.task.kind === "classes") paintProbability(canvas, outputs, node * side * side, side, node);
        else paintNode(canvas, centred(outputs), 0, side);
      }
      const shown = kind === "output" && answers ? answers[node] : before?.[firsts[layer] + node];
      value.textContent = before && layer <= known ? short(shown) : "";
      if (bias) {
        const size = this.bias(layer, node);
        const words = short(size);
        if (bias.getAttribute("aria-valuetext") === words) continue;
        bias.setAttribute("aria-valuetext", words);
        bias.setAttribute("aria-valuenow", size.toFixed(3));
        bias.style.background = mixed(size, size < 0 ? below : above, ground);
        bias.title = `${t("bias")} ${words}`;
      }
    }
  }
}

/** @param {number} size @param {string} colour @param {number[]} ground */
function mixed(size, colour, ground) {
  const share = Math.round(100 * Math.min(1, Math.abs(size) * 1.2));
  return `color-mix(in srgb, ${colour} ${share}%, rgb(${ground.join(" ")}))`;
}

/** Values from 0 to 255 as from -127 to 127. @param {import("./types.js").Numbers} values */
function centred(values) {
  return Int8Array.from(values, (value) => Math.round((value * 254) / 255 - 127));
}
