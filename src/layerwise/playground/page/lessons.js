// The eight lessons: a list to choose from, and the open one with its task.

import { el, refill } from "./elements.js";
import { icon } from "./icons.js";
import { LESSONS_ENGLISH } from "./lessons_en.js";
import { LESSONS_KOREAN } from "./lessons_ko.js";
import { LESSONS } from "./lesson_tasks.js";
import { recall, remember } from "./memory.js";
import { language, t } from "./words.js";

/** @typedef {import("./app.js").App} App */

/** @param {string} name */
export function lessonWords(name) {
  return (language() === "ko" ? LESSONS_KOREAN : LESSONS_ENGLISH)[name];
}

/**
 * @param {App} app
 * @param {HTMLElement} place
 */
export function mountLessons(app, place) {
  const done = new Set((recall("lessons") ?? "").split(",").filter(Boolean));
  /** @type {import("./lesson_tasks.js").Seen} */
  let seen = {};
  let isDone = false;
  let hasBegun = true; // false while what is drawn is still what was there before

  const current = () => LESSONS.findIndex(({ name }) => name === app.lesson);

  /** @param {string} name */
  function start(name) {
    const lesson = LESSONS.find((one) => one.name === name);
    if (!lesson) return;
    app.lesson = name;
    app.unit = lesson.unit ?? "step";
    seen = {};
    isDone = hasBegun = false;
    app.tell("lessonDone", false);
    app.choosePoint(null);
    app.choose(app.complete({ ...lesson.choices }), true);
    app.send({ type: "lesson", lesson: name });
    build();
    place.scrollIntoView({ block: "nearest" });
  }
  function leave() {
    app.lesson = null;
    app.send({ type: "lesson", lesson: "" });
    history.replaceState(null, "", app.hash());
    build();
    app.tell("lessonDone", false);
  }
  function look() {
    const lesson = LESSONS[current()];
    if (!lesson || isDone || !hasBegun || !lesson.isDone(app, seen)) return;
    isDone = true;
    done.add(lesson.name);
    remember("lessons", [...done].join(","));
    app.send({ type: "lesson", lesson: `${lesson.name} ✓` });
    build();
    app.tell("lessonDone", true);
  }
  function build() {
    const n = current();
    place.hidden = n < 0;
    if (n < 0) return;
    const { name, asks } = LESSONS[n];
    const words = lessonWords(name);
    const after = LESSONS[n + 1];
    const before = LESSONS[n - 1];
    refill(place, [
      el(
        "div",
        { class: "lesson-head" },
        el(
          "p",
          { class: "note" },
          `${t("lesson.of", { n: n + 1, all: LESSONS.length })} · ${t("lesson.chapter", { chapter: words.chapter })}`,
        ),
        el("h2", {}, words.title),
        el(
          "button",
          {
            type: "button",
            class: "bare small",
            name: "lesson-leave",
            "aria-label": t("lesson.leave"),
            title: t("lesson.leave"),
            click: leave,
          },
          icon("close"),
        ),
      ),
      el("ol", { class: "sentences" }, ...words.sentences.map((sentence) => el("li", {}, sentence))),
      el(
        "div",
        { class: isDone ? "task done" : "task" },
        el("span", { class: "tick" }, icon(isDone ? "check" : "task")),
        el("p", {}, el("strong", {}, t(isDone ? "lesson.done" : "lesson.task")), " ", words.task),
        asks && !isDone ? answerField() : null,
        el(
          "div",
          { class: "row" },
          el(
            "button",
            { type: "button", class: "small", name: "lesson-again", click: () => start(name) },
            t("lesson.again"),
          ),
          before
            ? el(
                "button",
                { type: "button", class: "small", name: "lesson-before", click: () => start(before.name) },
                t("lesson.before"),
              )
            : null,
          after
            ? el(
                "button",
                {
                  type: "button",
                  class: isDone ? "main small" : "small",
                  name: "lesson-next",
                  click: () => start(after.name),
                },
                t("lesson.next"),
              )
            : null,
        ),
      ),
    ]);
  }
  function answerField() {
    const input = el("input", {
      type: "number",
      name: "lesson-answer",
      min: 0,
      "aria-label": t("lesson.answer"),
      placeholder: "?",
    });
    const hint = el("span", { class: "note", role: "status" });
    return el(
      "form",
      {
        class: "row answer-form",
        submit: (event) => {
          event.preventDefault();
          seen.answer = Number(input.value);
          look();
          if (!isDone) hint.textContent = t("lesson.wrong");
        },
      },
      input,
      el("button", { type: "submit", class: "small", name: "lesson-check" }, t("lesson.check")),
      hint,
    );
  }
  /** A list of all lessons. */
  function openList() {
    const dialog = el(
      "dialog",
      { class: "window lessons", "aria-label": t("lessons") },
      el(
        "div",
        { class: "head" },
        el("h2", {}, t("lessons")),
        el(
          "button",
          { type: "button", class: "bare", "aria-label": t("close"), click: () => dialog.close() },
          icon("close"),
        ),
      ),
      el(
        "ol",
        {},
        ...LESSONS.map(({ name }) =>
          el(
            "li",
            {},
            el(
              "button",
              {
                type: "button",
                name: `lesson-${name}`,
                "aria-current": name === app.lesson ? "true" : null,
                click: () => {
                  dialog.close();
                  start(name);
                },
              },
              el("span", {}, lessonWords(name).title),
              done.has(name) ? el("span", { class: "tick", title: t("lesson.done") }, icon("check")) : null,
            ),
          ),
        ),
      ),
    );
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
  }
  let isFirst = true;
  app.on("made", (made) => {
    // An address that names a lesson and nothing else begins it.
    if (isFirst && app.lesson && app.firstAddressIsLesson) start(app.lesson);
    else if (isFirst) build();
    else if (!made.kept) hasBegun = true;
    isFirst = false;
    look();
  });
  app.on("frame", look);
  app.on("runs", look);
  app.on("language", build);
  app.on("lesson", ({ lesson }) => start(lesson));
  return { openList };
}
