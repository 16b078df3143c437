// Links to files that Python hands over: they open and are saved wherever the notebook runs, by no path of a server.
function render({ model, el }) {
  let addresses = [];
  const forget = () => {
    addresses.forEach((address) => URL.revokeObjectURL(address));
    addresses = [];
  };
  const show = () => {
    forget();
    el.classList.add("kpi", "kpi-links");
    const links = model.get("files").map((file) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([file.data], { type: file.type }));
      addresses.push(link.href);
      link.textContent = file.words;
      if (file.opens) {
        link.target = "_blank";
        link.className = "first";
      } else link.download = file.name;
      return link;
    });
    el.replaceChildren(...links);
  };
  model.on("change:files", show);
  show();
  return () => {
    model.off("change:files", show);
    forget();
  };
}

export default { render };
