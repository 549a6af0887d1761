// The lines between nodes: each a weight, or what it passes on, or its gradient.

import { floats } from "./frame.js";
import { svg } from "./elements.js";
import { topOf } from "./network_layout.js";
import { placeOf } from "./names.js";
import { reached } from "./phase.js";
import { sides } from "./palette.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./network_layout.js").Layout} Layout */
/** @typedef {{layer: number, from: number, to: number, place: number, path: SVGPathElement, look: number}} Line */
/** @typedef {"weights" | "signals" | "gradients"} LineMode */

export class LineDrawing {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    /** @type {Line[]} */
    this.lines = [];
    /** @type {LineMode} */
    this.mode = "weights";
  }

  /**
   * @param {SVGSVGElement} drawing
   * @param {Layout} layout
   */
  build(drawing, layout) {
    const { made } = this.app;
    this.lines = [];
    if (!made) return;
    const half = layout.size / 2;
    const hits = svg("g", { class: "hits" });
    const seen = svg("g", {});
    layout.columns.forEach((right, c) => {
      const left = layout.columns[c - 1];
      if (!left || left.layer !== right.layer - 1) return;
      left.nodes.forEach((from, i) =>
        right.nodes.forEach((to, j) => {
          const y1 = topOf(layout, left, i) + half;
          const y2 = topOf(layout, right, j) + half;
          const x1 = left.x + half;
          const x2 = right.x - half;
          const bend = (x2 - x1) * 0.45;
          const d = `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
          const path = svg("path", { d });
          const hit = svg("path", { d, "data-weight": `${right.layer},${from},${to}` });
          seen.append(path);
          hits.append(hit);
          this.lines.push({
            layer: right.layer,
            from,
            to,
            place: placeOf(made, right.layer, from, to),
            path,
            look: -1,
          });
        }),
      );
    });
    drawing.append(seen, hits);
    drawing.addEventListener("pointerover", (event) => this.point(event, false));
    drawing.addEventListener("pointerout", () => this.app.tell("question", null));
    drawing.addEventListener("click", (event) => this.point(event, true));
  }

  /**
   * @param {Event} event
   * @param {boolean} pinned
   */
  point(event, pinned) {
    const hit = event.target;
    const name = hit instanceof SVGElement ? hit.dataset.weight : undefined;
    if (!name || !(hit instanceof SVGElement)) return;
    const [layer, from, to] = name.split(",").map(Number);
    const at = event instanceof MouseEvent ? { x: event.clientX, y: event.clientY } : undefined;
    this.app.tell("question", { question: { what: "weight", layer, from, to }, anchor: hit, pinned, at });
  }

  /** What is drawn of each line, and the largest of it. */
  values() {
    const { frame, made } = this.app;
    if (!frame || !made) return null;
    const vector = floats(frame, "vector");
    const gradients = floats(frame, "row_weight_grad") ?? floats(frame, "grad");
    const inputs = floats(frame, "row_inputs");
    const values = floats(frame, "row_values");
    if (!vector) return null;
    const known = reached(frame.header.phase);
    if (this.mode === "gradients" && gradients) {
      return (/** @type {Line} */ { layer, place }) => (layer >= known.gradients ? gradients[place] : 0);
    }
    if (this.mode === "signals" && inputs && values) {
      /** @type {number[]} the first node's place of each layer */
      const firsts = [0];
      made.layers.forEach((layer, k) => firsts.push(firsts[k] + layer.nodes));
      return (/** @type {Line} */ { layer, from, place }) =>
        layer > known.values
          ? 0
          : vector[place] * (layer === 0 ? inputs[from] : values[firsts[layer - 1] + from]);
    }
    return (/** @type {Line} */ line) => vector[line.place];
  }

  update() {
    const of = this.values();
    if (!of) return;
    const { above, below } = sides();
    let scale = 1;
    if (this.mode !== "weights") {
      scale = 3 / Math.max(1e-9, ...this.lines.map((line) => Math.abs(of(line))));
    }
    for (const line of this.lines) {
      const value = of(line);
      const size = Math.abs(value) * scale;
      // A quarter of a pixel and a twentieth of opacity are all that an eye sees.
      const width = Math.round(4 * Math.min(9, 0.5 + 2.4 * size ** 0.8));
      const strength = Math.round(20 * Math.min(1, 0.18 + size * 0.7));
      const look = (width * 32 + strength) * 2 + (value < 0 ? 1 : 0);
      if (look === line.look) continue;
      line.look = look;
      line.path.setAttribute("stroke-width", String(width / 4));
      line.path.setAttribute("stroke-opacity", String(strength / 20));
      line.path.setAttribute("stroke", value < 0 ? below : above);
    }
  }
}
