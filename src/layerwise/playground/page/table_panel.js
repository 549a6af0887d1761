// A table of one's own: dropped, pasted or chosen; its target and inputs.

import { joinNames, splitNames } from "./address.js";
import { el, refill, select, tick } from "./elements.js";
import { icon } from "./icons.js";
import { whole } from "./numbers.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").TableFacts} TableFacts */

/** @param {App} app */
export function tablePanel(app) {
  const place = el("div", { class: "table-panel" });
  const drop = el("div", { class: "drop", hidden: true }, el("p", {}));
  document.body.append(drop);
  /** @type {TableFacts | null} */
  let facts = null;
  let busy = false;

  /**
   * @param {BodyInit} content
   * @param {Record<string, string>} query  the table's name, or which of our own
   */
  async function send(content, query) {
    if (busy || !app.welcome) return;
    busy = true;
    build();
    try {
      const asked = new URLSearchParams({ page: app.welcome.page, ...query });
      const answer = await fetch(`table?${asked}`, { method: "POST", body: content });
      const found = await answer.json();
      if (!answer.ok) throw new Error(found.trouble);
      facts = found;
      app.choosePoint(null);
      app.choose({ data: "table", target: found.target, inputs: "", plane: "", held: "", loss: "" }, true);
    } catch (error) {
      app.tell("trouble", { text: error instanceof Error ? error.message : String(error) });
    } finally {
      busy = false;
      build();
    }
  }
  /** @param {FileList | null | undefined} files */
  function take(files) {
    const file = files?.[0];
    if (file) send(file, { name: file.name });
  }
  function openPaste() {
    const area = el("textarea", {
      rows: 10,
      name: "pasted",
      placeholder: t("table.paste.such"),
      "aria-label": t("table.paste"),
    });
    const dialog = el(
      "dialog",
      { class: "window wide", "aria-label": t("table.paste") },
      el(
        "div",
        { class: "head" },
        el("h2", {}, t("table.paste")),
        el(
          "button",
          { type: "button", class: "bare", "aria-label": t("close"), click: () => dialog.close() },
          icon("close"),
        ),
      ),
      el("p", { class: "note" }, t("table.paste.hint")),
      area,
      el(
        "button",
        {
          type: "button",
          class: "main",
          name: "paste-done",
          click: () => {
            if (!area.value.trim()) return;
            dialog.close();
            pasted(area.value);
          },
        },
        t("table.use"),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    area.focus();
  }
  /** @param {string} text */
  function pasted(text) {
    send(text, { name: text.includes("\t") ? "pasted.tsv" : "pasted.csv" });
  }
  /** @param {string} name @param {boolean} used */
  function use(name, used) {
    if (!facts) return;
    const target = String(app.choice("target")) || facts.target;
    const others = facts.columns.map((column) => column.name).filter((other) => other !== target);
    const now = splitNames(app.choice("inputs"));
    const chosen = others.filter((other) =>
      other === name ? used : now.length === 0 || now.includes(other),
    );
    if (chosen.length === 0) return;
    app.choose(
      { inputs: chosen.length === others.length ? "" : joinNames(chosen), plane: "", held: "" },
      true,
    );
  }
  function build() {
    const file = el("input", {
      type: "file",
      hidden: true,
      name: "file",
      accept: ".csv,.tsv,.txt,.json,.jsonl,.parquet,.xlsx,.arrow,.feather",
      change: (event) => take(event.target.files),
    });
    const target = String(app.choice("target")) || facts?.target || "";
    const inputs = splitNames(app.choice("inputs"));
    const decided = new Map(
      (app.made?.choices.data === "table" ? app.made.columns : []).map((column) => [column.name, column]),
    );
    const open = place.querySelector("details")?.open ?? false;
    refill(place, [
      el(
        "div",
        { class: "row" },
        el(
          "button",
          { type: "button", class: "small", name: "choose-file", disabled: busy, click: () => file.click() },
          t("table.file"),
        ),
        el(
          "button",
          { type: "button", class: "small", name: "open-paste", disabled: busy, click: openPaste },
          t("table.paste.short"),
        ),
        el(
          "button",
          {
            type: "button",
            class: "small",
            name: "example",
            title: t("table.example.hint"),
            disabled: busy,
            click: () => send("", { example: "penguins" }),
          },
          t("table.example"),
        ),
        file,
      ),
      busy || app.preparing
        ? el("p", { class: "note", role: "status" }, t(busy ? "table.busy" : "preparing"))
        : null,
      facts
        ? el(
            "p",
            { class: "note" },
            t("table.facts", { name: facts.name, rows: whole(facts.rows), columns: facts.columns.length }),
          )
        : el("p", { class: "note" }, t("table.none")),
      ...(facts?.notes ?? []).map((note) => el("p", { class: "note" }, note)),
      facts &&
        select(
          t("table.target"),
          facts.columns.map(({ name }) => [name, name]),
          target,
          (name) => app.choose({ target: name, inputs: "", plane: "", held: "", loss: "" }, true),
          { name: "target" },
        ),
      facts &&
        el(
          "details",
          { open },
          el("summary", {}, t("table.inputs")),
          el(
            "ul",
            { class: "columns" },
            ...facts.columns
              .filter(({ name }) => name !== target)
              .map(({ name, kind, reason }, i) => {
                const column = decided.get(name);
                return el(
                  "li",
                  {},
                  tick(
                    el(
                      "span",
                      {},
                      name,
                      el("small", {}, ` ${column?.kind ?? kind}`),
                      column?.reason || reason
                        ? el("small", { class: "reason" }, column?.reason || reason)
                        : null,
                    ),
                    { name: `input-${i}`, checked: inputs.length === 0 || inputs.includes(name) },
                    (checked) => use(name, checked),
                  ),
                );
              }),
          ),
        ),
    ]);
  }
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.firstElementChild?.replaceChildren(t("table.drop"));
    drop.hidden = false;
  });
  drop.addEventListener("dragleave", () => {
    drop.hidden = true;
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop.hidden = true;
    take(event.dataTransfer?.files);
  });
  addEventListener("paste", (event) => {
    if (event.target instanceof Element && event.target.closest("input, textarea")) return;
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (event.clipboardData?.files.length) take(event.clipboardData.files);
    else if (/\n/.test(text.trim())) pasted(text);
  });
  app.on("welcome", ({ table }) => {
    facts = table; // what was brought to an earlier connection is gone
  });
  return { place, build, has: () => facts !== null };
}
