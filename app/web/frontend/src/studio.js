// The designer's diagram: findings at their elements; a finding in the list leads to its element.
import { settings, showDiagram } from './viewer/viewer.js';

const config = settings('studio');
const box = document.getElementById('viewer');
if (config && box) start();

async function start() {
  const xml = config.xml ?? (await (await fetch(config.diagram)).text());
  box.hidden = false;
  const shown = await showDiagram(box, xml);
  if (!shown) {
    box.hidden = true;
    return;
  }
  const picture = document.getElementById('picture');
  if (picture) picture.hidden = true;
  shown.draw(config.marks, config.badges);
  for (const button of document.querySelectorAll('[data-element]')) {
    button.addEventListener('click', (event) => {
      if (!shown.goTo(button.dataset.element)) return;
      event.preventDefault();
      box.scrollIntoView({ block: 'nearest' });
    });
  }
}
