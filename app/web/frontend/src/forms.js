// A form that keeps what is typed while it is typed. Without this file the same form works by its buttons.
const form = document.getElementById('form');
const words = document.getElementById('words')?.dataset ?? {};
const told = document.getElementById('saved');
const pause = 1200; // milliseconds of rest after the last key before the draft is sent

let waiting = 0; // the timer of the next sending
let sending = null; // the promise of a draft on its way
let unsaved = false; // something was typed that no answer has confirmed yet
let wantFields = false; // the next sending asks for the fields, since an answer may change what is asked
let carrying = null; // the promise of files on their way: one by one, apart from what is typed
const files = []; // chosen and not yet with the server: [name of the input, file]
const refused = new Map(); // ids of file inputs whose file was refused, with the sentence that says why
let next = null; // a button pressed while a draft was on its way: it waits, so that an older draft never wins
const taken = new Map(); // wrappers of fields that are no longer asked: they come back with what was typed

function say(text, failed = false, link = null) {
  told.textContent = text;
  told.classList.toggle('task-unsaved', failed);
  if (link) told.append(' ', link);
}

function loginLink() {
  const link = document.createElement('a');
  link.href = form.dataset.login;
  link.target = '_blank';
  link.rel = 'noopener';
  link.textContent = words.login;
  return link;
}

function later() {
  unsaved = true;
  window.clearTimeout(waiting);
  waiting = window.setTimeout(send, pause);
}

function contents() {
  const data = new FormData(form);
  for (const name of [...data.keys()]) {
    if (name.startsWith('_file.')) data.delete(name);
  }
  if (wantFields) data.set('_fields', '1');
  return data;
}

function post(address, data) {
  return fetch(address, { method: 'POST', body: data, headers: { Accept: 'application/json' } });
}

function send() {
  window.clearTimeout(waiting);
  if (sending) later();
  sending ??= sendNow().finally(() => {
    sending = null;
    if (!carrying && !files.length) next?.();
  });
  return sending;
}

async function sendNow() {
  const [data, asked] = [contents(), wantFields];
  [unsaved, wantFields] = [false, false];
  say(words.saving);
  try {
    await read(await post(form.dataset.draft, data));
  } catch {
    [unsaved, wantFields] = [true, wantFields || asked];
    say(words.away, true);
    waiting = window.setTimeout(send, 10000);
  }
}

function carry() {
  carrying ??= carryAll().finally(() => {
    carrying = null;
    if (files.length) return;
    wantFields = true;
    send();
  });
  return carrying;
}

async function carryAll() {
  while (files.length) {
    if (!(await carryOne(...files[0]))) {
      next = null;
      return;
    }
    files.shift();
  }
}

// Bring one file to the server; false where it could not be reached, so that the file is tried again.
async function carryOne(name, file) {
  const data = new FormData();
  for (const own of ['csrf_token', '_by']) data.set(own, form.elements[own].value);
  data.set(name, file);
  say(words.sending.replace('{name}', file.name));
  try {
    const answer = await post(form.dataset.file, data);
    const isJson = answer.headers.get('Content-Type')?.includes('json');
    await sending; // a draft from before this file draws its field without it: that comes first
    if (answer.ok && isJson) hold(name, (await answer.json()).documents);
    else if ([400, 401, 403].includes(answer.status)) {
      say(words.out, true, loginLink());
      return false;
    } else if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    else refuse(name, isJson ? (await answer.json()).why : large(file, most(form.elements[name])));
    return true;
  } catch {
    say(words.away, true);
    window.setTimeout(carry, 10000);
    return false;
  }
}

// Put the document that the server made of a file where the form names it; the next draft keeps it.
function hold(name, documents) {
  const input = form.elements[name];
  if (!input) return;
  const path = name.slice('_file.'.length);
  if (!input.multiple) form.querySelectorAll(`input[type="hidden"][name="${path}"]`).forEach((one) => one.remove());
  for (const id of documents) {
    const field = document.createElement('input');
    [field.type, field.name, field.value] = ['hidden', path, id];
    input.before(field);
  }
}

async function read(answer) {
  const isJson = answer.headers.get('Content-Type')?.includes('json');
  if (answer.ok && isJson) {
    const kept = await answer.json();
    if (kept.base) form.elements._base.value = kept.base;
    say(kept.meanwhile || `✓ ${words.saved} ${kept.saved}`, Boolean(kept.meanwhile));
    if (kept.fields !== undefined) merge(kept.fields);
    if (kept.findings !== undefined) findings(kept.findings);
    if (kept.steps) document.querySelector('.steps')?.replaceWith(...parse(kept.steps).children);
  } else if (answer.status === 409 && isJson) {
    say((await answer.json()).why, true);
  } else if ([400, 401, 403].includes(answer.status)) {
    unsaved = true;
    say(words.out, true, loginLink());
  } else {
    throw new Error(`status ${answer.status}`);
  }
}

// After a new log-in in another tab the page needs the new session's token before it can save again.
async function takeToken() {
  const answer = await fetch(form.action);
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('form');
  if (!fresh) return;
  for (const name of ['csrf_token', '_by']) form.elements[name].value = fresh.elements[name].value;
  files.length ? carry() : send();
}

function parse(html) {
  const template = document.createElement('template');
  template.innerHTML = html;
  return template.content;
}

// Show what is found now; only a headline that has changed is told, and politely.
function findings(html) {
  const here = document.getElementById('findings');
  const fresh = parse(`<div>${html}</div>`).firstChild;
  if (!here || fresh.innerHTML === here.innerHTML) return;
  const headline = (place) => [...place.querySelectorAll('.findings-headline')].map((line) => line.textContent.trim()).join(' ');
  const before = headline(here);
  here.replaceChildren(...fresh.childNodes);
  if (headline(here) !== before) document.getElementById('findings-news').textContent = headline(here);
}

// Offer the codes of a value table that fit what is typed in a field.
let asking = 0;
function offer(input) {
  window.clearTimeout(asking);
  asking = window.setTimeout(async () => {
    const by = form.elements[input.dataset.codes]?.value ?? '';
    const query = new URLSearchParams({ field: input.name, by, q: input.value });
    const answer = await fetch(`${form.dataset.codes}?${query}`, { headers: { Accept: 'application/json' } }).catch(() => null);
    if (!answer?.ok || !answer.headers.get('Content-Type')?.includes('json')) return;
    const list = document.getElementById(`${input.id}-codes`) ?? document.createElement('datalist');
    list.id = `${input.id}-codes`;
    list.replaceChildren(...(await answer.json()).codes.map(({ code, title }) => new Option(`${code} ${title}`, code)));
    if (!list.isConnected) input.after(list);
    input.setAttribute('list', list.id);
  }, 250);
}

const drawn = '.field-output, .field-table, .field-board, .field-text, .field-documents, .field-file, .field-companion';
const listed = '.field-select, .field-checks, .field-radio';

// Bring the page's fields to what the server drew, and leave alone what a person is typing in.
function merge(html) {
  const fresh = parse(`<div id="fields">${html}</div>`);
  const wanted = new Map([...fresh.querySelectorAll('[data-field]')].map((field) => [field.id, field]));
  for (const field of [...document.querySelectorAll('#fields [data-field]')]) {
    if (!wanted.has(field.id)) {
      taken.set(field.id, field);
      field.remove();
    }
  }
  for (const field of wanted.values()) {
    const here = document.getElementById(field.id);
    if (!here) insert(field);
    else if (field.matches(drawn) ? folded(field) !== folded(here) : field.matches(listed) && options(field) !== options(here)) {
      if (!here.contains(document.activeElement) || field.matches(drawn)) here.replaceWith(field.cloneNode(true));
    } else note(here, field);
  }
  for (const row of fresh.querySelectorAll('.field-row')) {
    const title = row.closest('details')?.querySelector('.field-card-title');
    const here = document.getElementById(row.id)?.closest('details')?.querySelector('.field-card-title');
    if (title && here) here.textContent = title.textContent;
  }
  refused.forEach((sentence, id) => mark(document.getElementById(id), sentence));
}

// Bring the notes beside a field to what the server knows now.
function note(here, field) {
  const [old, fresh] = [here, field].map((one) => one.querySelector(':scope > .field-notes'));
  if (old?.innerHTML === fresh?.innerHTML) return;
  old?.remove();
  if (fresh) here.append(fresh.cloneNode(true));
}

const folded = (field) => field.innerHTML.replaceAll(' open=""', ''); // what a person has unfolded is no news
const options = (field) => [...field.querySelectorAll('option, input')].map((option) => option.value).join('\n');

function insert(field) {
  const parent = document.getElementById(field.parentElement.id);
  if (!parent) return;
  const before = document.getElementById(field.previousElementSibling?.id ?? '');
  const node = taken.get(field.id) ?? field.cloneNode(true);
  taken.delete(field.id);
  if (before?.parentElement === parent) before.after(node);
  else parent.insertBefore(node, parent.querySelector(':scope > [data-field]') ?? parent.querySelector(':scope > button'));
}

// Another form of the page (log out, language, release) waits until what was typed is kept. Where it cannot be, the
// first press says so and the second one goes.
const warned = new WeakSet();

async function letGo(event) {
  const [other, button] = [event.target, event.submitter];
  if (other === form || warned.has(other) || (!unsaved && !sending && !carrying && !files.length)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (files.length || carrying) await carry();
  if (sending) await sending;
  if (unsaved) await send();
  if (unsaved || files.length) warned.add(other);
  else other.requestSubmit(button);
}

// The button that was pressed, or the one that the last answer drew in its place.
function same(button) {
  return [...form.elements].find((one) => one.type === 'submit' && one.name === button.name && one.value === button.value);
}

const most = (input) => Math.min(Number(form.dataset.limit), Number(input?.dataset.most || Infinity));
const large = (file, limit) => words.large.replace('{name}', file.name).replace('{limit}', Math.floor(limit / 2 ** 20) || '<1');

// Take the files that were just chosen; what is too large is said at once, and never sent.
function choose(input) {
  refused.delete(input.id);
  for (const file of input.files) {
    if (file.size > most(input)) refuse(input.name, large(file, most(input)));
    else files.push([input.name, file]);
  }
  input.value = '';
  if (files.length) carry();
}

function refuse(name, sentence) {
  const input = form.elements[name];
  next = null;
  say(sentence, true);
  if (!input) return;
  refused.set(input.id, [refused.get(input.id), sentence].filter(Boolean).join(' '));
  mark(input, refused.get(input.id));
}

function mark(input, sentence) {
  if (!input) return;
  const wrapper = input.closest('[data-field]');
  wrapper.querySelector('.field-error')?.remove();
  const error = document.createElement('p');
  error.className = 'field-error';
  error.id = `${input.id}-error`;
  error.textContent = sentence;
  input.before(error);
  wrapper.classList.add('field-wrong');
  input.setAttribute('aria-invalid', 'true');
  input.setAttribute('aria-describedby', error.id);
}

if (form?.dataset.draft) {
  form.addEventListener('input', (event) => {
    if (event.target.type !== 'file') later();
    if (event.target.dataset.codes !== undefined) offer(event.target);
  });
  form.addEventListener('change', (event) => {
    if (event.target.type === 'file') {
      choose(event.target);
    } else {
      wantFields = true;
      window.clearTimeout(waiting);
      waiting = window.setTimeout(send, 250);
    }
  });
  form.addEventListener('submit', (event) => {
    window.clearTimeout(waiting);
    if (!sending && !carrying && !files.length) {
      unsaved = false;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    next ??= () => {
      next = null;
      window.clearTimeout(waiting);
      form.requestSubmit(same(event.submitter));
    };
    if (files.length) carry();
  });
  document.addEventListener('submit', letGo, true);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible' && told.querySelector('a')) takeToken();
    else if (document.visibilityState === 'hidden' && unsaved && !sending) send();
  });
  window.addEventListener('focus', () => told.querySelector('a') && takeToken());
  const row = location.hash ? document.getElementById(location.hash.slice(1)) : null;
  if (row?.matches('.field-row')) {
    row.closest('details')?.setAttribute('open', '');
    row.querySelector('input:not([type="hidden"]), select, textarea')?.focus();
  }
}
