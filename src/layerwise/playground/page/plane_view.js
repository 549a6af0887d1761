// What the network says over the plane; a point of it can be chosen, or drawn.

import { el, refill, tick } from "./elements.js";
import { short } from "./numbers.js";
import { classMark, palette } from "./palette.js";
import { paintLine, paintPoints, paintRegions, paintSurface, ring } from "./plane_paint.js";
import { MARGIN, axesOf, drawAxes, drawCross, rangeOf, scaleOf, wordsAt } from "./plane_scale.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {(x: number, y: number, erase: boolean) => void} Draw  puts a point, or takes one out */

/**
 * @param {App} app
 * @param {HTMLElement} place
 * @param {() => Draw | null} drawing  what a click does where points are drawn by hand
 */
export function mountPlane(app, place, drawing) {
  const grid = document.createElement("canvas");
  const canvas = el("canvas", { class: "plane", tabindex: 0, role: "application" });
  const reading = el("p", { class: "reading", "aria-live": "off" });
  const legend = el("div", { class: "legend" });
  const bar = el("div", { class: "row plane-bar" });
  place.append(canvas, reading, legend, bar);
  /** @type {"all" | "train" | "test"} */
  let shows = "all";
  let hard = false;
  let residuals = false;
  /** @type {{x: number, y: number} | null} */
  let cross = null;
  let side = 300;

  const scale = () => scaleOf(app, side);
  const ranges = () => rangeOf(app);
  const axes = () => axesOf(app);

  function resize() {
    const density = devicePixelRatio || 1;
    side = Math.max(200, Math.min(place.clientWidth, 640));
    canvas.style.width = canvas.style.height = `${side}px`;
    canvas.width = canvas.height = Math.round(side * density);
    draw();
  }
  function draw() {
    const { made, frame } = app;
    const context = canvas.getContext("2d");
    const to = scale();
    const axis = axes();
    if (!made || !context || !to || !axis) return;
    const density = canvas.width / side;
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, side, side);
    const outputs = frame?.arrays.outputs;
    const wide = side - MARGIN.left - MARGIN.right;
    const high = side - MARGIN.top - MARGIN.bottom;
    context.save();
    context.beginPath();
    context.roundRect(MARGIN.left, MARGIN.top, wide, high, 8);
    context.clip();
    if (outputs && !axis.single) {
      if (made.task.kind === "classes")
        paintRegions(grid, outputs, made.grid, made.task.classes.length, hard);
      else paintSurface(grid, outputs, made.grid, hard);
      context.imageSmoothingEnabled = !hard;
      context.imageSmoothingQuality = "high";
      context.drawImage(grid, MARGIN.left, MARGIN.top, wide, high);
    }
    const shown = axis.single ? { ...made, rows: { ...made.rows, y: made.rows.target } } : made;
    if (outputs && axis.single) paintLine(context, made, to, outputs, ranges());
    context.restore();
    const chosen = app.point && "row" in app.point ? app.point.row : null;
    paintPoints(context, shown, to, {
      range: ranges(),
      predicted: frame?.arrays.predicted ?? null,
      residuals,
      chosen,
      shows,
    });
    if (app.point && "x" in app.point)
      ring(context, to.x(app.point.x), to.y(app.point.y), 7, palette().ink, 2.5);
    if (cross) drawCross(context, to.x(cross.x), to.y(cross.y), side);
    drawAxes(context, axis, side);
  }
  /** What the network says at the cross, in words. */
  function say() {
    const words = cross && wordsAt(app, cross);
    reading.textContent = words ?? t(drawing() ? "plane.draw" : "plane.choose");
  }
  function choose() {
    const { made } = app;
    const to = scale();
    if (!cross || !made || !to) return;
    const { x, y } = cross;
    const heights = axes()?.single ? made.rows.target : made.rows.y;
    let best = -1;
    let least = 14;
    made.rows.x.forEach((value, i) => {
      const distance = Math.hypot(to.x(value) - to.x(x), to.y(heights[i]) - to.y(y));
      if (distance < least) [best, least] = [i, distance];
    });
    app.choosePoint(best >= 0 ? { row: made.rows.row[best] } : { x, y });
  }
  /** @param {PointerEvent} event */
  function move(event) {
    const to = scale();
    const axis = axes();
    if (!to || !axis) return;
    const box = canvas.getBoundingClientRect();
    const held = (/** @type {number} */ v, /** @type {{low: number, high: number}} */ { low, high }) =>
      Math.max(low, Math.min(high, v));
    cross = {
      x: held(to.backX(event.clientX - box.left), axis.x),
      y: held(to.backY(event.clientY - box.top), axis.y),
    };
    say();
    draw();
  }
  canvas.addEventListener("pointermove", (event) => {
    move(event);
    const put = drawing();
    if (put && cross && event.buttons) put(cross.x, cross.y, event.shiftKey || event.buttons === 2);
  });
  canvas.addEventListener("pointerleave", () => {
    cross = null;
    say();
    draw();
  });
  canvas.addEventListener("contextmenu", (event) => {
    if (drawing()) event.preventDefault();
  });
  canvas.addEventListener("pointerdown", (event) => {
    move(event);
    act(event.shiftKey || event.button === 2);
  });
  /** @param {boolean} erase */
  function act(erase) {
    const put = drawing();
    if (put && cross) put(cross.x, cross.y, erase);
    else choose();
  }
  canvas.addEventListener("keydown", (event) => {
    const axis = axes();
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] };
    const by = moves[event.key];
    if (!axis) return;
    if (by) {
      event.preventDefault();
      reading.setAttribute("aria-live", "polite");
      const { x, y } = cross ?? { x: (axis.x.low + axis.x.high) / 2, y: (axis.y.low + axis.y.high) / 2 };
      const step = event.shiftKey ? 0.1 : 0.025;
      cross = {
        x: Math.max(axis.x.low, Math.min(axis.x.high, x + by[0] * step * (axis.x.high - axis.x.low))),
        y: Math.max(axis.y.low, Math.min(axis.y.high, y + by[1] * step * (axis.y.high - axis.y.low))),
      };
      say();
      draw();
    } else if (event.key === "Enter" || event.key === "Delete") act(event.key === "Delete");
    else if (event.key === "Escape") app.choosePoint(null);
  });
  function words() {
    const { made } = app;
    canvas.setAttribute("aria-label", `${t("region")}. ${t("region.hint")}`);
    if (!made) return;
    refill(
      legend,
      made.task.kind === "classes"
        ? made.task.classes.map((name, k) => el("span", {}, classMark(k), name))
        : [
            el("span", {}, short(ranges()[0])),
            el("i", { class: "ramp" }),
            el("span", {}, short(ranges()[1])),
          ],
    );
    const errors = made.task.kind === "number" ? "residuals" : "wrong";
    const all = made.n_train + made.n_test;
    const some = all > made.rows.x.length ? t("plane.shown", { n: made.rows.x.length, all }) : "";
    refill(bar, [
      el(
        "div",
        { class: "segments", role: "group", "aria-label": t("rows") },
        .../** @type {const} */ (["all", "train", "test"]).map((name) =>
          el(
            "button",
            {
              type: "button",
              name: `show-${name}`,
              "aria-pressed": String(shows === name),
              click: () => {
                shows = name;
                words();
                draw();
              },
            },
            t(`plane.${name}`),
          ),
        ),
      ),
      tick(t("plane.hard"), { name: "hard", checked: hard }, (checked) => {
        hard = checked;
        draw();
      }),
      tick(
        t(`plane.${errors}`),
        { name: "residuals", checked: residuals, title: t(`plane.${errors}.hint`) },
        (checked) => {
          residuals = checked;
          draw();
        },
      ),
      some && el("span", { class: "note" }, some),
    ]);
    say();
  }
  app.on("made", () => {
    words();
    draw();
  });
  app.on("language", words);
  app.on("theme", () => {
    words();
    draw();
  });
  app.on("point", draw);
  app.on("frame", () => {
    draw();
    if (cross) say();
  });
  new ResizeObserver(resize).observe(place);
}
