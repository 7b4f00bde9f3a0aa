// Keeps the sections of a page up to date, lets running times count, and asks before a campaign is ended. Pages work without it.
const address = document.body.dataset.events;
const connection = document.getElementById('connection');

/** Replaces a section, keeping what the reader has opened, ticked, scrolled to or focused in it. */
function replaceSection({ id, hash, html }) {
  const old = document.getElementById(id);
  if (old === null || old.dataset.hash === hash) return;
  const open = new Set([...old.querySelectorAll('details[open]')].map((item) => item.dataset.key));
  const scrolled = [...old.querySelectorAll('.scroll')].map((item) => item.scrollLeft);
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const focusedAt = focused === null ? -1 : [...old.querySelectorAll('*')].indexOf(focused);
  const ticked = new Set([...old.querySelectorAll('input:checked')].map((item) => item.value));
  old.outerHTML = html;
  const fresh = document.getElementById(id);
  for (const item of fresh.querySelectorAll('details')) if (open.has(item.dataset.key)) item.open = true;
  for (const item of fresh.querySelectorAll('input[type=checkbox]')) item.checked = ticked.has(item.value);
  for (const [index, item] of [...fresh.querySelectorAll('.scroll')].entries()) item.scrollLeft = scrolled[index] ?? 0;
  const again = focusedAt < 0 ? undefined : fresh.querySelectorAll('*')[focusedAt];
  if (again?.tagName === focused?.tagName) again?.focus({ preventScroll: true });
  tick();
}

function tick() {
  for (const item of document.querySelectorAll('time[data-since]')) {
    const seconds = Math.max(0, (Date.now() - Date.parse(item.dataset.since)) / 1000);
    const minutes = Math.floor(seconds / 60);
    item.textContent =
      minutes === 0
        ? `${Math.floor(seconds)} s`
        : `${minutes} min ${String(Math.floor(seconds) % 60).padStart(2, '0')} s`;
  }
}

if (address !== undefined) {
  const source = new EventSource(address);
  source.addEventListener('section', (event) => replaceSection(JSON.parse(event.data)));
  source.addEventListener('open', () => {
    connection.textContent = 'live';
    connection.dataset.state = 'live';
  });
  source.addEventListener('error', () => {
    // The server refused: the session ended, or too many pages are open. The page says which when it is loaded again.
    const isOver = source.readyState === EventSource.CLOSED;
    connection.textContent = isOver ? 'not live: reload' : 'connecting …';
    connection.dataset.state = 'lost';
  });
}
document.addEventListener('submit', (event) => {
  const question = event.submitter?.dataset.confirm;
  if (question !== undefined && !confirm(question)) event.preventDefault();
});
tick();
setInterval(tick, 1000);
