// Over each column of the network: its nodes, its activation, and what else a layer may have.

import { parseLayers, writeLayers } from "./address.js";
import { el, select, slider, tick } from "./elements.js";
import { icon } from "./icons.js";
import { named, t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./network_layout.js").Column} Column */
/** @typedef {import("./network_layout.js").Layout} Layout */
/** @typedef {import("./address.js").LayerChoice} LayerChoice */

/**
 * @param {App} app
 * @param {(layers: LayerChoice[]) => void} change
 */
export function changeLayers(app, change) {
  const layers = parseLayers(app.choice("layers"));
  change(layers);
  app.choose({ layers: writeLayers(layers) }, true);
}

/**
 * A layer's name and controls, over its column.
 * @param {App} app
 * @param {Column} column
 * @param {Layout} layout
 */
export function layerHead(app, column, layout) {
  const { made, welcome } = app;
  const head = el("div", { class: `layer-head ${column.kind}`, "data-layer": column.layer });
  head.style.left = `${column.x}px`;
  head.style.maxWidth = `${layout.step - 4}px`;
  if (!made || !welcome) return head;
  if (column.kind === "input") {
    head.append(
      el("strong", {}, t("layer.input")),
      el("span", { class: "note" }, t("layer.nodes", { n: made.features.length })),
    );
    return head;
  }
  const layer = made.layers[column.layer];
  if (column.kind === "output") {
    head.append(
      el("strong", {}, t("layer.output")),
      el("span", { class: "note" }, made.task.kind === "classes" ? "softmax" : layer.activation),
    );
    return head;
  }
  const k = column.layer;
  const name = t("layer.hidden", { n: k + 1 });
  /** @param {number} change */
  const resize = (change) =>
    changeLayers(app, (layers) => {
      layers[k].nodes = Math.max(1, Math.min(welcome.limits.nodes, layers[k].nodes + change));
    });
  const activation = el(
    "select",
    {
      name: `activation-${k}`,
      "aria-label": `${t("activation")}, ${name}`,
      title: layer.formula,
      change: (event) =>
        changeLayers(app, (layers) => {
          layers[k].activation = event.target.value;
        }),
    },
    ...welcome.activations.map((entry) =>
      el("option", { value: entry.name, title: entry.formula }, named("activation", entry.name)),
    ),
  );
  activation.value = layer.activation;
  const settings = el(
    "button",
    {
      type: "button",
      class: "bare small layer-name",
      name: `settings-${k}`,
      "aria-haspopup": "dialog",
      "aria-label": t("layer.settings", { name }),
      title: t("layer.settings", { name }),
      click: () => openSettings(app, k, head),
    },
    name,
    icon("more"),
  );
  const extras = [
    layer.dropout ? `${t("dropout")} ${Math.round(100 * layer.dropout)} %` : "",
    layer.normalization && named("normalization", layer.normalization),
    layer.residual ? t("residual.short") : "",
  ];
  settings.title = [settings.title, ...extras].filter(Boolean).join(", ");
  if (extras.some(Boolean)) settings.classList.add("has-more");
  head.append(
    settings,
    el(
      "div",
      { class: "stepper" },
      el(
        "button",
        {
          type: "button",
          name: `fewer-${k}`,
          "aria-label": t("node.fewer", { name }),
          disabled: layer.nodes <= 1,
          click: () => resize(-1),
        },
        icon("minus"),
      ),
      el("span", { "aria-label": t("layer.nodes", { n: layer.nodes }) }, layer.nodes),
      el(
        "button",
        {
          type: "button",
          name: `more-nodes-${k}`,
          "aria-label": t("node.more", { name }),
          disabled: layer.nodes >= welcome.limits.nodes,
          click: () => resize(1),
        },
        icon("plus"),
      ),
    ),
    activation,
  );
  return head;
}

/**
 * A small window with a layer's dropout, and with which it is taken out.
 * @param {App} app
 * @param {number} k
 * @param {HTMLElement} head
 */
function openSettings(app, k, head) {
  const layer = parseLayers(app.choice("layers"))[k];
  const entry = app.welcome?.activations.find((one) => one.name === app.made?.layers[k].activation);
  const name = t("layer.hidden", { n: k + 1 });
  const dialog = el(
    "dialog",
    { class: "window", "aria-label": t("layer.settings", { name }) },
    el(
      "div",
      { class: "head" },
      el("h2", {}, name),
      el(
        "button",
        { type: "button", class: "bare", "aria-label": t("close"), click: () => dialog.close() },
        icon("close"),
      ),
    ),
    entry
      ? el(
          "p",
          {},
          `${named("activation", entry.name)}: `,
          el("span", { class: "formula-line" }, `f(z) = ${entry.formula}`),
        )
      : null,
    entry?.source ? el("p", { class: "note" }, entry.source) : null,
    el(
      "div",
      { class: "fields" },
      slider(
        t("layer.width"),
        { low: 1, high: Math.max(32, layer.nodes), step: 1, value: layer.nodes },
        (value) => {
          layer.nodes = value;
        },
        { name: "width" },
      ),
      select(
        t("normalization"),
        [
          ["", t("layer.as.network")],
          ...(app.welcome?.normalizations ?? []).map(
            (name) => /** @type {[string, string]} */ ([name, named("normalization", name)]),
          ),
        ],
        layer.normalization,
        (value) => {
          layer.normalization = value;
        },
        { name: "layer-normalization" },
      ),
      tick(t("residual.layer"), { name: "layer-residual", checked: layer.residual }, (checked) => {
        layer.residual = checked;
      }),
      slider(
        t("dropout"),
        {
          low: 0,
          high: 0.9,
          step: 0.05,
          value: layer.dropout,
          write: (value) => `${Math.round(100 * value)} %`,
        },
        (value) => {
          layer.dropout = value;
        },
        { name: "dropout" },
      ),
      el(
        "div",
        { class: "row" },
        el(
          "button",
          {
            type: "button",
            class: "main",
            name: "layer-done",
            click: () => {
              dialog.close();
              changeLayers(app, (layers) => {
                layers[k] = { ...layer, activation: layers[k].activation };
              });
            },
          },
          t("apply"),
        ),
        el(
          "button",
          {
            type: "button",
            name: "layer-insert",
            click: () => {
              dialog.close();
              changeLayers(app, (layers) => layers.splice(k + 1, 0, { ...layers[k] }));
            },
          },
          t("layer.insert"),
        ),
        el(
          "button",
          {
            type: "button",
            name: "layer-remove",
            click: () => {
              dialog.close();
              changeLayers(app, (layers) => layers.splice(k, 1));
            },
          },
          t("layer.remove"),
        ),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  head.append(dialog);
  dialog.showModal();
}

/**
 * Mark the layer at which a step stands.
 * @param {HTMLElement} stage
 * @param {import("./types.js").Phase | null} phase
 */
export function byLayer(stage, phase) {
  stage.dataset.phase = phase?.name ?? "";
  const layer = phase?.layer;
  for (const element of stage.querySelectorAll("[data-layer]")) {
    const here =
      phase !== null && layer !== undefined && element.getAttribute("data-layer") === String(layer);
    element.classList.toggle("at", here);
  }
}
