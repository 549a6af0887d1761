// The network, drawn: a column for each layer, each node a small picture, each line a weight.

import { el, refill, svg } from "./elements.js";
import { icon } from "./icons.js";
import { byLayer, layerHead } from "./layer_controls.js";
import { LineDrawing } from "./network_lines.js";
import { layOut, topOf } from "./network_layout.js";
import { NodeDrawing } from "./network_nodes.js";
import { mountNetworkBar } from "./network_panel.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./network_layout.js").Layout} Layout */

/**
 * @param {App} app
 * @param {{bar: HTMLElement, view: HTMLElement, foot: HTMLElement}} places
 */
export function mountNetwork(app, { bar, view, foot }) {
  /** @type {Set<number>} layers that are opened */
  const opened = new Set();
  const lines = new LineDrawing(app);
  const nodes = new NodeDrawing(app);
  const stage = el("div", { class: "stage" });
  const starting = el("p", { class: "note starting", role: "status" });
  view.append(starting, stage);
  // The engine is compiled when it is first used on a machine.
  setTimeout(() => {
    if (!app.made && !app.preparing) starting.textContent = t("starting");
  }, 1200);
  app.on("preparing", () => {
    starting.textContent = t("preparing");
  });
  mountNetworkBar(app, bar, foot, lines);
  let shape = "";

  function build() {
    const { made } = app;
    if (!made) return;
    starting.remove();
    const now = made.layers.map((layer) => layer.nodes).join("-");
    if (shape !== now) opened.clear();
    shape = now;
    const layout = layOut(made, view.clientWidth, opened);
    stage.style.width = `${layout.width}px`;
    stage.style.height = `${layout.height}px`;
    stage.style.setProperty("--size", `${layout.size}px`);
    stage.classList.toggle("tight", layout.step < 104);
    const drawing = svg("svg", {
      class: "lines",
      width: layout.width,
      height: layout.height,
      "aria-hidden": "true",
    });
    lines.build(drawing, layout);
    refill(stage, [
      drawing,
      ...layout.columns.map((column) => layerHead(app, column, layout)),
      ...nodes.build(layout),
      ...layout.columns.filter(({ more }) => more).map((column) => more(column, layout)),
      layout.folded ? foldedLayers(layout) : null,
    ]);
    lines.update();
    nodes.update();
  }
  /**
   * @param {import("./network_layout.js").Column} column
   * @param {Layout} layout
   */
  function more(column, layout) {
    const button = el(
      "button",
      {
        type: "button",
        class: "small more",
        name: `more-${column.layer}`,
        click: () => {
          if (opened.has(column.layer)) opened.delete(column.layer);
          else opened.add(column.layer);
          build();
        },
      },
      t("folded", { n: column.more }),
    );
    button.style.left = `${column.x}px`;
    button.style.top = `${topOf(layout, column, column.nodes.length)}px`;
    return button;
  }
  /** @param {Layout} layout */
  function foldedLayers(layout) {
    const last = layout.columns[layout.columns.length - 1];
    const before = layout.columns[layout.columns.length - 2];
    const note = el("div", { class: "folded" }, icon("more"), t("layers.folded", { n: layout.folded }));
    note.style.left = `${(last.x + before.x) / 2}px`;
    return note;
  }
  function update() {
    lines.update();
    nodes.update();
    byLayer(stage, app.frame?.header.phase ?? null);
  }
  stage.addEventListener("keydown", (event) => {
    const to = nodes.neighbour(event);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
  app.on("made", build);
  app.on("trouble", build);
  app.on("language", build);
  app.on("theme", build);
  app.on("point", update);
  app.on("frame", update);
  let width = 0;
  new ResizeObserver(() => {
    if (width !== view.clientWidth) build();
    width = view.clientWidth;
  }).observe(view);
}
