// Sends a form with `data-live` while its reader types, and shows the answer's part `#result`. Nothing is started by it.
const PAUSE_MS = 700;

for (const form of document.querySelectorAll('form[data-live]')) {
  let timer;
  let latest = 0;
  const ask = async () => {
    latest += 1;
    const mine = latest;
    const fields = new URLSearchParams(new FormData(form));
    fields.set('action', form.dataset.live);
    // As attributes: a field called `action` hides the property of the form.
    const [address, method] = [form.getAttribute('action'), form.getAttribute('method')];
    const isGet = method === 'get';
    const result = document.getElementById('result');
    result.setAttribute('aria-busy', 'true');
    try {
      const response = await fetch(isGet ? `${address}?${fields}` : address, {
        method,
        headers: { accept: 'text/html' },
        ...(isGet ? {} : { body: fields }),
      });
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      const fresh = page.getElementById('result');
      // An answer to an earlier text is of no use.
      if (mine === latest && fresh !== null) result.replaceChildren(...fresh.childNodes);
    } finally {
      if (mine === latest) result.removeAttribute('aria-busy');
    }
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
}
