// Beside a node or a line: its formula with the followed point's numbers, its weights to be set.

import { el, refill } from "./elements.js";
import { floats } from "./frame.js";
import { icon } from "./icons.js";
import { nodeWords, placeOf } from "./names.js";
import { weightFields } from "./weight_fields.js";
import { short } from "./numbers.js";
import { calmly } from "./pace.js";
import { pointValues } from "./point_values.js";
import { safeMarkup } from "./safe_markup.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Asked} Asked */
/** @typedef {import("./types.js").Question} Question */

const OPENS = 140; // ms
const STAYS = 260;
const PATIENCE = 700; // ms between two questions while it plays

/** @param {App} app @param {HTMLElement} place */
export function mountLens(app, place) {
  /** @type {Asked | null} */
  let now = null;
  /** @type {Element | null} */
  let back = null;
  let timer = 0;
  let asked = 0;
  let moved = false; // by hand, and stays where it was put
  const facts = el("p", { class: "facts" });
  const formula = el("div", { class: "formulas", "aria-live": "polite" });
  /** @type {{element: HTMLElement, update: () => void} | null} */
  let fields = null;

  /** @param {Asked} wanted */
  function show(wanted) {
    const { made } = app;
    if (!made) return;
    const fromHere = now !== null && place.contains(wanted.anchor);
    now?.anchor.classList.remove("here");
    now = fromHere && now ? { ...wanted, anchor: now.anchor } : wanted;
    now.anchor.classList.add("here");
    formula.textContent = "…";
    fields = weightFields(app, wanted.question);
    place.classList.toggle("pinned", wanted.pinned);
    refill(place, [
      el(
        "div",
        { class: "head" },
        el("h2", { id: "lens-title" }, title(wanted.question)),
        wanted.pinned
          ? el(
              "button",
              {
                type: "button",
                class: "bare small",
                name: "lens-close",
                "aria-label": t("close"),
                click: close,
              },
              icon("close"),
            )
          : el("span", { class: "note" }, t("lens.pin")),
      ),
      facts,
      formula,
      wanted.pinned ? fields?.element : null,
    ]);
    place.hidden = false;
    asked = 0;
    moved = fromHere;
    update();
    stand();
    if (wanted.pinned) {
      if (!fromHere) back = document.activeElement;
      const first = place.querySelector("button");
      first?.focus({ preventScroll: true });
    }
  }
  function close() {
    if (now?.pinned && back instanceof HTMLElement) back.focus({ preventScroll: true });
    now?.anchor.classList.remove("here");
    now = null;
    place.hidden = true;
  }
  /** Beside what it is about, and within the window. */
  function stand() {
    if (moved) return;
    if (!now || matchMedia("(max-width: 820px)").matches) {
      place.style.left = place.style.top = "";
      return;
    }
    const box = now.anchor.getBoundingClientRect();
    const at = now.at ?? { x: box.right, y: box.top };
    const { offsetWidth: width, offsetHeight: height } = place;
    const right = at.x + 16 + width < innerWidth - 8;
    const x = right ? at.x + 16 : Math.max(8, (now.at ? at.x : box.left) - 16 - width);
    place.style.left = `${x}px`;
    place.style.top = `${Math.max(8, Math.min(at.y - 12, innerHeight - height - 8))}px`;
  }
  /** @param {Question} question */
  function title(question) {
    const { made } = app;
    if (!made || question.what === "output") return t("layer.output");
    if (question.what === "node") return nodeWords(made, question.layer, question.node);
    const to = nodeWords(made, question.layer, question.to);
    if (question.from === null) return `${t("bias")}: ${to}`;
    return t("weight.from", { from: nodeWords(made, question.layer - 1, question.from), to });
  }
  function update() {
    const { made, frame } = app;
    if (!now || !made || !frame) return;
    const { question } = now;
    if (question.what === "node") {
      const values = app.point ? pointValues(app) : null;
      const { layer, node } = question;
      facts.textContent = values
        ? `z ${short(values.before[layer][node])},  a ${short(values.values[layer][node])}${values.gradients ? `,  ∂L/∂${layer === made.layers.length - 1 ? "z" : "a"} ${short(values.gradients[layer][node])}` : ""}`
        : t("ask.point");
    } else if (question.what === "weight") {
      const { layer, from, to } = question;
      const place = placeOf(made, layer, from, to);
      const own = floats(frame, "row_weight_grad");
      const gradient = own ?? (frame.header.gradient[0] === null ? null : floats(frame, "grad"));
      facts.textContent = `${t(from === null ? "bias" : "weight")} ${short(floats(frame, "vector")?.[place])},  ${t(own ? "gradient.point" : "gradient.batch")} ${short(gradient?.[place])}`;
    }
    fields?.update();
    if (question.what === "weight" && app.point && "x" in app.point) {
      formula.textContent = t("lens.needs.row");
      return;
    }
    if (performance.now() - asked > PATIENCE) {
      asked = performance.now();
      app.send({ type: "explain", ...question });
    }
  }
  app.on("question", (wanted) => {
    clearTimeout(timer);
    if (wanted?.pinned) show(wanted);
    else if (now?.pinned) return;
    else if (wanted && !matchMedia("(hover: none)").matches)
      timer = window.setTimeout(() => show(wanted), OPENS);
    else timer = window.setTimeout(close, STAYS);
  });
  app.on("formula", ({ asked: question, html }) => {
    if (!now || !same(question, now.question)) return;
    formula.replaceChildren(safeMarkup(html));
    stand();
  });
  app.on("frame", calmly(update));
  app.on("point", () => {
    asked = 0;
  });
  app.on("made", (made) => {
    if (made.kept) return;
    clearTimeout(timer);
    close();
  });
  app.on("language", () => {
    if (now) show(now);
  });
  /** @type {{x: number, y: number} | null} where the pointer holds the window */
  let held = null;
  place.addEventListener("pointerdown", (event) => {
    const on = event.target;
    if (!now?.pinned || !(on instanceof Element) || !on.closest(".head") || on.closest("button")) return;
    const box = place.getBoundingClientRect();
    held = { x: event.clientX - box.left, y: event.clientY - box.top };
    place.setPointerCapture(event.pointerId);
  });
  place.addEventListener("pointermove", (event) => {
    if (!held) return;
    moved = true;
    place.style.left = `${event.clientX - held.x}px`;
    place.style.top = `${Math.max(0, event.clientY - held.y)}px`;
  });
  place.addEventListener("lostpointercapture", () => {
    held = null;
  });
  place.addEventListener("pointerenter", () => clearTimeout(timer));
  place.addEventListener("pointerleave", () => {
    if (!now?.pinned) timer = window.setTimeout(close, STAYS);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && now) close();
  });
  addEventListener(
    "scroll",
    () => {
      if (!now?.pinned) close();
      else stand();
    },
    { passive: true },
  );
}

/** @param {Question} a @param {Question} b */
function same(a, b) {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}
