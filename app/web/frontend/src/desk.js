// Keys for people who live in the worklist: / search, j and k move, Enter opens, x selects, c claims,
// ? helps. The links and boxes do the same.
const rows = [...document.querySelectorAll('.pr-table tbody tr')];
let here = -1;

function move(step) {
  if (!rows.length) return;
  rows[here]?.removeAttribute('data-here');
  here = Math.min(Math.max(here + step, 0), rows.length - 1);
  rows[here].setAttribute('data-here', '');
  rows[here].querySelector('th a').focus();
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches('input:not([type="checkbox"]), select, textarea')) return;
  if (event.key === '/') {
    event.preventDefault();
    document.getElementById('q').focus();
  } else if (event.key === 'j') {
    move(1);
  } else if (event.key === 'k') {
    move(-1);
  } else if (event.key === 'x') {
    const box = rows[here]?.querySelector('.desk-tick input');
    if (box) box.click();
  } else if (event.key === '?') {
    const help = document.getElementById('q-help');
    help.open = !help.open;
    help.querySelector('summary').focus();
  } else if (event.key === 'c') {
    rows[here]?.querySelector('.desk-verbs form button')?.click();
  }
});

// The bar says how many are selected, and one box selects all that are shown.
const boxes = [...document.querySelectorAll('.desk-tick input[name="task"]')];
const told = document.getElementById('selected');
const head = document.querySelector('thead .desk-tick');

function count() {
  const chosen = boxes.filter((box) => box.checked).length;
  const { none, one, many } = told.dataset;
  told.textContent = chosen ? (chosen === 1 ? one : many.replace('{num}', chosen)) : none;
  document.getElementById('bar').classList.toggle('desk-bar-open', chosen > 0);
  for (const box of boxes) box.closest('tr').classList.toggle('desk-chosen', box.checked);
}

if (told && head && boxes.length) {
  const all = document.createElement('input');
  all.type = 'checkbox';
  all.setAttribute('aria-label', head.textContent.trim());
  all.addEventListener('change', () => {
    for (const box of boxes) box.checked = all.checked;
    count();
  });
  head.replaceChildren(all);
  for (const box of boxes) box.addEventListener('change', count);
  window.addEventListener('pageshow', count);
  count();
}
