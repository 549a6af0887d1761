// Language, light or dark, and what went wrong.

import { el, refill } from "./elements.js";
import { icon } from "./icons.js";
import { recall, remember } from "./memory.js";
import { isDark, prefersDark } from "./palette.js";
import { language, t } from "./words.js";

/** @typedef {import("./app.js").App} App */

/**
 * @param {App} app
 * @param {HTMLElement} place
 * @param {() => HTMLElement[]} more  buttons before these
 */
export function mountTools(app, place, more) {
  const turn = () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    remember("theme", document.documentElement.dataset.theme);
    build();
    app.tell("theme", document.documentElement.dataset.theme);
  };
  const translate = () => {
    const other = language() === "ko" ? "en" : "ko";
    remember("language", other);
    app.tell("language", other);
  };
  function build() {
    refill(place, [
      ...more(),
      el(
        "button",
        {
          type: "button",
          class: "bare",
          name: "language",
          lang: language() === "ko" ? "en" : "ko",
          "aria-label": language() === "ko" ? "English" : "한국어",
          click: translate,
        },
        language() === "ko" ? "EN" : "한국어",
      ),
      el(
        "button",
        {
          type: "button",
          class: "bare",
          name: "theme",
          "aria-label": t(isDark() ? "theme.light" : "theme.dark"),
          title: t(isDark() ? "theme.light" : "theme.dark"),
          click: turn,
        },
        icon(isDark() ? "sun" : "moon"),
      ),
    ]);
  }
  const theme = recall("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  prefersDark.addEventListener("change", () => {
    build();
    app.tell("theme", isDark() ? "dark" : "light");
  });
  app.on("language", build);
}

/** @param {App} app @param {HTMLElement} place */
export function mountTrouble(app, place) {
  /** @param {string} text */
  const say = (text) => {
    refill(place, [
      el("span", {}, text),
      el(
        "button",
        {
          type: "button",
          class: "bare",
          "aria-label": t("close"),
          click: () => {
            place.hidden = true;
          },
        },
        icon("close"),
      ),
    ]);
    place.hidden = false;
  };
  app.on("trouble", ({ text }) => say(text));
  app.on("connected", (connected) => {
    if (!connected && !app.connection?.closed) say(t("connection.lost"));
    else if (connected) place.hidden = true;
  });
  app.on("made", () => {
    place.hidden = true;
  });
}
