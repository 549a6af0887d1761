// Play, pause, step, start again, speed; and how far training is.

import { el, refill } from "./elements.js";
import { icon } from "./icons.js";
import { short, whole } from "./numbers.js";
import { t } from "./words.js";

/** @typedef {import("./app.js").App} App */

const SPEEDS = [1, 2, 5, 10, 30, 60, 0]; // epochs a second; 0: as fast as the engine can
const UNITS = ["phase", "step", "epoch"];

/**
 * @param {App} app
 * @param {HTMLElement} bar
 * @param {HTMLElement} spoken  for screen readers: how far it is whenever it stops
 */
export function mountTransport(app, bar, spoken) {
  const epoch = el("strong");
  const rate = el("span", { class: "rate" });
  const trainLoss = el("span");
  const testLoss = el("span");
  let units = el("select");
  const play = el("button", { type: "button", class: "main play", name: "play", click: toggle });

  function toggle() {
    app.play(!app.playing);
    app.playing = !app.playing;
    showPlaying();
  }
  function step() {
    app.send({ type: "step", unit: app.unit });
  }
  function reset() {
    app.send({ type: "reset" });
  }
  function showPlaying() {
    const word = t(app.playing ? "pause" : "play");
    play.replaceChildren(icon(app.playing ? "pause" : "play"), el("span", {}, word));
    play.title = t("play.hint");
  }
  function build() {
    showPlaying();
    const speed = el(
      "select",
      {
        name: "speed",
        "aria-label": t("speed"),
        change: (event) => {
          app.speed = Number(event.target.value);
          if (app.playing) app.play(true);
        },
      },
      ...SPEEDS.map((n) => el("option", { value: n }, n ? t("speed.epochs", { n }) : t("speed.fast"))),
    );
    speed.value = String(app.speed);
    units = el(
      "select",
      {
        name: "unit",
        "aria-label": t("step.by"),
        change: (event) => {
          app.unit = event.target.value;
        },
      },
      ...UNITS.map((name) => el("option", { value: name }, t(`step.${name}`))),
    );
    units.value = app.unit;
    refill(bar, [
      el(
        "div",
        { class: "buttons" },
        el(
          "button",
          {
            type: "button",
            class: "bare",
            name: "reset",
            title: t("reset.hint"),
            "aria-label": t("reset"),
            click: reset,
          },
          icon("reset"),
        ),
        play,
        el(
          "button",
          {
            type: "button",
            name: "step",
            title: t("step.hint", { unit: t(`step.${app.unit}`) }),
            click: step,
          },
          icon("step"),
          el("span", {}, t("step.one")),
        ),
        units,
        speed,
      ),
      el(
        "dl",
        { class: "state" },
        el("div", {}, el("dt", {}, t("epoch")), el("dd", {}, epoch, rate)),
        el("div", {}, el("dt", {}, t("loss.train")), el("dd", {}, trainLoss)),
        el("div", {}, el("dt", {}, t("loss.test")), el("dd", {}, testLoss)),
      ),
    ]);
    show();
  }
  function show() {
    const header = app.frame?.header;
    epoch.textContent = header ? whole(header.epoch) : "0";
    trainLoss.textContent = short(header?.loss[0]);
    testLoss.textContent = short(header?.loss[1]);
    const pace =
      header?.playing && header.steps_per_second ? t("steps", { n: whole(header.steps_per_second) }) : "";
    const stopped = app.preparing ? "" : header?.stopped;
    rate.classList.toggle("done", Boolean(stopped));
    rate.textContent = app.preparing ? t("preparing") : stopped ? t(`stopped.${stopped}`) : pace;
  }
  let shown = false;
  app.on("frame", ({ header }) => {
    if (shown !== app.playing) {
      shown = app.playing;
      showPlaying();
      const { epoch: n, loss } = header;
      spoken.textContent = shown
        ? ""
        : `${t("epoch")} ${whole(n)}, ${t("loss.train")} ${short(loss[0])}, ${t("loss.test")} ${short(loss[1])}`;
    }
    show();
  });
  app.on("preparing", () => {
    spoken.textContent = t("preparing");
    show();
  });
  app.on("made", () => {
    spoken.textContent = "";
    if (units.value !== app.unit) build();
    show();
  });
  app.on("trouble", () => {
    app.playing = app.frame?.header.playing ?? false; // also where Play was what could not be done
    spoken.textContent = "";
    showPlaying();
    show();
  });
  app.on("language", build);
  return { toggle, step, reset };
}
