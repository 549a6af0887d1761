// To take away: a link, the Python code, the network as a file.

import { el, refill } from "./elements.js";
import { icon } from "./icons.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */

const FILES = ["layerwise", "py", "svg", "png"];

/** @param {App} app */
export function mountTakeAway(app) {
  const code = el("pre", { tabindex: 0 });
  /** @type {HTMLDialogElement | null} */
  let open = null;

  function show() {
    const link = el("input", { type: "text", readonly: true, name: "link", "aria-label": t("take.link") });
    link.value = address();
    code.textContent = "…";
    code.setAttribute("aria-label", t("take.code"));
    app.send({ type: "code" });
    const query = new URLSearchParams({ page: app.welcome?.page ?? "" });
    const dialog = el("dialog", { class: "window wide take", "aria-label": t("take") });
    refill(dialog, [
      el(
        "div",
        { class: "head" },
        el("h2", {}, t("take")),
        el(
          "button",
          { type: "button", class: "bare", "aria-label": t("close"), click: () => dialog.close() },
          icon("close"),
        ),
      ),
      el(
        "div",
        { class: "row link" },
        link,
        copyButton("copy-link", t("take.link"), () => link.value),
      ),
      el(
        "p",
        { class: "note" },
        t("take.link.hint"),
        " ",
        app.made?.choices.data === "table" ? t("take.link.table") : "",
      ),
      el("h3", {}, t("take.files")),
      el(
        "div",
        { class: "row" },
        ...FILES.map((kind) =>
          el(
            "a",
            { class: "button", href: `files/network.${kind}?${query}`, download: `network.${kind}` },
            t(`take.${kind}`),
          ),
        ),
      ),
      el(
        "div",
        { class: "head code-head" },
        el("h3", {}, t("take.code")),
        copyButton("copy-code", t("take.copy"), () => code.textContent ?? ""),
      ),
      el("p", { class: "note" }, t("take.code.hint")),
      code,
    ]);
    dialog.addEventListener("close", () => {
      dialog.remove();
      open = null;
    });
    document.body.append(dialog);
    dialog.showModal();
    open = dialog;
  }
  /** The page's address without what let it in. */
  function address() {
    return `${location.origin}/${app.hash()}`;
  }
  app.on("code", ({ text }) => {
    if (open) code.textContent = text;
  });
  return { show };
}

/**
 * @param {string} name
 * @param {string} words
 * @param {() => string} text
 */
function copyButton(name, words, text) {
  const button = el(
    "button",
    {
      type: "button",
      class: "main small",
      name,
      click: async () => {
        await copy(text());
        button.textContent = t("take.copied");
        setTimeout(() => {
          button.textContent = words;
        }, 1600);
      },
    },
    words,
  );
  return button;
}

/** Copy a text, also where the clipboard is closed to pages. @param {string} text */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = el("textarea", { class: "unseen" });
    area.value = text;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
