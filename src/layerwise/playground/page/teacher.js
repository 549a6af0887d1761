// The classroom: who is here, a lesson for all; and a student's name.

import { el, headCell, refill } from "./elements.js";
import { LESSONS } from "./lesson_tasks.js";
import { lessonWords } from "./lessons.js";
import { recall, remember } from "./memory.js";
import { short, whole } from "./numbers.js";
import { named, t } from "./words.js";

/** @typedef {import("./app.js").App} App */
/** @typedef {import("./types.js").Person} Person */

/** @param {App} app @param {HTMLElement} place */
export function mountTeacher(app, place) {
  /** @type {Person[]} */
  let people = [];
  const list = el("div", { class: "people" });
  const bar = el("div", { class: "row" });
  const title = el("h2");
  place.append(title, bar, list);

  /** @param {HTMLElement} button @param {object} message */
  function sendAll(button, message) {
    app.send(message);
    const words = button.textContent;
    button.textContent = t("teacher.sent");
    setTimeout(() => {
      button.textContent = words;
    }, 1600);
  }
  function buildBar() {
    title.textContent = t("teacher");
    const lesson = el(
      "select",
      { name: "lesson-for-all", "aria-label": t("teacher.send.lesson") },
      ...LESSONS.map(({ name }) => el("option", { value: name }, lessonWords(name).title)),
    );
    refill(bar, [
      el("label", { class: "row" }, el("span", { class: "note" }, t("teacher.send.lesson")), lesson),
      el(
        "button",
        {
          type: "button",
          class: "main small",
          name: "send-lesson",
          click: (event) => sendAll(event.currentTarget, { type: "lesson", lesson: lesson.value }),
        },
        t("teacher.send"),
      ),
      el(
        "button",
        {
          type: "button",
          class: "small",
          name: "send-address",
          click: (event) =>
            sendAll(event.currentTarget, { type: "address", choices: app.made?.choices ?? {} }),
        },
        t("teacher.send.this"),
      ),
    ]);
  }
  function buildList() {
    refill(
      list,
      people.length === 0
        ? [el("p", { class: "note" }, t("teacher.nobody"))]
        : [
            el(
              "table",
              {},
              el("caption", {}, t("teacher.people", { n: people.length })),
              el(
                "thead",
                {},
                el(
                  "tr",
                  {},
                  ...[
                    t("teacher.name"),
                    t("data"),
                    t("teacher.network"),
                    t("epoch"),
                    t("loss"),
                    t("teacher.lesson"),
                  ].map(headCell),
                ),
              ),
              el(
                "tbody",
                {},
                ...people.map(({ name, data, layers, epoch, loss, lesson }) =>
                  el(
                    "tr",
                    {},
                    el("th", { scope: "row" }, name || t("teacher.unnamed")),
                    el("td", {}, named("data", data)),
                    el("td", {}, layers.replaceAll(",", ", ") || t("runs.linear")),
                    el("td", {}, whole(epoch)),
                    el("td", {}, short(loss)),
                    el("td", {}, lessonAndTick(lesson)),
                  ),
                ),
              ),
            ),
          ],
    );
  }
  app.on("welcome", ({ role }) => {
    place.hidden = role !== "teacher";
    if (role === "student" && !recall("name")) askName(app);
  });
  app.on("people", (message) => {
    people = message.people;
    buildList();
  });
  app.on("language", () => {
    buildBar();
    buildList();
  });
}

/** A lesson's title, with the mark of one whose task is done. @param {string} told */
function lessonAndTick(told) {
  const [name, tick] = told.split(" ");
  return `${lessonWords(name)?.title ?? ""} ${tick ?? ""}`.trim();
}

/** @param {App} app */
function askName(app) {
  const input = el("input", {
    type: "text",
    name: "student-name",
    maxlength: 60,
    required: true,
    autocomplete: "nickname",
    "aria-label": t("student.name"),
  });
  const dialog = el(
    "dialog",
    { class: "window", "aria-label": t("student.name") },
    el(
      "form",
      {
        submit: (event) => {
          event.preventDefault();
          remember("name", input.value.trim());
          app.sayHello(input.value.trim());
          dialog.close();
        },
      },
      el("h2", {}, t("student.name")),
      el("p", { class: "note" }, t("student.name.hint")),
      el(
        "div",
        { class: "row" },
        input,
        el("button", { type: "submit", class: "main", name: "student-enter" }, t("student.enter")),
      ),
    ),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
