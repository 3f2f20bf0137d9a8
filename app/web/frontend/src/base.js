// What every page carries: nothing here is needed to use it.
document.documentElement.classList.add('js');

// A form that is being sent is not sent twice by an impatient second click; the server's idempotency key is the
// safeguard, this only spares the wait.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  form.dataset.sending = 'yes';
  window.setTimeout(() => delete form.dataset.sending, 4000);
});
window.addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sending]')) delete form.dataset.sending;
});

const summary = document.querySelector('[role="alert"]');
if (summary) {
  summary.tabIndex = -1;
  summary.focus();
}
