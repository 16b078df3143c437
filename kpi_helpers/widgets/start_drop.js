// A place to drop files, and a button for those who would rather choose them. The bytes go to Python in parts, each
// after the answer to the one before, so that a large file neither fills the memory nor the connection.
const PART = 1 << 20;
const MOST_FILES = 10000;

function make(parent, name, attributes = {}, text = "") {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  parent.append(element);
  return element;
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
}

function ask(model, content, buffers = []) {
  const id = `${Date.now()}-${Math.random()}`;
  return new Promise((answered) => {
    const listen = (message) => {
      if (message.id !== id) return;
      model.off("msg:custom", listen);
      answered(message);
    };
    model.on("msg:custom", listen);
    model.send({ ...content, id }, undefined, buffers);
  });
}

async function send(model, file, show) {
  const about = { name: file.name, size: file.size };
  if (file.size <= PART) return ask(model, { kind: "whole", ...about }, [await file.arrayBuffer()]);
  let answer = await ask(model, { kind: "file", ...about });
  for (let start = 0; answer.more && start < file.size; start += PART) {
    const part = await file.slice(start, start + PART).arrayBuffer();
    answer = await ask(model, { kind: "part" }, [part]);
    show(Math.min(start + PART, file.size));
  }
  if (answer.more) await ask(model, { kind: "end", size: file.size });
}

async function within(entry, found) {
  if (found.length > MOST_FILES) return;
  if (entry.isFile) {
    found.push(await new Promise((done, failed) => entry.file(done, failed)));
  } else if (entry.isDirectory) {
    const reader = entry.createReader();
    for (;;) {
      const entries = await new Promise((done, failed) => reader.readEntries(done, failed));
      if (!entries.length) return;
      for (const inner of entries) await within(inner, found);
    }
  }
}

// What was dropped, folders with all that is in them. The list is emptied when the event is over: take it at once.
function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const taken = items.map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  return async () => {
    const found = [];
    for (const [entry, file] of taken) {
      if (entry?.isDirectory) await within(entry, found);
      else if (file) found.push(file);
    }
    return found;
  };
}

function render({ model, el }) {
  el.classList.add("kpi", "kpi-drop");
  const zone = make(el, "div", { class: "zone", role: "group" });
  const call = make(zone, "p", { class: "call" });
  const button = make(zone, "button", { type: "button" });
  const chooser = make(zone, "input", { type: "file", multiple: "", hidden: "" });
  const hint = make(zone, "p", { class: "hint" });
  const work = make(zone, "div", { class: "work", hidden: "" });
  const bar = make(work, "progress", { max: "1" });
  const doing = make(work, "p", { class: "doing", role: "status" });

  const speak = () => {
    const words = model.get("words");
    zone.setAttribute("aria-label", words.call);
    call.textContent = words.call;
    button.textContent = words.choose;
    hint.textContent = words.hint;
  };
  const rest = () => {
    button.disabled = model.get("busy") || !work.hidden;
    zone.classList.toggle("busy", button.disabled);
  };
  const take = async (collect) => {
    if (button.disabled) return;
    work.hidden = false;
    rest();
    try {
      const files = await collect();
      if (files.length > MOST_FILES) return model.send({ kind: "many", most: MOST_FILES });
      const all = files.reduce((sum, file) => sum + file.size, 0) || 1;
      let before = 0;
      for (const [place, file] of files.entries()) {
        const values = { n: place + 1, all: files.length, file: file.name };
        doing.textContent = fill(model.get("words").sending, values);
        bar.setAttribute("aria-label", doing.textContent);
        await send(model, file, (sent) => (bar.value = (before + sent) / all));
        before += file.size;
        bar.value = before / all;
      }
      if (files.length) model.send({ kind: "done" });
    } catch {
      model.send({ kind: "fault" });
    } finally {
      work.hidden = true;
      bar.value = 0;
      rest();
    }
  };

  const over = (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.classList.add("over");
  };
  const calm = () => zone.classList.remove("over");
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || calm());
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    event.stopPropagation();
    calm();
    take(dropped(event.dataTransfer));
  });
  button.addEventListener("click", () => chooser.click());
  chooser.addEventListener("change", () => {
    const files = [...chooser.files];
    chooser.value = "";
    take(async () => files);
  });
  // A file dropped beside the zone would replace the page by the file.
  const keep = (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault();
  window.addEventListener("dragover", keep);
  window.addEventListener("drop", keep);
  model.on("change:words", speak);
  model.on("change:busy", rest);
  speak();
  rest();
  return () => {
    model.off("change:words", speak);
    model.off("change:busy", rest);
    window.removeEventListener("dragover", keep);
    window.removeEventListener("drop", keep);
  };
}

export default { render };
