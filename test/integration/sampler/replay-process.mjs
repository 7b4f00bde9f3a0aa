/** A recorded contract as a server of its own: PORT CONTRACT-FILE MODEL-FOLDER SERVED-NAME. Asks for VLLM_API_KEY as vLLM does. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const [port, contractFile = '', model, name] = process.argv.slice(2);
const { exchanges } = JSON.parse(await readFile(contractFile, 'utf8'));

/** @param {unknown} value @returns {unknown} the same with keys in order */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/** @param {string | undefined} path @param {unknown} body */
const keyOf = (path, body) => JSON.stringify([path, sorted(body ?? null)]);
const answers = new Map(
  exchanges.map((/** @type {{path: string, body?: unknown}} */ exchange) => [
    keyOf(exchange.path, exchange.body),
    exchange,
  ]),
);
createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  if (request.headers.authorization !== `Bearer ${process.env.VLLM_API_KEY}`) {
    response.writeHead(401).end('{"error":"Unauthorized"}');
    return;
  }
  const known = answers.get(keyOf(request.url, text === '' ? undefined : JSON.parse(text)));
  response.writeHead(known?.status ?? 400, { 'content-type': 'application/json' });
  response.end(JSON.stringify(known?.answer ?? {}));
}).listen(Number(port), '127.0.0.1', () => console.log(`serving ${model} as ${name}`));
