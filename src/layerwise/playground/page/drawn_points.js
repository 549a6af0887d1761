// Points drawn by hand: which class comes next, and where they are.

import { el, refill } from "./elements.js";
import { classMark } from "./palette.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */

const NEAREST = 0.35; // between two points of one stroke
const REACH = 0.5; // of what takes points out
// Something to begin with: a network learns from two classes at least.
export const FIRST_POINTS =
  "-2,2,0;-3,3,0;-2.5,1,0;-3.5,2,0;2,-2,0;3,-3,0;2.5,-1,0;3.5,-2,0;" +
  "2,2,1;3,3,1;2.5,1,1;3.5,2,1;-2,-2,1;-3,-3,1;-2.5,-1,1;-3.5,-2,1";

/** @param {App} app */
export function drawnPoints(app) {
  let chosen = 0;
  const place = el("div", { class: "drawn" });

  /** @returns {[number, number, number][]} */
  function points() {
    return String(app.choice("points"))
      .split(";")
      .filter(Boolean)
      .map((part) => {
        const [x, y, k] = part.split(",").map(Number);
        return [x, y, k];
      });
  }
  /** @param {[number, number, number][]} all */
  function keep(all) {
    app.choose({ points: all.map((point) => point.join(",")).join(";") });
  }
  /**
   * @param {number} x
   * @param {number} y
   * @param {boolean} erase
   */
  function put(x, y, erase) {
    const all = points();
    const near = (/** @type {[number, number, number]} */ point, /** @type {number} */ reach) =>
      Math.hypot(point[0] - x, point[1] - y) < reach;
    if (erase) keep(all.filter((point) => !near(point, REACH)));
    else if (
      all.length < (app.welcome?.limits.points ?? 1000) &&
      !all.some((point) => near(point, NEAREST))
    ) {
      keep([...all, [Number(x.toFixed(2)), Number(y.toFixed(2)), chosen]]);
    }
  }
  function build() {
    const n = app.welcome?.limits.point_classes ?? 6;
    refill(place, [
      el("p", { class: "note" }, t("points.hint")),
      el(
        "div",
        { class: "row", role: "radiogroup", "aria-label": t("points.class") },
        ...Array.from({ length: n }, (_, k) =>
          el(
            "button",
            {
              type: "button",
              class: "bare class-button",
              role: "radio",
              name: `class-${k}`,
              "aria-checked": String(k === chosen),
              "aria-label": t("points.class.n", { n: k }),
              click: () => {
                chosen = k;
                build();
              },
            },
            classMark(k),
          ),
        ),
      ),
      el(
        "button",
        {
          type: "button",
          class: "small",
          name: "points-clear",
          click: () => app.choose({ points: FIRST_POINTS }, true),
        },
        t("points.clear"),
      ),
    ]);
  }
  /** What a click on the plane does, where points are drawn. */
  const drawing = () => (app.made?.choices.data === "points" ? put : null);
  return { place, build, drawing };
}
