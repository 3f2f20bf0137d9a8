// A read-only diagram with marks: what is active, done, taken, or found wrong.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

const kinds = ['active', 'done', 'taken', 'error', 'warning'];
const room = 20; // pixels around the drawing
const foot = 36; // pixels below it, where the bpmn.io mark stands free
const readable = 0.75; // the smallest zoom at which labels are read without effort

// Show a diagram in `box` and give functions to draw on it, or null when the XML has no drawing.
export async function showDiagram(box, xml) {
  const viewer = new NavigatedViewer({ container: box });
  try {
    await viewer.importXML(xml);
  } catch (error) {
    viewer.destroy();
    console.warn(`Expected a diagram that can be drawn, but: ${error.message}`);
    return null;
  }
  const canvas = viewer.get('canvas');
  fit(box, canvas, readable);
  connectZoom(box, canvas);
  let drawn = [];
  return {
    draw(marks, badges = {}) {
      const registry = viewer.get('elementRegistry');
      for (const [id, kind] of drawn) canvas.removeMarker(id, `pr-mark-${kind}`);
      drawn = kinds.flatMap((kind) => (marks[kind] ?? []).filter((id) => registry.get(id)).map((id) => [id, kind]));
      for (const [id, kind] of drawn) canvas.addMarker(id, `pr-mark-${kind}`);
      for (const [id] of drawn) if (registry.get(id).children?.length) canvas.addMarker(id, 'pr-holder');
      setBadges(viewer, registry, badges);
    },
    // Bring the first of some elements that holds no others into sight; tells whether the diagram has one.
    goTo(...ids) {
      const found = ids.map((id) => viewer.get('elementRegistry').get(id)).filter(Boolean);
      const element = found.find((one) => !one.children?.length) ?? found[0];
      if (element) canvas.scrollToElement(element, { top: 40, right: 80, bottom: 60, left: 80 });
      return Boolean(element);
    },
  };
}

// The box takes the drawing's height at a readable zoom, and starts at the drawing's upper left corner.
function fit(box, canvas, smallest) {
  const { inner } = canvas.viewbox();
  const zoom = Math.min(Math.max((box.clientWidth - 2 * room) / inner.width, smallest), 1.25);
  box.style.height = `${Math.min(inner.height * zoom + 2 * room + foot, window.innerHeight * 0.75)}px`;
  canvas.resized();
  canvas.viewbox({ x: inner.x - room / zoom, y: inner.y - room / zoom, width: box.clientWidth / zoom, height: box.clientHeight / zoom });
}

function connectZoom(box, canvas) {
  const bar = document.getElementById('zoom');
  if (!bar) return;
  bar.hidden = false;
  bar.addEventListener('click', (event) => {
    const wanted = event.target.closest('[data-zoom]')?.dataset.zoom;
    if (wanted === 'all') fit(box, canvas, 0.05);
    else if (wanted) canvas.zoom(canvas.zoom() * Number(wanted), 'auto');
  });
}

function setBadges(viewer, registry, badges) {
  const overlays = viewer.get('overlays');
  overlays.remove({ type: 'badge' });
  for (const [id, badge] of Object.entries(badges)) {
    if (!registry.get(id)) continue;
    const html = document.createElement('div');
    html.className = `pr-token${badge.kind ? ` pr-token-${badge.kind}` : ''}`;
    html.textContent = badge.text;
    overlays.add(id, 'badge', { position: { bottom: 14, left: -12 }, html });
  }
}

// Give the settings that the server wrote into the page.
export function settings(id) {
  const holder = document.getElementById(id);
  return holder ? JSON.parse(holder.textContent) : null;
}
