"use strict";
/* The report: one view at a time, by the address's fragment, and figures drawn when they are seen. */

const views = [...document.querySelectorAll(".view")];
const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) draw(entry.target);
}, {rootMargin: "300px"});

function draw(element) {
  seen.unobserve(element);
  const panel = DATA.panels[Number(element.dataset.panel)];
  chart(element, () => {
    const made = CHARTS[panel.kind](panel);
    element.style.height = made.layout.height + "px";
    return made;
  });
}

/** The element that the fragment names, if any. */
function named() {
  return document.getElementById(decodeURIComponent(location.hash.slice(1)));
}

/** Show what the fragment names: a view, a track in one, or something inside of it. */
function show() {
  const place = named();
  const view = place?.closest(".view") ?? views[0];
  const tracks = [...view.querySelectorAll(".track")];
  const track = place?.closest(".track") ?? tracks[0];
  for (const other of views) conceal(other, other !== view);
  for (const other of tracks) conceal(other, other !== track);
  for (const link of document.querySelectorAll(".contents a, .tabs a")) {
    const leads = link.hash.slice(1);
    const current = leads === view.id || leads === track?.id;
    link.toggleAttribute("data-current", current);
    if (link.role === "tab") link.ariaSelected = String(current);
  }
  for (const element of view.querySelectorAll(".chart")) {
    if (drawn.has(element)) Plotly.Plots.resize(element);
  }
  if (place && place !== view && place !== track) place.scrollIntoView();
  else scrollTo(0, 0);
}

/** Hide an element so that a search in the page still finds what is in it. */
function conceal(element, hidden) {
  if (hidden) element.setAttribute("hidden", "until-found");
  else element.removeAttribute("hidden");
}

if (views.length) {
  for (const element of document.querySelectorAll(".chart")) seen.observe(element);
  document.addEventListener("beforematch", ({target}) => {
    // A search reveals what it found from within: the track first, then the view around it.
    if (!target.contains(named())) history.replaceState(null, "", "#" + target.id);
    show();
  });
  addEventListener("hashchange", show);
  NARROW.addEventListener("change", () => {
    for (const [element, make] of drawn) chart(element, make);
  });
  if (NARROW.matches) document.querySelector(".contents details").open = false;
  show();
}
