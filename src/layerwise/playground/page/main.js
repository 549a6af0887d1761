// The page's parts, wired together.

import { App } from "./app.js";
import { mountCurves } from "./curves.js";
import { mountData } from "./data_panel.js";
import { byId, el } from "./elements.js";
import { icon } from "./icons.js";
import { mountLearning } from "./learning_panel.js";
import { mountMeasures } from "./measures.js";
import { mountModel } from "./model_view.js";
import { mountNetwork } from "./network_view.js";
import { mountLessons } from "./lessons.js";
import { mountLens } from "./lens.js";
import { mountPlaneAxes } from "./plane_axes.js";
import { recall } from "./memory.js";
import { mountPlane } from "./plane_view.js";
import { mountPointPanel } from "./point_panel.js";
import { mountTakeAway } from "./take_away.js";
import { mountTeacher } from "./teacher.js";
import { mountTransport } from "./transport.js";
import { mountTools, mountTrouble } from "./tools.js";
import { firstLanguage, language, speak, t } from "./words.js";

const app = new App();
app.on("language", (code) => {
  speak(code);
  if (app.made) app.sayHello(recall("name") ?? ""); // formulas come in it too
});
const takeAway = mountTakeAway(app);
const lessons = mountLessons(app, byId("lesson"));
mountTools(app, byId("tools"), () => [
  el(
    "button",
    {
      type: "button",
      class: "bare",
      name: "take",
      title: t("take"),
      "aria-label": t("take"),
      click: takeAway.show,
    },
    icon("share"),
  ),
  el(
    "button",
    { type: "button", class: "bare", name: "lessons", click: lessons.openList },
    icon("book"),
    el("span", {}, t("lessons")),
  ),
]);
mountTrouble(app, byId("trouble"));
mountTeacher(app, byId("teacher"));
mountModel(app, byId("model-body"));
const transport = mountTransport(app, byId("transport"), byId("spoken"));
const drawing = mountData(app, byId("data-body"));
mountLearning(app, byId("learning-body"));
mountNetwork(app, { bar: byId("network-bar"), view: byId("network-view"), foot: byId("network-foot") });
mountLens(app, byId("lens"));
mountCurves(app, { bar: byId("curves-bar"), body: byId("curves-body") });
mountMeasures(app, byId("measures-body"));
mountPointPanel(app, byId("way-body"));
mountPlane(app, byId("plane-body"), drawing);
mountPlaneAxes(app, byId("plane-axes"));

const KEYS = { " ": transport.toggle, s: transport.step, r: transport.reset };
addEventListener("keydown", (event) => {
  const target = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof Element)) return;
  const typing = target.closest("input:not([type=range]), textarea, select, [contenteditable]");
  const pressing = event.key === " " && target.closest("button, summary, a, [role=button], input");
  const act = KEYS[/** @type {keyof typeof KEYS} */ (event.key)];
  if (!act || typing || pressing || event.repeat || !app.made || document.querySelector("dialog[open]"))
    return;
  event.preventDefault();
  act();
});

app.tell("language", firstLanguage());
app.connect(language);
