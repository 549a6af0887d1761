// A trained model: its columns as sliders and choices, what it predicts, and what each column adds.

import { el, headCell, refill } from "./elements.js";
import { percent, short } from "./numbers.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").ModelColumn} ModelColumn */
/** @typedef {import("./types.js").NamedValue} NamedValue */
/** @typedef {import("./types.js").Cells} Cells */

const SHOWN = 12; // contributions

/** @param {App} app @param {HTMLElement} place */
export function mountModel(app, place) {
  /** @type {Cells} */
  let original = {};
  /** @type {Cells} */
  let cells = {};
  /** @type {NamedValue[] | null} */
  let before = null;
  /** @type {NamedValue[]} */
  let now = [];
  const answer = el("div", { class: "answer-box", role: "status" });
  const why = el("div", { class: "why" });
  const form = el("div", { class: "model-fields" });
  const bar = el("div", { class: "row" });
  place.append(el("div", { class: "model-answer" }, answer, why), el("div", {}, bar, form));

  /** @param {string} name @param {string | number} value */
  function set(name, value) {
    cells = { ...cells, [name]: value };
    app.send({ type: "cells", cells });
    marks();
  }
  /** @param {Cells} row */
  function take(row) {
    cells = { ...row };
    app.send({ type: "cells", cells });
    buildForm();
  }
  function buildForm() {
    const { welcome } = app;
    if (!welcome?.model) return;
    refill(bar, [
      el("h3", {}, t("model.row")),
      el(
        "button",
        { type: "button", class: "small", name: "model-back", click: () => take(original) },
        t("model.back"),
      ),
      el(
        "button",
        {
          type: "button",
          class: "small",
          name: "model-take",
          click: () => {
            original = { ...cells };
            before = now;
            marks();
            buildAnswer();
          },
        },
        t("model.take"),
      ),
    ]);
    refill(
      form,
      welcome.model.columns.map((column) =>
        control(column, cells[column.name] ?? "", (value) => set(column.name, value)),
      ),
    );
    marks();
  }
  /** Which cells differ from the original row. */
  function marks() {
    for (const field of form.children) {
      const name = field.getAttribute("data-column") ?? "";
      field.classList.toggle("changed", String(cells[name] ?? "") !== String(original[name] ?? ""));
    }
  }
  function buildAnswer() {
    const model = app.welcome?.model;
    if (!model) return;
    const classes = model.classes !== null;
    const write = classes ? percent : (/** @type {number} */ value) => short(value, 4);
    const old = new Map((before ?? []).map(({ name, value }) => [name, value]));
    refill(answer, [
      el("h3", {}, t("model.of", { target: model.target, n: model.networks })),
      el(
        "table",
        {},
        el("thead", {}, el("tr", {}, ...["", "", t("model.now"), t("model.original")].map(headCell))),
        el(
          "tbody",
          {},
          ...now.map(({ name, value }) =>
            el(
              "tr",
              {},
              el("th", { scope: "row" }, name),
              el("td", {}, classes ? share(value, old.get(name)) : null),
              el("td", { class: "now" }, write(value)),
              el("td", {}, write(old.get(name) ?? value)),
            ),
          ),
        ),
      ),
    ]);
  }
  app.on("welcome", ({ model }) => {
    if (!model) return;
    document.body.classList.add("of-model");
    original = { ...model.row };
    cells = { ...model.row };
    buildForm();
  });
  app.on("prediction", ({ results }) => {
    now = results;
    before ??= results;
    buildAnswer();
  });
  app.on("reasons", ({ of, contributions }) => {
    const most = Math.max(1e-12, ...contributions.map(({ value }) => Math.abs(value)));
    refill(why, [
      el("h3", {}, t("model.why", { of })),
      el(
        "table",
        {},
        el(
          "tbody",
          {},
          ...contributions
            .filter(({ value }) => value !== 0)
            .slice(0, SHOWN)
            .map(({ column, value }) =>
              el(
                "tr",
                {},
                el("th", { scope: "row" }, column),
                el("td", {}, bars(value / most)),
                el("td", { class: "now" }, short(value)),
              ),
            ),
        ),
      ),
    ]);
  });
  app.on("language", () => {
    buildForm();
    buildAnswer();
  });
}

/**
 * @param {ModelColumn} column
 * @param {string | number} value
 * @param {(value: string | number) => void} change
 */
function control(column, value, change) {
  const { name, low, high, values, whole } = column;
  const label = (/** @type {Node[]} */ ...inner) =>
    el(
      "label",
      { class: "field", "data-column": name },
      el("span", {}, el("span", { title: name }, name)),
      ...inner,
    );
  if (values.length) {
    const known = values.includes(String(value)) || value === "" ? values : [String(value), ...values];
    const box = el(
      "select",
      { name: `cell-${name}`, change: () => change(box.value) },
      el("option", { value: "" }, t("model.missing")),
      ...known.map((one) => el("option", { value: one }, one)),
    );
    box.value = String(value);
    return label(box);
  }
  if (typeof low === "number" && typeof high === "number") {
    const number = el("input", {
      type: "number",
      step: "any",
      name: `cell-${name}`,
      "aria-label": name,
      change: () => {
        range.value = number.value;
        change(number.value === "" ? "" : Number(number.value));
      },
    });
    const range = el("input", {
      type: "range",
      min: low,
      max: high,
      step: whole ? 1 : (high - low) / 200 || 1,
      name: `slide-${name}`,
      "aria-label": name,
      input: () => {
        const typed = whole ? Math.round(Number(range.value)) : Number(Number(range.value).toPrecision(5));
        number.value = String(typed);
        change(typed);
      },
    });
    range.value = number.value = String(value);
    return label(el("span", { class: "pair" }, range, number));
  }
  const input = el("input", {
    type: typeof low === "string" ? "date" : "text",
    name: `cell-${name}`,
    min: low,
    max: high,
    change: () => change(input.value),
  });
  input.value = String(value);
  return label(input);
}

/** A probability, and where it stood before. @param {number} value @param {number | undefined} old */
function share(value, old) {
  const inner = el("i");
  inner.style.width = `${100 * value}%`;
  const mark = el("b");
  mark.style.left = `${100 * (old ?? value)}%`;
  return el("span", { class: "share", "aria-hidden": "true" }, inner, mark);
}

/** @param {number} size */
function bars(size) {
  const inner = el("i", { class: size < 0 ? "below" : "above" });
  inner.style.width = `${50 * Math.abs(size)}%`;
  return el("span", { class: "bar wide-bar", "aria-hidden": "true" }, inner);
}
