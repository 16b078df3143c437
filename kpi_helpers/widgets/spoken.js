// What ipywidgets cannot say to a screen reader: names of groups, sliders and arrows, and where words will appear.
// The focus goes to those words where the control that had it is over.
const SEEN = { childList: true, subtree: true, characterData: true, attributes: true,
  attributeFilter: ["title", "aria-valuetext", "disabled", "style", "class"] };

const idOf = (element) => (element.id ||= `kpi-spoken-${Math.random().toString(36).slice(2)}`);

function set(element, name, value) {
  if (element && value && element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function nameParts(root) {
  for (const place of root.querySelectorAll(".kpi-lesson-said")) {
    set(place, "role", "status");
    set(place, "tabindex", "-1");
  }
  for (const question of root.querySelectorAll(".kpi-lesson-question")) nameQuestion(question);
  for (const button of root.querySelectorAll(".kpi-lesson-row button")) set(button, "aria-label", button.title);
  for (const row of root.querySelectorAll(".kpi-lesson-slider")) {
    const [handle, label, reading] = [".noUi-handle", ".widget-label", ".kpi-lesson-reading"].map((part) => row.querySelector(part));
    if (!handle || !label || !reading) continue;
    set(handle, "aria-labelledby", idOf(label));
    set(handle, "aria-valuetext", reading.textContent.trim());
  }
}

function nameQuestion(question) {
  const text = question.querySelector(".question");
  if (!text) return;
  for (const group of question.querySelectorAll(".kpi-lesson-options, .kpi-lesson-order, .kpi-form")) {
    set(group, "role", group.matches(".kpi-lesson-options") ? "radiogroup" : "group");
    set(group, "aria-labelledby", idOf(text));
  }
  const input = question.querySelector(".kpi-lesson-number input");
  if (!input) return;
  const named = [...question.querySelectorAll(".kpi-lesson-number .widget-label, .kpi-lesson-unit")];
  set(input, "aria-labelledby", named.filter((part) => part.textContent.trim()).map(idOf).join(" "));
  set(input, "aria-describedby", idOf(text));
}

const isOver = (control) => control.disabled || !control.isConnected || control.offsetParent === null;

function watch(root) {
  let last = null;
  const entered = (event) => { last = event.target; };
  const left = () => { if (last && !isOver(last)) last = null; };
  const follow = () => {
    nameParts(root);
    const here = document.activeElement;
    if (!last || !isOver(last) || !(!here || here === last || here.contains(root))) return;
    const said = last.closest(".kpi-lesson-question")?.querySelector(".kpi-lesson-said");
    last = null;
    if (said?.isConnected) said.focus();
  };
  const observer = new MutationObserver(follow);
  root.addEventListener("focusin", entered);
  root.addEventListener("focusout", left);
  observer.observe(root, SEEN);
  follow();
  return () => {
    observer.disconnect();
    root.removeEventListener("focusin", entered);
    root.removeEventListener("focusout", left);
  };
}

function render({ el }) {
  let stop = null;
  let closed = false;
  const start = () => {
    const root = el.closest(".kpi-lesson");
    if (root) stop = watch(root);
    else if (!closed) setTimeout(start, 50); // not yet in the page
  };
  start();
  return () => {
    closed = true;
    stop?.();
  };
}

export default { render };
