// The whole network's choices: layers, normalisation, residual connections, first weights.

import { parseLayers } from "./address.js";
import { el, refill, select, tick } from "./elements.js";
import { icon } from "./icons.js";
import { changeLayers } from "./layer_controls.js";
import { whole } from "./numbers.js";
import { named, t } from "./words.js";

/** @typedef {import("./app.js").App} App */

/**
 * @param {App} app
 * @param {HTMLElement} bar
 * @param {HTMLElement} foot
 * @param {import("./network_lines.js").LineDrawing} lines
 */
export function mountNetworkBar(app, bar, foot, lines) {
  let counted = false;
  function build() {
    const { made, welcome } = app;
    if (!made || !welcome) return;
    const layers = parseLayers(app.choice("layers"));
    const hides = app.lesson === "counting" && !counted; // it is the lesson's question
    const latest = layers[layers.length - 1];
    refill(bar, [
      el(
        "div",
        { class: "row" },
        el(
          "div",
          { class: "stepper layers" },
          el(
            "button",
            {
              type: "button",
              name: "layers-fewer",
              "aria-label": t("layers.fewer"),
              title: t("layers.fewer"),
              disabled: layers.length === 0,
              click: () => changeLayers(app, (all) => all.pop()),
            },
            icon("minus"),
          ),
          el("span", {}, t("layers.count", { n: layers.length })),
          el(
            "button",
            {
              type: "button",
              name: "layers-more",
              "aria-label": t("layer.add"),
              title: t("layer.add"),
              disabled: layers.length >= welcome.limits.layers,
              click: () =>
                changeLayers(app, (all) =>
                  all.push(
                    latest
                      ? { ...latest }
                      : { nodes: 4, activation: "tanh", dropout: 0, normalization: "", residual: false },
                  ),
                ),
            },
            icon("plus"),
          ),
        ),
        el(
          "div",
          { class: "segments", role: "group", "aria-label": t("lines") },
          .../** @type {const} */ (["weights", "signals", "gradients"]).map((mode) =>
            el(
              "button",
              {
                type: "button",
                name: `lines-${mode}`,
                "aria-pressed": String(lines.mode === mode),
                title: t(`lines.${mode}.hint`),
                click: () => {
                  lines.mode = mode;
                  lines.update();
                  build();
                },
              },
              t(`lines.${mode}`),
            ),
          ),
        ),
      ),
    ]);
    refill(foot, [
      el(
        "div",
        { class: "fields network-fields" },
        select(
          t("normalization"),
          [
            ["", t("none")],
            ...welcome.normalizations.map(
              (name) => /** @type {[string, string]} */ ([name, named("normalization", name)]),
            ),
          ],
          String(app.choice("normalization")),
          (value) => app.choose({ normalization: value }, true),
          { name: "normalization" },
        ),
        select(
          t("initialization"),
          [
            ["", t("by.activation")],
            ...welcome.initializations.map((name) => /** @type {[string, string]} */ ([name, name])),
          ],
          String(app.choice("initialization")),
          (value) => app.choose({ initialization: value }, true),
          { name: "initialization" },
        ),
        tick(t("residual"), { name: "residual", checked: Boolean(app.choice("residual")) }, (checked) =>
          app.choose({ residual: checked ? "1" : "" }, true),
        ),
        el("p", { class: "note scale" }, t("below.zero"), el("i", { class: "ramp" }), t("above.zero")),
        el("p", { class: "note parameters" }, hides ? "" : t("parameters", { n: whole(made.parameters) })),
      ),
    ]);
  }
  app.on("made", build);
  app.on("trouble", build);
  app.on("language", build);
  app.on("lessonDone", (done) => {
    counted = done;
    build();
  });
}
