// The player: a case's history stepped through on the diagram as it was deployed then.
import { settings, showDiagram } from './viewer/viewer.js';

const config = settings('replay');
const player = document.getElementById('player');
if (config && player) start();

async function start() {
  const answer = await fetch(config.diagram, { headers: { Accept: 'application/xml' } });
  const box = document.getElementById('viewer');
  box.hidden = false;
  const shown = answer.ok ? await showDiagram(box, await answer.text()) : null;
  if (!shown) {
    box.hidden = true;
    return; // the picture made by the server stays
  }
  document.getElementById('picture').hidden = true;
  player.hidden = false;
  connect(shown);
}

function connect(shown) {
  const range = document.getElementById('step');
  const said = document.getElementById('said');
  const rows = [...document.querySelectorAll('[data-frame]')];
  let timer = 0;

  const show = (place) => {
    const frame = config.frames[place];
    const until = config.frames.slice(0, place + 1);
    const active = Object.keys(frame.active);
    const gone = (id) => !active.includes(id) && !frame.stuck.includes(id);
    const done = until.flatMap((one) => one.passed).filter(gone);
    const taken = until.flatMap((one) => one.taken);
    shown.draw({ active: active.filter((id) => !frame.stuck.includes(id)), done, taken, error: frame.stuck }, badges(frame));
    shown.goTo(...frame.stuck, ...active, ...frame.passed.slice(-1));
    range.value = String(place);
    range.setAttribute('aria-valuetext', frame.sentence);
    said.textContent = `${place + 1}/${config.frames.length} · ${frame.when} · ${frame.sentence}`;
    rows.forEach((row, i) => (i === place ? row.setAttribute('aria-current', 'step') : row.removeAttribute('aria-current')));
    rows.forEach((row, i) => row.classList.toggle('pr-hit', i === place));
  };
  const go = (place) => {
    const bounded = Math.min(Math.max(place, 0), config.frames.length - 1);
    show(bounded);
    history.replaceState(null, '', `?instance=${config.instance}&seq=${config.frames[bounded].seq}`);
    return bounded;
  };
  const halt = () => {
    window.clearInterval(timer);
    timer = 0;
    play.setAttribute('aria-pressed', 'false');
  };

  const play = document.getElementById('play');
  play.addEventListener('click', () => {
    if (timer) return halt();
    if (Number(range.value) >= config.frames.length - 1) go(0);
    play.setAttribute('aria-pressed', 'true');
    timer = window.setInterval(() => {
      if (go(Number(range.value) + 1) >= config.frames.length - 1) halt();
    }, 900);
    return undefined;
  });
  // who asked for less motion steps by hand: nothing moves by itself
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) play.hidden = true;

  range.addEventListener('input', () => { halt(); go(Number(range.value)); });
  document.getElementById('back').addEventListener('click', () => { halt(); go(Number(range.value) - 1); });
  document.getElementById('forward').addEventListener('click', () => { halt(); go(Number(range.value) + 1); });
  for (const link of document.querySelectorAll('[data-frame] a')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      halt();
      go(Number(link.closest('[data-frame]').dataset.frame));
      range.focus();
    });
  }
  show(config.place);
}

function badges(frame) {
  const tokens = Object.entries(frame.active).map(([id, count]) => [id, { text: String(count) }]);
  const stuck = frame.stuck.map((id) => [id, { text: '!', kind: 'error' }]);
  return Object.fromEntries([...tokens, ...stuck]);
}
