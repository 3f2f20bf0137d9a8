// Keys for people who live in the worklist: / search, j and k move, Enter opens, c claims. The links do the same.
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
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches('input, select, textarea')) return;
  if (event.key === '/') {
    event.preventDefault();
    document.getElementById('q').focus();
  } else if (event.key === 'j') {
    move(1);
  } else if (event.key === 'k') {
    move(-1);
  } else if (event.key === 'c') {
    rows[here]?.querySelector('.desk-verbs form button')?.click();
  }
});
