// Documents beside the form, where there is room for both; elsewhere, and without this file, their links open a tab.
const reader = document.getElementById('reader');
const task = reader?.closest('.task');
const wide = window.matchMedia('(min-width: 992px)');
let from = null; // the link that opened what is shown: the keyboard goes back to it

function show(link) {
  const name = link.firstChild.textContent.trim();
  const frame = document.createElement('iframe');
  [frame.src, frame.title, from] = [`${link.href}#navpanes=0`, name, link];
  const title = document.getElementById('reader-title');
  title.textContent = name;
  document.getElementById('reader-tab').href = link.href;
  reader.querySelector('iframe')?.remove();
  reader.append(frame);
  reader.hidden = false;
  task.classList.add('task-reading');
  title.focus();
}

function close() {
  reader.querySelector('iframe')?.remove();
  reader.hidden = true;
  task.classList.remove('task-reading');
  from?.focus();
}

if (reader) {
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-beside]');
    if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link);
  });
  document.getElementById('reader-close').addEventListener('click', close);
  reader.addEventListener('keydown', (event) => event.key === 'Escape' && close());
}
