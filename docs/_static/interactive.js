/* Figures to play with. Without this script, and in print, the picture below each caption stands alone.

A figure draws itself into an SVG from the values of its sliders; points that can be dragged can be
moved with the arrow keys too. */
"use strict";

const KOREAN = {
  weight: "가중치 w", bias: "편향 b", "learning rate": "학습률", start: "출발점", steps: "걸음 수",
  loss: "손실", momentum: "모멘텀", "out of the picture": "그림 밖으로 나갔습니다",
};
const say = (words) => (document.documentElement.lang.startsWith("ko") && KOREAN[words]) || words;

const WIDTH = 420, HEIGHT = 260;

/** A plane of x and y in an SVG: axes, curves, dots, squares. */
class Plane {
  constructor(box, [left, right], [low, high]) {
    Object.assign(this, { left, right, low, high });
    this.svg = this.add(box, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    this.axes = this.add(this.svg, "g", { class: "axes" });
    this.layer = this.add(this.svg, "g", {});
    const [x0, y0] = [Math.max(left, Math.min(right, 0)), Math.max(low, Math.min(high, 0))];
    this.line(this.axes, [[left, y0], [right, y0]]);
    this.line(this.axes, [[x0, low], [x0, high]]);
  }
  add(parent, name, attributes) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return parent.appendChild(made);
  }
  x(value) { return ((value - this.left) / (this.right - this.left)) * WIDTH; }
  y(value) { return HEIGHT - ((value - this.low) / (this.high - this.low)) * HEIGHT; }
  line(parent, points, style = "") {
    const places = points.map(([x, y]) => `${this.x(x).toFixed(1)},${this.y(y).toFixed(1)}`);
    return this.add(parent, "polyline", { points: places.join(" "), class: style });
  }
  curve(f, style) {
    const xs = Array.from({ length: 201 }, (_, i) => this.left + (i / 200) * (this.right - this.left));
    return this.line(this.layer, xs.map((x) => [x, f(x)]), style);
  }
  dot(x, y, radius = 4, parent = this.layer) {
    return this.add(parent, "circle", { cx: this.x(x), cy: this.y(y), r: radius });
  }
  text(x, y, words) {
    this.add(this.layer, "text", { x: this.x(x), y: this.y(y) }).textContent = words;
  }
  clear() { this.layer.replaceChildren(); }
}

/** Sliders in a row; `changed` is called with their values, by name. */
function sliders(box, settings, changed) {
  const values = {};
  const row = box.appendChild(document.createElement("div"));
  row.className = "sliders";
  for (const [name, words, least, most, step, first] of settings) {
    const label = row.appendChild(document.createElement("label"));
    const input = document.createElement("input");
    const output = document.createElement("output");
    Object.assign(input, { type: "range", min: least, max: most, step, value: first });
    const read = () => {
      values[name] = Number(input.value);
      output.textContent = input.value;
    };
    input.addEventListener("input", () => { read(); changed(values); });
    label.append(`${say(words)} `, input, output);
    read();
  }
  changed(values);
}

const FIGURES = {
  node(box) {
    const plane = new Plane(box, [-6, 6], [-0.1, 1.1]);
    sliders(
      box, [["w", "weight", -6, 6, 0.1, 1], ["b", "bias", -6, 6, 0.1, 0]],
      ({ w, b }) => {
        plane.clear();
        plane.curve((x) => (w * x + b > 0 ? 1 : 0), "faint");
        plane.curve((x) => 1 / (1 + Math.exp(-(w * x + b))), "main");
        if (w) plane.dot(-b / w, 0.5);
      },
    );
  },
  line(box) {
    const plane = new Plane(box, [-0.5, 4.5], [-0.5, 4.5]);
    const points = [[0.5, 0.8], [1.5, 2.6], [2.6, 2.2], [3.6, 3.4]];
    const handles = plane.add(plane.svg, "g", { class: "handles" });
    let last = null;
    const draw = (values) => {
      last = values;
      plane.clear();
      let sum = 0;
      for (const [x, y] of points) {
        const error = values.w * x + values.b - y;
        sum += (error * error) / 2 / points.length;
        const side = Math.abs(plane.y(0) - plane.y(error));
        plane.add(plane.layer, "rect", {
          x: plane.x(x), y: Math.min(plane.y(y), plane.y(y + error)), width: side, height: side,
        });
      }
      plane.curve((x) => values.w * x + values.b, "main");
      plane.text(-0.4, 4.2, `${say("loss")} ${sum.toFixed(3)}`);
    };
    points.forEach((point, i) => {
      const handle = plane.dot(point[0], point[1], 8, handles);
      handle.setAttribute("tabindex", "0");
      handle.setAttribute("aria-label", `${i + 1}`);
      const move = (x, y) => {
        point[0] = Math.max(0, Math.min(4.4, x));
        point[1] = Math.max(0, Math.min(4.4, y));
        handle.setAttribute("cx", plane.x(point[0]));
        handle.setAttribute("cy", plane.y(point[1]));
        draw(last);
      };
      handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
      handle.addEventListener("pointermove", (event) => {
        if (!handle.hasPointerCapture(event.pointerId)) return;
        const frame = plane.svg.getBoundingClientRect();
        const across = (event.clientX - frame.left) / frame.width;
        const up = 1 - (event.clientY - frame.top) / frame.height;
        move(plane.left + across * (plane.right - plane.left), plane.low + up * (plane.high - plane.low));
      });
      handle.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
        if (!step) return;
        event.preventDefault();
        move(point[0] + step[0], point[1] + step[1]);
      });
    });
    sliders(box, [["w", "weight", -2, 3, 0.05, 0.2], ["b", "bias", -2, 4, 0.05, 1]], draw);
  },
  descent(box) {
    const loss = (w) => (w * w - 1) ** 2 / 4 + w / 5;
    const slope = (w) => w * (w * w - 1) + 1 / 5;
    const plane = new Plane(box, [-2.6, 2.6], [-0.6, 9]);
    sliders(
      box,
      [
        ["start", "start", -2.4, 2.4, 0.1, -2.4], ["rate", "learning rate", 0.005, 0.5, 0.005, 0.05],
        ["momentum", "momentum", 0, 0.95, 0.05, 0], ["steps", "steps", 0, 60, 1, 12],
      ],
      ({ start, rate, momentum, steps }) => {
        plane.clear();
        plane.curve(loss, "faint");
        const path = [start];
        let speed = 0;
        while (path.length <= steps && Math.abs(path.at(-1)) < 2.6) {
          speed = momentum * speed - rate * slope(path.at(-1));
          path.push(path.at(-1) + speed);
        }
        const inside = path.filter((w) => Math.abs(w) < 2.6);
        plane.line(plane.layer, inside.map((w) => [w, loss(w)]), "main thin");
        for (const w of inside) plane.dot(w, loss(w), 3.5);
        const end = inside.length < path.length
          ? say("out of the picture") : `w = ${path.at(-1).toFixed(3)}, ${say("loss")} ${loss(path.at(-1)).toFixed(3)}`;
        plane.text(-1.2, 8.2, end);
      },
    );
  },
};

document.addEventListener("DOMContentLoaded", () => {
  for (const place of document.querySelectorAll(".interactive")) {
    const box = place.appendChild(document.createElement("div"));
    box.className = "play";
    FIGURES[place.dataset.figure](box);
    place.classList.add("alive");
  }
});
